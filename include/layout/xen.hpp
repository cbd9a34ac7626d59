// SPDX-License-Identifier: BSL-1.0
/// \file
/// The guest-physical layout of Xen 4.5 on Arm (xen/include/public/arch-arm.h), as first proposed and as released.
#pragma once

#include <layout/layout.hpp>
#include <layout/rules/surroundings.hpp>

#include <cstddef>
#include <cstdint>

namespace layout {

/// The layout of the GICv3 guest patch for Xen 4.5. GUEST_* names in the comments are Xen's own; virtio-mmio and the
/// PL011 came to these addresses in later versions, which kept all that is here.
/// The GICv3 distributor is not aligned to its 64 KiB: that is Xen's ABI.
struct xen_4_5 {
  static constexpr const char* name = "xen-4.5";
  using exceptions = xen_abi;

  static constexpr gicv2_frames v2{
      .distributor = {0x0300'1000, 0x1000},   // GUEST_GICD_BASE, _SIZE
      .cpu_interface = {0x0300'2000, 0x100},  // GUEST_GICC_BASE, _SIZE
  };
  static constexpr gicv3_frames<1> v3{
      .distributor = {0x0300'1000, 0x1'0000},        // GUEST_GICV3_GICD_BASE, _SIZE
      .stride = 0x2'0000,                            // GUEST_GICV3_RDIST_STRIDE
      .redistributors = {{0x0302'0000, 0x20'0000}},  // GUEST_GICV3_GICR0_BASE, _SIZE: vCPU0 - vCPU15
  };
  /// GUEST_GICV3_RDIST_REGIONS, and all that Xen's emulator maps: BUILD_BUG_ON(GUEST_GICV3_RDIST_REGIONS != 1).
  static constexpr std::size_t most_redistributor_regions = 1;
  /// Stage 2 of a guest has 40 bits.
  static constexpr unsigned guest_physical_bits = 40;
  /// MAX_VIRT_CPUS of Xen 4.5.
  static constexpr std::uint64_t max_vcpus = 8;

  static constexpr range virtio_mmio{0x0200'0000, 0x10'0000};   // GUEST_VIRTIO_MMIO_BASE, _SIZE
  static constexpr range pl011{0x2200'0000, 0x1000};            // GUEST_PL011_BASE, _SIZE
  static constexpr range grant_table{0x3800'0000, 0x100'0000};  // GUEST_GNTTAB_BASE, _SIZE
  static constexpr range magic{0x3900'0000, 0x100'0000};        // GUEST_MAGIC_BASE, _SIZE
  static constexpr range ram{0x4000'0000, 0xc000'0000};         // GUEST_RAM0_BASE, _SIZE
  static constexpr range ram1{0x2'0000'0000, 0xfe'0000'0000};   // GUEST_RAM1_BASE, _SIZE
  static constexpr neighbour neighbours[]{{"virtio-mmio", virtio_mmio},
                                          {"pl011", pl011},
                                          {"grant-table", grant_table},
                                          {"magic", magic},
                                          {"ram", ram},
                                          {"ram1", ram1}};
};

/// What was committed to Xen 4.5: redistributors for vCPU0 - vCPU7 only.
struct xen_4_5_released : xen_4_5 {
  static constexpr const char* name = "xen-4.5-released";

  static constexpr gicv3_frames<1> v3{
      .distributor = xen_4_5::v3.distributor,
      .stride = xen_4_5::v3.stride,
      .redistributors = {{0x0302'0000, 0x10'0000}},  // GUEST_GICV3_GICR0_BASE, _SIZE
  };
};

}  // namespace layout
