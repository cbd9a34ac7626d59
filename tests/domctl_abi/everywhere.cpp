// SPDX-License-Identifier: BSL-1.0
/// \file
/// The ABI's headers, which assert their own sizes and offsets, without any C or C++ library behind them.
#include <domctl/abi/xen_4_17.hpp>
#include <domctl/abi/xen_4_5.hpp>

// XEN_DOMCTL_arm_configure_domain and XEN_DOMCTL_CONFIG_GIC_*, as the seed numbers them.
static_assert(raw(domctl::command::arm_configure_domain) == 76);
static_assert(raw(domctl::config_gic::default_version) == 0);
static_assert(raw(domctl::config_gic::v2) == 1);
static_assert(raw(domctl::config_gic::v3) == 2);
