// SPDX-License-Identifier: BSL-1.0
/// \file
/// Xen's own public headers (Debian's libxen-dev, 4.17) against ours: sizes, offsets, numbers. Compiling it is the
/// test.
#include <stdint.h>

#define __XEN_TOOLS__ 1
#include <xen/xen.h>
// Behind xen.h, which they need.
#include <xen/arch-arm.h>
#include <xen/domctl.h>
#include <xen/errno.h>

// Behind Xen's: their macros would show if a name of ours were one of them.
#include <domctl/abi/xen_4_17.hpp>
#include <domctl/abi/xen_4_5.hpp>
#include <domctl/error.hpp>

namespace ours = domctl::xen_4_17;

// Size, alignment, and offset and size of a member.
#define SAME_TYPE(name) static_assert(sizeof(::name) == sizeof(ours::name) && alignof(::name) == alignof(ours::name))
#define SAME_MEMBER(name, member)                                          \
  static_assert(offsetof(::name, member) == offsetof(ours::name, member)); \
  static_assert(sizeof(decltype(::name::member)) == sizeof(decltype(ours::name::member)))
// Xen's macro and our number.
#define SAME_NUMBER(macro, number) static_assert((macro) == static_cast<decltype(macro)>(number))

SAME_TYPE(xen_arch_domainconfig);
SAME_MEMBER(xen_arch_domainconfig, gic_version);
SAME_MEMBER(xen_arch_domainconfig, tee_type);
SAME_MEMBER(xen_arch_domainconfig, nr_spis);
SAME_MEMBER(xen_arch_domainconfig, clock_frequency);

SAME_TYPE(xen_domctl_createdomain);
SAME_MEMBER(xen_domctl_createdomain, ssidref);
SAME_MEMBER(xen_domctl_createdomain, handle);
SAME_MEMBER(xen_domctl_createdomain, flags);
SAME_MEMBER(xen_domctl_createdomain, iommu_opts);
SAME_MEMBER(xen_domctl_createdomain, max_vcpus);
SAME_MEMBER(xen_domctl_createdomain, max_evtchn_port);
SAME_MEMBER(xen_domctl_createdomain, max_grant_frames);
SAME_MEMBER(xen_domctl_createdomain, max_maptrack_frames);
SAME_MEMBER(xen_domctl_createdomain, grant_opts);
SAME_MEMBER(xen_domctl_createdomain, vmtrace_size);
SAME_MEMBER(xen_domctl_createdomain, cpupool_id);
SAME_MEMBER(xen_domctl_createdomain, arch);

SAME_TYPE(xen_domctl_getdomaininfo);
SAME_MEMBER(xen_domctl_getdomaininfo, domain);
SAME_MEMBER(xen_domctl_getdomaininfo, flags);
SAME_MEMBER(xen_domctl_getdomaininfo, tot_pages);
SAME_MEMBER(xen_domctl_getdomaininfo, max_pages);
SAME_MEMBER(xen_domctl_getdomaininfo, outstanding_pages);
SAME_MEMBER(xen_domctl_getdomaininfo, shr_pages);
SAME_MEMBER(xen_domctl_getdomaininfo, paged_pages);
SAME_MEMBER(xen_domctl_getdomaininfo, shared_info_frame);
SAME_MEMBER(xen_domctl_getdomaininfo, cpu_time);
SAME_MEMBER(xen_domctl_getdomaininfo, nr_online_vcpus);
SAME_MEMBER(xen_domctl_getdomaininfo, max_vcpu_id);
SAME_MEMBER(xen_domctl_getdomaininfo, ssidref);
SAME_MEMBER(xen_domctl_getdomaininfo, handle);
SAME_MEMBER(xen_domctl_getdomaininfo, cpupool);
SAME_MEMBER(xen_domctl_getdomaininfo, gpaddr_bits);
SAME_MEMBER(xen_domctl_getdomaininfo, arch_config);

SAME_TYPE(xen_domctl);
SAME_MEMBER(xen_domctl, cmd);
SAME_MEMBER(xen_domctl, interface_version);
SAME_MEMBER(xen_domctl, domain);
SAME_MEMBER(xen_domctl, u);

SAME_NUMBER(XEN_DOMCTL_INTERFACE_VERSION, ours::interface_version);
SAME_NUMBER(XEN_DOMCTL_createdomain, domctl::command::createdomain);
SAME_NUMBER(XEN_DOMCTL_destroydomain, domctl::command::destroydomain);
SAME_NUMBER(XEN_DOMCTL_pausedomain, domctl::command::pausedomain);
SAME_NUMBER(XEN_DOMCTL_unpausedomain, domctl::command::unpausedomain);
SAME_NUMBER(XEN_DOMCTL_getdomaininfo, domctl::command::getdomaininfo);
SAME_NUMBER(__HYPERVISOR_domctl, domctl::hypercall_domctl);

SAME_NUMBER(XEN_DOMCTL_CONFIG_GIC_NATIVE, domctl::config_gic::native);
SAME_NUMBER(XEN_DOMCTL_CONFIG_GIC_V2, domctl::config_gic::v2);
SAME_NUMBER(XEN_DOMCTL_CONFIG_GIC_V3, domctl::config_gic::v3);
SAME_NUMBER(XEN_DOMCTL_CONFIG_TEE_NONE, ours::config_tee::none);
SAME_NUMBER(XEN_DOMCTL_CONFIG_TEE_OPTEE, ours::config_tee::optee);

SAME_NUMBER(XEN_DOMCTL_CDF_hvm, ours::cdf::hvm);
SAME_NUMBER(XEN_DOMCTL_CDF_hap, ours::cdf::hap);
SAME_NUMBER(XEN_DOMCTL_CDF_s3_integrity, ours::cdf::s3_integrity);
SAME_NUMBER(XEN_DOMCTL_CDF_oos_off, ours::cdf::oos_off);
SAME_NUMBER(XEN_DOMCTL_CDF_xs_domain, ours::cdf::xs_domain);
SAME_NUMBER(XEN_DOMCTL_CDF_iommu, ours::cdf::iommu);
SAME_NUMBER(XEN_DOMCTL_CDF_nested_virt, ours::cdf::nested_virt);
SAME_NUMBER(XEN_DOMCTL_CDF_vpmu, ours::cdf::vpmu);
SAME_NUMBER(XEN_DOMCTL_CDF_MAX, ours::cdf::vpmu);  // no flag that ours has not
SAME_NUMBER(XEN_DOMCTL_IOMMU_no_sharept, ours::iommu_no_sharept);
SAME_NUMBER(XEN_DOMCTL_IOMMU_MAX, ours::iommu_no_sharept);
SAME_NUMBER(XEN_DOMCTL_GRANT_version_mask, ours::grant_version_mask);

SAME_NUMBER(XEN_DOMINF_dying, ours::dominf::dying);
SAME_NUMBER(XEN_DOMINF_hvm_guest, ours::dominf::hvm_guest);
SAME_NUMBER(XEN_DOMINF_shutdown, ours::dominf::shutdown);
SAME_NUMBER(XEN_DOMINF_paused, ours::dominf::paused);
SAME_NUMBER(XEN_DOMINF_blocked, ours::dominf::blocked);
SAME_NUMBER(XEN_DOMINF_running, ours::dominf::running);
SAME_NUMBER(XEN_DOMINF_debugged, ours::dominf::debugged);
SAME_NUMBER(XEN_DOMINF_xs_domain, ours::dominf::xs_domain);
SAME_NUMBER(XEN_DOMINF_hap, ours::dominf::hap);
SAME_NUMBER(XEN_DOMINF_shutdownmask, ours::dominf_shutdown_mask);
SAME_NUMBER(XEN_DOMINF_shutdownshift, ours::dominf_shutdown_shift);
SAME_NUMBER(XEN_INVALID_MAX_VCPU_ID, ours::invalid_max_vcpu_id);

SAME_NUMBER(DOMID_FIRST_RESERVED, domctl::domid::first_reserved);
SAME_NUMBER(DOMID_SELF, domctl::domid::self);
SAME_NUMBER(DOMID_INVALID, domctl::domid::invalid);
static_assert(sizeof(domid_t) == sizeof(domctl::domid));

// Error numbers that the handlers give out (public/errno.h).
SAME_NUMBER(XEN_EPERM, domctl::error::eperm);
SAME_NUMBER(XEN_ENOENT, domctl::error::enoent);
SAME_NUMBER(XEN_ESRCH, domctl::error::esrch);
SAME_NUMBER(XEN_EIO, domctl::error::eio);
SAME_NUMBER(XEN_ENXIO, domctl::error::enxio);
SAME_NUMBER(XEN_EBADF, domctl::error::ebadf);
SAME_NUMBER(XEN_EAGAIN, domctl::error::eagain);
SAME_NUMBER(XEN_ENOMEM, domctl::error::enomem);
SAME_NUMBER(XEN_EACCES, domctl::error::eacces);
SAME_NUMBER(XEN_EFAULT, domctl::error::efault);
SAME_NUMBER(XEN_EBUSY, domctl::error::ebusy);
SAME_NUMBER(XEN_EEXIST, domctl::error::eexist);
SAME_NUMBER(XEN_ENODEV, domctl::error::enodev);
SAME_NUMBER(XEN_EINVAL, domctl::error::einval);
SAME_NUMBER(XEN_ENOSYS, domctl::error::enosys);
SAME_NUMBER(XEN_EOPNOTSUPP, domctl::error::eopnotsupp);

// Xen 4.5 is the same but for what its own header asserts: the union and the fields before it have not moved since.
static_assert(offsetof(::xen_domctl, u) == offsetof(domctl::xen_4_5::xen_domctl, u));
static_assert(sizeof(::xen_domctl) == sizeof(domctl::xen_4_5::xen_domctl));
