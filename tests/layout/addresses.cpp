// SPDX-License-Identifier: BSL-1.0
// Rules about where frames and neighbours lie, one byte to both sides of each limit.
#include "catch.hpp"
#include "support/frames.hpp"

#include <layout/rules.hpp>
#include <layout/xen.hpp>

#include <string>

using namespace tests;
using layout::exceptions;
using layout::neighbour;
using layout::part;
using layout::range;
using layout::rule;
using layout::surroundings;
namespace check = layout::check;

TEST_CASE("a range overlaps another by one byte, also at the end of the address space") {
  constexpr range top{~u64{0} - 0xfff, 0x1000};  // its end is 0
  CHECK(top.overlaps(top));
  CHECK(top.overlaps({~u64{0}, 1}));
  CHECK(top.overlaps({top.base - 1, 2}));
  CHECK_FALSE(top.overlaps({top.base - 1, 1}));
  CHECK_FALSE(top.overlaps({0, 0x1000}));
  CHECK_FALSE(range{0, 0x1000}.overlaps(top));
  CHECK_FALSE(range({0x1000, 0}).overlaps({0, 0x1'0000}));
  CHECK_FALSE(range({0, 0x1'0000}).overlaps({0x1000, 0}));
}

TEST_CASE("frame_alignment: 4 KiB on a GICv2") {
  for (const bool interface : {false, true}) {
    for (const u64 off : {u64{1}, u64{0x800}, u64{0xfff}}) {
      auto f = gicv2();
      range& moved = interface ? f.cpu_interface : f.distributor;
      moved.base += off;
      const layout::verdict v = check::frame_alignment(f);
      CHECK(says(v, rule::frame_alignment, interface ? part::cpu_interface : part::distributor, moved));
      CHECK(v.found == (off == 0x800 ? 0x800u : 1u));
      CHECK(v.wanted == 0x1000);
    }
  }
  auto f = gicv2();
  f.distributor.base += 0x1000;
  CHECK(check::frame_alignment(f).kept());
}

TEST_CASE("frame_alignment: 64 KiB on a GICv3, the distributor and each region") {
  auto f = gicv3(3);
  CHECK(check::frame_alignment(f).kept());
  f.distributor.base -= 0x1000;
  CHECK(says(check::frame_alignment(f), rule::frame_alignment, 0x1000, 0x1'0000));
  for (std::size_t r = 0; r < 3; ++r) {
    f = gicv3(3);
    f.redistributors[r].base += 0x8000;
    const layout::verdict v = check::frame_alignment(f, exceptions::xen_abi);
    CHECK(says(v, rule::frame_alignment, part::redistributors, f.redistributors[r]));
    CHECK(v.first.number == r);
    CHECK(v.found == 0x8000);
  }
}

TEST_CASE("GUEST_GICV3_GICD_BASE is not 64 KiB aligned: allowed by name, at Xen's address and size alone") {
  auto f = gicv3();
  f.distributor = {0x0300'1000, 0x1'0000};
  CHECK(check::frame_alignment(f).broken == rule::frame_alignment);
  CHECK(check::frame_alignment(f, exceptions::xen_abi).kept());
  CHECK(layout::examine(f, 8, {.claimed = exceptions::xen_abi}).kept());
  f.redistributors[0] = {0x0300'1000, 0x1'0000};  // a region is not the distributor
  CHECK(check::frame_alignment(f, exceptions::xen_abi).first.what == part::redistributors);
  f.redistributors[0] = {0x0302'0000, 0x20'0000};
  f.distributor.size = 0x1'1000;
  CHECK(check::frame_alignment(f, exceptions::xen_abi).broken == rule::frame_alignment);
  for (const u64 base : {u64{0x0300'0000}, u64{0x0300'2000}, u64{0x0800'0000}, u64{0x0300'1001}}) {
    f.distributor = {base, 0x1'0000};
    CHECK(says(check::xen_abi_address(f, exceptions::xen_abi), rule::xen_abi_address, base, 0x0300'1000));
    CHECK(layout::examine(f, 8, {.claimed = exceptions::xen_abi}).broken == rule::xen_abi_address);
    CHECK(check::xen_abi_address(f, exceptions::none).kept());
  }
}

TEST_CASE("frame_in_guest_range: the last byte below 1 << bits, and no way around the end") {
  for (const unsigned bits : {32u, 40u, 48u, 52u}) {
    CAPTURE(bits);
    const u64 end = u64{1} << bits;
    auto f = gicv3();
    f.distributor.base = end - 0x1'0000;
    CHECK(check::frame_in_guest_range(f, bits).kept());
    f.distributor.size += 1;
    CHECK(says(check::frame_in_guest_range(f, bits), rule::frame_in_guest_range, part::distributor, f.distributor));
    CHECK(check::frame_in_guest_range(f, bits).wanted == bits);
    f.distributor = {end, 0x1'0000};
    CHECK(check::frame_in_guest_range(f, bits).broken == rule::frame_in_guest_range);
    f = gicv3();
    f.redistributors[0] = {0x0400'0000, ~u64{0} - 0x1'0000};  // base + size is small
    CHECK(says(check::frame_in_guest_range(f, bits), rule::frame_in_guest_range, part::redistributors,
               f.redistributors[0]));
  }
  auto f = gicv2();
  f.cpu_interface = {~u64{0} - 0x1fff, 0x2000};
  CHECK(check::frame_in_guest_range(f, 64).kept());  // nothing is shifted by 64
  CHECK(check::frame_in_guest_range(f, ~0u).kept());
  f.cpu_interface.size += 1;
  CHECK(check::frame_in_guest_range(f, 64).broken == rule::frame_in_guest_range);
}

TEST_CASE("frames_disjoint: frames of one GIC, every pair") {
  auto two = gicv2();
  two.distributor.size = 0x2000;
  CHECK(check::frames_disjoint(two).kept());
  two.distributor.size = 0x2001;
  CHECK(says(check::frames_disjoint(two), rule::frames_disjoint, part::distributor, two.distributor));
  CHECK(check::frames_disjoint(two).second.what == part::cpu_interface);

  for (std::size_t one = 0; one < 3; ++one)
    for (std::size_t other = 0; other < 3; ++other) {
      if (one == other) continue;
      auto f = gicv3(3);
      f.redistributors[one].base = f.redistributors[other].base + f.redistributors[other].size;
      CHECK(check::frames_disjoint(f).kept());
      f.redistributors[one].base -= 1;
      const layout::verdict v = check::frames_disjoint(f);
      CHECK(v.broken == rule::frames_disjoint);
      CHECK(v.first.number == (one < other ? one : other));
      CHECK(v.second.number == (one < other ? other : one));
    }
}

TEST_CASE("a GICv2's frames may overlap a GICv3's: a guest has one of them") {
  using x = layout::xen_4_5;
  REQUIRE(x::v2.distributor.overlaps(x::v3.distributor));
  CHECK(layout::keeps_rules<x, layout::gic_version::v2, 8>);
  CHECK(layout::keeps_rules<x, layout::gic_version::v3, 16>);
}

TEST_CASE("frames_clear_of_neighbours, neighbour_in_guest_range, neighbours_disjoint") {
  const auto f = gicv3(2);
  neighbour others[]{{"pl011", {0x0900'0000, 0x1000}}, {"ram", {0x4000'0000, 0x4000'0000}}, {nullptr, {0, 0x1000}}};
  surroundings s{.neighbours = others, .neighbour_count = 3, .guest_physical_bits = 32};
  CHECK(layout::examine(f, 32, s).kept());

  SECTION("a neighbour that ends where a frame begins, and one byte further") {
    others[0].where = {f.distributor.base - 0x1000, 0x1000};
    CHECK(layout::examine(f, 32, s).kept());
    others[0].where.size += 1;
    const layout::verdict v = layout::examine(f, 32, s);
    CHECK(says(v, rule::frames_clear_of_neighbours, part::distributor, f.distributor));
    CHECK(v.second.what == part::neighbour);
    CHECK(v.second.number == 0);
    CHECK(std::string{v.second.name} == "pl011");
    CHECK(v.second.where == others[0].where);
  }
  SECTION("a neighbour that begins where a region ends, and one byte before") {
    others[1].where.base = f.redistributors[1].end();
    CHECK(check::frames_clear_of_neighbours(f, s).kept());
    others[1].where.base -= 1;
    CHECK(says(check::frames_clear_of_neighbours(f, s), rule::frames_clear_of_neighbours, part::redistributors,
               f.redistributors[1]));
  }
  SECTION("a neighbour without a name has an empty one") {
    others[2].where = f.distributor;
    CHECK(std::string{check::frames_clear_of_neighbours(f, s).second.name}.empty());
  }
  SECTION("RAM that reaches the end of the range, and one byte more") {
    others[1].where = {0x8000'0000, 0x8000'0000};
    CHECK(layout::examine(f, 32, s).kept());
    others[1].where.size += 1;
    CHECK(says(layout::examine(f, 32, s), rule::neighbour_in_guest_range, part::neighbour, others[1].where));
  }
  SECTION("neighbours that touch, and that share a byte") {
    others[0].where = {0x3fff'f000, 0x1000};
    CHECK(layout::examine(f, 32, s).kept());
    others[0].where.size += 1;
    const layout::verdict v = layout::examine(f, 32, s);
    CHECK(says(v, rule::neighbours_disjoint, part::neighbour, others[0].where));
    CHECK(v.second.where == others[1].where);
  }
  SECTION("an empty neighbour is nowhere") {
    others[0].where = {f.distributor.base + 0x100, 0};
    CHECK(layout::examine(f, 32, s).kept());
  }
}
