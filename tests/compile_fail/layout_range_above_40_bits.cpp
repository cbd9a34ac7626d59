// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: frame_in_guest_range | distributor | '0x10000000000' | 40
#include <layout/require.hpp>

struct mine {
  static constexpr unsigned guest_physical_bits = 40;
#ifdef UNBROKEN
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0xff'ffff'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
#else
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x100'0000'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 8>;
