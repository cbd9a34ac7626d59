// SPDX-License-Identifier: BSL-1.0
/// \file
/// What a hypervisor like Xen 4.17 supports, and the checks of a domain's configuration against it.
#pragma once

#include <domctl/abi/xen_4_17.hpp>
#include <domctl/environment.hpp>

namespace domctl::xen_4_17 {

/// Whether the host has something.
enum class support : std::uint8_t { absent, present };

/// What the host supports. The defaults are those of a Xen 4.17 for arm64 on a machine without IOMMU, PMU and OP-TEE.
struct host_support {
  support gicv3 = support::present;  ///< CONFIG_GICV3: the hypervisor can emulate one at all
  std::uint32_t max_vcpus = 128;     ///< MAX_VIRT_CPUS: 128 for arm64, 8 for arm32
  support iommu = support::absent;
  support vpmu = support::absent;
  config_tee tee = config_tee::none;
  std::uint32_t max_grant_version = 1;
  std::int32_t max_grant_frames = 64;       ///< gnttab_max_frames=
  std::int32_t max_maptrack_frames = 1024;  ///< gnttab_max_maptrack_frames=
  std::uint32_t clock_frequency = 0;        ///< Hz; clock-frequency of the timer's device-tree node, 0 if it has none

  friend bool operator==(const host_support&, const host_support&) = default;
};

/// Most vCPUs of a domain with that GIC, before MAX_VIRT_CPUS (`vgic_max_vcpus`). 0: the hypervisor cannot emulate it.
[[nodiscard]] constexpr std::uint32_t most_vcpus(config_gic version, const host_support& host) {
  if (version == config_gic::v2) return 8;
  if (version == config_gic::v3) return host.gicv3 == support::present ? 4096 : 0;
  return 0;
}

/// Most SPIs that a domain may ask for: after rounding up to 32, INTID 32..1019 must hold them.
inline constexpr std::uint32_t most_spis = 960;

/// -EINVAL for more SPIs than there can be. Deliberately not as in Xen, which rounds up in 32 bits and so takes
/// 0xffffffe1..0xffffffff for none (`domain_vgic_init`).
constexpr error check_nr_spis(std::uint32_t asked) { return asked <= most_spis ? error::none : error::einval; }

/// SPIs of a domain that asked for so many: the next multiple of 32. \param asked 0..960
[[nodiscard]] constexpr std::uint32_t round_nr_spis(std::uint32_t asked) { return (asked + 31) & ~std::uint32_t{31}; }

/// `sanitise_domain_config` (common/domain.c) without the part of the architecture: -EINVAL or none.
constexpr error sanitise_common(const xen_domctl_createdomain& config, const host_support& host) {
  constexpr cdf known = cdf::hvm | cdf::hap | cdf::s3_integrity | cdf::oos_off | cdf::xs_domain | cdf::iommu |
                        cdf::nested_virt | cdf::vpmu;
  const auto has = [&](cdf flag) { return (config.flags & flag) == flag; };

  if ((config.flags & ~known) != cdf::none) return error::einval;
  if ((config.grant_opts & ~grant_version_mask) != 0) return error::einval;
  if (config.max_vcpus == 0) return error::einval;
  if (has(cdf::hap) && !has(cdf::hvm)) return error::einval;
  if (has(cdf::iommu)) {
    if ((config.iommu_opts & ~iommu_no_sharept) != 0) return error::einval;
    if (host.iommu == support::absent) return error::einval;
  } else if (config.iommu_opts != 0) {
    return error::einval;
  }
  if (config.vmtrace_size != 0) return error::einval;
  if (has(cdf::vpmu) && host.vpmu == support::absent) return error::einval;
  return error::none;
}

/// `arch_sanitise_domain_config` (arch/arm/domain.c): -EINVAL or none. NATIVE becomes the hardware's version.
/// \param native V2 or V3
constexpr error sanitise_arm(xen_domctl_createdomain& config, const host_support& host, config_gic native) {
  if ((config.flags & ~(cdf::iommu | cdf::vpmu)) != (cdf::hvm | cdf::hap)) return error::einval;
  if ((config.iommu_opts & iommu_no_sharept) != 0) return error::einval;

  if (config.arch.gic_version == config_gic::native) config.arch.gic_version = native;
  const std::uint32_t by_version = most_vcpus(config.arch.gic_version, host);
  const std::uint32_t most = by_version < host.max_vcpus ? by_version : host.max_vcpus;
  if (most == 0 || config.max_vcpus > most) return error::einval;

  if (config.arch.tee_type != config_tee::none && config.arch.tee_type != host.tee) return error::einval;
  return error::none;
}

/// `domain_vgic_register` (arch/arm/vgic.c): -ENODEV unless the hardware can give a guest that version. V2 on GICv3
/// hardware needs its GICv2 compatibility; V3 on GICv2 hardware never works. \param version V2 or V3
constexpr error check_hardware(config_gic version, hardware_gic hardware) {
  switch (hardware) {
    case hardware_gic::v2: return version == config_gic::v2 ? error::none : error::enodev;
    case hardware_gic::v3: return version == config_gic::v3 ? error::none : error::enodev;
    case hardware_gic::v3_with_v2: return error::none;
  }
  return error::enodev;
}

/// `grant_table_init` (common/grant_table.c): -EINVAL or none. Below 0 means the host's limit.
constexpr error check_grants(const xen_domctl_createdomain& config, const host_support& host) {
  const std::uint32_t version = config.grant_opts & grant_version_mask;
  if (version == 0 || version > host.max_grant_version) return error::einval;
  if (config.max_grant_frames == 0 || config.max_grant_frames > host.max_grant_frames) return error::einval;
  if (config.max_maptrack_frames > host.max_maptrack_frames) return error::einval;
  return error::none;
}

}  // namespace domctl::xen_4_17
