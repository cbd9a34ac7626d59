// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: frames_constant | mine
#include <layout/require.hpp>

struct mine {
#ifdef UNBROKEN
  static constexpr bool at_run_time = true;
#endif
  static inline layout::gicv3_frames<1> v3{};
};

template struct layout::require<mine, layout::gic_version::v3, 8>;
