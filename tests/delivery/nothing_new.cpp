// SPDX-License-Identifier: BSL-1.0
// A write that changes nothing costs no read-modify-write and no kick; one that changes a part costs what that part
// does.
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

/// Read-modify-writes and kicks together.
template <class M, class F>
u32 cost(M& m, F&& f) {
  m.settle();
  m.g.host().kicks.clear();
  const u32 before = counting_atomics::rmws;
  f();
  return counting_atomics::rmws - before + static_cast<u32>(m.g.host().kicks.size());
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("a write of what is there already costs nothing", "", counting_policies) {
  booted<TestType> m(1);
  m.edge_spi(39, 1);
  m.edge_spi(40, 1);
  m.level_spi(41, 1);
  m.pulse(39);
  m.pulse(40);  // waits behind it
  m.raise(41);
  m.settle();
  const u64 all = 0xffff'ffff;
  for (const u32 reg : {0x100u, 0x180u, 0x080u, 0x200u}) {
    CAPTURE(reg);
    const u64 is = m.load(vcpu(0), m.bits(reg, 40));
    CHECK(cost(m, [&] {
            m.store(vcpu(0), m.bits(reg, 40), reg == 0x180 ? ~is & all : reg == 0x200 ? 1u << 8 : is);
          }) == 0);
  }
  CHECK(cost(m, [&] { m.store(vcpu(0), m.bits(m.icpendr, 64), all); }) == 0);
  CHECK(cost(m, [&] { m.set(m.icpendr, 42); }) == 0);
  CHECK(cost(m, [&] { m.store(vcpu(0), m.bits(m.icactiver, 40), all); }) == 0);
  CHECK(cost(m, [&] { m.priority(40, 0xa0); }) == 0);
  CHECK(cost(m, [&] { m.priority(40, 0xa7); }) == 0);           // bits that are not implemented
  CHECK(cost(m, [&] { m.route(40, 1); }) == (m.v2 ? 0u : 1u));  // IROUTER is exchanged, and then compared
  CHECK(cost(m, [&] { m.edge(40); }) == 0);
  CHECK(cost(m, [&] { m.level(41); }) == 0);
  CHECK(cost(m, [&] { m.gates(3); }) == 0);
  CHECK(cost(m, [&] { m.raise(41); }) == 0);
  CHECK(cost(m, [&] { m.lower(42); }) == 0);
  m.level(42);
  CHECK(cost(m, [&] { m.pulse(42); }) == 0);  // a level that was not there for long
  SECTION("enabling others says nothing anew of what waits") {
    m.g.host().kicks.clear();
    m.store(vcpu(0), m.bits(m.isenabler, 40), all);
    CHECK(m.g.host().kicks.empty());
    m.store(vcpu(0), m.bits(m.icenabler, 40), 0xffff'0000);
    CHECK(m.g.host().kicks.empty());
  }
  SECTION("ISPENDR of others neither") {
    m.disable(50);
    m.g.host().kicks.clear();
    m.store(vcpu(0), m.bits(m.ispendr, 40), 1u << 8 | 1u << 18);
    CHECK(m.g.host().kicks.empty());
  }
  SECTION("ISACTIVER tells the targets of what became active, and who holds it") {
    m.set(m.isactiver, 39);
    CHECK(m.g.host().kicks == std::vector<vcpu_id>{vcpu(1)});
    m.route(50, 2);
    m.settle();
    m.g.host().kicks.clear();
    m.set(m.isactiver, 50);
    CHECK(m.g.host().kicks == std::vector<vcpu_id>{vcpu(2)});
    CHECK(cost(m, [&] { m.set(m.isactiver, 50); }) == 0);
  }
}

TEST_CASE("RWP of what two vCPUs hold in two banks ends when both have looked", "[GICD_CTLR]") {
  booted<config<gicv3, all_features, 4>> m(4);
  const bool first_looks_first = GENERATE(true, false);
  m.pulse(m.edge_spi(40, 1));
  m.pulse(m.edge_spi(80, 2));
  m.settle();
  m.disable(40);
  m.disable(80);
  const auto rwp = [&] { return (m.load(vcpu(0), m.gicd) >> 31 & 1) != 0; };
  CHECK(rwp());
  m.pass(vcpu(first_looks_first ? 1 : 2));
  CHECK(rwp());
  m.pass(vcpu(first_looks_first ? 2 : 1));
  CHECK_FALSE(rwp());
}

TEMPLATE_LIST_TEST_CASE("atomics that load words alone: the most urgent first", "", counting_policies) {
  booted<TestType> m(1);
  const u32 urgent[] = {61, 40, 255, 34, 99};  // of each byte of a word, and of several words
  u32 p = 0x20;
  for (const u32 i : urgent) {
    m.priority(i, p);
    m.edge_spi(i, 1);
    p += 0x18;
  }
  m.priority(3, 0x88, 1);
  m.priority(22, 0x10, 1);
  m.edge(22, 1);
  m.enable(22, 1);
  for (const u32 i : urgent) m.pulse(i);
  m.sgi(0, 1, 3);
  CHECK(m.g.pulse(vcpu(1), intid{22}) == result::ok);
  std::vector<u32> taken;
  for (const u32 id : m.take_all(vcpu(1))) taken.push_back(id & 0x3ff);
  CHECK(taken == std::vector<u32>{22, 61, 40, 255, 34, 99, 3});
}
