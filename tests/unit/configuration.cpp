// SPDX-License-Identifier: BSL-1.0
// What a configuration folds into, and which types are policies.
#include "catch.hpp"
#include "support/vm.hpp"

using namespace tests;

namespace {

using none = features<>;
using everything = features<message_spis, status_registers, one_of_n, reset_to_group1>;
struct unknown_feature {};

static_assert(none::known && everything::known);
static_assert(!features<unknown_feature>::known);
static_assert(!features<one_of_n, unknown_feature>::known);
static_assert(!none::has<one_of_n>);
static_assert(everything::has<message_spis> && everything::has<status_registers> && everything::has<one_of_n> &&
              everything::has<reset_to_group1>);
static_assert(features<one_of_n>::has<one_of_n> && !features<one_of_n>::has<message_spis>);

using two = settings<config<gicv2, none, 4, 8, 32>>;
using three = settings<config<gicv3, everything, 16, 64, 988, layout::qemu_virt, single_cpu_atomics, wide_affinity, 8>>;
static_assert(two::is_v2 && !two::is_v3 && three::is_v3 && !three::is_v2);
static_assert(two::spi_banks == 1 && three::spi_banks == 31);
static_assert(two::vcpu_words == 1 && three::vcpu_words == 2);
static_assert(settings<config<gicv3, none, 4, 33, 64, layout::qemu_virt>>::vcpu_words == 2);
static_assert(settings<config<gicv3, none, 4, 32, 64, layout::qemu_virt>>::vcpu_words == 1);
static_assert(!two::has_one_of_n && !two::has_message_spis && !two::has_status_registers && !two::has_reset_to_group1);
static_assert(three::has_one_of_n && three::has_message_spis && three::has_status_registers &&
              three::has_reset_to_group1);
static_assert(gicv2::has_frames<layout::xen_4_5> && gicv3::has_frames<layout::xen_4_5>);

// Every SPI bound that is allowed: 32, 64, ... 960, and 988.
template <u32... N>
constexpr bool all_spis_allowed(std::integer_sequence<u32, N...>) {
  return (true && ... && (settings<config<gicv3, none, 4, 8, 32 * (N + 1)>>::max.spis == 32 * (N + 1)));
}
static_assert(all_spis_allowed(std::make_integer_sequence<u32, 30>{}));
static_assert(settings<config<gicv3, none, 4, 8, 988>>::max.spis == 988);

static_assert(configuration<config<gicv2>>);
static_assert(!configuration<int>);
struct incomplete {
  using version = gicv3;
};
static_assert(!configuration<incomplete>);

// Policies by concept.
struct no_kick {
  vcpu_id current() const;
  void deactivate(vcpu_id, physical_intid);
};
struct current_as_number {
  void kick(vcpu_id);
  u32 current() const;
  void deactivate(vcpu_id, physical_intid);
};
struct no_deactivate {
  void kick(vcpu_id);
  vcpu_id current() const;
};
static_assert(host_policy<recording_host>);
static_assert(!host_policy<no_kick> && !host_policy<current_as_number> && !host_policy<no_deactivate>);

static_assert(list_register_backend<simulated<1, 4>>);
static_assert(list_register_backend<simulated<8, 16, gich_format>>);
static_assert(!list_register_backend<single_cpu_atomics> && !list_register_backend<recording_host>);

}  // namespace

TEST_CASE("limits have defaults: four list registers, five priority bits") {
  constexpr limits l{.vcpus = 1, .spis = 32};
  static_assert(l.list_registers == 4 && l.priority_bits == 5);
  SUCCEED();
}

namespace {

/// start() with these numbers.
template <class C>
result started(u32 vcpus, u32 spis, u32 list_registers) {
  static gic<C> g{};
  return g.start({.vcpus = vcpus, .spis = spis, .list_registers = list_registers});
}

using small_v2 = config<gicv2, none, 4, 4, 256>;
using small_v3 = config<gicv3, none, 4, 4, 256>;
using full_v2 = config<gicv2, none, 16, 8, 988>;
using full_v3 = config<gicv3, none, 16, 16, 988, layout::xen_4_5>;  // as many as the layout holds
struct many_v3 : config<gicv3, none, 4, 64, 64, layout::qemu_virt> {};

}  // namespace

TEMPLATE_TEST_CASE("start takes what the configuration has and refuses more", "", small_v2, small_v3) {
  CHECK(started<TestType>(4, 256, 4) == result::ok);
  CHECK(started<TestType>(1, 32, 1) == result::ok);
  CHECK(started<TestType>(4, 256, 64) == result::ok);  // hardware with more list registers than are used
  CHECK(started<TestType>(0, 256, 4) == result::bad_limits);
  CHECK(started<TestType>(5, 256, 4) == result::bad_limits);
  CHECK(started<TestType>(0x1'0000, 256, 4) == result::bad_limits);
  CHECK(started<TestType>(~u32{0}, 256, 4) == result::bad_limits);
  CHECK(started<TestType>(4, 0, 4) == result::bad_limits);
  CHECK(started<TestType>(4, 31, 4) == result::bad_limits);
  CHECK(started<TestType>(4, 33, 4) == result::bad_limits);
  CHECK(started<TestType>(4, 288, 4) == result::bad_limits);
  CHECK(started<TestType>(4, 988, 4) == result::bad_limits);
  CHECK(started<TestType>(4, ~u32{0}, 4) == result::bad_limits);
  CHECK(started<TestType>(4, 0xffff'ffe0, 4) == result::bad_limits);
  CHECK(started<TestType>(4, 256, 0) == result::bad_limits);
}

TEMPLATE_TEST_CASE("start with all SPIs: 960 and 988, nothing between or above", "", full_v2, full_v3) {
  CHECK(started<TestType>(1, 988, 16) == result::ok);
  CHECK(started<TestType>(1, 960, 16) == result::ok);
  for (u32 spis = 961; spis < 1100; ++spis)
    if (spis != 988) CHECK(started<TestType>(1, spis, 16) == result::bad_limits);
}

TEST_CASE("start on a GICv3 counts the redistributors that the layout holds") {
  CHECK(started<full_v3>(16, 32, 4) == result::ok);
  CHECK(started<full_v3>(17, 32, 4) == result::bad_limits);
  CHECK(started<many_v3>(64, 64, 4) == result::ok);
}

TEST_CASE("a refused start changes nothing") {
  machine_under_test<small_v3> m{2, 64};
  m.boot();
  m.edge(40);
  m.enable(40);
  REQUIRE(m.g.start({.vcpus = 9, .spis = 64, .list_registers = 4}) == result::bad_limits);
  CHECK(m.bit(m.isenabler, 40));
  CHECK(m.g.inspect().vcpus == 2);
}

TEST_CASE("start sets GICD_TYPER: lines and CPUs as started, features as configured") {
  const auto typer = [](auto& m) { return static_cast<u32>(m.load(vcpu(0), m.gicd + 4)); };
  {
    machine_under_test<full_v2> m{3, 64};
    CHECK((typer(m) & 0x1f) == 2);
    CHECK((typer(m) >> 5 & 7) == 2);
    CHECK((typer(m) >> 10 & 1) == 0);
  }
  {
    machine_under_test<full_v2> m{8, 988};
    CHECK((typer(m) & 0x1f) == 31);
    CHECK((typer(m) >> 5 & 7) == 7);
  }
  {
    machine_under_test<small_v3> m{3, 64};
    CHECK((typer(m) & 0x1f) == 2);
    CHECK((typer(m) >> 5 & 7) == 0);
    CHECK((typer(m) >> 16 & 1) == 0);   // MBIS
    CHECK((typer(m) >> 17 & 1) == 0);   // LPIS
    CHECK((typer(m) >> 19 & 31) == 9);  // ten INTID bits
    CHECK((typer(m) >> 24 & 1) == 1);   // A3V
    CHECK((typer(m) >> 25 & 1) == 1);   // No1N
    CHECK((typer(m) >> 26 & 1) == 0);   // RSS
  }
  {
    machine_under_test<config<gicv3, everything, 4, 8, 256, layout::xen_4_5, builtin_atomics, wide_affinity>> m;
    CHECK((typer(m) >> 16 & 1) == 1);
    CHECK((typer(m) >> 25 & 1) == 0);
    CHECK((typer(m) >> 26 & 1) == 1);
  }
}
