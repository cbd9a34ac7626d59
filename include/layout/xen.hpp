// SPDX-License-Identifier: BSL-1.0
/// \file
/// The guest-physical layout of Xen on Arm (xen/include/public/arch-arm.h).
#pragma once

#include <layout/layout.hpp>

namespace layout {

/// The layout of the GICv3 guest patch for Xen 4.5. GUEST_* names in the comments are Xen's own.
/// The GICv3 distributor is not aligned to its 64 KiB: that is Xen's ABI.
struct xen_4_5 {
  static constexpr const char* name = "xen-4.5";

  static constexpr gicv2_frames v2{
      .distributor = {0x0300'1000, 0x1000},   // GUEST_GICD_BASE, _SIZE
      .cpu_interface = {0x0300'2000, 0x100},  // GUEST_GICC_BASE, _SIZE
  };
  static constexpr gicv3_frames<1> v3{
      .distributor = {0x0300'1000, 0x1'0000},        // GUEST_GICV3_GICD_BASE, _SIZE
      .stride = 0x2'0000,                            // GUEST_GICV3_RDIST_STRIDE
      .redistributors = {{0x0302'0000, 0x20'0000}},  // GUEST_GICV3_GICR0_BASE, _SIZE: vCPU0 - vCPU15
  };
  static constexpr range virtio_mmio{0x0200'0000, 0x10'0000};   // GUEST_VIRTIO_MMIO_BASE, _SIZE
  static constexpr range pl011{0x2200'0000, 0x1000};            // GUEST_PL011_BASE, _SIZE
  static constexpr range grant_table{0x3800'0000, 0x100'0000};  // GUEST_GNTTAB_BASE, _SIZE
  static constexpr range ram{0x4000'0000, 0xc000'0000};         // GUEST_RAM0_BASE, _SIZE
  static constexpr neighbour neighbours[]{
      {"virtio-mmio", virtio_mmio}, {"pl011", pl011}, {"grant-table", grant_table}, {"ram", ram}};
};

}  // namespace layout
