// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

using all_banks = std::tuple<config<gicv2, all_features, 16, 2, 960>,
                             config<gicv3, no_features, 16, 2, 988, layout::xen_4_5, single_cpu_atomics>>;

/// Maintenance passes that one acknowledge and end may cost: one when the last pending list register is taken, one
/// when the last but one ends.
constexpr u32 passes_per_interrupt = 2;

constexpr u32 priorities[] = {0x10, 0x20, 0x50, 0x80, 0xa0, 0xa8, 0xe0};

template <class M>
u32 armed(M& m, u32 v) {
  return m.hardware().at(vcpu(v)).hcr & (hcr::uie | hcr::npie | hcr::lrenpie);
}

/// Takes everything with the priority of each, counting maintenance passes.
template <class M>
void take_in_order(M& m, const std::vector<u32>& priority_by_id, u32 expected) {
  const vcpu_id v = vcpu(0);
  std::vector<bool> seen(1024);
  u32 last = 0;
  u32 taken = 0;
  u32 passes = 0;
  m.settle();
  while (true) {
    const u32 taken_now = m.ack(v);
    if (taken_now == 1023) break;
    REQUIRE_FALSE(seen[taken_now]);
    seen[taken_now] = true;
    REQUIRE(priority_by_id[taken_now] >= last);
    last = priority_by_id[taken_now];
    ++taken;
    passes += m.serve_maintenance(v);
    m.hardware().end(v, m.normal, taken_now);
    passes += m.serve_maintenance(v);
    REQUIRE_FALSE(m.hardware().maintenance(v));
  }
  CHECK(taken == expected);
  CHECK(passes <= passes_per_interrupt * taken + 2);
  m.pass(v);
  CHECK(armed(m, 0) == 0);
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("more pending than list registers: each is taken once, the most urgent first", "", all_banks) {
  const u32 lrs = GENERATE(1u, 2u, 3u, 4u, 8u, 16u);
  const u32 count = GENERATE(256u, 960u);
  const bool one_by_one = GENERATE(false, true);
  booted<TestType> m(lrs, 2, 960);
  std::vector<u32> p(1024);
  m.disable(33);
  for (u32 k = 0; k < count; ++k) {
    const u32 i = 32 + k;
    p[i] = priorities[k * 31 % 7];
    m.store(vcpu(1), m.bytes(m.ipriorityr, i), p[i], width::byte);
    if (k % 32 == 0) {
      for (u32 half = 0; half < 2; ++half) m.store(vcpu(1), m.gicd + m.icfgr + i / 4 + 4 * half, 0xaaaa'aaaa);
      if (one_by_one) m.store(vcpu(1), m.bits(m.isenabler, i), 0xffff'ffff);
    }
  }
  for (u32 k = 0; k < count; ++k) m.pulse(32 + k);
  if (!one_by_one)
    for (u32 k = 0; k < count; k += 32) m.store(vcpu(1), m.bits(m.isenabler, 32 + k), 0xffff'ffff);
  m.settle();
  CHECK(armed(m, 0) != 0);
  take_in_order(m, p, count);
}

TEMPLATE_LIST_TEST_CASE("of equals the lowest INTIDs are listed first", "", every_policy) {
  booted<TestType> m(4);
  for (u32 i = 60; i > 40; --i) m.edge_spi(i);
  m.disable(50);
  m.store(vcpu(0), m.bits(m.icenabler, 32), ~0u);
  for (u32 i = 60; i > 40; --i) m.pulse(i);
  m.store(vcpu(0), m.bits(m.isenabler, 32), ~0u);
  m.settle();
  for (u32 i = 41; i < 45; ++i) CHECK(m.lr_of(vcpu(0), i) != 0);
  CHECK(m.lr_of(vcpu(0), 45) == 0);
}

TEMPLATE_LIST_TEST_CASE("the refill trigger is armed only while something waits", "", every_policy) {
  const u32 lrs = VGIC_EACH_LIST_REGISTER_COUNT;
  booted<TestType> m(lrs);
  for (u32 k = 0; k <= lrs; ++k) m.edge_spi(40 + k);
  for (u32 k = 0; k < lrs; ++k) m.pulse(40 + k);
  m.settle();
  CHECK(armed(m, 0) == 0);
  CHECK_FALSE(m.hardware().maintenance(vcpu(0)));
  m.pulse(40 + lrs);
  m.settle();
  CHECK(armed(m, 0) != 0);
  CHECK_FALSE(m.hardware().maintenance(vcpu(0)));
  SECTION("until it is taken back") {
    m.set(m.icpendr, 40 + lrs);
    m.settle();
    for (u32 k = 0; k < lrs; ++k) CHECK(m.take(vcpu(0)) != 1023);
    m.pass(vcpu(0));
    CHECK(armed(m, 0) == 0);
  }
  SECTION("until it is listed") {
    CHECK(m.take_all(vcpu(0)).size() == lrs + 1);
    CHECK(armed(m, 0) == 0);
  }
}

TEMPLATE_LIST_TEST_CASE("a more urgent interrupt takes the place of a pending one", "", every_policy) {
  const u32 lrs = VGIC_EACH_LIST_REGISTER_COUNT;
  booted<TestType> m(lrs);
  for (u32 k = 0; k < lrs; ++k) {
    m.edge_spi(40 + k, 1);
    m.priority(40 + k, k == lrs / 2 ? 0xb0 : 0xa0);
    m.pulse(40 + k);
  }
  m.edge_spi(100, 1);
  m.settle();
  SECTION("of the least urgent") {
    m.priority(100, 0x50);
    m.pulse(100);
    m.settle();
    CHECK(m.lr_of(vcpu(1), 100) != 0);
    CHECK(m.lr_of(vcpu(1), 40 + lrs / 2) == 0);
    CHECK(m.bit(m.ispendr, 40 + lrs / 2));
    const auto ids = m.take_all(vcpu(1));
    REQUIRE(ids.size() == lrs + 1);
    CHECK(ids.front() == 100);
    CHECK(ids.back() == 40 + lrs / 2);
  }
  SECTION("an equal one waits") {
    m.priority(100, 0xb0);
    m.pulse(100);
    m.settle();
    CHECK(m.lr_of(vcpu(1), 100) == 0);
    CHECK(m.take_all(vcpu(1)).size() == lrs + 1);
  }
  SECTION("made more urgent while it waits") {
    m.priority(100, 0xf0);
    m.pulse(100);
    m.settle();
    CHECK(m.lr_of(vcpu(1), 100) == 0);
    m.priority(100, 0x10, 2);
    m.settle();
    CHECK(m.take_all(vcpu(1)).front() == 100);
  }
  SECTION("the listed one made less urgent while another waits") {
    m.priority(100, 0xc0);
    m.pulse(100);
    m.settle();
    CHECK(m.lr_of(vcpu(1), 100) == 0);
    m.priority(40, 0xd0, 2);
    m.settle();
    CHECK(m.lr_of(vcpu(1), 100) != 0);
    CHECK(m.take_all(vcpu(1)).back() == 40);
  }
}

TEMPLATE_LIST_TEST_CASE("active interrupts keep their list registers", "", every_policy) {
  const u32 lrs = VGIC_EACH_LIST_REGISTER_COUNT;
  booted<TestType> m(lrs);
  const vcpu_id v = vcpu(0);
  for (u32 k = 0; k < lrs; ++k) {
    m.edge_spi(40 + k);
    m.priority(40 + k, 0xf0 - 8 * k);
    m.pulse(40 + k);
    m.settle();
    CHECK(m.ack(v) == 40 + k);
    m.serve_maintenance(v);
  }
  m.edge_spi(100);
  m.priority(100, 0x10);
  m.edge_spi(101);
  m.priority(101, 0xf0);
  m.pulse(100);
  m.pulse(101);
  m.settle();
  for (u32 k = 0; k < lrs; ++k) CHECK(has_active(m.state_in_lr(v, 40 + k)));
  CHECK(m.bit(m.ispendr, 100));
  CHECK_FALSE(m.hardware().maintenance(v));
  // The first end makes room for the more urgent one.
  m.eoi(v, 40 + lrs - 1);
  CHECK(m.ack(v) == 100);
  m.eoi(v, 100);
  for (u32 k = lrs - 1; k-- != 0;) m.eoi(v, 40 + k);
  CHECK(m.take_all(v) == std::vector<u32>{101});
  m.pass(v);
  CHECK(armed(m, 0) == 0);
}

TEMPLATE_LIST_TEST_CASE("EOImode 1: dropped, and deactivated in any order", "", every_policy) {
  const u32 lrs = GENERATE(2u, 4u, 16u);
  booted<TestType> m(lrs);
  const vcpu_id v = vcpu(0);
  m.split_end(v);
  for (u32 i = 40; i < 80; ++i) {
    m.edge_spi(i);
    m.pulse(i);
  }
  m.settle();
  std::vector<u32> held;
  std::vector<u32> done;
  u32 passes = 0;
  for (u32 step = 0; step < 200 && done.size() < 40; ++step) {
    const u32 id = m.ack(v);
    passes += m.serve_maintenance(v);
    if (id != 1023) {
      m.drop(v, id);
      held.push_back(id);
      m.pulse(id);  // comes again, when it is deactivated
      m.settle();
    }
    if (held.size() == lrs || id == 1023) {
      REQUIRE_FALSE(held.empty());
      const u32 out = held.front();
      held.erase(held.begin());
      m.set(m.icpendr, out);
      m.deactivate(v, out);
      m.settle();
      done.push_back(out);
    }
  }
  std::sort(done.begin(), done.end());
  CHECK(std::unique(done.begin(), done.end()) == done.end());
  CHECK(done.size() == 40);
  CHECK(passes <= 80);
}

TEMPLATE_LIST_TEST_CASE("the first and the last of each half of a bank come among others", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  std::vector<u32> all;
  for (u32 w = 32; w < 96; w += 16)
    for (const u32 i : {w, w + 1, w + 14, w + 15}) all.push_back(m.edge_spi(i, 1));
  for (const u32 i : all) m.pulse(i);
  std::vector<u32> taken = m.take_all(vcpu(1));
  std::sort(taken.begin(), taken.end());
  CHECK(taken == all);
}

TEMPLATE_LIST_TEST_CASE("level-sensitive ones that software made pending wait among edges, and come", "",
                        every_policy) {
  const u32 level = GENERATE(0u, 5u, 11u);
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  std::vector<u32> all;
  for (u32 k = 0; k < 12; ++k) all.push_back(k == level ? m.level_spi(40 + k, 1) : m.edge_spi(40 + k, 1));
  for (const u32 i : all) m.set(m.ispendr, i);
  std::vector<u32> taken = m.take_all(vcpu(1));
  std::sort(taken.begin(), taken.end());
  CHECK(taken == all);
}

TEMPLATE_LIST_TEST_CASE("more active by software than list registers: no maintenance before one of them ends", "",
                        every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 lrs = m.g.inspect().list_registers;
  for (u32 i = 40; i < 40 + lrs + 2; ++i) m.edge_spi(i, 1);
  for (u32 i = 40; i < 40 + lrs + 2; ++i) m.set(m.isactiver, i);
  m.settle();
  CHECK(m.serve_maintenance(vcpu(1)) <= 1);
  CHECK(m.state_in_lr(vcpu(1), 40) == lr_state::active);
  CHECK_FALSE(m.hardware().maintenance(vcpu(1)));
}

TEMPLATE_LIST_TEST_CASE("a level that stays high makes no storm of maintenance", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const vcpu_id v = vcpu(0);
  for (u32 i = 40; i < 60; ++i) {
    m.level_spi(i);
    m.raise(i);
  }
  m.settle();
  u32 passes = 0;
  for (u32 k = 0; k < 100; ++k) {
    const u32 id = m.ack(v);
    REQUIRE(id != 1023);
    passes += m.serve_maintenance(v);
    m.hardware().end(v, m.normal, id);
    passes += m.serve_maintenance(v);
  }
  CHECK(passes <= 200);
  for (u32 i = 40; i < 60; ++i) m.lower(i);
  m.settle();
  CHECK(m.take_all(v).empty());
  CHECK(armed(m, 0) == 0);
}

TEMPLATE_LIST_TEST_CASE("one that its guest does not take does not stop the refill", "", every_policy) {
  const u32 lrs = GENERATE(2u, 4u, 16u);
  booted<TestType> m(lrs);
  const vcpu_id v = vcpu(1);
  const group other = m.normal == group::one ? group::zero : group::one;
  m.edge_spi(200, 1);
  m.group_of(200, other);
  m.priority(200, 0x10);
  m.hardware().enable_groups(v, m.normal == group::one ? 2 : 1);
  m.serve_maintenance(v);
  m.pulse(200);
  for (u32 k = 0; k < 2 * lrs; ++k) {
    m.edge_spi(100 + k, 1);
    m.pulse(100 + k);
  }
  CHECK(m.take_all(v).size() == 2 * lrs);
  SECTION("on the same CPU") {}
  SECTION("after its scheduler had another vCPU run") {
    m.between(v, [&] {
      m.g.put(v);
      m.g.load(v);
    });
  }
  m.hardware().enable_groups(v, 3);
  m.serve_maintenance(v);
  CHECK(m.take_all(v, other) == std::vector<u32>{200});
}

TEMPLATE_LIST_TEST_CASE("an entry that had no effort left for all that is urgent goes on in the next", "",
                        every_policy) {
  const u32 lrs = GENERATE(2u, 3u, 4u);
  booted<TestType> m(lrs);
  const vcpu_id v = vcpu(1);
  // More of one priority than there is room for, in two banks: an SPI bank and the private one.
  for (u32 i = 36; i < 44; ++i) m.pulse(m.edge_spi(i, 1));
  m.sgi(0, 1, 3);
  m.settle();
  // Two of those that wait become the most urgent, by one write of another vCPU.
  m.store(vcpu(0), m.bytes(m.ipriorityr, 40), 0x0000'a0a0);
  m.settle();
  CHECK(m.state_in_lr(v, 42) == lr_state::pending);
  CHECK(m.state_in_lr(v, 43) == lr_state::pending);
  const u32 first = m.take(v);
  const u32 second = m.take(v);
  CHECK((std::min(first, second) == 42 && std::max(first, second) == 43));
}

TEMPLATE_LIST_TEST_CASE("a group that is turned off gives way to the other one, which waits", "", every_policy) {
  const u32 lrs = GENERATE(1u, 2u, 4u);
  booted<TestType> m(lrs);
  const vcpu_id v = vcpu(1);
  const group other = m.normal == group::one ? group::zero : group::one;
  const u32 one_group = other == group::one ? 2 : 1;
  SECTION("both were on") {}
  SECTION("both were off") { m.hardware().enable_groups(v, 0); }
  m.serve_maintenance(v);
  for (u32 i = 36; i < 40; ++i) m.pulse(m.edge_spi(i, 1));
  m.group_of(200, other);
  m.priority(200, 0xf0);
  m.pulse(m.edge_spi(200, 1));
  m.settle();
  m.hardware().enable_groups(v, one_group);
  CHECK(m.serve_maintenance(v) <= 2);
  m.settle();
  CHECK(m.take(v, other) == 200);
  m.hardware().enable_groups(v, 3);
  CHECK(m.serve_maintenance(v) <= 2);
  CHECK(m.take_all(v).size() == 4);
}

TEMPLATE_LIST_TEST_CASE("interrupts that the guest has ended are put into no list register", "", every_policy) {
  booted<TestType> m(2);
  const vcpu_id v = vcpu(0);
  for (u32 i = 40; i < 45; ++i) m.edge_spi(i, 0);
  m.store(v, m.bits(m.isactiver, 40), 0x1f00);
  m.settle();
  // It ends five, of which two are in list registers: three ends are counted.
  for (auto& w : m.hardware().at(v).lr) w = TestType::list_registers::format::state(w, lr_state::invalid);
  m.hardware().at(v).hcr += 3u << hcr::eoicount_shift;
  m.serve_maintenance(v);
  m.settle();
  CHECK(m.load(v, m.bits(m.isactiver, 40)) == 0);
  // None is owed any more.
  m.store(v, m.bits(m.isactiver, 40), 0x1f00);
  m.settle();
  m.pass(v);
  m.settle();
  CHECK(m.load(v, m.bits(m.isactiver, 40)) == 0x1f00);
}

TEMPLATE_LIST_TEST_CASE("a group that is turned on wakes what waited, whatever comes before maintenance", "",
                        every_policy) {
  booted<TestType> m(4);
  const vcpu_id v = vcpu(1);
  const group other = m.normal == group::one ? group::zero : group::one;
  const u32 one_group = m.normal == group::one ? 2 : 1;
  const bool hypervisor_knows = GENERATE(true, false);
  m.hardware().enable_groups(v, one_group);
  if (hypervisor_knows) m.serve_maintenance(v);
  m.group_of(200, other);
  for (u32 i = 40; i < 42; ++i) m.pulse(m.edge_spi(i, 1));
  m.edge_spi(200, 1);
  m.pulse(200);
  m.between(v, [] {});
  REQUIRE(m.state_in_lr(v, 200) == lr_state::invalid);
  m.hardware().enable_groups(v, 3);
  SECTION("a trap, with something to list") {
    m.edge_spi(42, 1);
    m.between(v, [&] { m.pulse(42); });
  }
  SECTION("a scheduler") {
    m.between(v, [&] {
      m.g.put(v);
      m.g.load(v);
    });
  }
  m.g.host().kicks.clear();
  m.serve_maintenance(v);
  CHECK(m.state_in_lr(v, 200) == lr_state::pending);
  // That it is turned off again is noticed as before.
  if constexpr (TestType::features::template has<one_of_n>) {
    m.hardware().enable_groups(v, one_group);
    m.serve_maintenance(v);
    CHECK(TestType::atomics::load(m.g.inspect().vcpu[1].groups_enabled) == one_group);
  }
}

TEST_CASE("with all priority bits the next more urgent interrupt is given way to, an equal one is not") {
  booted<config<gicv3, all_features, 4, 8, 256, layout::xen_4_5, builtin_atomics, flat_affinity, 8>> m(1);
  m.priority(40, 0x51);
  m.priority(41, 0x50);
  m.priority(42, 0x51);
  for (const u32 i : {40u, 41u, 42u}) m.edge_spi(i, 1);
  m.pulse(40);
  m.settle();
  REQUIRE(m.lr_of(vcpu(1), 40) != 0);
  m.pulse(42);
  m.settle();
  CHECK(m.lr_of(vcpu(1), 42) == 0);
  m.pulse(41);
  m.settle();
  CHECK(m.lr_of(vcpu(1), 41) != 0);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{41, 40, 42});
}
