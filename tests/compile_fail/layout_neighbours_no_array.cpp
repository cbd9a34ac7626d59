// SPDX-License-Identifier: BSL-1.0
// EXPECT: neighbours: must be an array of layout::neighbour
#include <layout/require.hpp>

inline constexpr layout::neighbour uart[]{{"uart", {0x900'0000, 0x1000}}};

struct mine {
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
#ifdef UNBROKEN
  static constexpr layout::neighbour neighbours[]{uart[0]};
#else
  static constexpr const layout::neighbour* neighbours = uart;
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 16>;
