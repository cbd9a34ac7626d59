// SPDX-License-Identifier: BSL-1.0
/// \file
/// The memory map of QEMU's `virt` machine.
#pragma once

#include <layout/layout.hpp>

#include <cstdint>

namespace layout {

/// QEMU's `-machine virt` (7.2): guest frames at the same addresses as the machine's own.
struct qemu_virt {
  static constexpr const char* name = "qemu-virt";

  static constexpr gicv2_frames v2{
      .distributor = {0x0800'0000, 0x1000},
      .cpu_interface = {0x0801'0000, 0x2000},
  };
  static constexpr gicv3_frames<1> v3{
      .distributor = {0x0800'0000, 0x1'0000},
      .stride = 0x2'0000,
      .redistributors = {{0x080a'0000, 0xf6'0000}},
  };
  static constexpr std::uint64_t max_vcpus = 123;  ///< what region 0 holds; QEMU puts more into another, above RAM

  static constexpr range pl011{0x0900'0000, 0x1000};
  static constexpr range virtio_mmio{0x0a00'0000, 0x4000};
  static constexpr range ram{0x4000'0000, 0xff'0000'0000};
  static constexpr neighbour neighbours[]{{"pl011", pl011}, {"virtio-mmio", virtio_mmio}, {"ram", ram}};
};

}  // namespace layout
