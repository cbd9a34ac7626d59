// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: xen_abi_address | '0x3000000' | '0x3001000'
#include <layout/require.hpp>

struct mine {
  using exceptions = layout::xen_abi;
#ifdef UNBROKEN
  static constexpr layout::gicv2_frames v2{.distributor = {0x300'1000, 0x1000}, .cpu_interface = {0x300'2000, 0x2000}};
#else
  static constexpr layout::gicv2_frames v2{.distributor = {0x300'0000, 0x1000}, .cpu_interface = {0x300'2000, 0x2000}};
#endif
};

template struct layout::require<mine, layout::gic_version::v2, 8>;
