// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: frames_clear_of_neighbours | cpu_interface | '0x3002000' | '0x2000' | 'uart' | '0x3003fff' | '0x1'
#include <layout/require.hpp>

struct mine {
  static constexpr layout::gicv2_frames v2{.distributor = {0x300'1000, 0x1000}, .cpu_interface = {0x300'2000, 0x2000}};
#ifdef UNBROKEN
  static constexpr layout::neighbour neighbours[]{{"uart", {0x300'4000, 1}}};
#else
  static constexpr layout::neighbour neighbours[]{{"uart", {0x300'3fff, 1}}};
#endif
};

template struct layout::require<mine, layout::gic_version::v2, 8>;
