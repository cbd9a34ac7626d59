// SPDX-License-Identifier: BSL-1.0
/// \file
/// The access check of a domctl: who asks, of whom, and the policy that answers.
#pragma once

#include <concepts>
#include <cstdint>
#include <domctl/abi/common.hpp>
#include <domctl/error.hpp>

namespace domctl::xsm {

/// A FLASK security identifier: stands for a label such as system_u:system_r:domU_t.
enum class ssid : std::uint32_t {};
[[nodiscard]] constexpr std::uint32_t raw(ssid s) { return static_cast<std::uint32_t>(s); }

/// Whether a domain is the control domain (Xen's `is_privileged`).
enum class role : std::uint8_t { control, other };

/// What an access check knows of a domain.
struct party {
  domid id;
  ssid label;
  role as;
};

/// An access check: `domctl(caller, target, command)` answers `error::none` or -EPERM.
///
/// The handler asks before it does anything. `target` is null where the operation finds or makes its target itself
/// (createdomain, getdomaininfo); then the handler asks a second time with the target, as Xen's individual hooks do.
/// For createdomain that target is no domain yet: it has the label that was asked for (`ssidref`).
template <class A>
concept access_control = requires(const A& a, const party& caller, const party* target, command cmd) {
  { a.domctl(caller, target, cmd) } -> std::same_as<error>;
};

/// Xen built without XSM (the dummy module): the control domain may do all of it, others nothing.
struct privileged_only {
  error domctl(const party& caller, const party*, command) const {
    return caller.as == role::control ? error::none : error::eperm;
  }
};

/// No check at all: for a hypervisor whose domctl only its control domain can reach. An unknown operation is -ENOSYS.
struct no_access_control {
  error domctl(const party&, const party*, command) const { return error::none; }
};

}  // namespace domctl::xsm
