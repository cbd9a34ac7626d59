// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: redistributor_region_whole | redistributors | 1 | '0x4000000' | '0x0' | '0x20000'
#include <layout/require.hpp>

struct mine {
#ifdef UNBROKEN
  static constexpr layout::gicv3_frames<2> v3{.distributor = {0x300'0000, 0x1'0000},
                                              .stride = 0x2'0000,
                                              .redistributors = {{0x302'0000, 0x20'0000}, {0x400'0000, 0x2'0000}}};
#else
  static constexpr layout::gicv3_frames<2> v3{.distributor = {0x300'0000, 0x1'0000},
                                              .stride = 0x2'0000,
                                              .redistributors = {{0x302'0000, 0x20'0000}, {0x400'0000, 0}}};
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 8>;
