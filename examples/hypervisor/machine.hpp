// SPDX-License-Identifier: BSL-1.0
// What there is: QEMU's `virt` machine with virtualization=on, and what the loader left behind the guest's RAM.
// A hypervisor for more than one board reads this from the board's device tree.
#pragma once

#include "arch.hpp"

#include <layout/layout.hpp>

namespace hv::machine {

using layout::range;

inline constexpr range gicd{0x0800'0000, 0x1'0000};
inline constexpr range gicc{0x0801'0000, 0x2000};  // GICv2
inline constexpr range gich{0x0803'0000, 0x1000};
inline constexpr range gicv{0x0804'0000, 0x2000};
inline constexpr range gicr{0x080a'0000, 0xf6'0000};  // GICv3: RD and SGI frame of each CPU
inline constexpr range pl011{0x0900'0000, 0x1000};
inline constexpr range pl031{0x0901'0000, 0x1000};
inline constexpr range virtio{0x0a00'0000, 0x4000};
inline constexpr u64 ram_base = 0x4000'0000;

inline constexpr u32 kick_sgi = 0;
inline constexpr u32 maintenance_ppi = 25;
inline constexpr u32 virtual_timer_ppi = 27;
inline constexpr u32 physical_timer_ppi = 30;
inline constexpr u32 interrupts = 288;  // INTIDs of the distributor

/// Interrupts of the devices that the guest drives itself.
inline constexpr u32 guest_ppis[] = {virtual_timer_ppi, physical_timer_ppi};
struct spi_range {
  u32 first, last;
};
inline constexpr spi_range guest_spis[] = {{33, 34}, {48, 79}};  // PL011 and PL031; virtio,mmio

/// CPU n of the machine: sixteen to a cluster.
[[nodiscard]] constexpr u64 mpidr(u32 cpu) { return (cpu % 16) | (cpu / 16) << 8; }

/// Written by the loader, one page before the hypervisor's image.
struct boot_parameters {
  static constexpr u64 expected_magic = 0x6369'6776;  // "vgic"
  static constexpr u64 instruction_counter = 1;       // flag: CNTVCT counts instructions (QEMU -icount)

  u64 magic;
  u64 guest_ram_size;
  u64 vcpus;
  u64 guest_entry;
  u64 guest_x0;
  u64 flags;
  u64 reserved;
};

}  // namespace hv::machine
