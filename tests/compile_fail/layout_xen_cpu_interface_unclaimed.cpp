// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: cpu_interface_size | '0x100' | '0x2000'
#include <layout/require.hpp>

struct mine {
#ifdef UNBROKEN
  using exceptions = layout::xen_abi;
#endif
  static constexpr layout::gicv2_frames v2{.distributor = {0x300'1000, 0x1000}, .cpu_interface = {0x300'2000, 0x100}};
};

template struct layout::require<mine, layout::gic_version::v2, 8>;
