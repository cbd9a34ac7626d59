// SPDX-License-Identifier: BSL-1.0
/// \file
/// Layouts whose costs are compared: constants, and the same frames known at run time only.
#pragma once

#include <bench/suites/configuration.hpp>
#include <layout/host.hpp>
#include <layout/qemu_virt.hpp>

#include <string>

namespace bench {

/// Redistributors in four regions, two in each, between other devices and above RAM.
struct split_layout {
  static constexpr const char* name = "four regions";
  static constexpr layout::gicv3_frames<4> v3{
      .distributor = {0x0800'0000, 0x1'0000},
      .stride = 0x2'0000,
      .redistributors = {{0x080a'0000, 0x4'0000},
                         {0x0c00'0000, 0x4'0000},
                         {0x2000'0000, 0x4'0000},
                         {0x40'0000'0000, 0x4'0000}},
  };
};

/// The frames of layout `L`, but read at run time, as a hypervisor has them from its machine's device tree.
template <class L>
struct read_at_run_time : layout::host<4, L> {
  using constants = L;

  /// Puts the frames there, for a GIC of this version with so many vCPUs.
  static void set_frames(u32 version, u64 vcpus) {
    layout::verdict v{};
    if constexpr (layout::has_gicv2<L>)
      if (version == 2) v = layout::host<4, L>::set(L::v2, vcpus);
    if constexpr (layout::has_gicv3<L>)
      if (version == 3)
        v = layout::host<4, L>::set(L::v3.distributor, L::v3.stride, L::v3.redistributors, L::v3.regions, vcpus);
    if (!v.kept()) __builtin_trap();
  }
};

/// What to call a layout.
template <class L>
[[nodiscard]] std::string layout_name() {
  if constexpr (requires { typename L::constants; })
    return layout_name<typename L::constants>() + " at run time";
  else if constexpr (requires { L::name; })
    return L::name;
  else
    return "its own";
}

}  // namespace bench
