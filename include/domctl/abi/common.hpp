// SPDX-License-Identifier: BSL-1.0
/// \file
/// What the ABIs of all Xen versions share: byte order, domain identifiers, commands, GIC versions.
#pragma once

// Before any #include: a big-endian compiler may well have no headers, and shall say this first.
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "domctl: Xen's domctl ABI on Arm is little-endian; it cannot be used from a big-endian program"
#endif

// C's own headers: those of the ABI need nothing but a compiler.
#include <stddef.h>
#include <stdint.h>

namespace domctl {

/// A domain's identifier, `domid_t` of public/xen.h. Domains have 0..0x7fef.
enum class domid : uint16_t {
  hardware = 0,             ///< dom0: the hardware domain, also the control domain unless there is another
  first_reserved = 0x7ff0,  ///< DOMID_FIRST_RESERVED: this and above are no domain's
  self = 0x7ff0,            ///< DOMID_SELF
  invalid = 0x7ff4,         ///< DOMID_INVALID
};

[[nodiscard]] constexpr uint16_t raw(domid d) { return static_cast<uint16_t>(d); }

/// XEN_DOMCTL_*: operations of the domctl hypercall (public/domctl.h). Any other number may arrive, too.
enum class command : uint32_t {
  createdomain = 1,
  destroydomain = 2,
  pausedomain = 3,
  unpausedomain = 4,
  getdomaininfo = 5,
  arm_configure_domain = 76,  ///< Xen 4.5 alone; in Xen 4.6 it moved into createdomain
};

[[nodiscard]] constexpr uint32_t raw(command c) { return static_cast<uint32_t>(c); }

/// XEN_DOMCTL_CONFIG_GIC_*: the virtual GIC that the toolstack asks for and that it is told. Any byte may arrive.
enum class config_gic : uint8_t {
  default_version = 0,  ///< XEN_DOMCTL_CONFIG_GIC_DEFAULT, Xen 4.5
  native = 0,           ///< XEN_DOMCTL_CONFIG_GIC_NATIVE, the same number since Xen 4.6: as the hardware's
  v2 = 1,               ///< XEN_DOMCTL_CONFIG_GIC_V2
  v3 = 2,               ///< XEN_DOMCTL_CONFIG_GIC_V3
};

[[nodiscard]] constexpr uint8_t raw(config_gic g) { return static_cast<uint8_t>(g); }

/// `op` of a domctl among all hypercalls, __HYPERVISOR_domctl of public/xen.h.
inline constexpr uint64_t hypercall_domctl = 36;

}  // namespace domctl
