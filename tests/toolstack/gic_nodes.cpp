// SPDX-License-Identifier: BSL-1.0
/// \file
/// make_gicv2_node and make_gicv3_node, as dtc reads what they write.
#include "catch.hpp"

#include <domctl/device_tree/gic.hpp>
#include <domctl/device_tree/writer.hpp>
#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>

#include <string>

#include "tools.hpp"

using tests::bytes;

namespace {

/// A root as Xen's, and `content` in it.
template <class Content>
bytes tree_of(Content content) {
  bytes buffer;
  domctl::tree_writer tree{buffer};
  tree.root([&] {
    tree.cell("interrupt-parent", domctl::phandle_gic);
    tree.cell("#address-cells", 2);
    tree.cell("#size-cells", 2);
    content(tree);
  });
  const domctl::tree_status status = tree.finish();
  REQUIRE(status.ok());
  buffer.resize(status.size);
  return buffer;
}

/// Three regions, of which one lies above 4 GiB, and a stride with room for GICv4's frames.
struct scattered {
  static constexpr layout::gicv3_frames<3> v3{
      .distributor = {0x1'0800'0000, 0x1'0000},
      .stride = 0x4'0000,
      .redistributors = {{0x1'0810'0000, 0x10'0000}, {0x1'0900'0000, 0x8'0000}, {0x20'0000'0000, 0x100'0000}}};
};

/// Frames that are read from a machine: the members of gicv3_frames, with a number of regions that no type has.
struct machine_frames {
  layout::range distributor;
  std::uint64_t stride;
  std::uint32_t regions;
  const layout::range* redistributors;
};

}  // namespace

TEST_CASE("make_gicv2_node: each property in Xen's order, the CPU interface with its own size, not GUEST_GICD_SIZE") {
  const tests::ran dts = tests::decompile(tree_of([](auto& t) { make_gicv2_node(t, layout::xen_4_5::v2); }));
  REQUIRE(dts.status == 0);
  CHECK(dts.out == tests::expected("gicv2-xen-4.5.dts"));
  CHECK(dts.err.empty());  // dtc has nothing to warn of
}

TEST_CASE("make_gicv3_node: each property in Xen's order, one region, the stride in two cells") {
  const tests::ran dts = tests::decompile(tree_of([](auto& t) { make_gicv3_node(t, layout::xen_4_5::v3); }));
  REQUIRE(dts.status == 0);
  CHECK(dts.out == tests::expected("gicv3-xen-4.5.dts"));
  CHECK(dts.err.empty());  // dtc has nothing to warn of
}

TEST_CASE("make_gicv3_node: several redistributor regions, beyond 4 GiB too") {
  const tests::ran dts = tests::decompile(tree_of([](auto& t) { make_gicv3_node(t, scattered::v3); }));
  REQUIRE(dts.status == 0);
  CHECK(dts.out == tests::expected("gicv3-scattered.dts"));
  CHECK(dts.err.empty());  // dtc has nothing to warn of
}

TEST_CASE("make_gicv3_node: frames that are known at run time, as the hardware domain's, give the same node") {
  const machine_frames machine{scattered::v3.distributor, scattered::v3.stride, 3, scattered::v3.redistributors};
  CHECK(tree_of([&](auto& t) { make_gicv3_node(t, machine); }) ==
        tree_of([](auto& t) { make_gicv3_node(t, scattered::v3); }));
}

TEST_CASE("GIC nodes of QEMU's layout: its own bases and sizes") {
  const tests::ran v2 = tests::decompile(tree_of([](auto& t) { make_gicv2_node(t, layout::qemu_virt::v2); }));
  CHECK(v2.err.empty());
  CHECK(v2.out == tests::expected("gicv2-qemu-virt.dts"));
  const tests::ran v3 = tests::decompile(tree_of([](auto& t) { make_gicv3_node(t, layout::qemu_virt::v3); }));
  CHECK(v3.err.empty());
  CHECK(v3.out == tests::expected("gicv3-qemu-virt.dts"));
}
