// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>

using layout::range;

namespace {

struct only_v2 {
  static constexpr layout::gicv2_frames v2{.distributor = {0x1000, 0x1000}, .cpu_interface = {0x2000, 0x1000}};
};
struct only_v3 {
  static constexpr layout::gicv3_frames<2> v3{.distributor = {0, 0x1'0000},
                                              .stride = 0x2'0000,
                                              .redistributors = {{0x10'0000, 0x6'0000}, {0x20'0000, 0x5'0000}}};
};
struct nothing {};
struct wrong {
  static constexpr int v2 = 0;
  static constexpr int v3 = 0;
};

static_assert(layout::has_gicv2<layout::xen_4_5> && layout::has_gicv3<layout::xen_4_5>);
static_assert(layout::has_gicv2<layout::qemu_virt> && layout::has_gicv3<layout::qemu_virt>);
static_assert(layout::has_gicv2<only_v2> && !layout::has_gicv3<only_v2>);
static_assert(!layout::has_gicv2<only_v3> && layout::has_gicv3<only_v3>);
static_assert(!layout::has_gicv2<nothing> && !layout::has_gicv3<nothing>);
static_assert(!layout::has_gicv2<wrong> && !layout::has_gicv3<wrong>);

}  // namespace

TEST_CASE("a range contains its first byte and not the one behind its last") {
  constexpr range r{0x1000, 0x100};
  static_assert(r.end() == 0x1100);
  CHECK(r.contains(0x1000));
  CHECK(r.contains(0x10ff));
  CHECK_FALSE(r.contains(0x1100));
  CHECK_FALSE(r.contains(0xfff));
  CHECK_FALSE(r.contains(0));
  CHECK_FALSE(r.contains(~std::uint64_t{0}));
  CHECK_FALSE(range{0x1000, 0}.contains(0x1000));
}

TEST_CASE("ranges overlap if they share a byte") {
  constexpr range r{0x1000, 0x1000};
  CHECK(r.overlaps(r));
  CHECK(r.overlaps({0x1fff, 1}));
  CHECK(r.overlaps({0, 0x1001}));
  CHECK(r.overlaps({0x1400, 0x10}));
  CHECK(r.overlaps({0, 0x10000}));
  CHECK_FALSE(r.overlaps({0x2000, 0x1000}));
  CHECK_FALSE(r.overlaps({0, 0x1000}));
}

TEST_CASE("redistributors fill their regions in whole strides") {
  CHECK(only_v3::v3.capacity(0) == 3);
  CHECK(only_v3::v3.capacity(1) == 2);  // half a stride at the end holds none
  CHECK(only_v3::v3.capacity() == 5);
  CHECK(layout::xen_4_5::v3.capacity() == 16);
  CHECK(layout::qemu_virt::v3.capacity() == 123);
}

TEST_CASE("the layouts are those of their machines") {
  // xen/include/public/arch-arm.h
  CHECK(layout::xen_4_5::v2.distributor == range{0x0300'1000, 0x1000});
  CHECK(layout::xen_4_5::v3.distributor == range{0x0300'1000, 0x1'0000});
  CHECK(layout::xen_4_5::v3.redistributors[0].base == 0x0302'0000);
  CHECK(layout::xen_4_5::ram.base == 0x4000'0000);
  // hw/arm/virt.c
  CHECK(layout::qemu_virt::v2.distributor.base == 0x0800'0000);
  CHECK(layout::qemu_virt::v2.cpu_interface.base == 0x0801'0000);
  CHECK(layout::qemu_virt::v3.distributor == range{0x0800'0000, 0x1'0000});
  CHECK(layout::qemu_virt::v3.redistributors[0] == range{0x080a'0000, 0xf6'0000});
  CHECK(layout::qemu_virt::ram.base == 0x4000'0000);
}

namespace {

template <class L>
void neighbours_are_apart() {
  const range neighbours[] = {L::ram, L::pl011, L::virtio_mmio};
  for (const range& n : neighbours) {
    CHECK_FALSE(n.overlaps(L::v2.distributor));
    CHECK_FALSE(n.overlaps(L::v2.cpu_interface));
    CHECK_FALSE(n.overlaps(L::v3.distributor));
    CHECK_FALSE(n.overlaps(L::v3.redistributors[0]));
  }
  CHECK_FALSE(L::v2.distributor.overlaps(L::v2.cpu_interface));
  CHECK_FALSE(L::v3.distributor.overlaps(L::v3.redistributors[0]));
  CHECK(L::v3.redistributors[0].base % 0x1'0000 == 0);
  CHECK(L::v3.stride == 0x2'0000);
}

}  // namespace

TEST_CASE("frames keep clear of each other, of devices and of RAM") {
  neighbours_are_apart<layout::xen_4_5>();
  neighbours_are_apart<layout::qemu_virt>();
}
