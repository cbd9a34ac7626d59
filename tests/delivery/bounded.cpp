// SPDX-License-Identifier: BSL-1.0
// An entry does no more than so much: the rest is for the next one, which the host is asked for.
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

constexpr u32 first = 36;
constexpr u32 sixteen = 0xffff;

using sixteen_list_registers =
    std::tuple<config<gicv2, all_features, 16, 4, 96>, config<gicv3, all_features, 16, 4, 96>,
               config<gicv3, no_features, 16, 4, 96, layout::xen_4_5, single_cpu_atomics>>;

template <class M>
u32 held(M& m, u32 v) {
  u32 count = 0;
  for (const auto w : m.hardware().at(vcpu(v)).lr)
    if (M::format::state(w) != lr_state::invalid) ++count;
  return count;
}

/// Does the host have a kick for it?
template <class M>
bool kicked(M& m, u32 v) {
  const auto& kicks = m.g.host().kicks;
  return std::find(kicks.begin(), kicks.end(), vcpu(v)) != kicks.end();
}

template <class M>
void list(M& m, u32 how_many) {
  for (u32 i = first; i < first + how_many; ++i) m.pulse(m.edge_spi(i, 1));
  m.settle();
  REQUIRE(held(m, 1) == how_many);
  m.g.host().kicks.clear();
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("four list registers are compared with the planes in one entry", "", every_policy) {
  booted<TestType> m(4);
  list(m, 4);
  m.store(vcpu(0), m.bits(m.icenabler, first), 0xf << first % 32);
  m.pass(vcpu(1));
  CHECK(held(m, 1) == 0);
}

TEMPLATE_LIST_TEST_CASE("sixteen list registers that differ are written in several entries", "",
                        sixteen_list_registers) {
  booted<TestType> m(16);
  list(m, 16);
  const u32 by = GENERATE(0u, 1u);  // another vCPU, or the one that holds them
  const auto in_flight = [&] { return TestType::version::number == 3 && m.load(vcpu(0), m.gicd) >> 31 != 0; };
  m.store(vcpu(by), m.bits(m.icenabler, first), sixteen << first % 32);
  u32 before = 16;
  u32 entries = 0;
  while (held(m, 1) != 0) {
    REQUIRE(++entries < 8);
    if (by == 0 && TestType::version::number == 3) CHECK(in_flight());
    m.g.host().kicks.clear();
    m.pass(vcpu(1));
    CHECK(held(m, 1) < before);
    before = held(m, 1);
    if (before != 0) CHECK(kicked(m, 1));
  }
  CHECK(entries >= 2);
  m.settle();
  CHECK_FALSE(in_flight());
  CHECK(m.ack(vcpu(1)) == 1023);
  CHECK((m.load(vcpu(0), m.bits(m.ispendr, first)) >> first % 32 & sixteen) == sixteen);
  m.store(vcpu(0), m.bits(m.isenabler, first), sixteen << first % 32);
  m.settle();
  CHECK(m.take_all(vcpu(1)).size() == 16);
}
