// SPDX-License-Identifier: BSL-1.0
/// \file
/// The domctl of Xen 4.5 on Arm, as far as it tells the toolstack a domain's GIC version.
#pragma once

#include <domctl/abi/common.hpp>

/// The ABI of Xen 4.5 (public/domctl.h with XEN_DOMCTL_arm_configure_domain).
namespace domctl::xen_4_5 {

/// XEN_DOMCTL_INTERFACE_VERSION of Xen 4.5.
inline constexpr uint32_t interface_version = 0x0000000a;

/// struct xen_domctl_arm_configuredomain: payload of XEN_DOMCTL_arm_configure_domain.
struct xen_domctl_arm_configuredomain {
  config_gic gic_version = config_gic::default_version;  ///< IN: DEFAULT alone is taken. OUT: V2 or V3

  friend bool operator==(const xen_domctl_arm_configuredomain&, const xen_domctl_arm_configuredomain&) = default;
};

/// struct xen_domctl: what the hypercall's argument points to.
struct xen_domctl {
  command cmd{};
  uint32_t interface_version = xen_4_5::interface_version;
  domid domain{};
  uint16_t pad[3] = {};  ///< not looked at

  /// Payload by command, 128 bytes whatever is in it.
  union payload {
    uint8_t pad[128] = {};
    xen_domctl_arm_configuredomain configuredomain;
  };
  alignas(8) payload u{};
};

static_assert(__is_standard_layout(xen_domctl) && __is_trivially_copyable(xen_domctl));
static_assert(sizeof(xen_domctl_arm_configuredomain) == 1);
static_assert(offsetof(xen_domctl_arm_configuredomain, gic_version) == 0);
static_assert(sizeof(xen_domctl) == 144 && alignof(xen_domctl) == 8);
static_assert(offsetof(xen_domctl, cmd) == 0);
static_assert(offsetof(xen_domctl, interface_version) == 4);
static_assert(offsetof(xen_domctl, domain) == 8);
static_assert(offsetof(xen_domctl, u) == 16 && sizeof(xen_domctl::payload) == 128);

}  // namespace domctl::xen_4_5
