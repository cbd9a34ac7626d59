// SPDX-License-Identifier: BSL-1.0
/// \file
/// FLASK's hook for domctls: which permission an operation needs, asked of a security policy.
#pragma once

#include <domctl/xsm/access.hpp>
#include <domctl/xsm/vectors.hpp>

namespace domctl::xsm {

/// A security policy's answer.
enum class verdict : std::uint8_t { denied, allowed };

/// A security policy: says whether the domains labelled `caller` have `what` of class `of` on those labelled `target`.
template <class P>
concept security_policy = requires(const P& p, ssid caller, ssid target, security_class of, permission what) {
  { p.allowed(caller, target, of, what) } -> std::same_as<verdict>;
};

/// flask_domctl of xsm/flask/hooks.c: none, or -EPERM where the policy denies and for every operation that
/// `Operations` does not have. The seed names XEN_DOMCTL_configure_domain here, which nothing defines; the operation
/// has one name, XEN_DOMCTL_arm_configure_domain.
/// \param target null where the operation asks once it knows its target; any other operation is refused without one
template <class Operations, security_policy Policy>
error flask_domctl(const Policy& policy, const party& caller, const party* target, command cmd) {
  for (const operation_row& row : Operations::rows) {
    if (row.cmd != cmd) continue;
    if (target == nullptr) return row.when == asked::once_known ? error::none : error::eperm;
    const security_class of = row_of(row.needs).of;
    return policy.allowed(caller.label, target->label, of, row.needs) == verdict::allowed ? error::none : error::eperm;
  }
  return error::eperm;
}

/// Access control by FLASK.
/// \tparam Operations `operations_4_5` or `operations_4_17`
template <class Operations, security_policy Policy>
struct flask {
  Policy policy;

  error domctl(const party& caller, const party* target, command cmd) const {
    return flask_domctl<Operations>(policy, caller, target, cmd);
  }
};

}  // namespace domctl::xsm
