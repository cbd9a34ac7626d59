// SPDX-License-Identifier: BSL-1.0
// Every rule asked of a type, as a concept; the names of rules; layouts whose values come at run time.
#include "catch.hpp"

#include <layout/qemu_virt.hpp>
#include <layout/require.hpp>
#include <layout/rules.hpp>
#include <layout/xen.hpp>
#include <layout/xen_4_17.hpp>

#include <set>
#include <string>

using namespace layout;

namespace {

constexpr auto v2 = gic_version::v2;
constexpr auto v3 = gic_version::v3;

/// Keeps everything; each layout below breaks one thing of it.
struct good {
  static constexpr gicv2_frames v2{.distributor = {0x300'0000, 0x1000}, .cpu_interface = {0x300'2000, 0x2000}};
  static constexpr gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
  static constexpr neighbour neighbours[]{{"uart", {0x900'0000, 0x1000}}, {"ram", {0x4000'0000, 0x4000'0000}}};
};
static_assert(keeps_rules<good, v2, 8> && keeps_rules<good, v3, 16>);
static_assert(!keeps_rules<good, v2, 9> && !keeps_rules<good, v3, 17> && !keeps_rules<good, v3, 0>);
static_assert(redistributor_capacity<good, 16> && !redistributor_capacity<good, 17>);

struct two_regions_of_one : good {
  static constexpr std::size_t most_redistributor_regions = 1;
  static constexpr gicv3_frames<2> v3{.distributor = {0x300'0000, 0x1'0000},
                                      .stride = 0x2'0000,
                                      .redistributors = {{0x302'0000, 0x20'0000}, {0x400'0000, 0x20'0000}}};
};
struct two_regions : two_regions_of_one {
  static constexpr std::size_t most_redistributor_regions = 2;
};
static_assert(!redistributor_regions<two_regions_of_one> && !keeps_rules<two_regions_of_one, v3, 16>);
static_assert(redistributor_regions<two_regions> && keeps_rules<two_regions, v3, 32>);
static_assert(keeps_rules<two_regions_of_one, v2, 8>);  // a GICv2 has none

struct odd_stride : good {
  static constexpr gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x3'0000, .redistributors = {{0x302'0000, 0x30'0000}}};
};
static_assert(!redistributor_stride_power_of_two<odd_stride> && !keeps_rules<odd_stride, v3, 8>);
static_assert(redistributor_stride_covers_frames<odd_stride> && redistributor_region_whole<odd_stride>);

struct small_stride : good {
  static constexpr gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x1'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
};
static_assert(redistributor_stride_power_of_two<small_stride> && !redistributor_stride_covers_frames<small_stride>);

struct broken_region : good {
  static constexpr gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x21'0000}}};
};
static_assert(!redistributor_region_whole<broken_region> && redistributor_capacity<broken_region, 16>);

struct small_frames : good {
  static constexpr gicv2_frames v2{.distributor = {0x300'0000, 0x800}, .cpu_interface = {0x300'2000, 0x1000}};
  static constexpr gicv3_frames<1> v3{
      .distributor = {0x300'0000, 0x1000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
};
static_assert(!distributor_size<small_frames, v2> && !distributor_size<small_frames, v3>);
static_assert(!cpu_interface_size<small_frames> && cpu_interface_size<good> && distributor_size<good, v2>);

struct at_xens_address : good {
  static constexpr gicv3_frames<1> v3{
      .distributor = {0x300'1000, 0x1'0000}, .stride = 0x2'0000, .redistributors = {{0x302'0000, 0x20'0000}}};
};
struct claims_it : at_xens_address {
  using exceptions = xen_abi;
};
struct claims_it_elsewhere : good {
  using exceptions = xen_abi;
};
static_assert(!frame_alignment<at_xens_address, v3> && frame_alignment<claims_it, v3>);
static_assert(keeps_rules<claims_it, v3, 16> && !keeps_rules<claims_it, v2, 8>);  // its GICv2 is not Xen's
static_assert(!xen_abi_address<claims_it_elsewhere, v3> && xen_abi_address<good, v3>);
static_assert(claims_xen_abi<claims_it> && !claims_xen_abi<good>);

struct low : good {
  static constexpr unsigned guest_physical_bits = 32;
};
struct high : low {
  static constexpr gicv2_frames v2{.distributor = {0x1'0000'0000, 0x1000}, .cpu_interface = {0x300'2000, 0x2000}};
};
struct no_bits : good {
  static constexpr unsigned guest_physical_bits = 31;
};
static_assert(guest_physical_bits<good> && guest_physical_bits<low> && !guest_physical_bits<no_bits>);
static_assert(frame_in_guest_range<low, v2> && !frame_in_guest_range<high, v2> && !keeps_rules<no_bits, v3, 1>);

struct overlapping : good {
  static constexpr gicv2_frames v2{.distributor = {0x300'0000, 0x1000}, .cpu_interface = {0x300'0000, 0x2000}};
};
static_assert(!frames_disjoint<overlapping, v2> && frames_disjoint<good, v2> && frames_disjoint<overlapping, v3>);

struct in_the_way : low {
  static constexpr neighbour neighbours[]{
      {"uart", {0x320'0000, 0x1000}}, {"ram", {0x4000'0000, 0x1'0000'0000}}, {"rom", {0x7000'0000, 0x1000}}};
};
static_assert(!frames_clear_of_neighbours<in_the_way, v3> && frames_clear_of_neighbours<in_the_way, v2>);
static_assert(!neighbour_in_guest_range<in_the_way> && !neighbours_disjoint<in_the_way>);
static_assert(neighbour_in_guest_range<good> && neighbours_disjoint<good>);

struct nothing {};
static_assert(!keeps_rules<nothing, v2, 1> && !keeps_rules<nothing, v3, 1> && !redistributor_capacity<nothing, 0>);

// --- values that come at run time ---

struct from_the_machine {
  static constexpr bool at_run_time = true;
  [[maybe_unused]] static inline gicv3_frames<1> v3{};
};
struct forgot_constexpr {
  [[maybe_unused]] static inline gicv3_frames<1> v3{};
};
struct says_so : good {
  static constexpr bool at_run_time = true;
};
static_assert(computed_at_run_time<says_so> && !known_at_compile_time<says_so> && !keeps_rules<says_so, v3, 1>);
static_assert(known_at_compile_time<good> && known_at_compile_time<xen_4_17>);
static_assert(computed_at_run_time<from_the_machine> && !known_at_compile_time<from_the_machine>);
static_assert(!computed_at_run_time<forgot_constexpr> && !known_at_compile_time<forgot_constexpr>);
static_assert(!keeps_rules<from_the_machine, v3, 1>);  // nobody knows yet
static_assert(require<from_the_machine, v3, 512>::demanded && require<good, v3, 16>::demanded);

// --- the ready layouts, for as many vCPUs as they are made for, and one more ---

static_assert(keeps_rules<xen_4_5, v2, 8> && !keeps_rules<xen_4_5, v2, 9>);
static_assert(keeps_rules<xen_4_5, v3, 16> && !keeps_rules<xen_4_5, v3, 17>);
static_assert(keeps_rules<xen_4_5_released, v2, 8> && keeps_rules<xen_4_5_released, v3, 8>);
static_assert(!keeps_rules<xen_4_5_released, v3, 9>);
static_assert(keeps_rules<xen_4_17, v2, 8> && keeps_rules<xen_4_17, v3, 128> && !keeps_rules<xen_4_17, v3, 129>);
static_assert(keeps_rules<qemu_virt, v2, 8> && keeps_rules<qemu_virt, v3, 123> && !keeps_rules<qemu_virt, v3, 124>);

}  // namespace

TEST_CASE("every rule has a name of its own") {
  std::set<std::string> names;
  for (unsigned r = 0; r <= static_cast<unsigned>(rule::neighbours_disjoint); ++r)
    CHECK(names.insert(name(rule{static_cast<std::uint8_t>(r)})).second);
  CHECK(std::string{name(rule{255})} == "none");
}

TEST_CASE("the first broken rule is the one that is told: sizes before addresses") {
  gicv3_frames<1> f{.distributor = {0x300'1000, 0x1000}, .stride = 3, .redistributors = {{0x300'0000, 5}}};
  std::uint64_t vcpus = 513;
  surroundings s{.guest_physical_bits = 99, .most_redistributor_regions = 0, .claimed = exceptions::xen_abi};
  CHECK(examine(f, vcpus, s).broken == rule::vcpu_count);
  vcpus = 512;
  CHECK(examine(f, vcpus, s).broken == rule::guest_physical_bits);
  s.guest_physical_bits = 32;
  f.distributor.base += 0x1000;
  CHECK(examine(f, vcpus, s).broken == rule::xen_abi_address);
  s.claimed = exceptions::none;
  CHECK(examine(f, vcpus, s).broken == rule::distributor_size);
  f.distributor.size = 0x1'0000;
  CHECK(examine(f, vcpus, s).broken == rule::redistributor_regions);
  s.most_redistributor_regions = 1;
  CHECK(examine(f, vcpus, s).broken == rule::redistributor_stride_power_of_two);
  f.stride = 4;
  CHECK(examine(f, vcpus, s).broken == rule::redistributor_stride_covers_frames);
  f.stride = 0x2'0000;
  CHECK(examine(f, vcpus, s).broken == rule::redistributor_region_whole);
  f.redistributors[0].size = 511 * 0x2'0000;
  CHECK(examine(f, vcpus, s).broken == rule::redistributor_capacity);
  vcpus = 511;
  CHECK(examine(f, vcpus, s).broken == rule::frame_alignment);
  f.distributor.base = 0x1'0000'0000;
  CHECK(examine(f, vcpus, s).broken == rule::frame_in_guest_range);
  f.distributor.base = 0x300'0000;
  CHECK(examine(f, vcpus, s).broken == rule::frames_disjoint);
  f.distributor.base = 0x100'0000;
  neighbour others[]{{"a", {0x100'0000, 0x1'0000'0000}}, {"b", {0x2000'0000, 1}}};
  s.neighbours = others;
  s.neighbour_count = 2;
  CHECK(examine(f, vcpus, s).broken == rule::frames_clear_of_neighbours);
  others[0].where.base = 0x1000'0000;
  CHECK(examine(f, vcpus, s).broken == rule::neighbour_in_guest_range);
  others[0].where.size = 0x2000'0000;
  CHECK(examine(f, vcpus, s).broken == rule::neighbours_disjoint);
  s.neighbour_count = 1;
  CHECK(examine(f, vcpus, s).kept());
}

TEST_CASE("a layout's own words are its surroundings") {
  constexpr surroundings usual = surroundings_of<nothing>();
  CHECK(usual.neighbour_count == 0);
  CHECK(usual.guest_physical_bits == 48);
  CHECK(usual.most_redistributor_regions == 32);
  CHECK(usual.claimed == exceptions::none);
  constexpr surroundings xen = surroundings_of<xen_4_17>();
  CHECK(xen.neighbours == &xen_4_17::neighbours[0]);
  CHECK(xen.neighbour_count == 10);
  CHECK(xen.guest_physical_bits == 40);
  CHECK(xen.most_redistributor_regions == 1);
  CHECK(xen.claimed == exceptions::xen_abi);
}
