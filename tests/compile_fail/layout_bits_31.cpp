// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: guest_physical_bits | 31 | 32
#include <layout/require.hpp>

struct mine {
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
#ifdef UNBROKEN
  static constexpr unsigned guest_physical_bits = 32;
#else
  static constexpr unsigned guest_physical_bits = 31;
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 8>;
