// SPDX-License-Identifier: BSL-1.0
/// \file
/// A guest-physical layout as a hypervisor writes its own: constants of a type. CMakeLists.txt beside this file has it
/// checked with the build.
#pragma once

#include <layout/layout.hpp>

#include <cstddef>

/// Two redistributor regions, because a device was already at 0x0890'0000 when the ninth vCPU was asked for.
struct my_layout {
  static constexpr const char* name = "my-layout";

  static constexpr layout::gicv3_frames<2> v3{
      .distributor = {0x0800'0000, 0x1'0000},
      .stride = 0x2'0000,  // an RD and an SGI frame
      .redistributors = {{0x0880'0000, 0x10'0000}, {0x08a0'0000, 0x30'0000}},
  };

  /// What the frames must not cover, nor one another.
  static constexpr layout::neighbour neighbours[]{
      {"flash", {0x0000'0000, 0x0800'0000}},
      {"watchdog", {0x0890'0000, 0x1000}},
      {"uart", {0x0900'0000, 0x1000}},
      {"ram", {0x4000'0000, 0x8000'0000}},
  };
  static constexpr unsigned guest_physical_bits = 36;           ///< VTCR_EL2.T0SZ = 28; 48 if not given
  static constexpr std::size_t most_redistributor_regions = 2;  ///< what our emulator maps; 32 if not given
};
