// SPDX-License-Identifier: BSL-1.0
/// \file
/// The hypervisor's side of Xen 4.5's domctl: tells the toolstack the version of a domain's GIC.
#pragma once

#include <domctl/abi/xen_4_5.hpp>
#include <domctl/environment.hpp>

namespace domctl::xen_4_5 {

/// An environment for Xen 4.5's semantics: what every handler needs, and
/// - `configure(domain, domain_configuration)`: the domain has that GIC. Cannot fail; called again with the same
///   configuration when the toolstack asks again.
template <class E>
concept environment = common_environment<E, xen_domctl> &&
    requires(E& e, typename E::domain& d, const domain_configuration& configuration) {
  { e.configure(d, configuration) } -> std::same_as<void>;
};

/// XEN_DOMCTL_arm_configure_domain (arch_do_domctl of arch/arm/domctl.c): the domain's GIC is as the hardware's, and
/// the caller is told which that is. The domain is configured once the caller has been told, so that an error leaves
/// it as it was.
template <environment E>
error arm_configure_domain(E& host, xen_domctl& op, typename E::domain& d, guest_handle<xen_domctl> u_domctl) {
  if (op.u.configuredomain.gic_version != config_gic::default_version) return error::eopnotsupp;

  const config_gic version = native_gic(host.hardware());
  if (version == config_gic::default_version) {
    host.bug("XEN_DOMCTL_arm_configure_domain: the hardware's GIC is none that is known");
    return error::einval;
  }

  op.u.configuredomain.gic_version = version;
  if (host.copy_to_caller(u_domctl, op) != copied::all) return error::efault;
  host.configure(d, domain_configuration{version_of(version), 0});
  return error::none;
}

/// do_domctl of common/domctl.c, with Xen's order of checks: -EFAULT (the argument cannot be read), -EACCES (another
/// interface version), -ESRCH (no such domain), -EPERM (access check), the operation's own, -ENOSYS (no such
/// operation). \param u_domctl the hypercall's argument
template <environment E>
error do_domctl(E& host, guest_handle<xen_domctl> u_domctl) {
  xen_domctl op;
  if (host.copy_from_caller(op, u_domctl) != copied::all) return error::efault;
  if (op.interface_version != interface_version) return error::eacces;

  // These two find their domain themselves.
  const bool without_target = op.cmd == command::createdomain || op.cmd == command::getdomaininfo;
  typename E::domain* const d = without_target ? nullptr : host.find_domain(op.domain);
  if (d == nullptr && !without_target) return error::esrch;

  const xsm::party target = d != nullptr ? host.party_of(*d) : xsm::party{};
  const error denied = host.access().domctl(host.caller(), d != nullptr ? &target : nullptr, op.cmd);
  if (denied != error::none) return denied;

  if (op.cmd == command::arm_configure_domain) return arm_configure_domain(host, op, *d, u_domctl);
  return error::enosys;
}

}  // namespace domctl::xen_4_5
