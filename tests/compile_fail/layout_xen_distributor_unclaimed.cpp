// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: frame_alignment | distributor | '0x3001000' | '0x1000' | '0x10000'
#include <layout/require.hpp>

// Xen's historical distributor: allowed by name only.
struct mine {
#ifdef UNBROKEN
  using exceptions = layout::xen_abi;
#endif
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'1000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
};

template struct layout::require<mine, layout::gic_version::v3, 16>;
