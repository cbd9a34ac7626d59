// SPDX-License-Identifier: BSL-1.0
// What software changes while an interrupt is pending, in a list register, active, or active and pending.
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

constexpr u32 subject = 40;

/// How far an edge SPI of vCPU 1 has come when something is changed.
enum class stage : u32 { pending, listed, active, active_unseen, active_and_pending };

template <class M>
void bring_to(M& m, stage s) {
  m.edge_spi(subject, 1);
  m.pulse(subject);
  if (s == stage::pending) return;
  m.settle();
  if (s == stage::listed) return;
  REQUIRE(m.ack(vcpu(1)) == subject);
  if (s == stage::active_unseen) return;
  m.pass(vcpu(1));
  if (s == stage::active) return;
  m.pulse(subject);
  m.settle();
}

/// How often the interrupt must come from this stage on, and whether it is being handled.
constexpr u32 still_to_come(stage s) { return s == stage::active || s == stage::active_unseen ? 0 : 1; }
constexpr bool handled(stage s) { return s >= stage::active; }

#define VGIC_EACH_STAGE \
  GENERATE(stage::pending, stage::listed, stage::active, stage::active_unseen, stage::active_and_pending)

}  // namespace

TEMPLATE_LIST_TEST_CASE("disabled: it does not come, enabled: it comes", "[GICD_ISENABLER][GICD_ICENABLER]",
                        every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 from = GENERATE(0u, 1u);
  const stage s = VGIC_EACH_STAGE;
  bring_to(m, s);
  const u32 how = GENERATE(0u, 1u);  // ICENABLER; GICD_CTLR
  if (how == 0)
    m.disable(subject, from);
  else
    m.gates(0, from);
  m.settle();
  CHECK(m.bit(m.ispendr, subject) == (still_to_come(s) != 0));
  CHECK(m.ack(vcpu(1)) == 1023);
  if (handled(s)) {
    m.eoi(vcpu(1), subject);
    CHECK(m.ack(vcpu(1)) == 1023);
  }
  m.pass(vcpu(1));
  CHECK_FALSE(m.bit(m.isactiver, subject));
  if (how == 0)
    m.enable(subject, from);
  else
    m.gates(3, from);
  CHECK(m.take_all(vcpu(1)).size() == still_to_come(s));
}

TEMPLATE_LIST_TEST_CASE("disabled and enabled again at once: nothing is lost or doubled", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 from = GENERATE(0u, 1u);
  const stage s = VGIC_EACH_STAGE;
  bring_to(m, s);
  m.disable(subject, from);
  m.gates(0, from);
  m.enable(subject, from);
  m.gates(3, from);
  m.settle();
  if (handled(s)) m.eoi(vcpu(1), subject);
  CHECK(m.take_all(vcpu(1)).size() == still_to_come(s));
}

TEMPLATE_LIST_TEST_CASE("a new route: what is pending moves, what is active stays until it ends", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 from = GENERATE(0u, 1u, 2u);
  const stage s = VGIC_EACH_STAGE;
  bring_to(m, s);
  m.route(subject, 2, from);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 1023);
  if (handled(s)) {
    CHECK(m.ack(vcpu(2)) == 1023);
    m.eoi(vcpu(1), subject);
    CHECK(m.ack(vcpu(1)) == 1023);
  }
  CHECK(m.take_all(vcpu(2)).size() == still_to_come(s));
  m.pulse(subject);
  CHECK(m.take_all(vcpu(2)).size() == 1);
  CHECK(m.take_all(vcpu(1)).empty());
  SECTION("there and back") {
    m.pulse(subject);
    m.settle();
    m.route(subject, 1, from);
    m.route(subject, 2, from);
    m.route(subject, 1, from);
    m.settle();
    CHECK(m.take_all(vcpu(2)).empty());
    CHECK(m.take_all(vcpu(1)).size() == 1);
  }
}

TEMPLATE_LIST_TEST_CASE("old or new target while kicks are under way: exactly one takes it", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  bring_to(m, stage::listed);
  m.route(subject, 2);
  SECTION("the old one, before its kick") {
    CHECK(m.take(vcpu(1)) == subject);
    CHECK(m.take_all(vcpu(2)).empty());
  }
  SECTION("the new one looks first and finds it held") {
    m.pass(vcpu(2));
    CHECK(m.ack(vcpu(2)) == 1023);
    m.pass(vcpu(1));
    m.settle();
    CHECK(m.take(vcpu(1)) == 1023);
    CHECK(m.take(vcpu(2)) == subject);
  }
  CHECK(m.take_all(vcpu(1)).empty());
  CHECK(m.take_all(vcpu(2)).empty());
}

TEMPLATE_LIST_TEST_CASE("a route to nobody holds the interrupt", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const stage s = GENERATE(stage::pending, stage::listed);
  bring_to(m, s);
  if constexpr (m.v2)
    m.store(vcpu(0), m.gicd + m.itargetsr + subject, 0, width::byte);
  else
    m.store(vcpu(0), m.gicd + 0x6000 + 8 * subject, 0x55'00'07'00'05, width::dword);
  m.settle();
  for (u32 v = 0; v < 4; ++v) CHECK(m.take_all(vcpu(v)).empty());
  CHECK(m.bit(m.ispendr, subject));
  m.route(subject, 3);
  CHECK(m.take_all(vcpu(3)).size() == 1);
}

TEMPLATE_LIST_TEST_CASE("IROUTER by halves", "", v3_policies) {
  booted<TestType> m(4);
  bring_to(m, stage::listed);
  m.store(vcpu(0), m.gicd + 0x6000 + 8 * subject + 4, 1);
  m.store(vcpu(0), m.gicd + 0x6000 + 8 * subject, 2);
  m.settle();
  for (u32 v = 0; v < 4; ++v) CHECK(m.take_all(vcpu(v)).empty());
  m.store(vcpu(0), m.gicd + 0x6000 + 8 * subject + 4, 0);
  CHECK(m.take_all(vcpu(2)).size() == 1);
}

TEMPLATE_LIST_TEST_CASE("a new priority", "[GICD_IPRIORITYR]", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 from = GENERATE(0u, 1u);
  const stage s = VGIC_EACH_STAGE;
  bring_to(m, s);
  SECTION("above the mask and back") {
    m.hardware().set_priority_mask(vcpu(1), 0xb0);
    m.priority(subject, 0xc0, from);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 1023);
    if (handled(s)) {
      m.eoi(vcpu(1), subject);
      m.settle();
      CHECK(m.ack(vcpu(1)) == 1023);
    }
    m.priority(subject, 0x20, from);
    CHECK(m.take_all(vcpu(1)).size() == still_to_come(s));
  }
  SECTION("an active one keeps the priority that it was acknowledged with") {
    m.priority(subject, 0x20, from);
    m.settle();
    if (handled(s)) {
      CHECK(m.ack(vcpu(1)) == 1023);
      m.hardware().end(vcpu(1), m.normal, subject);
      CHECK((m.hardware().at(vcpu(1)).apr[0] | m.hardware().at(vcpu(1)).apr[1]) == 0);
      m.serve_maintenance(vcpu(1));
    }
    if (still_to_come(s) != 0) {
      m.settle();
      CHECK(m.ack(vcpu(1)) == subject);
      CHECK((m.hardware().at(vcpu(1)).apr[0] | m.hardware().at(vcpu(1)).apr[1]) == 1u << (0x20 >> 3));
      m.eoi(vcpu(1), subject);
    }
    CHECK(m.take_all(vcpu(1)).empty());
  }
}

TEMPLATE_LIST_TEST_CASE("a new group: FIQ or IRQ", "[GICD_IGROUPR]", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 from = GENERATE(0u, 1u);
  const stage s = VGIC_EACH_STAGE;
  const group other = m.normal == group::one ? group::zero : group::one;
  bring_to(m, s);
  m.group_of(subject, other, from);
  m.settle();
  if (handled(s)) {
    CHECK_FALSE(m.hardware().signals(vcpu(1), other));
    m.eoi(vcpu(1), subject, m.normal);
    m.settle();
  }
  CHECK_FALSE(m.hardware().signals(vcpu(1), m.normal));
  CHECK(m.hardware().signals(vcpu(1), other) == (still_to_come(s) != 0));
  CHECK(m.ack(vcpu(1), m.normal) == 1023);
  CHECK(m.take_all(vcpu(1), other).size() == still_to_come(s));
  m.pulse(subject);
  m.settle();
  m.group_of(subject, m.normal, from);
  CHECK(m.take_all(vcpu(1), m.normal).size() == 1);
  CHECK(m.take_all(vcpu(1), other).empty());
}

TEMPLATE_LIST_TEST_CASE("the groups' gates are independent, and hold private interrupts too", "[GICD_CTLR]",
                        every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(50, 1);
  m.edge_spi(51, 1);
  m.group_of(50, group::zero);
  m.group_of(51, group::one);
  for (u32 g = 0; g < 2; ++g) {
    m.edge(20 + g, 1);
    m.group_of(20 + g, group{static_cast<u8>(g)}, 1);
    m.enable(20 + g, 1);
  }
  m.pulse(50);
  m.pulse(51);
  for (u32 g = 0; g < 2; ++g) REQUIRE(m.g.pulse(vcpu(1), intid{20 + g}) == result::ok);
  const bool listed = GENERATE(false, true);
  if (listed) m.settle();
  const u32 open = GENERATE(0u, 1u, 2u);
  m.gates(open, GENERATE(0u, 1u));
  // FIQs and IRQs as they come.
  const auto taken = [&] {
    u32 n[2] = {};
    for (u32 idle = 0; idle < 2;) {
      ++idle;
      for (u32 g = 0; g < 2; ++g)
        if (const auto ids = m.take_all(vcpu(1), group{static_cast<u8>(g)}); !ids.empty()) {
          n[g] += static_cast<u32>(ids.size());
          idle = 0;
        }
    }
    return n[0] * 10 + n[1];
  };
  CHECK(taken() == (open == 1 ? 20u : open == 2 ? 2u : 0u));
  m.gates(3);
  CHECK(taken() == (open == 1 ? 2u : open == 2 ? 20u : 22u));
}

TEMPLATE_LIST_TEST_CASE("ISACTIVER holds an interrupt, ICACTIVER lets it go", "[GICD_ISACTIVER][GICD_ICACTIVER]",
                        every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 from = GENERATE(0u, 1u);
  const u32 back = GENERATE(0u, 1u);
  m.edge_spi(subject, 1);
  const u32 s = GENERATE(0u, 1u, 2u);
  if (s >= 1) m.pulse(subject);
  if (s == 2) m.settle();
  m.set(m.isactiver, subject, from);
  m.settle();
  CHECK(m.bit(m.isactiver, subject));
  CHECK(m.bit(m.ispendr, subject) == (s != 0));
  CHECK(m.ack(vcpu(1)) == 1023);
  if (s == 0) m.pulse(subject);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 1023);
  SECTION("ICACTIVER") {
    m.set(m.icactiver, subject, back);
    CHECK_FALSE(m.bit(m.isactiver, subject));
  }
  SECTION("the guest's DIR, without an exit that somebody else asks for") {
    m.split_end(vcpu(1));
    m.deactivate(vcpu(1), subject);
    CHECK(m.ack(vcpu(1)) == subject);
    m.drop(vcpu(1), subject);
    m.deactivate(vcpu(1), subject);
    return;
  }
  CHECK(m.take_all(vcpu(1)).size() == 1);
}

TEMPLATE_LIST_TEST_CASE("ICACTIVER of an interrupt that a vCPU handles", "[GICD_ICACTIVER]", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 from = GENERATE(0u, 1u);
  const bool again = GENERATE(false, true);
  bring_to(m, again ? stage::active_and_pending : stage::active);
  m.set(m.icactiver, subject, from);
  m.settle();
  CHECK_FALSE(m.bit(m.isactiver, subject));
  CHECK(m.bit(m.ispendr, subject) == again);
  CHECK(m.ack(vcpu(1)) == 1023);  // the running priority is still its own
  m.hardware().end(vcpu(1), m.normal, subject);
  m.serve_maintenance(vcpu(1));
  CHECK(m.take_all(vcpu(1)).size() == (again ? 1u : 0u));
}

TEMPLATE_LIST_TEST_CASE("DIR of an interrupt that is active in no list register", "", every_policy) {
  booted<TestType> m(1);
  const vcpu_id v = vcpu(0);
  m.split_end(v);
  for (u32 i = 40; i < 42; ++i) {
    m.edge_spi(i);
    m.set(m.isactiver, i);
  }
  m.settle();
  REQUIRE(m.lr_of(v, 40) != 0);
  REQUIRE(m.lr_of(v, 41) == 0);
  m.deactivate(v, 41);
  CHECK(m.bit(m.isactiver, 40));
  CHECK_FALSE(m.bit(m.isactiver, 41));
  m.deactivate(v, 40);
  m.pass(v);
  CHECK_FALSE(m.bit(m.isactiver, 40));
}

TEMPLATE_LIST_TEST_CASE("more active by ISACTIVER than list registers: ICACTIVER lets all go", "", every_policy) {
  const u32 lrs = GENERATE(1u, 2u, 4u);
  booted<TestType> m(lrs);
  const vcpu_id v = vcpu(0);
  for (u32 k = 0; k < lrs + 2; ++k) {
    m.edge_spi(40 + k);
    m.priority(40 + k, 0x80 + 8 * k);
    m.set(m.isactiver, 40 + k);
  }
  m.edge_spi(100);
  m.pulse(100);
  m.settle();
  CHECK_FALSE(m.hardware().maintenance(v));
  for (u32 k = 0; k < lrs + 2; ++k) m.set(m.icactiver, 40 + k, k % 2);
  CHECK(m.take_all(v) == std::vector<u32>{100});
  for (u32 k = 0; k < lrs + 2; ++k) CHECK_FALSE(m.bit(m.isactiver, 40 + k));
}

TEMPLATE_LIST_TEST_CASE("RWP: set while a disabled interrupt may still be acknowledged", "[GICD_CTLR]", v3_policies) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const auto rwp = [&](u32 v) { return (m.load(vcpu(v), m.gicd) >> 31) != 0; };
  const auto redistributor_rwp = [&](u32 v) { return (m.load(vcpu(0), m.rd(v)) >> 3 & 1) != 0; };
  const auto is_held = [&](auto&& in_flight) {
    CHECK(in_flight());
    m.settle();
    CHECK_FALSE(in_flight());
    CHECK(m.ack(vcpu(1)) == 1023);
  };
  SECTION("ICENABLER of a listed SPI") {
    bring_to(m, stage::listed);
    CHECK_FALSE(rwp(0));
    m.disable(subject, 0);
    is_held([&] { return rwp(0); });
  }
  SECTION("by the vCPU itself: done at once") {
    bring_to(m, stage::listed);
    m.disable(subject, 1);
    CHECK_FALSE(rwp(1));
    CHECK(m.ack(vcpu(1)) == 1023);
  }
  SECTION("of one that is active and pending: the guest may end it and take it again") {
    bring_to(m, stage::active_and_pending);
    m.disable(subject, 0);
    CHECK(rwp(0));
    m.settle();
    CHECK_FALSE(rwp(0));
    m.eoi(vcpu(1), subject);
    CHECK(m.ack(vcpu(1)) == 1023);
  }
  SECTION("of one that is active alone: nothing is in flight, however long it is handled") {
    bring_to(m, stage::active);
    m.disable(subject, 0);
    m.settle();
    CHECK_FALSE(rwp(0));
  }
  SECTION("a gate, with an SPI behind it") {
    bring_to(m, stage::listed);
    m.gates(0, 0);
    is_held([&] { return rwp(0); });
  }
  SECTION("a gate, with a private interrupt behind it") {
    m.sgi(0, 1, 5);
    m.settle();
    m.gates(0, 0);
    is_held([&] { return rwp(0); });
  }
  SECTION("ICENABLER0") {
    m.sgi(0, 1, 5);
    m.settle();
    m.store(vcpu(0), m.bits(m.icenabler, 5, 1), 1u << 5);
    is_held([&] { return redistributor_rwp(1); });
  }
  SECTION("a vCPU that is off holds nothing") {
    bring_to(m, stage::listed);
    m.turn_off(vcpu(1));
    m.disable(subject, 0);
    CHECK_FALSE(rwp(0));
  }
}

TEMPLATE_LIST_TEST_CASE("a group that is off at the CPU interface does not hold up the other", "", every_policy) {
  const u32 lrs = VGIC_EACH_LIST_REGISTER_COUNT;
  booted<TestType> m(lrs);
  const group other = m.normal == group::one ? group::zero : group::one;
  for (u32 k = 0; k < lrs; ++k) {
    m.edge_spi(100 + k, 1);
    m.group_of(100 + k, other);
    m.priority(100 + k, 0x10);
  }
  m.edge_spi(40, 1);
  m.hardware().enable_groups(vcpu(1), m.normal == group::one ? 2 : 1);
  m.serve_maintenance(vcpu(1));
  for (u32 k = 0; k < lrs; ++k) m.pulse(100 + k);
  m.settle();
  m.pulse(40);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
  m.hardware().enable_groups(vcpu(1), 3);
  m.serve_maintenance(vcpu(1));
  CHECK(m.take_all(vcpu(1), other).size() == lrs);
}
