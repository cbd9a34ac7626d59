// SPDX-License-Identifier: BSL-1.0
/// \file
/// What xen-check asks for: domains that Xen 4.17 makes, and domains that it refuses, each with one thing wrong.
#pragma once

#include <domctl/abi/xen_4_17.hpp>

namespace xen_check {

using domctl::command;
using domctl::config_gic;
using domctl::domid;
using domctl::xen_4_17::cdf;
using domctl::xen_4_17::config_tee;
using domctl::xen_4_17::xen_domctl;

/// What is known of the answers before they are there.
enum class expectation : unsigned char {
  agreement,
  only_xen_creates,  ///< a deliberate difference: Xen takes what this library refuses
};

struct request {
  const char* what;
  void (*change)(xen_domctl& op);  ///< makes the request of one for a domain with NATIVE GIC, 1 vCPU and no SPIs
  expectation expected = expectation::agreement;
};

inline constexpr request requests[] = {
    {"GIC NATIVE", [](xen_domctl&) {}},
    {"GIC V2", [](xen_domctl& op) { op.u.createdomain.arch.gic_version = config_gic::v2; }},
    {"GIC V3", [](xen_domctl& op) { op.u.createdomain.arch.gic_version = config_gic::v3; }},
    {"GIC version 3: there is none", [](xen_domctl& op) { op.u.createdomain.arch.gic_version = config_gic{3}; }},
    {"GIC version 255: there is none", [](xen_domctl& op) { op.u.createdomain.arch.gic_version = config_gic{255}; }},

    {"1 SPI", [](xen_domctl& op) { op.u.createdomain.arch.nr_spis = 1; }},
    {"32 SPIs, GIC V2",
     [](xen_domctl& op) {
       op.u.createdomain.arch.nr_spis = 32;
       op.u.createdomain.arch.gic_version = config_gic::v2;
     }},
    {"33 SPIs, GIC V3",
     [](xen_domctl& op) {
       op.u.createdomain.arch.nr_spis = 33;
       op.u.createdomain.arch.gic_version = config_gic::v3;
     }},
    {"960 SPIs", [](xen_domctl& op) { op.u.createdomain.arch.nr_spis = 960; }},
    {"961 SPIs: one too many", [](xen_domctl& op) { op.u.createdomain.arch.nr_spis = 961; }},
    {"988 SPIs: 992 when rounded up", [](xen_domctl& op) { op.u.createdomain.arch.nr_spis = 988; }},
    {"989 SPIs", [](xen_domctl& op) { op.u.createdomain.arch.nr_spis = 989; }},
    {"0x7fffffff SPIs", [](xen_domctl& op) { op.u.createdomain.arch.nr_spis = 0x7fff'ffff; }},
    {"0xffffffe0 SPIs", [](xen_domctl& op) { op.u.createdomain.arch.nr_spis = 0xffff'ffe0; }},
    {"0xffffffe1 SPIs: 0 when rounded up in 32 bits",
     [](xen_domctl& op) { op.u.createdomain.arch.nr_spis = 0xffff'ffe1; }, expectation::only_xen_creates},

    {"0 vCPUs", [](xen_domctl& op) { op.u.createdomain.max_vcpus = 0; }},
    {"8 vCPUs", [](xen_domctl& op) { op.u.createdomain.max_vcpus = 8; }},
    {"9 vCPUs", [](xen_domctl& op) { op.u.createdomain.max_vcpus = 9; }},
    {"128 vCPUs", [](xen_domctl& op) { op.u.createdomain.max_vcpus = 128; }},
    {"129 vCPUs", [](xen_domctl& op) { op.u.createdomain.max_vcpus = 129; }},

    {"neither HVM nor HAP", [](xen_domctl& op) { op.u.createdomain.flags = cdf::none; }},
    {"HVM without HAP", [](xen_domctl& op) { op.u.createdomain.flags = cdf::hvm; }},
    {"HAP without HVM", [](xen_domctl& op) { op.u.createdomain.flags = cdf::hap; }},
    {"out-of-sync page tables off",
     [](xen_domctl& op) { op.u.createdomain.flags = cdf::hvm | cdf::hap | cdf::oos_off; }},
    {"a xenstore domain", [](xen_domctl& op) { op.u.createdomain.flags = cdf::hvm | cdf::hap | cdf::xs_domain; }},
    {"an unknown flag", [](xen_domctl& op) { op.u.createdomain.flags = cdf::hvm | cdf::hap | cdf{1u << 8}; }},
    {"an IOMMU, which the machine lacks",
     [](xen_domctl& op) { op.u.createdomain.flags = cdf::hvm | cdf::hap | cdf::iommu; }},
    {"IOMMU options without an IOMMU", [](xen_domctl& op) { op.u.createdomain.iommu_opts = 1; }},
    {"vmtrace, which Arm lacks", [](xen_domctl& op) { op.u.createdomain.vmtrace_size = 4096; }},
    {"OP-TEE, which the machine lacks", [](xen_domctl& op) { op.u.createdomain.arch.tee_type = config_tee::optee; }},

    {"no grant table version", [](xen_domctl& op) { op.u.createdomain.grant_opts = 0; }},
    {"grant table version 2, which Arm lacks", [](xen_domctl& op) { op.u.createdomain.grant_opts = 2; }},
    {"unknown grant options", [](xen_domctl& op) { op.u.createdomain.grant_opts = 0x11; }},
    {"no grant frames", [](xen_domctl& op) { op.u.createdomain.max_grant_frames = 0; }},
    {"65 grant frames", [](xen_domctl& op) { op.u.createdomain.max_grant_frames = 65; }},
    {"1025 maptrack frames", [](xen_domctl& op) { op.u.createdomain.max_maptrack_frames = 1025; }},
    {"CPU pool 7, which is not there", [](xen_domctl& op) { op.u.createdomain.cpupool_id = 7; }},

    {"identifier 100", [](xen_domctl& op) { op.domain = domid{100}; }},
    {"identifier 0x7ff0: any", [](xen_domctl& op) { op.domain = domid::first_reserved; }},
    {"the interface of Xen 4.16", [](xen_domctl& op) { op.interface_version = 0x14; }},
    {"the interface of Xen 4.18", [](xen_domctl& op) { op.interface_version = 0x16; }},

    {"destroy a domain that is not there",
     [](xen_domctl& op) {
       op.cmd = command::destroydomain;
       op.domain = domid{4321};
     }},
    {"destroy oneself",
     [](xen_domctl& op) {
       op.cmd = command::destroydomain;
       op.domain = domid::hardware;
     }},
    {"describe a domain above all others",
     [](xen_domctl& op) {
       op.cmd = command::getdomaininfo;
       op.domain = domid{0x7fef};
     }},
    {"describe a domain that cannot be",
     [](xen_domctl& op) {
       op.cmd = command::getdomaininfo;
       op.domain = domid::invalid;
     }},
    {"XEN_DOMCTL_arm_configure_domain, which Xen 4.5 had",
     [](xen_domctl& op) {
       op.cmd = command::arm_configure_domain;
       op.domain = domid::hardware;
     }},
    {"an operation that is none", [](xen_domctl& op) { op.cmd = command{0xffff}; }},
};

}  // namespace xen_check
