// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: frame_alignment | distributor | '0x11000' | '0x1000' | '0x10000'
#include <layout/require.hpp>

struct mine {
  using exceptions = layout::xen_abi;
#ifdef UNBROKEN
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'1000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
#else
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'1000, 0x1'1000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 8>;
