// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: frame_in_guest_range | redistributors | '0xfffffffffffe0000' | '0x40000' | 48
#include <layout/require.hpp>

// base + size is 0x20000 here.
struct mine {
#ifdef UNBROKEN
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0xffff'fffe'0000, 0x2'0000}}};
#else
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0xffff'ffff'fffe'0000, 0x4'0000}}};
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 1>;
