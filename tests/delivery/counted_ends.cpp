// SPDX-License-Identifier: BSL-1.0
// Ends of interrupts that are active in no list register: the hardware counts them and says no more (EOIcount). The
// most urgent ones were ended, as of what is running: which of them is not said anywhere else.
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

/// List register 1 of vCPU 1 holds what is active of INTID 40; three more are active in three other banks.
template <class Config>
struct strays : booted<Config> {
  static constexpr u32 urgent = 110;  ///< of priority 0x20
  static constexpr u32 middle = 70;   ///< of priority 0x40
  static constexpr u32 last = 151;    ///< of priority 0x60
  const vcpu_id v = vcpu(1);

  strays() : booted<Config>(1) {
    this->split_end(v);
    this->priority(urgent, 0x20);
    this->priority(middle, 0x40);
    this->priority(last, 0x60);
    this->link(middle);
    for (const u32 i : {40u, urgent, middle, last}) {
      this->edge_spi(i, 1);
      this->set(this->isactiver, i);
      this->settle();
    }
    REQUIRE(this->lr_of(v, 40) != 0);
  }
  void ends(u32 n) { this->hardware().at(v).hcr += n << hcr::eoicount_shift; }
  [[nodiscard]] std::vector<u32> active() {
    std::vector<u32> out;
    for (const u32 i : {urgent, middle, last})
      if (this->bit(this->isactiver, i)) out.push_back(i);
    return out;
  }
};
using ids = std::vector<u32>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("an end that was counted is that of the most urgent", "", every_policy) {
  strays<TestType> m;
  CHECK(m.active() == ids{m.urgent, m.middle, m.last});
  m.ends(1);
  m.pass(m.v);
  CHECK(m.active() == ids{m.middle, m.last});
  CHECK(m.hardware().at(m.v).hcr >> hcr::eoicount_shift == 0);
  m.pass(m.v);
  m.settle();
  CHECK(m.active() == ids{m.middle, m.last});
  CHECK(m.g.host().deactivated.empty());
  m.ends(1);
  m.pass(m.v);
  CHECK(m.active() == ids{m.last});
  SECTION("a linked one ends in the physical GIC") {
    REQUIRE(m.g.host().deactivated.size() == 1);
    CHECK(m.g.host().deactivated[0] == std::pair{m.v, physical_intid{m.middle}});
  }
  m.ends(1);
  m.pass(m.v);
  CHECK(m.active().empty());
  CHECK(m.bit(m.isactiver, 40));
}

TEMPLATE_LIST_TEST_CASE("several ends that were counted are carried out one an exit, and the host is asked for more",
                        "", every_policy) {
  strays<TestType> m;
  m.ends(2);
  m.on_cpu_of(m.v, [&] { m.g.exit(m.v); });
  CHECK(m.g.host().kicks == std::vector<vcpu_id>{m.v});
  m.g.host().kicks.clear();
  m.ends(1);  // while one is owed
  m.on_cpu_of(m.v, [&] {
    m.g.exit(m.v);
    CHECK(m.g.host().kicks == std::vector<vcpu_id>{m.v});
    m.g.host().kicks.clear();
    m.g.exit(m.v);
  });
  CHECK(m.g.host().kicks.empty());
  CHECK(m.active().empty());
  m.on_cpu_of(m.v, [&] { m.g.entry(m.v); });
  SECTION("more than there are: nothing is owed") {
    m.ends(3);
    m.pass(m.v);
    m.settle();
    m.set(m.isactiver, m.urgent);
    m.settle();
    m.pass(m.v);
    CHECK(m.active() == ids{m.urgent});
    CHECK(m.bit(m.isactiver, 40));
  }
}

TEMPLATE_LIST_TEST_CASE("an end that was counted lets its interrupt come again", "", every_policy) {
  strays<TestType> m;
  m.deactivate(m.v, 40);
  m.settle();
  // The most urgent one that waits has its list register now.
  const u32 held = m.lr_of(m.v, m.middle) != 0 ? m.middle : m.lr_of(m.v, m.urgent) != 0 ? m.urgent : m.last;
  REQUIRE(m.lr_of(m.v, held) != 0);
  const u32 next = held == m.urgent ? m.middle : m.urgent;
  m.pulse(next);
  m.settle();
  CHECK_FALSE(m.state_in_lr(m.v, next) == lr_state::pending);
  m.ends(1);
  m.pass(m.v);
  m.settle();
  CHECK_FALSE(m.bit(m.isactiver, next));
  m.deactivate(m.v, held);
  m.settle();
  m.serve_maintenance(m.v);
  CHECK(m.bit(m.ispendr, next));
  CHECK(m.ack(m.v) == next);
}

TEMPLATE_LIST_TEST_CASE("an end that was counted is none of another vCPU's interrupts", "", every_policy) {
  strays<TestType> m;
  m.priority(200, 0x08);
  m.edge_spi(200, 2);
  m.turn_off(vcpu(2));  // or its own list register holds it
  m.set(m.isactiver, 200);
  m.priority(20, 0x10, 2);
  m.enable(20, 2);
  m.set(m.isactiver, 20, 2);
  m.settle();
  m.ends(1);
  m.pass(m.v);
  CHECK(m.bit(m.isactiver, 200));
  CHECK(m.active() == ids{m.middle, m.last});
  SECTION("of equals the lowest INTID, one alone") {
    m.priority(72, 0x40);
    m.edge_spi(72, 1);
    m.set(m.isactiver, 72);
    m.settle();
    m.ends(1);
    m.pass(m.v);
    CHECK(m.active() == ids{m.last});
    CHECK(m.bit(m.isactiver, 72));
  }
}

TEMPLATE_LIST_TEST_CASE("ends of private interrupts are counted too", "", every_policy) {
  booted<TestType> m(1);
  const vcpu_id v = vcpu(1);
  m.split_end(v);
  m.edge_spi(40, 1);
  m.set(m.isactiver, 40);
  m.settle();
  REQUIRE(m.lr_of(v, 40) != 0);
  m.edge(20, 1);
  m.enable(20, 1);
  m.set(m.isactiver, 20, 1);
  m.settle();
  CHECK((m.hardware().at(v).hcr & hcr::lrenpie) != 0);
  m.deactivate(v, 20);
  CHECK_FALSE(m.bit(m.isactiver, 20, 1));
  CHECK(m.bit(m.isactiver, 40));
}

TEMPLATE_LIST_TEST_CASE("what came again while it was active is listed by the entry that carries out its end", "",
                        every_policy) {
  booted<TestType> m(2);
  const vcpu_id v = vcpu(0);
  for (u32 i = 40; i < 45; ++i) m.edge_spi(i, 0);
  m.store(v, m.bits(m.isactiver, 40), 0x1f00);
  m.settle();
  m.pulse(44);
  m.settle();
  REQUIRE(m.state_in_lr(v, 44) == lr_state::invalid);
  for (auto& w : m.hardware().at(v).lr) w = TestType::list_registers::format::state(w, lr_state::invalid);
  m.hardware().at(v).hcr += 3u << hcr::eoicount_shift;
  do {  // several kicks that come at once are one
    m.g.host().kicks.clear();
    m.pass(v);
  } while (!m.g.host().kicks.empty());
  CHECK(m.state_in_lr(v, 44) == lr_state::pending);
  CHECK(m.take_all(v) == ids{44});
}

TEMPLATE_LIST_TEST_CASE("ends that were counted are those of the most urgent of private and shared ones", "",
                        every_policy) {
  booted<TestType> m(1);
  const vcpu_id v = vcpu(1);
  m.split_end(v);
  m.priority(96, 0x20);
  m.priority(70, 0x40);
  m.edge(20, 1);
  m.enable(20, 1);
  for (const u32 i : {40u, 96u, 70u}) {
    m.edge_spi(i, 1);
    m.set(m.isactiver, i);
    m.settle();
  }
  m.set(m.isactiver, 20, 1);
  m.settle();
  REQUIRE(m.lr_of(v, 40) != 0);
  m.hardware().at(v).hcr += 2u << hcr::eoicount_shift;
  m.on_cpu_of(v, [&] { m.g.exit(v); });
  CHECK_FALSE(m.bit(m.isactiver, 96));
  CHECK(m.bit(m.isactiver, 70));
  m.on_cpu_of(v, [&] {
    m.g.exit(v);
    m.g.entry(v);
  });
  CHECK_FALSE(m.bit(m.isactiver, 70));
  CHECK(m.bit(m.isactiver, 20, 1));
  CHECK(m.bit(m.isactiver, 40));
}

TEMPLATE_LIST_TEST_CASE("the host is not asked for ends that nothing is there for", "", every_policy) {
  strays<TestType> m;
  m.ends(5);
  for (u32 k = 0; k < 3; ++k) {
    m.g.host().kicks.clear();
    m.on_cpu_of(m.v, [&] { m.g.exit(m.v); });
    CHECK(m.g.host().kicks == std::vector<vcpu_id>{m.v});
  }
  m.g.host().kicks.clear();
  m.on_cpu_of(m.v, [&] { m.g.exit(m.v); });
  CHECK(m.g.host().kicks.empty());
  m.on_cpu_of(m.v, [&] { m.g.entry(m.v); });
}

TEMPLATE_LIST_TEST_CASE("an exit that counted an end looks at four banks, however many there are", "",
                        counting_policies) {
  const auto loads_of_exit = [](u32 banks) {
    booted<TestType> m(1);
    const vcpu_id v = vcpu(1);
    m.split_end(v);
    m.edge_spi(40, 1);
    m.set(m.isactiver, 40);
    m.settle();
    m.priority(165, 0x20);  // in the fourth
    for (u32 k = 0; k < banks; ++k) {
      const u32 i = m.edge_spi(69 + 32 * k, 1);
      m.set(m.isactiver, i);
      m.settle();
    }
    REQUIRE(m.lr_of(v, 40) != 0);
    m.hardware().at(v).hcr += 1u << hcr::eoicount_shift;
    const u32 before = counting_atomics::loads;
    m.on_cpu_of(v, [&] { m.g.exit(v); });
    const u32 loads = counting_atomics::loads - before;
    m.on_cpu_of(v, [&] { m.g.entry(v); });
    CHECK_FALSE(m.bit(m.isactiver, 165));
    CHECK(m.bit(m.isactiver, 69));
    return loads;
  };
  CHECK(loads_of_exit(4) == loads_of_exit(7));
}
