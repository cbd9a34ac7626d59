// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: frames_clear_of_neighbours | distributor | '0x3000000' | 'uart' | '0x2fff000' | '0x1001'
#include <layout/require.hpp>

struct mine {
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
#ifdef UNBROKEN
  static constexpr layout::neighbour neighbours[]{{"uart", {0x2ff'f000, 0x1000}}};
#else
  static constexpr layout::neighbour neighbours[]{{"uart", {0x2ff'f000, 0x1001}}};
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 8>;
