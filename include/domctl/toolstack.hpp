// SPDX-License-Identifier: BSL-1.0
/// \file
/// The toolstack's calls, named as in libxc (tools/include/xenctrl.h), over a transport.
#pragma once

#include <concepts>
#include <domctl/abi/xen_4_17.hpp>
#include <domctl/abi/xen_4_5.hpp>
#include <domctl/outcome.hpp>

namespace domctl {

/// A way to the hypervisor for the ABI whose struct xen_domctl is `Op`: `domctl(op)` issues the call and has the
/// hypervisor's answer in `op` if it succeeds; else `op` has no meaning.
template <class T, class Op>
concept transport = requires(T& t, Op& op) {
  { t.domctl(op) } -> std::same_as<error>;
};

/// Xen 4.5: asks for the GIC version of a domain (XEN_DOMCTL_arm_configure_domain).
/// \param config DEFAULT to ask; V2 or V3 after success, untouched after failure
template <transport<xen_4_5::xen_domctl> Transport>
outcome xc_domain_configure(Transport& xch, domid domain, xen_4_5::xen_domctl_arm_configuredomain& config) {
  xen_4_5::xen_domctl op;
  op.cmd = command::arm_configure_domain;
  op.domain = domain;
  op.u.configuredomain = config;
  const error code = xch.domctl(op);
  if (code == error::none) config = op.u.configuredomain;
  return {request::arm_configure_domain, code};
}

/// Xen 4.17: creates a domain: paused, without vCPUs and without memory.
/// \param domain 1..0x7fef asks for that identifier, others for any; the domain's own after success
/// \param config has after success the GIC version (V2 or V3) and the timer's frequency. Both are untouched after
/// failure
template <transport<xen_4_17::xen_domctl> Transport>
outcome xc_domain_create(Transport& xch, domid& domain, xen_4_17::xen_domctl_createdomain& config) {
  xen_4_17::xen_domctl op;
  op.cmd = command::createdomain;
  op.domain = domain;
  op.u.createdomain = config;
  const error code = xch.domctl(op);
  if (code == error::none) {
    domain = op.domain;
    config = op.u.createdomain;
  }
  return {request::createdomain, code};
}

/// Xen 4.17: destroys a domain. Succeeds again while others still hold references to it.
template <transport<xen_4_17::xen_domctl> Transport>
outcome xc_domain_destroy(Transport& xch, domid domain) {
  xen_4_17::xen_domctl op;
  op.cmd = command::destroydomain;
  op.domain = domain;
  return {request::destroydomain, xch.domctl(op)};
}

/// Xen 4.17: describes one domain (libxc has this call since 4.18). The hypervisor would answer for the next higher
/// domain if there is no such one; that is -ESRCH here.
/// \param info untouched after failure
template <transport<xen_4_17::xen_domctl> Transport>
outcome xc_domain_getinfo_single(Transport& xch, domid domain, xen_4_17::xen_domctl_getdomaininfo& info) {
  xen_4_17::xen_domctl op;
  op.cmd = command::getdomaininfo;
  op.domain = domain;
  op.u.getdomaininfo = {};
  error code = xch.domctl(op);
  if (code == error::none && op.u.getdomaininfo.domain != domain) code = error::esrch;
  if (code == error::none) info = op.u.getdomaininfo;
  return {request::getdomaininfo, code};
}

}  // namespace domctl
