// SPDX-License-Identifier: BSL-1.0
// FIRST-LINES: cpu_interface_size | '0xff' | '0x2000'
#include <layout/require.hpp>

// GUEST_GICC_SIZE of Xen 4.5 is 0x100: an exception by name, and for that very size.
struct mine {
  using exceptions = layout::xen_abi;
#ifdef UNBROKEN
  static constexpr layout::gicv2_frames v2{.distributor = {0x300'1000, 0x1000}, .cpu_interface = {0x300'2000, 0x100}};
#else
  static constexpr layout::gicv2_frames v2{.distributor = {0x300'1000, 0x1000}, .cpu_interface = {0x300'2000, 0xff}};
#endif
};

template struct layout::require<mine, layout::gic_version::v2, 8>;
