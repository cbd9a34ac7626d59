// SPDX-License-Identifier: BSL-1.0
/// \file
/// The MPIDR affinity that a guest's tables name its vCPUs by.
#pragma once

#include <cstdint>

namespace domctl {

/// Aff1 and Aff0 of vCPU `n`, as in MPIDR_EL1: sixteen vCPUs a cluster, all that one SGI target list reaches
/// (vcpuid_to_vaffinity of Xen; libxl__compute_mpdir of its toolstack).
[[nodiscard]] constexpr std::uint32_t affinity_of(std::uint32_t n) { return (n / 16) << 8 | n % 16; }

}  // namespace domctl
