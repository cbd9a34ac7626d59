// SPDX-License-Identifier: BSL-1.0
// Groups that the guest turns on and off at its CPU interface, where no trap tells the hypervisor.
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

/// A machine whose vCPU 1 has a list register's worth each of pending interrupts of the other group, of the highest
/// priority, and SPI 40 of the normal one behind them.
template <class Config>
struct filled_with_other : booted<Config> {
  using base = booted<Config>;

  explicit filled_with_other(u32 lrs, u32 groups_on) : base(lrs), lrs_(lrs) {
    for (u32 k = 0; k < lrs; ++k) {
      base::edge_spi(100 + k, 1);
      base::group_of(100 + k, other);
      base::priority(100 + k, 0);
    }
    base::edge_spi(40, 1);
    turn(groups_on);
    for (u32 k = 0; k < lrs; ++k) base::pulse(100 + k);
    base::settle();
    base::pulse(40);
    base::settle();
  }
  void turn(u32 groups_on) {
    base::hardware().enable_groups(vcpu(1), groups_on);
    base::serve_maintenance(vcpu(1));
    base::settle();
    REQUIRE_FALSE(base::hardware().maintenance(vcpu(1)));
  }
  /// Something happens that has the bank of SPI 40 looked at, and all of the vCPU's list registers.
  void raise_and_look() {
    base::priority(40, 0xa0 ^ (flip_ ^= 8));
    base::priority(100, flip_);
    base::settle();
  }
  void takes_both_in_the_end() {
    CHECK(base::take_all(vcpu(1)) == std::vector<u32>{40});
    turn(3);
    CHECK(base::take_all(vcpu(1), other).size() == lrs_);
  }

  static constexpr group other = base::normal == group::one ? group::zero : group::one;
  static constexpr u32 only_normal = base::normal == group::one ? 2 : 1;

 private:
  u32 lrs_;
  u32 flip_ = 0;
};

}  // namespace

TEMPLATE_LIST_TEST_CASE("a group that is turned off at the CPU interface makes way for the other", "", every_policy) {
  filled_with_other<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT, 3);
  m.turn(m.only_normal);
  m.takes_both_in_the_end();
}

TEMPLATE_LIST_TEST_CASE("of two groups that were off, the one that is not turned on makes way", "", every_policy) {
  filled_with_other<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT, 0);
  m.turn(m.only_normal);
  m.takes_both_in_the_end();
}

TEMPLATE_LIST_TEST_CASE("a group that waits while the other one is turned off and on comes once", "", every_policy) {
  filled_with_other<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT, 3);
  for (const u32 on : {0u, 3u - m.only_normal, 0u, 3u, m.only_normal}) m.turn(on);
  m.takes_both_in_the_end();
}

TEMPLATE_LIST_TEST_CASE("what waits for its group is not forgotten while both are off", "", every_policy) {
  filled_with_other<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT, 3);
  m.turn(3 - m.only_normal);
  m.raise_and_look();
  m.turn(0);
  m.raise_and_look();
  m.turn(m.only_normal);
  m.takes_both_in_the_end();
}

TEMPLATE_LIST_TEST_CASE("what waits for its group is not forgotten while its vCPU is not loaded", "", every_policy) {
  filled_with_other<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT, 3);
  m.turn(3 - m.only_normal);
  m.raise_and_look();
  m.hardware().enable_groups(vcpu(1), 0);
  m.on_cpu_of(vcpu(1), [&] {
    m.g.exit(vcpu(1));
    m.g.put(vcpu(1));
    m.g.load(vcpu(1));
    m.g.entry(vcpu(1));
  });
  m.turn(m.only_normal);
  m.takes_both_in_the_end();
}

TEMPLATE_LIST_TEST_CASE("with one group's gate open alone, what is of that group comes, and kicks, the other does not",
                        "", every_policy) {
  booted<TestType> m(4);
  const group mine = GENERATE(group::zero, group::one);
  const group other = mine == group::one ? group::zero : group::one;
  for (const u32 i : {40u, 41u}) {
    m.edge_spi(i, 1);
    m.group_of(i, i == 40 ? mine : other);
  }
  m.level_spi(42, 1);
  m.group_of(42, mine);
  m.edge(20, 1);
  m.enable(20, 1);
  m.group_of(20, mine, 1);
  m.group_of(7, mine, 1);
  m.gates(mine == group::one ? 2 : 1);
  m.settle();
  const auto kicks = [&](auto&& f) {
    m.g.host().kicks.clear();
    f();
    const std::size_t n = m.g.host().kicks.size();
    m.settle();
    return n;
  };
  CHECK(kicks([&] { m.pulse(40); }) == 1);
  CHECK(m.take(vcpu(1), mine) == 40);
  CHECK(kicks([&] { m.pulse(41); }) == 0);
  CHECK(kicks([&] { m.raise(42); }) == 1);
  CHECK(m.ack(vcpu(1), mine) == 42);
  m.lower(42);
  m.eoi(vcpu(1), 42, mine);
  CHECK(kicks([&] { CHECK(m.g.pulse(vcpu(1), intid{20}) == result::ok); }) == 1);
  CHECK(m.take(vcpu(1), mine) == 20);
  CHECK(kicks([&] { m.set(m.ispendr, 40); }) == 1);
  CHECK(m.take(vcpu(1), mine) == 40);
  if (m.v2 || mine == group::one) {
    CHECK(kicks([&] { m.sgi(0, 1, 7); }) == 1);
    CHECK((m.ack(vcpu(1), mine) & 0x3ff) == 7);
  }
}

TEST_CASE("RWP after a group's gate is shut, of either group", "[GICD_CTLR]") {
  booted<config<gicv3, all_features, 4>> m(4);
  const group mine = GENERATE(group::zero, group::one);
  const bool is_private = GENERATE(false, true);
  const u32 i = is_private ? 20 : 40;
  if (is_private) {
    m.edge(20, 1);
    m.enable(20, 1);
  } else {
    m.edge_spi(40, 1);
  }
  m.group_of(i, mine, 1);
  m.settle();
  CHECK((is_private ? m.g.pulse(vcpu(1), intid{20}) : m.g.pulse(intid{40})) == result::ok);
  m.settle();
  const auto rwp = [&] { return (m.load(vcpu(0), m.gicd) >> 31 & 1) != 0; };
  SECTION("the other group's takes nothing away") {
    m.gates(mine == group::one ? 2 : 1);
    CHECK_FALSE(rwp());
  }
  SECTION("its own does, until its vCPU has looked") {
    m.gates(mine == group::one ? 1 : 2);
    CHECK(rwp());
    m.pass(vcpu(0));
    CHECK(rwp());
    m.pass(vcpu(1));
    CHECK_FALSE(rwp());
  }
}

TEMPLATE_LIST_TEST_CASE(
    "while a group is off, what is of the other one comes from all banks, though most hold something", "",
    every_policy) {
  booted<TestType> m(4);
  const group other = m.normal == group::one ? group::zero : group::one;
  m.hardware().enable_groups(vcpu(1), m.normal == group::one ? 2 : 1);
  m.serve_maintenance(vcpu(1));
  m.edge(20, 1);
  REQUIRE(m.g.pulse(vcpu(1), intid{20}) == result::ok);  // disabled, as those of the next seven banks
  for (u32 i = 40; i < 256; i += 32) {
    m.edge_spi(i, 1);
    m.disable(i);
    m.pulse(i);
  }
  m.edge_spi(262, 1);
  m.group_of(262, other);
  m.edge_spi(261, 1);
  m.pulse(262);
  m.settle();
  m.gates(0);
  m.gates(3);
  m.pulse(261);
  m.settle();
  CHECK(m.g.host().kicks.empty());
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{261});
  m.hardware().enable_groups(vcpu(1), 3);
  m.serve_maintenance(vcpu(1));
  CHECK(m.take_all(vcpu(1), other) == std::vector<u32>{262});
}

TEMPLATE_LIST_TEST_CASE("of a group that is off no more gives way than there is need of", "", every_policy) {
  const u32 lrs = GENERATE(2u, 4u);
  booted<TestType> m(lrs);
  const group other = m.normal == group::one ? group::zero : group::one;
  for (u32 i = 100; i < 100 + lrs; ++i) {
    m.edge_spi(i, 1);
    m.group_of(i, other);
    m.priority(i, 0x20);
  }
  m.edge_spi(40, 1);
  m.settle();
  for (u32 i = 100; i < 100 + lrs; ++i) m.pulse(i);
  m.settle();
  m.hardware().enable_groups(vcpu(1), m.normal == group::one ? 2 : 1);
  m.serve_maintenance(vcpu(1));
  m.pulse(40);
  m.settle();
  CHECK(m.state_in_lr(vcpu(1), 40) == lr_state::pending);
  u32 left = 0;
  for (u32 i = 100; i < 100 + lrs; ++i) left += m.lr_of(vcpu(1), i) != 0 ? 1 : 0;
  CHECK(left == lrs - 1);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
}

// 1-of-N has to know which groups are on, always. Without it the change of a group matters where something waits: that
// one which is off is turned on, while it is passed over; that any changes, while both are on, or both off.
TEMPLATE_LIST_TEST_CASE("which changes of the groups call the hypervisor, and no others", "", every_policy) {
  booted<TestType> m(1);
  const auto& cpu = m.hardware().at(vcpu(1));
  const u32 on = GENERATE(0u, 1u, 2u, 3u);
  const bool something_waits = GENERATE(false, true);
  m.hardware().enable_groups(vcpu(1), on);
  CHECK(m.serve_maintenance(vcpu(1)) <= 1);
  for (u32 i = 40; i < 44; ++i) {
    m.edge_spi(i, 1);
    m.group_of(i, on == 1 ? group::zero : on == 2 ? group::one : m.normal);
  }
  m.pulse(40);
  m.settle();
  if (something_waits) {
    m.pulse(41);
    m.settle();
  }
  const u32 zero = (on & 1) != 0 ? hcr::vgrp0die : hcr::vgrp0eie;
  const u32 one = (on & 2) != 0 ? hcr::vgrp1die : hcr::vgrp1eie;
  const u32 that_is_off = on == 1 ? one : on == 2 ? zero : 0;
  u32 expected = hcr::en | (something_waits ? hcr::npie : 0);
  if (TestType::features::template has<one_of_n>)
    expected |= zero | one;
  else if (something_waits)
    expected |= that_is_off != 0 ? that_is_off : zero | one;
  CHECK(cpu.hcr == expected);
  SECTION("the same after its scheduler had another vCPU run") {
    m.between(vcpu(1), [&] {
      m.g.put(vcpu(1));
      CHECK(cpu.hcr == 0);
      m.g.load(vcpu(1));
      CHECK(cpu.hcr == (expected | that_is_off));  // it is not known whether something waits for that group
    });
  }
  SECTION("what it holds is written once") {
    const u32 before = cpu.hcr_writes;
    m.pulse(42);
    m.settle();
    m.pulse(43);
    m.settle();
    CHECK(cpu.hcr_writes - before == (something_waits ? 0 : 1));
  }
}

// --- an interface that has an event of what is known already ---

namespace {

template <class Interface>
struct insisting : Interface {
  u32 read_misr(vcpu_id v) { return Interface::read_misr(v) | claimed; }
  u32 claimed = 0;
};
template <class Version>
struct with_insisting : config<Version> {
  using list_registers = insisting<typename config<Version>::list_registers>;
};

}  // namespace

TEMPLATE_TEST_CASE("an event of a group that says nothing new is not asked for again before the next CPU_ON", "",
                   with_insisting<gicv2>, with_insisting<gicv3>) {
  constexpr u32 all_events = hcr::vgrp0eie | hcr::vgrp0die | hcr::vgrp1eie | hcr::vgrp1die;
  for (const u32 claimed : {hcr::vgrp0eie, hcr::vgrp0die, hcr::vgrp1eie, hcr::vgrp1die}) {
    CAPTURE(claimed);
    booted<TestType> m;
    const auto asked_for = [&] { return m.hardware().at(vcpu(1)).hcr & all_events; };
    REQUIRE(asked_for() == (hcr::vgrp0die | hcr::vgrp1die));
    m.hardware().claimed = claimed;
    m.on_cpu_of(vcpu(1), [&] {
      m.g.exit(vcpu(1));
      m.g.maintenance(vcpu(1));
      m.g.entry(vcpu(1));
    });
    CHECK(asked_for() == ((claimed & (hcr::vgrp0eie | hcr::vgrp0die)) != 0 ? hcr::vgrp1die : hcr::vgrp0die));
    m.hardware().claimed = 0;
    m.turn_off(vcpu(1));
    m.turn_on(vcpu(1));
    CHECK(asked_for() == (hcr::vgrp0die | hcr::vgrp1die));
  }
}

TEMPLATE_TEST_CASE("an event of a group that says nothing new is not asked for while something waits either", "",
                   with_insisting<gicv2>, with_insisting<gicv3>) {
  booted<TestType> m(1);
  for (const u32 i : {40u, 41u, 42u}) m.edge_spi(i, 1);
  m.pulse(40);
  m.pulse(41);
  m.settle();
  REQUIRE((m.hardware().at(vcpu(1)).hcr & hcr::npie) != 0);
  m.hardware().claimed = hcr::vgrp0die;
  m.on_cpu_of(vcpu(1), [&] {
    m.g.exit(vcpu(1));
    m.g.maintenance(vcpu(1));
    m.g.entry(vcpu(1));
  });
  m.pulse(42);
  m.settle();
  CHECK((m.hardware().at(vcpu(1)).hcr & (hcr::vgrp0eie | hcr::vgrp0die)) == 0);
  CHECK((m.hardware().at(vcpu(1)).hcr & hcr::npie) != 0);
}

TEMPLATE_LIST_TEST_CASE("a group is turned on at the same time as list registers become free", "", every_policy) {
  booted<TestType> m(4);
  for (u32 i = 40; i < 50; ++i) m.edge_spi(i, 1);
  m.edge_spi(70, 1);
  m.group_of(70, m.v2 ? group::one : group::zero);
  m.priority(70, 0x40);
  m.hardware().enable_groups(vcpu(1), m.v2 ? 1 : 2);
  m.settle();
  m.serve_maintenance(vcpu(1));
  const bool urgent_first = GENERATE(false, true);
  if (urgent_first) m.pulse(70);
  for (u32 i = 40; i < 50; ++i) m.pulse(i);
  m.settle();
  if (!urgent_first) m.pulse(70);
  m.settle();
  m.serve_maintenance(vcpu(1));
  CHECK(m.lr_of(vcpu(1), 70) == 0);
  const u32 ended = GENERATE(0u, 1u, 2u, 4u);
  for (u32 n = 0; n < ended; ++n) m.hardware().end(vcpu(1), m.normal, m.ack(vcpu(1)));
  m.hardware().enable_groups(vcpu(1), 3);
  m.pass(vcpu(1));
  m.settle();
  CHECK(m.state_in_lr(vcpu(1), 70) == lr_state::pending);
  CHECK(m.take(vcpu(1), m.v2 ? group::one : group::zero) == 70);
  CHECK(m.take_all(vcpu(1)).size() == 10 - ended);
}
