// SPDX-License-Identifier: BSL-1.0
// Which GIC and which guest-physical layout this build is for (CMakeLists.txt).
#pragma once

#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>

namespace hv {

inline constexpr int gic_version = VGIC_DEMO_GIC;
/// Does it count what it and the virtual GIC do? What costs a guest's exits some instructions more.
inline constexpr bool counts = VGIC_DEMO_COUNTS != 0;
/// Is pending and active state of vCPUs that run on other CPUs exact? (vm.hpp) That costs a guest that looks at it.
inline constexpr bool exact_state = VGIC_DEMO_EXACT != 0;
using guest_layout = VGIC_DEMO_LAYOUT;

static_assert(gic_version == 2 || gic_version == 3);

/// vCPU n runs on CPU n and nowhere else.
inline constexpr unsigned max_cpus = gic_version == 2 ? 8 : 16;

}  // namespace hv
