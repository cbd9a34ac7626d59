// SPDX-License-Identifier: BSL-1.0
/// \file
/// What the domctl handlers ask of the hypervisor that they are part of.
#pragma once

#include <concepts>
#include <domctl/abi/common.hpp>
#include <domctl/error.hpp>
#include <domctl/xsm/access.hpp>
#include <layout/layout.hpp>

namespace domctl {

/// The GIC that the machine has (`gic_hw_version()` and, since Xen 4.6, whether GICv2 guests can have its CPU
/// interface). Anything else is a bug of the host.
enum class hardware_gic : std::uint8_t {
  v2 = 1,
  v3 = 2,          ///< without the GICv2 compatibility frames: its guests have a GICv3
  v3_with_v2 = 3,  ///< with them: guests may have either
};

/// What a handler has decided on. The hypervisor makes the domain's `vgic::gic<C>` of it.
struct domain_configuration {
  layout::gic_version version = layout::gic_version::v2;
  std::uint32_t nr_spis = 0;  ///< 0..960, a multiple of 32: SPIs are INTID 32..31 + nr_spis

  friend bool operator==(const domain_configuration&, const domain_configuration&) = default;
};

/// Where a structure lies in the caller's memory: XEN_GUEST_HANDLE.
template <class T>
struct guest_handle {
  std::uint64_t address;
};

/// Outcome of copying from or to the caller.
enum class [[nodiscard]] copied : std::uint8_t{
    all,
    fault,  ///< not mapped, or not with the rights it needs: the caller sees -EFAULT
};

/// What every handler needs. `Op` is the struct xen_domctl of the handler's ABI.
///
/// - `domain`: the hypervisor's own type. Pointers to it stay valid while a handler runs.
/// - `copy_from_caller(op, where)`, `copy_to_caller(where, op)`: all of the structure, or a fault.
/// - `caller()`, `party_of(domain)`: as access control sees them. `access()`: the access check.
/// - `hardware()`: the machine's GIC. `bug(text)`: called if that is none of its enumerators. It need not return; if it
///   does, the call ends with -EINVAL and nothing has changed.
/// - `find_domain(id)`: null if there is none. Reserved identifiers are no domain's.
template <class E, class Op>
concept common_environment = requires(E& e, Op& op, const Op& answer, guest_handle<Op> where,
                                      const typename E::domain& d, domid id, const xsm::party& caller,
                                      const xsm::party* target, command cmd) {
  { e.copy_from_caller(op, where) } -> std::same_as<copied>;
  { e.copy_to_caller(where, answer) } -> std::same_as<copied>;
  { e.caller() } -> std::same_as<xsm::party>;
  { e.party_of(d) } -> std::same_as<xsm::party>;
  { e.access().domctl(caller, target, cmd) } -> std::same_as<error>;
  { e.hardware() } -> std::same_as<hardware_gic>;
  { e.find_domain(id) } -> std::same_as<typename E::domain*>;
  e.bug("the hardware's GIC is none that is known");
};

/// The version of the hardware's GIC as the toolstack is told it: V2, V3, or DEFAULT if it is unknown.
[[nodiscard]] constexpr config_gic native_gic(hardware_gic hardware) {
  switch (hardware) {
    case hardware_gic::v2: return config_gic::v2;
    case hardware_gic::v3:
    case hardware_gic::v3_with_v2: return config_gic::v3;
  }
  return config_gic::default_version;
}

/// The version that frames and emulator go by. \param version V2 or V3
[[nodiscard]] constexpr layout::gic_version version_of(config_gic version) {
  return version == config_gic::v2 ? layout::gic_version::v2 : layout::gic_version::v3;
}

}  // namespace domctl
