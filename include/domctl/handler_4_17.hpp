// SPDX-License-Identifier: BSL-1.0
/// \file
/// The hypervisor's side of Xen 4.17's domctl: creates a domain with the GIC that was asked for, describes it,
/// destroys it.
#pragma once

#include <domctl/sanitise_4_17.hpp>

namespace domctl::xen_4_17 {

/// What making a domain came to: the domain, or null and the reason.
template <class Domain>
struct created {
  Domain* domain;
  error why;
};

/// An environment for Xen 4.17's semantics: what every handler needs, and
/// - `supports()`: what the host supports.
/// - `free_domid()`: an identifier 1..0x7fef that is no domain's, or `domid::invalid`. Changes nothing.
/// - `create_domain(id, configuration, config)`: the new domain, paused, or null and the error: -ENOMEM, -EBUSY (no
///   VMID), -ESRCH (no such CPU pool), -ENODEV (it has no CPUs). `config` is checked; its GIC version is resolved.
/// - `take_back(domain)`: the domain was never there. Cannot fail; called for a domain that was just created.
/// - `destroy_domain(domain)`: none also for one that is dying already.
/// - `first_domain_from(id)`: the domain with the lowest identifier that is not below `id`, or null.
/// - `describe(domain, info)`: fills in what it knows; the identifier is the handler's to fill in.
template <class E>
concept environment = common_environment<E, xen_domctl> &&
    requires(E& e, typename E::domain& d, const domain_configuration& configuration,
             const xen_domctl_createdomain& config, xen_domctl_getdomaininfo& info, domid id) {
  { e.supports() } -> std::convertible_to<host_support>;
  { e.free_domid() } -> std::same_as<domid>;
  { e.create_domain(id, configuration, config) } -> std::same_as<created<typename E::domain>>;
  { e.take_back(d) } -> std::same_as<void>;
  { e.destroy_domain(d) } -> std::same_as<error>;
  { e.first_domain_from(id) } -> std::same_as<typename E::domain*>;
  { e.describe(d, info) } -> std::same_as<void>;
};

/// Whether createdomain is asked for that very identifier; 0 and the reserved ones ask for any.
[[nodiscard]] constexpr bool asks_for_domid(domid id) { return id > domid{0} && id < domid::first_reserved; }

/// XEN_DOMCTL_createdomain (common/domctl.c, domain_create of common/domain.c). The checks are Xen's, in its order:
/// identifier, common part, Arm's part, access, GIC version on this hardware, SPIs, grants, and then the environment.
///
/// Deliberate differences from Xen:
/// - nr_spis 0xffffffe1..0xffffffff is refused, see `check_nr_spis`;
/// - a domain whose caller cannot be told (-EFAULT) is taken back; Xen leaves it;
/// - what only the environment knows (VMIDs, memory, CPU pools) is asked for last, when nothing else can fail.
template <environment E>
error createdomain(E& host, xen_domctl& op, guest_handle<xen_domctl> u_domctl) {
  const domid id = asks_for_domid(op.domain) ? op.domain : host.free_domid();
  if (id == domid::invalid) return error::enomem;
  if (host.find_domain(id) != nullptr) return error::eexist;

  xen_domctl_createdomain& config = op.u.createdomain;
  const host_support supports = host.supports();
  if (const error e = sanitise_common(config, supports); e != error::none) return e;

  const hardware_gic hardware = host.hardware();
  const config_gic native = native_gic(hardware);
  if (native == config_gic::native) {
    host.bug("XEN_DOMCTL_createdomain: the hardware's GIC is none that is known");
    return error::einval;
  }
  if (const error e = sanitise_arm(config, supports, native); e != error::none) return e;

  const xsm::party target{id, xsm::ssid{config.ssidref}, xsm::role::other};
  if (const error e = host.access().domctl(host.caller(), &target, op.cmd); e != error::none) return e;

  if (const error e = check_hardware(config.arch.gic_version, hardware); e != error::none) return e;
  if (const error e = check_nr_spis(config.arch.nr_spis); e != error::none) return e;
  if (const error e = check_grants(config, supports); e != error::none) return e;

  const domain_configuration configuration{version_of(config.arch.gic_version), round_nr_spis(config.arch.nr_spis)};
  config.arch.clock_frequency = supports.clock_frequency;
  const created<typename E::domain> made = host.create_domain(id, configuration, config);
  if (made.domain == nullptr) return made.why;

  op.domain = id;
  if (host.copy_to_caller(u_domctl, op) != copied::all) {
    host.take_back(*made.domain);
    return error::efault;
  }
  return error::none;
}

/// XEN_DOMCTL_destroydomain: -EINVAL for the caller's own domain. Nothing is copied back.
template <environment E>
error destroydomain(E& host, typename E::domain& d) {
  if (host.party_of(d).id == host.caller().id) return error::einval;
  return host.destroy_domain(d);
}

/// XEN_DOMCTL_getdomaininfo: of the domain asked for, or of the next higher one if there is no such one. -ESRCH if
/// there is none, -EINVAL for an identifier that no domain can have.
template <environment E>
error getdomaininfo(E& host, xen_domctl& op, guest_handle<xen_domctl> u_domctl) {
  typename E::domain* const d = host.first_domain_from(op.domain);
  if (d == nullptr) return op.domain >= domid::first_reserved ? error::einval : error::esrch;

  const xsm::party target = host.party_of(*d);
  if (const error e = host.access().domctl(host.caller(), &target, op.cmd); e != error::none) return e;

  op.u.getdomaininfo = {};
  host.describe(*d, op.u.getdomaininfo);
  op.u.getdomaininfo.domain = target.id;
  op.domain = target.id;
  return host.copy_to_caller(u_domctl, op) == copied::all ? error::none : error::efault;
}

/// do_domctl of common/domctl.c, with Xen's order of checks: -EFAULT (the argument cannot be read), -EACCES (another
/// interface version), -ESRCH (no such domain), -EPERM (access check), the operation's own, -ENOSYS (no such
/// operation). \param u_domctl the hypercall's argument
template <environment E>
error do_domctl(E& host, guest_handle<xen_domctl> u_domctl) {
  xen_domctl op;
  if (host.copy_from_caller(op, u_domctl) != copied::all) return error::efault;
  if (op.interface_version != interface_version) return error::eacces;

  // These two find or make their domain themselves.
  const bool without_target = op.cmd == command::createdomain || op.cmd == command::getdomaininfo;
  typename E::domain* const d = without_target ? nullptr : host.find_domain(op.domain);
  if (d == nullptr && !without_target) return error::esrch;

  const xsm::party target = d != nullptr ? host.party_of(*d) : xsm::party{};
  const error denied = host.access().domctl(host.caller(), d != nullptr ? &target : nullptr, op.cmd);
  if (denied != error::none) return denied;

  switch (op.cmd) {
    case command::createdomain: return createdomain(host, op, u_domctl);
    case command::destroydomain: return destroydomain(host, *d);
    case command::getdomaininfo: return getdomaininfo(host, op, u_domctl);
    default: return error::enosys;
  }
}

}  // namespace domctl::xen_4_17
