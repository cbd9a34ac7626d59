// SPDX-License-Identifier: BSL-1.0
// Rules about counts and sizes, at both sides of each limit, on values as a hypervisor has them at run time.
#include "catch.hpp"
#include "support/frames.hpp"

#include <layout/rules.hpp>

using namespace tests;
using layout::exceptions;
using layout::gic_version;
using layout::rule;
namespace check = layout::check;

TEST_CASE("vcpu_count: 1..8 on a GICv2, 1..512 on a GICv3") {
  for (const auto& [version, most] : {std::pair{gic_version::v2, 8u}, {gic_version::v3, 512u}}) {
    CHECK(check::vcpu_count(version, 1).kept());
    CHECK(check::vcpu_count(version, most).kept());
    CHECK(says(check::vcpu_count(version, 0), rule::vcpu_count, 0, 1));
    CHECK(says(check::vcpu_count(version, most + 1), rule::vcpu_count, most + 1, most));
    CHECK(says(check::vcpu_count(version, ~u64{0}), rule::vcpu_count, ~u64{0}, most));
  }
  static_assert(layout::vcpu_count<gic_version::v2, 8> && !layout::vcpu_count<gic_version::v2, 9>);
  static_assert(layout::vcpu_count<gic_version::v3, 512> && !layout::vcpu_count<gic_version::v3, 513>);
  static_assert(!layout::vcpu_count<gic_version::v2, 0> && !layout::vcpu_count<gic_version::v3, 0>);
}

TEST_CASE("spi_count: multiples of 32 from 32 to 960, and 988, and nothing else") {
  for (u64 spis = 0; spis <= 2000; ++spis) {
    CAPTURE(spis);
    const bool legal = (spis >= 32 && spis <= 960 && spis % 32 == 0) || spis == 988;
    const layout::verdict v = check::spi_count(spis);
    REQUIRE(v.kept() == legal);
    if (!legal) {
      REQUIRE(v.found == spis);
      REQUIRE(check::spi_count(v.wanted).kept());  // the number that it proposes is one
    }
  }
  CHECK(says(check::spi_count(~u64{0}), rule::spi_count, ~u64{0}, 988));
  static_assert(layout::spi_count<32> && layout::spi_count<960> && layout::spi_count<988>);
  static_assert(!layout::spi_count<0> && !layout::spi_count<33> && !layout::spi_count<987> && !layout::spi_count<992>);
}

TEST_CASE("guest_physical_bits: 32..52") {
  CHECK(says(check::guest_physical_bits(31), rule::guest_physical_bits, 31, 32));
  CHECK(check::guest_physical_bits(32).kept());
  CHECK(check::guest_physical_bits(52).kept());
  CHECK(says(check::guest_physical_bits(53), rule::guest_physical_bits, 53, 52));
  CHECK(says(check::guest_physical_bits(0), rule::guest_physical_bits, 0, 32));
  CHECK(says(check::guest_physical_bits(~0u), rule::guest_physical_bits, ~0u, 52));
}

TEST_CASE("distributor_size: 4 KiB on a GICv2, 64 KiB on a GICv3, or more") {
  auto two = gicv2();
  CHECK(check::distributor_size(two).kept());
  two.distributor.size = 0x1'0000;
  CHECK(check::distributor_size(two).kept());
  two.distributor.size = 0xfff;
  CHECK(says(check::distributor_size(two), rule::distributor_size, 0xfff, 0x1000));
  auto three = gicv3();
  CHECK(check::distributor_size(three).kept());
  three.distributor.size = 0xffff;
  CHECK(says(check::distributor_size(three), rule::distributor_size, 0xffff, 0x1'0000));
  three.distributor.size = 0;
  CHECK(says(check::distributor_size(three), rule::distributor_size, 0, 0x1'0000));
}

TEST_CASE("cpu_interface_size: up to GICC_DIR, GUEST_GICC_SIZE 0x100 of Xen 4.5 is an exception by name") {
  auto f = gicv2();
  CHECK(check::cpu_interface_size(f).kept());
  f.cpu_interface.size = 0x1fff;
  CHECK(says(check::cpu_interface_size(f), rule::cpu_interface_size, 0x1fff, 0x2000));
  f.cpu_interface = {0x0300'2000, 0x100};
  CHECK(says(check::cpu_interface_size(f), rule::cpu_interface_size, 0x100, 0x2000));
  CHECK(check::cpu_interface_size(f, exceptions::xen_abi).kept());
  for (const layout::range other : {layout::range{0x0300'2000, 0xff}, {0x0300'2000, 0x101}, {0x0300'3000, 0x100}}) {
    f.cpu_interface = other;
    CHECK(says(check::cpu_interface_size(f, exceptions::xen_abi), rule::cpu_interface_size, other.size, 0x2000));
  }
}

TEST_CASE("redistributor_regions: at least one, at most as the policy says (GUEST_GICV3_RDIST_REGIONS != 1)") {
  auto f = gicv3(1);
  CHECK(check::redistributor_regions(f, 1).kept());
  f.regions = 2;
  CHECK(says(check::redistributor_regions(f, 1), rule::redistributor_regions, 2, 1));
  CHECK(check::redistributor_regions(f).kept());
  f.regions = 32;
  CHECK(check::redistributor_regions(f).kept());
  f.regions = 33;
  CHECK(says(check::redistributor_regions(f), rule::redistributor_regions, 33, 32));
  f.regions = 0;
  CHECK(says(check::redistributor_regions(f), rule::redistributor_regions, 0, 1));
  f.regions = ~std::size_t{0};
  CHECK(says(layout::examine(f, 1), rule::redistributor_regions, ~u64{0}, 32));  // and reads none of them
}

TEST_CASE("redistributor_stride_power_of_two, for each power and its neighbours") {
  auto f = gicv3();
  for (unsigned bit = 0; bit < 64; ++bit) {
    CAPTURE(bit);
    f.stride = u64{1} << bit;
    CHECK(check::redistributor_stride_power_of_two(f).kept());
    if (bit < 2) continue;
    for (const u64 stride : {(u64{1} << bit) - 1, (u64{1} << bit) + 1}) {
      f.stride = stride;
      const layout::verdict v = check::redistributor_stride_power_of_two(f);
      CHECK(v.broken == rule::redistributor_stride_power_of_two);
      CHECK(v.found == stride);
      f.stride = v.wanted;  // what it proposes is legal
      CHECK(check::redistributor_stride_power_of_two(f).kept());
      CHECK(check::redistributor_stride_covers_frames(f).kept());
    }
  }
  f.stride = 0;
  CHECK(says(check::redistributor_stride_power_of_two(f), rule::redistributor_stride_power_of_two, 0, 0x2'0000));
}

TEST_CASE("redistributor_stride_covers_frames: an RD frame and an SGI frame, GUEST_GICV3_RDIST_STRIDE 0x20000") {
  auto f = gicv3();
  f.stride = 0x2'0000;
  CHECK(check::redistributor_stride_covers_frames(f).kept());
  f.stride = 0x1'ffff;
  CHECK(
      says(check::redistributor_stride_covers_frames(f), rule::redistributor_stride_covers_frames, 0x1'ffff, 0x2'0000));
  f.stride = 0x1'0000;
  CHECK(says(layout::examine(f, 1), rule::redistributor_stride_covers_frames, 0x1'0000, 0x2'0000));
}

TEST_CASE("redistributor_region_whole: every region a nonzero multiple of the stride") {
  auto f = gicv3(3);
  CHECK(check::redistributor_region_whole(f).kept());
  for (const u64 size : {u64{0}, u64{1}, u64{0x1'ffff}, u64{0x2'0001}, u64{0x3'0000}}) {
    f = gicv3(3);
    f.redistributors[2].size = size;
    const layout::verdict v = check::redistributor_region_whole(f);
    CHECK(says(v, rule::redistributor_region_whole, size, 0x2'0000));
    CHECK(v.first.what == layout::part::redistributors);
    CHECK(v.first.number == 2);
  }
  f.stride = 0;  // asked alone, it does not divide by it
  CHECK(check::redistributor_region_whole(f).broken == rule::redistributor_region_whole);
}

TEST_CASE("redistributor_capacity: BUILD_BUG_ON((GUEST_GICV3_GICR0_SIZE / GUEST_GICV3_RDIST_STRIDE) < MAX_VIRT_CPUS)") {
  auto f = gicv3(1, 8);
  CHECK(check::redistributor_capacity(f, 8).kept());
  CHECK(says(check::redistributor_capacity(f, 9), rule::redistributor_capacity, 8, 9));
  f = gicv3(3, 8);  // the same over several regions
  CHECK(check::redistributor_capacity(f, 24).kept());
  CHECK(says(check::redistributor_capacity(f, 25), rule::redistributor_capacity, 24, 25));
  f.redistributors[1].size = ~u64{0};
  CHECK(check::redistributor_capacity(f, 512).kept());
  CHECK(says(check::redistributor_capacity(f, ~u64{0}), rule::redistributor_capacity, 16 + (~u64{0} >> 17), ~u64{0}));
  for (layout::range& region : f.redistributors) region.size = ~u64{0};
  f.stride = 1;
  CHECK(check::redistributor_capacity(f, ~u64{0}).kept());  // more than a number holds
  f.stride = 0;
  CHECK(says(check::redistributor_capacity(f, 1), rule::redistributor_capacity, 0, 1));
}
