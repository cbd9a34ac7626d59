// SPDX-License-Identifier: BSL-1.0
/// \file
/// The domctl of Xen 4.17 on Arm, as far as it creates a domain, describes it and destroys it.
#pragma once

#include <domctl/abi/common.hpp>

/// The ABI of Xen 4.17 (public/domctl.h, public/arch-arm.h).
namespace domctl::xen_4_17 {

/// XEN_DOMCTL_INTERFACE_VERSION of Xen 4.17.
inline constexpr uint32_t interface_version = 0x00000015;

/// XEN_DOMCTL_CDF_*: what kind of domain createdomain makes. Any bits may arrive.
enum class cdf : uint32_t {
  none = 0,
  hvm = 1u << 0,
  hap = 1u << 1,
  s3_integrity = 1u << 2,
  oos_off = 1u << 3,
  xs_domain = 1u << 4,
  iommu = 1u << 5,
  nested_virt = 1u << 6,
  vpmu = 1u << 7,
};

[[nodiscard]] constexpr uint32_t raw(cdf f) { return static_cast<uint32_t>(f); }
[[nodiscard]] constexpr cdf operator|(cdf a, cdf b) { return static_cast<cdf>(raw(a) | raw(b)); }
[[nodiscard]] constexpr cdf operator&(cdf a, cdf b) { return static_cast<cdf>(raw(a) & raw(b)); }
[[nodiscard]] constexpr cdf operator~(cdf a) { return static_cast<cdf>(~raw(a)); }

/// XEN_DOMCTL_CONFIG_TEE_*: the trusted execution environment that the domain may reach.
enum class config_tee : uint16_t { none = 0, optee = 1 };

/// XEN_DOMCTL_IOMMU_no_sharept: the one known bit of `iommu_opts`.
inline constexpr uint32_t iommu_no_sharept = 1u << 0;
/// XEN_DOMCTL_GRANT_version_mask: the known bits of `grant_opts`, the highest version of grant tables.
inline constexpr uint32_t grant_version_mask = 0xf;

/// struct xen_arch_domainconfig of public/arch-arm.h.
struct xen_arch_domainconfig {
  config_gic gic_version = config_gic::native;  ///< IN: what is asked for. OUT: V2 or V3
  uint8_t pad = 0;                              ///< not looked at
  config_tee tee_type = config_tee::none;       ///< IN
  uint32_t nr_spis = 0;                         ///< IN: 0..960, rounded up to 32 by the hypervisor; comes back as given
  uint32_t clock_frequency = 0;                 ///< OUT: Hz, if the host's device tree has it for the timer; else 0

  friend bool operator==(const xen_arch_domainconfig&, const xen_arch_domainconfig&) = default;
};

/// struct xen_domctl_createdomain: payload of XEN_DOMCTL_createdomain. The defaults are what Xen's toolstack fills in
/// for a domain of one vCPU.
struct xen_domctl_createdomain {
  uint32_t ssidref = 0;              ///< IN: the new domain's security identifier; 0 without FLASK
  uint8_t handle[16] = {};           ///< IN: the domain's UUID
  cdf flags = cdf::hvm | cdf::hap;   ///< IN: Arm takes these two, with or without iommu and vpmu
  uint32_t iommu_opts = 0;           ///< IN
  uint32_t max_vcpus = 1;            ///< IN: 1..8 with a GICv2, 1..128 with a GICv3
  uint32_t max_evtchn_port = 1023;   ///< IN
  int32_t max_grant_frames = -1;     ///< IN: below 0: the hypervisor's limit
  int32_t max_maptrack_frames = -1;  ///< IN: below 0: the hypervisor's limit
  uint32_t grant_opts = 1;           ///< IN: highest version of grant tables; Arm has 1 alone
  uint32_t vmtrace_size = 0;         ///< IN: Arm has no vmtrace
  uint32_t cpupool_id = 0;           ///< IN
  xen_arch_domainconfig arch{};      ///< IN and OUT

  friend bool operator==(const xen_domctl_createdomain&, const xen_domctl_createdomain&) = default;
};

/// XEN_DOMINF_*: a domain's state. Bits 23:16 have the shutdown code.
enum class dominf : uint32_t {
  none = 0,
  dying = 1u << 0,
  hvm_guest = 1u << 1,
  shutdown = 1u << 2,
  paused = 1u << 3,
  blocked = 1u << 4,
  running = 1u << 5,
  debugged = 1u << 6,
  xs_domain = 1u << 7,
  hap = 1u << 8,
};

[[nodiscard]] constexpr uint32_t raw(dominf f) { return static_cast<uint32_t>(f); }
[[nodiscard]] constexpr dominf operator|(dominf a, dominf b) { return static_cast<dominf>(raw(a) | raw(b)); }
[[nodiscard]] constexpr dominf operator&(dominf a, dominf b) { return static_cast<dominf>(raw(a) & raw(b)); }

/// XEN_DOMINF_shutdownshift, XEN_DOMINF_shutdownmask.
inline constexpr uint32_t dominf_shutdown_shift = 16;
inline constexpr uint32_t dominf_shutdown_mask = 255;
/// XEN_INVALID_MAX_VCPU_ID: `max_vcpu_id` of a domain without vCPUs.
inline constexpr uint32_t invalid_max_vcpu_id = ~uint32_t{0};

/// struct xen_domctl_getdomaininfo: payload of XEN_DOMCTL_getdomaininfo, all of it OUT.
struct alignas(8) xen_domctl_getdomaininfo {
  domid domain{};  ///< whose information it is: the one asked for, or the next higher
  uint16_t pad1 = 0;
  dominf flags = dominf::none;
  uint64_t tot_pages = 0;
  uint64_t max_pages = 0;
  uint64_t outstanding_pages = 0;
  uint64_t shr_pages = 0;
  uint64_t paged_pages = 0;
  uint64_t shared_info_frame = 0;  ///< guest frame number
  uint64_t cpu_time = 0;           ///< ns
  uint32_t nr_online_vcpus = 0;
  uint32_t max_vcpu_id = invalid_max_vcpu_id;
  uint32_t ssidref = 0;
  uint8_t handle[16] = {};
  uint32_t cpupool = 0;
  uint8_t gpaddr_bits = 0;  ///< width of guest-physical addresses
  uint8_t pad2[7] = {};
  xen_arch_domainconfig arch_config{};  ///< Xen on Arm leaves it 0
  uint8_t pad3[4] = {};

  friend bool operator==(const xen_domctl_getdomaininfo&, const xen_domctl_getdomaininfo&) = default;
};

/// struct xen_domctl: what the hypercall's argument points to.
struct xen_domctl {
  command cmd{};
  uint32_t interface_version = xen_4_17::interface_version;
  domid domain{};
  uint16_t pad[3] = {};  ///< not looked at

  /// Payload by command, 128 bytes whatever is in it.
  union payload {
    uint8_t pad[128] = {};
    xen_domctl_createdomain createdomain;
    xen_domctl_getdomaininfo getdomaininfo;
  };
  alignas(8) payload u{};
};

static_assert(__is_standard_layout(xen_domctl) && __is_trivially_copyable(xen_domctl));

static_assert(sizeof(xen_arch_domainconfig) == 12 && alignof(xen_arch_domainconfig) == 4);
static_assert(offsetof(xen_arch_domainconfig, gic_version) == 0);
static_assert(offsetof(xen_arch_domainconfig, tee_type) == 2);
static_assert(offsetof(xen_arch_domainconfig, nr_spis) == 4);
static_assert(offsetof(xen_arch_domainconfig, clock_frequency) == 8);

static_assert(sizeof(xen_domctl_createdomain) == 68 && alignof(xen_domctl_createdomain) == 4);
static_assert(offsetof(xen_domctl_createdomain, ssidref) == 0);
static_assert(offsetof(xen_domctl_createdomain, handle) == 4);
static_assert(offsetof(xen_domctl_createdomain, flags) == 20);
static_assert(offsetof(xen_domctl_createdomain, iommu_opts) == 24);
static_assert(offsetof(xen_domctl_createdomain, max_vcpus) == 28);
static_assert(offsetof(xen_domctl_createdomain, max_evtchn_port) == 32);
static_assert(offsetof(xen_domctl_createdomain, max_grant_frames) == 36);
static_assert(offsetof(xen_domctl_createdomain, max_maptrack_frames) == 40);
static_assert(offsetof(xen_domctl_createdomain, grant_opts) == 44);
static_assert(offsetof(xen_domctl_createdomain, vmtrace_size) == 48);
static_assert(offsetof(xen_domctl_createdomain, cpupool_id) == 52);
static_assert(offsetof(xen_domctl_createdomain, arch) == 56);

static_assert(sizeof(xen_domctl_getdomaininfo) == 120);
static_assert(offsetof(xen_domctl_getdomaininfo, flags) == 4);
static_assert(offsetof(xen_domctl_getdomaininfo, tot_pages) == 8);
static_assert(offsetof(xen_domctl_getdomaininfo, cpu_time) == 56);
static_assert(offsetof(xen_domctl_getdomaininfo, nr_online_vcpus) == 64);
static_assert(offsetof(xen_domctl_getdomaininfo, max_vcpu_id) == 68);
static_assert(offsetof(xen_domctl_getdomaininfo, ssidref) == 72);
static_assert(offsetof(xen_domctl_getdomaininfo, handle) == 76);
static_assert(offsetof(xen_domctl_getdomaininfo, cpupool) == 92);
static_assert(offsetof(xen_domctl_getdomaininfo, gpaddr_bits) == 96);
static_assert(offsetof(xen_domctl_getdomaininfo, arch_config) == 104);

static_assert(sizeof(xen_domctl) == 144 && alignof(xen_domctl) == 8);
static_assert(offsetof(xen_domctl, cmd) == 0);
static_assert(offsetof(xen_domctl, interface_version) == 4);
static_assert(offsetof(xen_domctl, domain) == 8);
static_assert(offsetof(xen_domctl, u) == 16 && sizeof(xen_domctl::payload) == 128);

}  // namespace domctl::xen_4_17
