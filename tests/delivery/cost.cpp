// SPDX-License-Identifier: BSL-1.0
// What delivery costs where it matters: list-register accesses, kicks, read-modify-writes.
#include "catch.hpp"
#include "support/policies.hpp"

#include <sstream>

using namespace tests;

namespace {

/// Accesses of one vCPU's list registers and control register.
struct accesses {
  u32 reads;
  u32 writes;
  u32 hcr;
  friend bool operator==(const accesses&, const accesses&) = default;
  friend std::ostream& operator<<(std::ostream& os, const accesses& a) {
    return os << a.reads << " reads, " << a.writes << " writes, " << a.hcr << " HCR writes";
  }
};

template <class M, class F>
accesses count(M& m, u32 v, F&& f) {
  auto& c = m.hardware().at(vcpu(v));
  const accesses before{c.lr_reads, c.lr_writes, c.hcr_writes};
  f();
  return {c.lr_reads - before.reads, c.lr_writes - before.writes, c.hcr_writes - before.hcr};
}

template <class F>
u32 rmws(F&& f) {
  const u32 before = counting_atomics::rmws;
  f();
  return counting_atomics::rmws - before;
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("an idle exit and entry touches no list register", "", counting_policies) {
  booted<TestType> m(4);
  m.pass(vcpu(0));
  u32 n = 0;
  CHECK(count(m, 0, [&] { n = rmws([&] { m.pass(vcpu(0)); }); }) == accesses{0, 0, 0});
  CHECK(n == 0);
}

TEMPLATE_LIST_TEST_CASE("one edge interrupt: one list-register write and one read", "", counting_policies) {
  booted<TestType> m(4);
  m.edge_spi(40);
  m.pass(vcpu(0));
  const bool here = GENERATE(true, false);
  m.g.host().kicks.clear();
  const accesses all = count(m, 0, [&] {
    if (here)
      m.between(vcpu(0), [&] { CHECK(m.g.pulse(intid{40}) == result::ok); });
    else
      m.pulse(40);
    m.settle();
    CHECK(m.take(vcpu(0)) == 40);
    m.pass(vcpu(0));
  });
  CHECK(all == accesses{1, 1, 0});
  CHECK(m.take_all(vcpu(0)).empty());
}

TEMPLATE_LIST_TEST_CASE("direct listing: no kick, no maybe word", "", counting_policies) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  m.level_spi(41, 1);
  m.edge(20, 1);
  m.enable(20, 1);
  m.settle();
  m.pass(vcpu(1));
  const auto listed_at_once = [&](u32 i, auto&& f) {
    m.g.host().kicks.clear();
    m.on_cpu_of(vcpu(1), [&] {
      m.g.exit(vcpu(1));
      f();
      CHECK(m.lr_of(vcpu(1), i) != 0);
      CHECK(TestType::atomics::load(m.g.inspect().vcpu[1].maybe) == 0);
      m.g.entry(vcpu(1));
    });
    CHECK(m.g.host().kicks.empty());
    CHECK((m.ack(vcpu(1)) & 0x3ff) == i);
    if (i == 41) m.lower(41);
    m.settle();
    m.eoi(vcpu(1), i);
    m.pass(vcpu(1));
  };
  listed_at_once(40, [&] { CHECK(m.g.raise(intid{40}) == result::ok); });
  listed_at_once(41, [&] { CHECK(m.g.raise(intid{41}) == result::ok); });
  listed_at_once(20, [&] { CHECK(m.g.raise(vcpu(1), intid{20}) == result::ok); });
  SECTION("not when something waits already, which may be more urgent") {
    for (u32 i = 50; i < 56; ++i) {
      m.edge_spi(i, 1);
      m.pulse(i);
    }
    m.between(vcpu(1), [&] { CHECK(m.g.pulse(intid{40}) == result::ok); });
    CHECK(m.take_all(vcpu(1)).size() == 7);
  }
}

TEMPLATE_LIST_TEST_CASE("read-modify-writes: an SPI from raise to end", "", counting_policies) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  m.pass(vcpu(1));
  const u32 sent = rmws([&] {
    m.pulse(40);
    m.settle();
    CHECK(m.take(vcpu(1)) == 40);
    m.pass(vcpu(1));
  });
  const u32 direct = rmws([&] {
    m.between(vcpu(1), [&] { CHECK(m.g.pulse(intid{40}) == result::ok); });
    CHECK(m.take(vcpu(1)) == 40);
    m.pass(vcpu(1));
  });
  CHECK(sent == 5);
  CHECK(direct == 2);
}

TEMPLATE_LIST_TEST_CASE("read-modify-writes: an SGI from sender to end", "", counting_policies) {
  booted<TestType> m(4);
  for (u32 v = 0; v < 4; ++v) m.pass(vcpu(v));
  const u32 n = rmws([&] {
    m.sgi(0, 1, 5);
    m.settle();
    CHECK((m.take(vcpu(1)) & 0x3ff) == 5);
    m.pass(vcpu(1));
  });
  CAPTURE(n);
  CHECK(n == (m.v2 ? 7u : 5u));  // GICv2: the source beside the latch, set and taken
}

TEMPLATE_LIST_TEST_CASE("read-modify-writes: masking one SPI is one, a register read none", "", counting_policies) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  CHECK(rmws([&] { m.disable(40); }) == 1);
  CHECK(rmws([&] { m.disable(40); }) == 0);
  CHECK(rmws([&] { m.enable(40); }) == 1);
  m.pulse(40);
  m.settle();
  m.pass(vcpu(0));
  for (const u32 offset :
       {0x000u, 0x004u, 0x008u, 0x084u, 0x104u, 0x184u, 0x204u, 0x284u, 0x304u, 0x384u, 0x420u, 0x820u, 0xc08u, 0xf20u})
    CHECK(rmws([&] { (void)m.load(vcpu(0), m.gicd + offset); }) == 0);
  if constexpr (!m.v2) {
    CHECK(rmws([&] { (void)m.load(vcpu(0), m.gicd + 0x6000 + 8 * 40, width::dword); }) == 0);
    for (const u32 offset : {0x0u, 0x8u, 0x14u, 0x1'0080u, 0x1'0100u, 0x1'0200u, 0x1'0300u, 0x1'0400u, 0x1'0c04u})
      CHECK(rmws([&] { (void)m.load(vcpu(0), m.rd(1) + offset); }) == 0);
  }
}

TEMPLATE_LIST_TEST_CASE("one kick for many: a vCPU that was kicked is not kicked again until it looked", "",
                        counting_policies) {
  booted<TestType> m(4);
  for (u32 i = 40; i < 60; ++i) m.edge_spi(i, 2);
  m.edge_spi(90, 2);
  m.g.host().kicks.clear();
  for (u32 i = 40; i < 60; ++i) m.pulse(i);
  m.pulse(90);  // in another bank
  m.sgi(0, 2, 3);
  CHECK(m.g.host().kicks == std::vector<vcpu_id>{vcpu(2)});
  CHECK(m.take_all(vcpu(2)).size() == 22);
  SECTION("what a vCPU does to itself needs no kick") {
    m.g.host().kicks.clear();
    m.pulse(40);
    m.settle();
    m.disable(40, 2);
    CHECK(m.ack(vcpu(2)) == 1023);
    m.enable(40, 2);
    m.priority(40, 0x20, 2);
    CHECK(m.g.host().kicks.empty());
    CHECK(m.take(vcpu(2)) == 40);
  }
}
