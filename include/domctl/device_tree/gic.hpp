// SPDX-License-Identifier: BSL-1.0
/// \file
/// The device-tree node of a guest's interrupt controller, property for property as Xen's toolstack writes it.
#pragma once

#include <domctl/device_tree/writer.hpp>
#include <layout/layout.hpp>

#include <cstddef>
#include <cstdint>

namespace domctl {

/// The handle by which other nodes name the interrupt controller: GUEST_PHANDLE_GIC of Xen's public device_tree_defs.h.
/// Far up, so that nodes copied from elsewhere may keep their own handles from 1 on.
inline constexpr std::uint32_t phandle_gic = 65000;

namespace detail {

template <tree_buffer Buffer>
void gic_phandle(tree_writer<Buffer>& tree) {
  // The first is for kernels older than Linux 3.4 or so; the second is the standard one.
  tree.cell("linux,phandle", phandle_gic);
  tree.cell("phandle", phandle_gic);
}

}  // namespace detail

/// libxl's make_gicv2_node: `interrupt-controller@<distributor>` with distributor and CPU interface, each with its own
/// size. To be called below a root with #address-cells 2 and #size-cells 2.
template <tree_buffer Buffer>
void make_gicv2_node(tree_writer<Buffer>& tree, const layout::gicv2_frames& frames) {
  tree.node("interrupt-controller", frames.distributor.base, [&] {
    tree.strings("compatible", {"arm,cortex-a15-gic", "arm,cortex-a9-gic"});
    tree.cell("#interrupt-cells", 3);
    tree.cell("#address-cells", 0);
    tree.flag("interrupt-controller");
    tree.pairs("reg", {frames.distributor.base, frames.distributor.size,  //
                       frames.cpu_interface.base, frames.cpu_interface.size});
    detail::gic_phandle(tree);
  });
}

/// libxl's make_gicv3_node: `interrupt-controller@<distributor>` with distributor and every redistributor region.
/// `frames` is a layout::gicv3_frames, or has its members. To be called below a root with #address-cells 2 and
/// #size-cells 2.
template <tree_buffer Buffer, class Frames>
void make_gicv3_node(tree_writer<Buffer>& tree, const Frames& frames) {
  const std::size_t regions = frames.regions;
  tree.node("interrupt-controller", frames.distributor.base, [&] {
    tree.string("compatible", "arm,gic-v3");
    tree.cell("#interrupt-cells", 3);
    tree.cell("#address-cells", 0);
    tree.flag("interrupt-controller");
    // Two cells, where Xen writes one: Linux reads 64 bits and passes over a property that is shorter, and the
    // binding's example has two.
    tree.pairs("redistributor-stride", {std::uint64_t{frames.stride}});
    tree.cell("#redistributor-regions", static_cast<std::uint32_t>(regions));
    tree.pairs("reg", 2 + 2 * regions, [&](std::size_t i) -> std::uint64_t {
      const layout::range& frame = i < 2 ? frames.distributor : frames.redistributors[i / 2 - 1];
      return i % 2 == 0 ? frame.base : frame.size;
    });
    detail::gic_phandle(tree);
  });
}

}  // namespace domctl
