// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: distributor_size | '0xfff' | '0x1000'
#include <layout/require.hpp>

struct mine {
#ifdef UNBROKEN
  static constexpr layout::gicv2_frames v2{.distributor = {0x300'0000, 0x1000}, .cpu_interface = {0x300'2000, 0x2000}};
#else
  static constexpr layout::gicv2_frames v2{.distributor = {0x300'0000, 0xfff}, .cpu_interface = {0x300'2000, 0x2000}};
#endif
};

template struct layout::require<mine, layout::gic_version::v2, 8>;
