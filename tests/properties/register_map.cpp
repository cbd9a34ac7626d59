// SPDX-License-Identifier: BSL-1.0
// The folded tables of a register map, against a search of its rows; and the rows, against the architecture's lists.
#include "catch.hpp"

#include <vgic/registers/gicd.hpp>
#include <vgic/registers/gicr.hpp>

#include <set>
#include <vector>

using namespace vgic;

namespace {

using none = features<>;
using all = features<message_spis, status_registers, one_of_n, reset_to_group1>;

std::vector<row> rows_of_sets() { return {}; }

template <class Set, class... Sets>
std::vector<row> rows_of_sets(Set, Sets... more) {
  std::vector<row> rows(std::begin(Set::rows), std::end(Set::rows));
  const std::vector<row> others = rows_of_sets(more...);
  rows.insert(rows.end(), others.begin(), others.end());
  return rows;
}

reg search(const std::vector<row>& rows, u32 offset) {
  reg found = reg::reserved;
  int hits = 0;
  for (const row& r : rows)
    if (offset >= r.first && offset < r.end) {
      found = r.what;
      ++hits;
    }
  if (hits > 1) FAIL("offset " << offset << " is in " << hits << " rows");
  return found;
}

/// Every offset of the frame, and every register group: the map says what the rows say.
template <class Map>
void map_says_what_rows_say(const std::vector<row>& rows) {
  std::set<reg> present;
  for (u32 offset = 0; offset < Map::frame_size; ++offset) {
    const reg want = search(rows, offset);
    present.insert(want);
    if (Map::find(offset) != want) {
      CAPTURE(offset, name(Map::find(offset)), name(want));
      REQUIRE(Map::find(offset) == want);
    }
  }
  for (u32 r = 0; r < static_cast<u32>(reg::count); ++r) {
    u8 want = 0;
    for (const row& x : rows)
      if (static_cast<u32>(x.what) == r) want = x.how;
    CAPTURE(name(reg{static_cast<u8>(r)}));
    REQUIRE(Map::how(reg{static_cast<u8>(r)}) == want);
  }
  REQUIRE(present.size() > 5);
  REQUIRE(Map::how(reg::reserved) == 0);
}

}  // namespace

TEST_CASE("the folded GICv2 distributor map answers as its rows do") {
  map_says_what_rows_say<detail::gicd_v2_map<none>>(rows_of_sets(detail::gicd_v2_rows{}));
  map_says_what_rows_say<detail::gicd_v2_map<all>>(rows_of_sets(detail::gicd_v2_rows{}));
}

TEST_CASE("the folded GICv3 distributor map answers as the rows of the present features do") {
  using detail::gicd_v3_message_rows;
  using detail::gicd_v3_rows;
  using detail::gicd_v3_statusr_rows;
  map_says_what_rows_say<detail::gicd_v3_map<none>>(rows_of_sets(gicd_v3_rows{}));
  map_says_what_rows_say<detail::gicd_v3_map<features<status_registers>>>(
      rows_of_sets(gicd_v3_rows{}, gicd_v3_statusr_rows{}));
  map_says_what_rows_say<detail::gicd_v3_map<features<message_spis>>>(
      rows_of_sets(gicd_v3_rows{}, gicd_v3_message_rows{}));
  map_says_what_rows_say<detail::gicd_v3_map<all>>(
      rows_of_sets(gicd_v3_rows{}, gicd_v3_statusr_rows{}, gicd_v3_message_rows{}));
}

TEST_CASE("the folded redistributor maps answer as their rows do") {
  map_says_what_rows_say<detail::gicr_rd_map<none>>(rows_of_sets(detail::gicr_rd_rows{}));
  map_says_what_rows_say<detail::gicr_rd_map<all>>(
      rows_of_sets(detail::gicr_rd_rows{}, detail::gicr_rd_statusr_rows{}));
  map_says_what_rows_say<detail::gicr_sgi_map<none>>(rows_of_sets(detail::gicr_sgi_rows{}));
  map_says_what_rows_say<detail::gicr_sgi_map<all>>(rows_of_sets(detail::gicr_sgi_rows{}));
}

namespace {

/// First and last word of a register array, as the architecture's tables have it.
struct array {
  reg what;
  u32 first;
  u32 words;
  u32 stride = 4;
};

template <class Map>
void has_arrays(std::initializer_list<array> arrays) {
  std::vector<reg> want(Map::frame_size, reg::reserved);
  for (const array& a : arrays)
    for (u32 k = 0; k < a.words; ++k)
      for (u32 b = 0; b < a.stride; ++b) want[a.first + k * a.stride + b] = a.what;
  for (u32 offset = 0; offset < Map::frame_size; ++offset)
    if (Map::find(offset) != want[offset]) {
      CAPTURE(offset, name(Map::find(offset)), name(want[offset]));
      REQUIRE(Map::find(offset) == want[offset]);
    }
}

}  // namespace

TEST_CASE("GICv2 distributor: every register is where IHI 0048B has it, and nothing else is anywhere") {
  has_arrays<detail::gicd_v2_map<all>>({
      {reg::gicd_ctlr, 0x000, 1},
      {reg::gicd_typer, 0x004, 1},
      {reg::gicd_iidr, 0x008, 1},
      {reg::gicd_igroupr, 0x080, 32},
      {reg::gicd_isenabler, 0x100, 32},
      {reg::gicd_icenabler, 0x180, 32},
      {reg::gicd_ispendr, 0x200, 32},
      {reg::gicd_icpendr, 0x280, 32},
      {reg::gicd_isactiver, 0x300, 32},
      {reg::gicd_icactiver, 0x380, 32},
      {reg::gicd_ipriorityr, 0x400, 255},
      {reg::gicd_itargetsr, 0x800, 255},
      {reg::gicd_icfgr, 0xc00, 64},
      {reg::gicd_nsacr, 0xe00, 64},
      {reg::gicd_sgir, 0xf00, 1},
      {reg::gicd_cpendsgir, 0xf10, 4},
      {reg::gicd_spendsgir, 0xf20, 4},
      {reg::gicd_id, 0xfd0, 12},
  });
}

TEST_CASE("GICv3 distributor: every register is where IHI 0069 has it, and nothing else is anywhere") {
  has_arrays<detail::gicd_v3_map<all>>({
      {reg::gicd_ctlr, 0x0000, 1},        {reg::gicd_typer, 0x0004, 1},        {reg::gicd_iidr, 0x0008, 1},
      {reg::gicd_typer2, 0x000c, 1},      {reg::gicd_statusr, 0x0010, 1},      {reg::gicd_setspi_nsr, 0x0040, 1},
      {reg::gicd_clrspi_nsr, 0x0048, 1},  {reg::gicd_igroupr, 0x0080, 32},     {reg::gicd_isenabler, 0x0100, 32},
      {reg::gicd_icenabler, 0x0180, 32},  {reg::gicd_ispendr, 0x0200, 32},     {reg::gicd_icpendr, 0x0280, 32},
      {reg::gicd_isactiver, 0x0300, 32},  {reg::gicd_icactiver, 0x0380, 32},   {reg::gicd_ipriorityr, 0x0400, 255},
      {reg::gicd_itargetsr, 0x0800, 255}, {reg::gicd_icfgr, 0x0c00, 64},       {reg::gicd_igrpmodr, 0x0d00, 32},
      {reg::gicd_nsacr, 0x0e00, 64},      {reg::gicd_sgir, 0x0f00, 1},         {reg::gicd_cpendsgir, 0x0f10, 4},
      {reg::gicd_spendsgir, 0x0f20, 4},   {reg::gicd_irouter, 0x6100, 988, 8}, {reg::gicd_id, 0xffd0, 12},
  });
  CHECK(detail::gicd_v3_map<none>::find(0x0010) == reg::reserved);
  CHECK(detail::gicd_v3_map<none>::find(0x0040) == reg::reserved);
  CHECK(detail::gicd_v3_map<none>::find(0x0048) == reg::reserved);
}

TEST_CASE("GICv3 redistributor: every register is where IHI 0069 has it, and nothing else is anywhere") {
  has_arrays<detail::gicr_rd_map<all>>({
      {reg::gicr_ctlr, 0x0000, 1},
      {reg::gicr_iidr, 0x0004, 1},
      {reg::gicr_typer, 0x0008, 1, 8},
      {reg::gicr_statusr, 0x0010, 1},
      {reg::gicr_waker, 0x0014, 1},
      {reg::gicr_lpi, 0x0040, 2, 8},  // SETLPIR, CLRLPIR
      {reg::gicr_lpi, 0x0070, 2, 8},  // PROPBASER, PENDBASER
      {reg::gicr_lpi, 0x00a0, 1, 8},  // INVLPIR
      {reg::gicr_lpi, 0x00b0, 1, 8},  // INVALLR
      {reg::gicr_lpi, 0x00c0, 1},     // SYNCR
      {reg::gicr_id, 0xffd0, 12},
  });
  has_arrays<detail::gicr_sgi_map<all>>({
      {reg::gicr_igroupr0, 0x0080, 1},
      {reg::gicr_isenabler0, 0x0100, 1},
      {reg::gicr_icenabler0, 0x0180, 1},
      {reg::gicr_ispendr0, 0x0200, 1},
      {reg::gicr_icpendr0, 0x0280, 1},
      {reg::gicr_isactiver0, 0x0300, 1},
      {reg::gicr_icactiver0, 0x0380, 1},
      {reg::gicr_ipriorityr, 0x0400, 8},
      {reg::gicr_icfgr, 0x0c00, 2},
      {reg::gicr_igrpmodr0, 0x0d00, 1},
      {reg::gicr_nsacr, 0x0e00, 1},
  });
}

TEST_CASE("which widths and directions registers allow") {
  using v2 = detail::gicd_v2_map<all>;
  using v3 = detail::gicd_v3_map<all>;
  using rd = detail::gicr_rd_map<all>;
  using sgis = detail::gicr_sgi_map<all>;
  const auto widths = [](u8 how) { return how & 0xf; };
  const auto directions = [](u8 how) { return how & 0xf0; };

  // Bytes: priorities, targets and SGI sources. Halfwords of them on a GICv2; of message registers on a GICv3.
  const auto is = [](reg r, std::initializer_list<reg> set) {
    for (const reg s : set)
      if (s == r) return true;
    return false;
  };
  for (u32 k = 2; k < static_cast<u32>(reg::count); ++k) {
    const reg r{static_cast<u8>(k)};
    CAPTURE(name(r));
    const bool bytes = is(
        r, {reg::gicd_ipriorityr, reg::gicd_itargetsr, reg::gicd_cpendsgir, reg::gicd_spendsgir, reg::gicr_ipriorityr});
    const bool messages = is(r, {reg::gicd_setspi_nsr, reg::gicd_clrspi_nsr});
    const bool doubles = is(r, {reg::gicd_irouter, reg::gicr_typer, reg::gicr_lpi});
    const bool read_only = is(r, {reg::gicd_typer, reg::gicd_iidr, reg::gicd_typer2, reg::gicd_id, reg::gicr_iidr,
                                  reg::gicr_typer, reg::gicr_id});
    const bool write_only = is(r, {reg::gicd_sgir, reg::gicd_setspi_nsr, reg::gicd_clrspi_nsr});
    const int want_directions = read_only ? access::ro : write_only ? access::wo : access::rw;
    const int want_v3 = access::w | (bytes ? access::b : 0) | (messages ? access::h : 0) | (doubles ? access::d : 0);
    for (const u8 how : {v3::how(r), rd::how(r), sgis::how(r)}) {
      if (how == 0) continue;  // not of this frame
      CHECK(widths(how) == want_v3);
      CHECK(directions(how) == want_directions);
    }
    if (v2::how(r) != 0) {
      CHECK(widths(v2::how(r)) == (access::w | (bytes ? access::b | access::h : 0)));
      CHECK(directions(v2::how(r)) == want_directions);
    }
  }
}

TEST_CASE("rows that overlap, are empty, unaligned or too far are refused") {
  using detail::rows_are_sorted_and_disjoint;
  using rows = detail::table<row, 2>;
  constexpr rows good{{{0, 8, reg::gicd_ctlr, 0}, {8, 12, reg::gicd_iidr, 0}}};
  constexpr rows overlap{{{0, 8, reg::gicd_ctlr, 0}, {4, 12, reg::gicd_iidr, 0}}};
  constexpr rows unsorted{{{8, 12, reg::gicd_ctlr, 0}, {0, 4, reg::gicd_iidr, 0}}};
  constexpr rows empty{{{0, 0, reg::gicd_ctlr, 0}, {8, 12, reg::gicd_iidr, 0}}};
  constexpr rows odd{{{0, 6, reg::gicd_ctlr, 0}, {8, 12, reg::gicd_iidr, 0}}};
  constexpr rows odd_first{{{2, 8, reg::gicd_ctlr, 0}, {8, 12, reg::gicd_iidr, 0}}};
  static_assert(rows_are_sorted_and_disjoint(good, 0x1000));
  static_assert(rows_are_sorted_and_disjoint(good, 12));
  static_assert(!rows_are_sorted_and_disjoint(good, 8));
  static_assert(!rows_are_sorted_and_disjoint(overlap, 0x1000));
  static_assert(!rows_are_sorted_and_disjoint(unsorted, 0x1000));
  static_assert(!rows_are_sorted_and_disjoint(empty, 0x1000));
  static_assert(!rows_are_sorted_and_disjoint(odd, 0x1000));
  static_assert(!rows_are_sorted_and_disjoint(odd_first, 0x1000));
  SUCCEED();
}
