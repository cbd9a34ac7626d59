// SPDX-License-Identifier: BSL-1.0
/// \file
/// What this guest finds on both machines: QEMU's `virt`, and a VM of the same layout.
#pragma once

#include "arch.hpp"

#include <layout/qemu_virt.hpp>

namespace guest {

inline constexpr u32 max_cpus = 8;
inline constexpr bool is_v3 = VGIC_GUEST_GIC == 3;

namespace machine {

inline constexpr u64 gicd = is_v3 ? layout::qemu_virt::v3.distributor.base : layout::qemu_virt::v2.distributor.base;
inline constexpr u64 gicc = layout::qemu_virt::v2.cpu_interface.base;      // GICv2
inline constexpr u64 gicr = layout::qemu_virt::v3.redistributors[0].base;  // GICv3, of CPU 0
inline constexpr u64 gicr_stride = layout::qemu_virt::v3.stride;
inline constexpr u64 pl011 = layout::qemu_virt::pl011.base;
inline constexpr u64 pl031 = 0x0901'0000;

inline constexpr u32 virtual_timer = 27, physical_timer = 30, uart_spi = 33, clock_spi = 34;

/// Written by the loader, one page before the program.
struct parameters {
  static constexpr u64 expected_magic = 0x7473'6575'67;  // "guest"
  u64 magic;
  u64 seed;
  u64 cpus;
  u64 rounds;
  u64 steps;  ///< a round
  u64 theme;  ///< 0: each in turn, else one of them, from 1
};
inline const parameters& given() { return *reinterpret_cast<const parameters*>(u64{0x401f'f000}); }

}  // namespace machine
}  // namespace guest
