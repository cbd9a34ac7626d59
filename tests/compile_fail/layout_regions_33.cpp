// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: redistributor_regions | 33 | 32
#include <layout/require.hpp>

template <std::size_t N>
constexpr layout::gicv3_frames<N> regions() {
  layout::gicv3_frames<N> f{.distributor = {0, 0x1'0000}, .stride = 0x2'0000, .redistributors = {}};
  for (std::uint64_t r = 0; r < N; ++r) f.redistributors[r] = {0x100'0000 + r * 0x10'0000, 0x2'0000};
  return f;
}

struct mine {
#ifdef UNBROKEN
  static constexpr auto v3 = regions<32>();
#else
  static constexpr auto v3 = regions<33>();
#endif
};

template struct layout::require<mine, layout::gic_version::v3, 8>;
