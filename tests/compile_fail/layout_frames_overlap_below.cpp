// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: frames_disjoint | distributor | '0x3000000' | redistributors | '0x2e00000' | '0x220000'
#include <layout/require.hpp>

struct mine {
#ifdef UNBROKEN
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x2e0'0000, 0x20'0000}}};
#else
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x2e0'0000, 0x22'0000}}};
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 8>;
