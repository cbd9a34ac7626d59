// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: redistributor_capacity | 15 | 16
#include <layout/require.hpp>

struct mine {
#ifdef UNBROKEN
  static constexpr layout::gicv3_frames<2> v3{.distributor = {0x300'0000, 0x1'0000},
                                              .stride = 0x2'0000,
                                              .redistributors = {{0x302'0000, 0x10'0000}, {0x400'0000, 0x10'0000}}};
#else
  static constexpr layout::gicv3_frames<2> v3{.distributor = {0x300'0000, 0x1'0000},
                                              .stride = 0x2'0000,
                                              .redistributors = {{0x302'0000, 0x10'0000}, {0x400'0000, 0xe'0000}}};
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 16>;
