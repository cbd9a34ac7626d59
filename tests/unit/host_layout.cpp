// SPDX-License-Identifier: BSL-1.0
// The hardware domain's layout, whose values come from the machine: gicv_v3_init's two branches, and a GIC that does
// the same with it as with constants.
#include "catch.hpp"
#include "support/vm.hpp"

#include <layout/host.hpp>

#include <random>

namespace {

using namespace tests;
using layout::range;

/// A machine like `L`, for one test: `Tag` keeps its values from those of the others.
template <class L, class Tag>
layout::verdict become(u32 vcpus) {
  return layout::host<4, Tag>::set(L::v3.distributor, L::v3.stride, L::v3.redistributors, L::v3.regions, vcpus);
}

struct two_regions {
  static constexpr layout::gicv3_frames<2> v3{.distributor = {0x2f00'0000, 0x1'0000},
                                              .stride = 0x4'0000,
                                              .redistributors = {{0x2f10'0000, 0xc'0000}, {0x40'0000'0000, 0x20'0000}}};
};
struct one_region {
  static constexpr layout::gicv3_frames<1> v3 = layout::qemu_virt::v3;
};

/// One access of a guest: anywhere near a frame, or anywhere.
struct guest_of {
  std::mt19937_64 random{20141101};

  template <class Frames>
  guest_address address(const Frames& frames) {
    const u64 offset = random() % 0x10'0000 & ~(random() % 4 == 0 ? u64{0} : u64{7});
    switch (random() % 4) {
      case 0: return guest_address{frames.distributor.base + offset % 0x1'1000};
      case 1: return guest_address{frames.redistributors[0].base + offset};
      case 2: return guest_address{frames.redistributors[frames.regions - 1].base + offset};
      default: return guest_address{random() >> 20};
    }
  }
};

template <class L, class Host>
void same_transcript(u32 vcpus) {
  using fixed = config<gicv3, all_features, 4, 8, 256, L>;
  using machine = config<gicv3, all_features, 4, 8, 256, Host>;
  machine_under_test<fixed> a{vcpus, 64};
  machine_under_test<machine> b{vcpus, 64};
  REQUIRE(a.started == result::ok);
  REQUIRE(b.started == result::ok);
  guest_of guest;
  u32 owned = 0;
  for (u32 i = 0; i < 200'000; ++i) {
    const guest_address at = guest.address(L::v3);
    const auto size = static_cast<width>(1u << guest.random() % 4);
    const vcpu_id v = vcpu(static_cast<u32>(guest.random() % vcpus));
    REQUIRE(a.g.owns(at) == b.g.owns(at));
    owned += a.g.owns(at);
    if (guest.random() % 2 == 0) {
      REQUIRE(a.g.read(v, at, size) == b.g.read(v, at, size));
    } else {
      const u64 value = guest.random();
      a.g.write(v, at, size, value);
      b.g.write(v, at, size, value);
    }
  }
  CHECK(owned > 50'000);
}

}  // namespace

TEMPLATE_TEST_CASE("a GIC does the same with the machine's frames as with constants of the same values", "", one_region,
                   two_regions) {
  struct tag {};
  using machine = layout::host<4, std::pair<tag, TestType>>;
  REQUIRE(become<TestType, std::pair<tag, TestType>>(8).kept());
  same_transcript<TestType, machine>(8);
}

TEST_CASE("gicv_v3_init: the hardware domain gets the host's own addresses and regions, every other the guest layout") {
  struct tag {};
  using machine = layout::host<4, tag>;
  REQUIRE(become<two_regions, tag>(8).kept());

  const auto dom0 = layout::gicv3_seen_by<layout::xen_4_5, machine>(layout::domain_kind::hardware);
  CHECK(dom0.distributor == range{0x2f00'0000, 0x1'0000});
  CHECK(dom0.regions == 2);
  CHECK(dom0.stride == 0x4'0000);
  CHECK(dom0.redistributors[0] == range{0x2f10'0000, 0xc'0000});
  CHECK(dom0.redistributors[1] == range{0x40'0000'0000, 0x20'0000});

  const auto domu = layout::gicv3_seen_by<layout::xen_4_5, machine>(layout::domain_kind::guest);
  CHECK(domu.distributor == range{0x0300'1000, 0x1'0000});         // dbase, dbase_size: GUEST_GICV3_GICD_BASE, _SIZE
  CHECK(domu.regions == 1);                                        // rdist_count: GUEST_GICV3_RDIST_REGIONS
  CHECK(domu.stride == 0x2'0000);                                  // rdist_stride: GUEST_GICV3_RDIST_STRIDE
  CHECK(domu.redistributors[0] == range{0x0302'0000, 0x20'0000});  // rbase[0], rbase_size[0]: GUEST_GICV3_GICR0_*
}

TEST_CASE("a machine that does not say its stride has two frames a redistributor") {
  struct tag {};
  using machine = layout::host<1, tag>;
  const range region{0x080a'0000, 0x10'0000};
  REQUIRE(machine::set({0x0800'0000, 0x1'0000}, 0, &region, 1, 8).kept());
  CHECK(machine::v3.stride == 0x2'0000);
  CHECK(machine::v3.capacity() == 8);
}

TEST_CASE("what the machine says is examined as the constants of a layout are, and kept only if it is right") {
  struct tag {};
  using machine = layout::host<2, tag>;
  const range distributor{0x0800'0000, 0x1'0000};
  const range regions[] = {{0x080a'0000, 0x10'0000}, {0x0900'0000, 0x10'0000}, {0x0a00'0000, 0x10'0000}};
  const auto broken = [&](range d, u64 stride, const range* r, std::size_t n, u64 vcpus) {
    return machine::set(d, stride, r, n, vcpus).broken;
  };
  CHECK(broken(distributor, 0x2'0000, regions, 2, 17) == layout::rule::redistributor_capacity);
  CHECK(broken(distributor, 0x2'0000, regions, 3, 8) == layout::rule::redistributor_regions);
  CHECK(broken(distributor, 0x2'0000, regions, 0, 8) == layout::rule::redistributor_regions);
  CHECK(broken(distributor, 0x3'0000, regions, 2, 8) == layout::rule::redistributor_stride_power_of_two);
  CHECK(broken(distributor, 0x1'0000, regions, 2, 8) == layout::rule::redistributor_stride_covers_frames);
  CHECK(broken({0x0800'1000, 0x1'0000}, 0x2'0000, regions, 2, 8) == layout::rule::frame_alignment);
  CHECK(broken({0x0901'0000, 0x1'0000}, 0x2'0000, regions, 2, 8) == layout::rule::frames_disjoint);
  CHECK(machine::v3.regions == 0);
  CHECK(broken(distributor, 0x2'0000, regions, 2, 16) == layout::rule::none);
  CHECK(machine::v3.regions == 2);
}

TEST_CASE("a GIC whose machine is not known yet, or has too few redistributors, does not start") {
  struct tag {};
  using machine = layout::host<1, tag>;
  using configuration = config<gicv3, all_features, 4, 8, 256, machine>;
  static gic<configuration> g{};
  CHECK(g.start({.vcpus = 1, .spis = 32, .list_registers = 4}) == result::bad_layout);
  const range region{0x080a'0000, 0x8'0000};
  REQUIRE(machine::set({0x0800'0000, 0x1'0000}, 0x2'0000, &region, 1, 4).kept());
  CHECK(g.start({.vcpus = 5, .spis = 32, .list_registers = 4}) == result::bad_layout);
  CHECK(g.start({.vcpus = 4, .spis = 32, .list_registers = 4}) == result::ok);
}

TEST_CASE("the hardware domain's GICv2 is where the machine has it") {
  struct tag {};
  using machine = layout::host<1, tag>;
  using configuration = config<gicv2, all_features, 4, 8, 256, machine>;
  static gic<configuration> g{};
  CHECK(g.start({.vcpus = 1, .spis = 32, .list_registers = 4}) == result::bad_layout);
  CHECK(machine::set({{0x0800'0000, 0x1000}, {0x0801'0000, 0x1000}}, 8).broken == layout::rule::cpu_interface_size);
  REQUIRE(machine::set({{0x0800'0000, 0x1000}, {0x0801'0000, 0x2000}}, 8).kept());
  REQUIRE(g.start({.vcpus = 8, .spis = 32, .list_registers = 4}) == result::ok);
  CHECK(g.owns(guest_address{0x0800'0fff}));
  CHECK_FALSE(g.owns(guest_address{0x0800'1000}));
  CHECK(g.read(vcpu(0), guest_address{0x0800'0004}, width::word) == (7u << 5 | 1u));
}
