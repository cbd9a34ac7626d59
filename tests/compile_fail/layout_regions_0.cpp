// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: redistributor_regions | 0 | 1
#include <layout/require.hpp>

struct frames {
  layout::range distributor;
  std::uint64_t stride;
  std::size_t regions;
  layout::range redistributors[1];
};

struct mine {
#ifdef UNBROKEN
  static constexpr frames v3{{0, 0x1'0000}, 0x2'0000, 1, {{0x100'0000, 0x2'0000}}};
#else
  static constexpr frames v3{{0, 0x1'0000}, 0x2'0000, 0, {{0x100'0000, 0x2'0000}}};
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 1>;
