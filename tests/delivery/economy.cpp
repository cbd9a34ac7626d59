// SPDX-License-Identifier: BSL-1.0
// What interrupts another CPU, or writes what the guest's CPU reads, has a reason: kicks, list registers, events.
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

/// The vCPUs that were kicked since, each once, in order; and nobody is any more.
template <class M, class F>
std::vector<u32> kicked_by(M& m, F&& f) {
  m.settle();
  m.g.host().kicks.clear();
  f();
  std::vector<u32> out;
  for (const vcpu_id v : m.g.host().kicks) out.push_back(raw(v));
  std::sort(out.begin(), out.end());
  m.settle();
  return out;
}
template <class M, class F>
u32 list_register_writes(M& m, u32 v, F&& f) {
  const u32 before = m.hardware().at(vcpu(v)).lr_writes;
  f();
  return m.hardware().at(vcpu(v)).lr_writes - before;
}
using vcpus = std::vector<u32>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("a change to what is not pending kicks nobody, whatever else waits in its bank", "",
                        every_policy) {
  booted<TestType> m(1);
  m.edge_spi(39, 1);
  m.edge_spi(40, 1);
  m.edge_spi(45, 2);
  m.edge_spi(52, 2);
  m.disable(45);
  m.pulse(39);
  m.pulse(40);  // waits behind it
  m.pulse(45);
  m.settle();
  CHECK(kicked_by(m, [&] { m.priority(48, 0x40); }).empty());
  CHECK(kicked_by(m, [&] { m.enable(42); }).empty());
  CHECK(kicked_by(m, [&] { m.disable(42); }).empty());
  CHECK(kicked_by(m, [&] { m.route(48, 3); }).empty());
  CHECK(kicked_by(m, [&] { m.group_of(48, m.normal == group::one ? group::zero : group::one); }).empty());
  CHECK(kicked_by(m, [&] { m.priority(52, 0x40); }).empty());
  CHECK(kicked_by(m, [&] { m.disable(52); }).empty());
  SECTION("nor one to what is pending and would not come") {
    CHECK(kicked_by(m, [&] { m.priority(45, 0x40); }).empty());
    CHECK(kicked_by(m, [&] { m.route(45, 1); }).empty());
    CHECK(kicked_by(m, [&] { m.route(45, 2); }).empty());
    CHECK(kicked_by(m, [&] { m.pulse(45); }).empty());
  }
  SECTION("what comes by the change kicks its target alone") {
    CHECK(kicked_by(m, [&] { m.enable(45); }) == vcpus{2});
    CHECK(m.ack(vcpu(2)) == 45);
  }
  SECTION("what is in a list register is its vCPU's alone") {
    CHECK(kicked_by(m, [&] { m.disable(39); }) == vcpus{1});
    CHECK(kicked_by(m, [&] { m.enable(39); }) == vcpus{1});
  }
}

TEMPLATE_LIST_TEST_CASE("a vCPU that took an interrupt of a bank long ago is left alone", "", every_policy) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  m.edge_spi(41, 2);
  m.pulse(40);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
  m.pass(vcpu(1));
  m.pulse(41);
  m.settle();
  (void)kicked_by(m, [&] { m.disable(41); });  // here vCPU 1 may be asked, and learns that it holds nothing
  m.enable(41);
  CHECK(kicked_by(m, [&] { m.disable(41); }) == vcpus{2});
  m.enable(41);
  CHECK(m.take_all(vcpu(2)) == std::vector<u32>{41});
}

TEMPLATE_LIST_TEST_CASE("a level that falls while it is listed kicks its vCPU, one that is active there does not", "",
                        every_policy) {
  booted<TestType> m(4);
  m.level_spi(40, 1);
  m.raise(40);
  m.settle();
  SECTION("pending") {
    CHECK(kicked_by(m, [&] { m.lower(40); }) == vcpus{1});
    CHECK(m.ack(vcpu(1)) == 1023);
  }
  SECTION("active") {
    CHECK(m.ack(vcpu(1)) == 40);
    m.pass(vcpu(1));
    CHECK(kicked_by(m, [&] { m.lower(40); }).empty());
    CHECK(kicked_by(m, [&] { m.raise(40); }).empty());
    m.lower(40);
    m.eoi(vcpu(1), 40);
    CHECK(m.take_all(vcpu(1)).empty());
  }
  SECTION("pending by software as well: the list register stays right") {
    m.set(m.ispendr, 40);
    m.settle();
    CHECK(kicked_by(m, [&] { m.lower(40); }).empty());
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
  }
  SECTION("in no list register") {
    m.lower(40);
    m.settle();
    m.disable(40);
    CHECK(kicked_by(m, [&] { m.raise(40); }).empty());
    CHECK(kicked_by(m, [&] { m.lower(40); }).empty());
    m.level_spi(44, 1);
    m.raise(44);
    m.settle();
    CHECK(kicked_by(m, [&] { m.raise(40); }).empty());
    CHECK(kicked_by(m, [&] { m.lower(40); }).empty());
    m.enable(40);
    m.set(m.isactiver, 40);
    m.settle();
    CHECK(kicked_by(m, [&] { m.raise(40); }).empty());
    CHECK(kicked_by(m, [&] { m.lower(40); }).empty());
  }
  SECTION("raised again without having fallen") {
    CHECK(kicked_by(m, [&] { m.raise(40); }).empty());
    m.lower(40);
    m.settle();
    CHECK(kicked_by(m, [&] { m.lower(40); }).empty());
  }
}

TEMPLATE_LIST_TEST_CASE("looking anew at list registers that need no change writes none", "", every_policy) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  m.level_spi(41, 1);
  m.link(42);
  m.level_spi(42, 1);
  m.pulse(40);
  m.raise(41);
  m.forward(42);
  m.settle();
  const bool active = GENERATE(false, true);
  if (active) {
    m.priority(42, 0x20);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 42);
    m.pass(vcpu(1));
  }
  const auto before = m.lr_of(vcpu(1), 42);
  CHECK((before & booted<TestType>::format::hw) != 0);
  CHECK(list_register_writes(m, 1, [&] {
          m.gates(3 ^ (m.normal == group::one ? 1u : 2u));
          m.gates(3);
          m.settle();
        }) == 0);
  SECTION("another priority of what is pending is one write, and leaves the link") {
    m.priority(41, 0x60);
    CHECK(list_register_writes(m, 1, [&] { m.settle(); }) == 1);
    if (!active) {
      m.priority(42, 0x60);
      CHECK(list_register_writes(m, 1, [&] { m.settle(); }) == 1);
      CHECK((m.lr_of(vcpu(1), 42) & booted<TestType>::format::hw) != 0);
    }
  }
  if (active) {
    m.eoi(vcpu(1), 42);
    m.pass(vcpu(1));
  }
  m.lower(41);
  CHECK(m.g.host().deactivated.empty());
  const std::size_t left = m.take_all(vcpu(1)).size();
  CHECK(left == (active ? 1 : 2));
  CHECK(m.hardware().at(vcpu(1)).physical_end_count == 1);
  CHECK(m.g.host().deactivated.empty());
}

TEMPLATE_LIST_TEST_CASE("when nothing waits any more the control register asks for nothing", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 idle = m.hardware().at(vcpu(1)).hcr;
  for (u32 i = 40; i < 60; ++i) m.edge_spi(i, 1);
  for (u32 i = 40; i < 60; ++i) m.pulse(i);
  m.settle();
  CHECK(m.hardware().at(vcpu(1)).hcr != idle);
  CHECK(m.take_all(vcpu(1)).size() == 20);
  CHECK(m.hardware().at(vcpu(1)).hcr == idle);
  m.pass(vcpu(1));
  CHECK(m.hardware().at(vcpu(1)).hcr == idle);
  m.on_cpu_of(vcpu(1), [&] { CHECK_FALSE(m.g.has_work(vcpu(1))); });
  SECTION("what is taken back while it waits leaves nothing behind") {
    for (u32 i = 40; i < 60; ++i) m.pulse(i);
    m.settle();
    for (u32 i = 40; i < 60; ++i) m.set(m.icpendr, i);
    m.settle();
    for (u32 n = 0; n < 3; ++n) m.pass(vcpu(1));
    CHECK(m.ack(vcpu(1)) == 1023);
    CHECK(m.hardware().at(vcpu(1)).hcr == idle);
    m.on_cpu_of(vcpu(1), [&] { CHECK_FALSE(m.g.has_work(vcpu(1))); });
  }
}

TEMPLATE_LIST_TEST_CASE("a vCPU has work where something came, waits, is listed, or is active by software", "",
                        every_policy) {
  booted<TestType> m(1);
  const auto has_work = [&] {
    bool yes = false;
    m.on_cpu_of(vcpu(1), [&] {
      m.g.exit(vcpu(1));
      yes = m.g.has_work(vcpu(1));
    });
    return yes;
  };
  m.edge_spi(40, 1);
  m.edge_spi(41, 1);
  m.settle();
  m.pass(vcpu(1));
  CHECK_FALSE(has_work());
  SECTION("came, is listed, waits") {
    m.pulse(40);
    CHECK(has_work());
    m.settle();
    CHECK(has_work());
    m.pulse(41);
    m.settle();
    m.hardware().end(vcpu(1), m.normal, m.ack(vcpu(1)));
    CHECK(has_work());
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{41});
    CHECK_FALSE(has_work());
  }
  SECTION("active by software") {
    m.set(m.isactiver, 40);
    CHECK(has_work());
  }
}

TEMPLATE_LIST_TEST_CASE("ICPENDR of what no list register holds kicks nobody", "", every_policy) {
  booted<TestType> m(4);
  for (const u32 i : {40u, 41u, 42u}) m.edge_spi(i, 1);
  m.link(43);
  m.edge_spi(43, 1);
  m.pulse(40);
  m.forward(43);
  m.settle();
  m.disable(41);
  m.pulse(41);
  m.link(44);
  m.edge_spi(44, 1);
  m.disable(44);
  m.forward(44);
  CHECK(kicked_by(m, [&] { m.set(m.icpendr, 41); }).empty());
  CHECK(kicked_by(m, [&] { m.set(m.icpendr, 42); }).empty());
  CHECK(m.g.host().deactivated.empty());
  CHECK(kicked_by(m, [&] { m.set(m.icpendr, 40); }) == vcpus{1});
  CHECK(m.g.host().deactivated.empty());
  // Only what it names ends, and only what was pending.
  m.set(m.icpendr, 45);
  CHECK(m.g.host().deactivated.empty());
  m.set(m.icpendr, 44);
  CHECK(m.g.host().deactivated.size() == 1);
  m.set(m.icpendr, 44);
  CHECK(m.g.host().deactivated.size() == 1);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{43});
  SECTION("nor what is active") {
    m.forward(43);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 43);
    m.pass(vcpu(1));
    m.set(m.icpendr, 43);
    m.settle();
    CHECK(m.g.host().deactivated.size() == 1);
  }
  SECTION("several linked ones end each") {
    m.g.host().deactivated.clear();
    for (const u32 i : {50u, 52u, 55u}) {
      m.link(i);
      m.forward(i);
    }
    m.store(vcpu(0), m.bits(m.icpendr, 50), ~u64{0} & 0xffff'ffff);
    CHECK(m.g.host().deactivated.size() == 3);
  }
}

TEMPLATE_LIST_TEST_CASE("the end of a linked or an edge-triggered interrupt writes no list register", "",
                        every_policy) {
  booted<TestType> m(4);
  m.link(42);
  m.edge_spi(42, 1);
  m.edge_spi(43, 1);
  m.level_spi(44, 1);
  m.forward(42);
  m.settle();
  CHECK(list_register_writes(m, 1, [&] {
          CHECK(m.ack(vcpu(1)) == 42);
          m.pass(vcpu(1));
          m.eoi(vcpu(1), 42);
          m.pass(vcpu(1));
        }) == 0);
  m.pulse(43);
  m.settle();
  CHECK(list_register_writes(m, 1, [&] {
          CHECK(m.ack(vcpu(1)) == 43);
          m.pass(vcpu(1));
          m.eoi(vcpu(1), 43);
          m.pass(vcpu(1));
        }) == 0);
  m.raise(44);
  m.settle();
  m.lower(44);
  m.settle();
  m.raise(44);
  m.settle();
  CHECK(list_register_writes(m, 1, [&] {
          CHECK(m.ack(vcpu(1)) == 44);
          m.pass(vcpu(1));
          m.lower(44);
          m.eoi(vcpu(1), 44);  // its end would be reported for ever
          m.pass(vcpu(1));
        }) == 1);
}

TEMPLATE_LIST_TEST_CASE("an SGI that is pending already costs its sender nothing, and one that is held back no kick",
                        "", every_policy) {
  booted<TestType> m(4);
  if constexpr (!m.v2) {
    m.disable(5, 2);
    CHECK(kicked_by(m, [&] { m.sgi(0, 2, 5); }).empty());
    m.enable(5, 2);
    CHECK(m.take_all(vcpu(2)) == std::vector<u32>{5});
  }
  CHECK(kicked_by(m, [&] { m.sgi(0, 2, 5); }) == vcpus{2});
  CHECK(kicked_by(m, [&] { m.sgi(0, 2, 6); }) == vcpus{2});
  CHECK((m.ack(vcpu(2)) & 0x3ff) == 5);
  m.pass(vcpu(2));
  // It is active in a list register: the new one is added behind it.
  CHECK(kicked_by(m, [&] { m.sgi(0, 2, 5); }) == vcpus{2});
  m.gates(0);
  CHECK(kicked_by(m, [&] { m.sgi(0, 2, 7); }).empty());
}

TEMPLATE_LIST_TEST_CASE("a full house is refilled before it is empty", "", every_policy) {
  booted<TestType> m(4);
  for (u32 i = 40; i < 46; ++i) m.edge_spi(i, 1);
  for (u32 i = 40; i < 46; ++i) m.pulse(i);
  m.settle();
  for (u32 n = 0; n < 3; ++n) {
    CHECK_FALSE(m.hardware().maintenance(vcpu(1)));
    const u32 id = m.ack(vcpu(1));
    m.hardware().end(vcpu(1), m.normal, id);
  }
  CHECK(m.hardware().maintenance(vcpu(1)));  // one is left, which the guest may take meanwhile
  m.pass(vcpu(1));
  CHECK_FALSE(m.hardware().maintenance(vcpu(1)));
  CHECK(m.take_all(vcpu(1)).size() == 3);
}

TEMPLATE_LIST_TEST_CASE("of those that could give way the least urgent does, wherever it is", "", every_policy) {
  booted<TestType> m(3);
  const u32 place = GENERATE(0u, 1u, 2u);
  for (u32 k = 0; k < 3; ++k) {
    m.priority(64 + 32 * k, k == place ? 0xc0 : 0x80 + 8 * k);
    m.pulse(m.edge_spi(64 + 32 * k, 1));
    m.settle();
  }
  m.priority(40, 0x20);
  m.pulse(m.edge_spi(40, 1));
  m.settle();
  CHECK(m.lr_of(vcpu(1), 40) != 0);
  for (u32 k = 0; k < 3; ++k) CHECK((m.lr_of(vcpu(1), 64 + 32 * k) == 0) == (k == place));
  CHECK(m.take_all(vcpu(1)).size() == 4);
}

TEMPLATE_LIST_TEST_CASE("what is active by software gets the only list register as soon as it is free", "",
                        every_policy) {
  booted<TestType> m(1);
  m.edge_spi(40, 1);
  m.edge_spi(70, 1);
  const bool level = GENERATE(false, true);
  if (level) m.level(40);
  m.raise(40);
  m.settle();
  REQUIRE(m.lr_of(vcpu(1), 40) != 0);
  m.set(m.isactiver, 70);
  m.settle();
  REQUIRE(m.lr_of(vcpu(1), 70) == 0);
  if (level) m.lower(40);
  const u32 id = m.ack(vcpu(1));
  REQUIRE(id == 40);
  m.hardware().end(vcpu(1), m.normal, id);
  m.pass(vcpu(1));
  CHECK(m.state_in_lr(vcpu(1), 70) == lr_state::active);
}
