// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: redistributor_regions | 2 | 1
#include <layout/require.hpp>

// BUILD_BUG_ON(GUEST_GICV3_RDIST_REGIONS != 1), as the policies of Xen's layouts have it.
struct mine {
  static constexpr std::size_t most_redistributor_regions = 1;
#ifdef UNBROKEN
  static constexpr layout::gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
#else
  static constexpr layout::gicv3_frames<2> v3{.distributor = {0x300'0000, 0x1'0000},
                                              .stride = 0x2'0000,
                                              .redistributors = {{0x302'0000, 0x20'0000}, {0x400'0000, 0x20'0000}}};
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 8>;
