// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: frame_in_guest_range | redistributors | '0xfffffe0000' | '0x40000' | 40
#include <layout/require.hpp>

struct mine {
  static constexpr unsigned guest_physical_bits = 40;
#ifdef UNBROKEN
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0xff'fffe'0000, 0x2'0000}}};
#else
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0xff'fffe'0000, 0x4'0000}}};
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 1>;
