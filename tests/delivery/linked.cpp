// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

/// A machine with SPI 70 and PPI 27 linked to the physical interrupts of the same number.
template <class Config>
struct linked_machine : booted<Config> {
  using format = typename booted<Config>::format;

  explicit linked_machine(u32 lrs) : booted<Config>(lrs) {
    this->link(70);
    for (u32 v = 0; v < 4; ++v) {
      REQUIRE(this->g.link(vcpu(v), intid{27}) == result::ok);
      this->enable(27, v);
    }
    this->level_spi(70, 1);
  }
  /// How often the physical interrupt was deactivated, by the guest through LR.HW and by the host.
  u32 by_guest(u32 v) { return this->hardware().at(vcpu(v)).physical_end_count; }
  u32 by_host() { return static_cast<u32>(this->g.host().deactivated.size()); }
  u32 ends() {
    u32 n = by_host();
    for (u32 v = 0; v < 4; ++v) n += by_guest(v);
    return n;
  }
  bool has_hw(u32 v, u32 i) { return (this->lr_of(vcpu(v), i) & format::hw) != 0; }
  void no_hw_in_state_3() {
    for (u32 v = 0; v < 4; ++v)
      for (const auto w : this->hardware().at(vcpu(v)).lr)
        CHECK_FALSE(((w & format::hw) != 0 && format::state(w) == lr_state::active_and_pending));
  }
};

}  // namespace

TEMPLATE_LIST_TEST_CASE("a linked interrupt ends in the physical GIC with the guest's end", "", every_policy) {
  linked_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.forward(70);
  m.settle();
  REQUIRE(m.has_hw(1, 70));
  CHECK(booted<TestType>::format::physical_of(m.lr_of(vcpu(1), 70)) == physical_intid{70});
  CHECK(m.take(vcpu(1)) == 70);
  CHECK(m.by_guest(1) == 1);
  CHECK(m.hardware().at(vcpu(1)).physical_ends[0] == 70);
  CHECK(m.take_all(vcpu(1)).empty());
  m.forward(70);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{70});
  CHECK(m.by_guest(1) == 2);
  CHECK(m.by_host() == 0);
  SECTION("a PPI on the CPU of its vCPU, at once") {
    m.between(vcpu(2), [&] { CHECK(m.g.forward(vcpu(2), intid{27}) == result::ok); });
    CHECK(m.take(vcpu(2)) == 27);
    CHECK(m.by_guest(2) == 1);
    CHECK(m.g.host().kicks.empty());
  }
}

TEMPLATE_LIST_TEST_CASE("a linked interrupt that ends otherwise is deactivated by the host", "", every_policy) {
  linked_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 from = GENERATE(0u, 1u);
  SECTION("ICPENDR before it is listed") {
    m.disable(70);
    m.forward(70);
    m.settle();
    m.set(m.icpendr, 70, from);
    CHECK(m.by_host() == 1);
    m.enable(70);
  }
  SECTION("ICPENDR while it is listed") {
    m.forward(70);
    m.settle();
    m.set(m.icpendr, 70, from);
    m.settle();
    CHECK(m.by_host() == 1);
  }
  SECTION("ICACTIVER while it is active") {
    m.forward(70);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 70);
    m.pass(vcpu(1));
    m.set(m.icactiver, 70, from);
    m.settle();
    CHECK(m.by_host() == 1);
    m.hardware().end(vcpu(1), m.normal, 70);
  }
  SECTION("ICACTIVER when its vCPU is off") {
    m.forward(70);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 70);
    m.turn_off(vcpu(1));
    CHECK(m.ends() == 0);
    CHECK(m.bit(m.isactiver, 70));
    m.set(m.icactiver, 70);
    CHECK(m.by_host() == 1);
    m.turn_on(vcpu(1));
  }
  CHECK(m.take_all(vcpu(1)).empty());
  CHECK(m.ends() == 1);
  CHECK_FALSE(m.bit(m.isactiver, 70));
  CHECK(m.g.host().deactivated.front().second == physical_intid{70});
  m.forward(70);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{70});
  CHECK(m.ends() == 2);
}

TEMPLATE_LIST_TEST_CASE("a linked interrupt of a vCPU that goes off waits, and ends once", "", every_policy) {
  linked_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.forward(70);
  m.settle();
  m.turn_off(vcpu(1));
  CHECK(m.ends() == 0);
  const bool elsewhere = GENERATE(false, true);
  if (elsewhere) m.route(70, 2);
  m.turn_on(vcpu(1));
  CHECK(m.take_all(vcpu(elsewhere ? 2 : 1)) == std::vector<u32>{70});
  CHECK(m.take_all(vcpu(elsewhere ? 1 : 2)).empty());
  CHECK(m.ends() == 1);
}

TEMPLATE_LIST_TEST_CASE("pending again while linked and active: delivered once more, ended once", "", every_policy) {
  linked_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 from = GENERATE(0u, 1u);
  m.forward(70);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 70);
  m.set(m.ispendr, 70, from);
  m.settle();
  m.no_hw_in_state_3();
  CHECK(m.bit(m.ispendr, 70));
  SECTION("it ends") {
    m.eoi(vcpu(1), 70);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{70});
    CHECK(m.ends() == 1);
  }
  SECTION("ICPENDR, then it ends") {
    m.set(m.icpendr, 70, from);
    m.settle();
    m.eoi(vcpu(1), 70);
    m.pass(vcpu(1));
    CHECK(m.take_all(vcpu(1)).empty());
    CHECK(m.ends() == 1);
  }
  SECTION("ICACTIVER, then the pending one is dropped") {
    m.disable(70);
    m.set(m.icactiver, 70, from);
    m.settle();
    m.set(m.icpendr, 70, from);
    m.settle();
    CHECK(m.ends() == 1);
    m.hardware().end(vcpu(1), m.normal, 70);  // drops the priority
  }
  m.forward(70);
  m.enable(70);
  CHECK(m.take_all(vcpu(1)).size() == 1);
}

TEMPLATE_LIST_TEST_CASE("ISPENDR of a linked interrupt that is listed adds nothing", "", every_policy) {
  linked_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.forward(70);
  m.settle();
  m.set(m.ispendr, 70, GENERATE(0u, 1u));
  m.settle();
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{70});
  CHECK(m.ends() == 1);
}

TEMPLATE_LIST_TEST_CASE("ISACTIVER of a linked interrupt that is pending", "", every_policy) {
  linked_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.forward(70);
  m.settle();
  m.set(m.isactiver, 70, GENERATE(0u, 1u));
  m.settle();
  m.no_hw_in_state_3();
  CHECK(m.ack(vcpu(1)) == 1023);
  CHECK(m.ends() == 0);
  m.set(m.icactiver, 70, GENERATE(0u, 1u));
  m.settle();
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{70});
  CHECK(m.ends() == 1);
}

TEMPLATE_LIST_TEST_CASE("linked ones that fill all list registers end by software when others wait", "", every_policy) {
  const u32 lrs = VGIC_EACH_LIST_REGISTER_COUNT;
  booted<TestType> m(lrs);
  const vcpu_id v = vcpu(0);
  for (u32 k = 0; k <= lrs; ++k) {
    m.edge_spi(100 + k);
    m.link(100 + k);
    m.priority(100 + k, 0xf0 - 8 * k);
  }
  for (u32 round = 0; round < 3; ++round) {
    m.g.host().deactivated.clear();
    m.hardware().at(v).physical_end_count = 0;
    for (u32 k = 0; k < lrs; ++k) {
      m.forward(100 + k);
      m.settle();
      CHECK(m.ack(v) == 100 + k);
      m.serve_maintenance(v);
    }
    m.forward(100 + lrs);
    m.settle();
    for (u32 k = lrs; k-- != 0;) m.eoi(v, 100 + k);
    CHECK(m.take_all(v) == std::vector<u32>{100 + lrs});
    m.pass(v);
    CHECK(m.hardware().at(v).physical_end_count + m.g.host().deactivated.size() == lrs + 1);
  }
}

TEMPLATE_LIST_TEST_CASE("a linked interrupt is taken back before its vCPU has seen that it came", "", every_policy) {
  linked_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  SECTION("listed, taken back, and its vCPU goes off before it looks") {
    m.forward(70);
    m.settle();
    m.set(m.icpendr, 70, 0);
    m.turn_off(vcpu(1));
    CHECK(m.ends() == 1);
  }
  SECTION("its last end is not known yet") {
    m.forward(70);
    m.settle();
    CHECK(m.take(vcpu(1)) == 70);
    CHECK(m.ends() == 1);
    m.forward(70);
    m.set(m.icpendr, 70, 0);
    m.settle();
    CHECK(m.ends() == 2);
  }
  m.settle();
  CHECK_FALSE(m.bit(m.ispendr, 70));
}

TEMPLATE_LIST_TEST_CASE(
    "ICACTIVER of a linked interrupt ends it on the right vCPU's behalf, and not while it is pending", "",
    every_policy) {
  linked_machine<TestType> m(4);
  m.turn_off(vcpu(1));
  m.set(m.isactiver, 70);
  m.set(m.isactiver, 71);
  SECTION("by the vCPU that writes, for an SPI") {
    m.store(vcpu(2), m.bits(m.icactiver, 70), ~u64{0} & 0xffff'ffff);
    REQUIRE(m.by_host() == 1);  // 71 is not linked
    CHECK(m.g.host().deactivated[0] == std::pair{vcpu(2), physical_intid{70}});
  }
  SECTION("not when it was forwarded again: it is to come") {
    m.forward(70);
    m.set(m.icactiver, 70);
    CHECK(m.by_host() == 0);
    m.turn_on(vcpu(1));
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{70});
    CHECK(m.ends() == 1);
  }
  SECTION("of its owner, for a PPI") {
    m.turn_off(vcpu(3));
    if constexpr (!linked_machine<TestType>::v2) {
      m.store(vcpu(0), m.bits(m.isactiver, 27, 3), u64{1} << 27);
      m.store(vcpu(0), m.bits(m.icactiver, 27, 3), u64{1} << 27);
      REQUIRE(m.by_host() == 1);
      CHECK(m.g.host().deactivated[0] == std::pair{vcpu(3), physical_intid{27}});
    }
  }
}

TEMPLATE_LIST_TEST_CASE("the end of a linked level that software holds high is seen", "", every_policy) {
  linked_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  SECTION("high before it is listed") { m.raise(70); }
  SECTION("while it is pending in its list register") {
    m.forward(70);
    m.settle();
    m.raise(70);
  }
  SECTION("while it is active there") {
    m.forward(70);
    m.settle();
    REQUIRE(m.ack(vcpu(1)) == 70);
    m.raise(70);
    m.settle();
    m.eoi(vcpu(1), 70);
  }
  SECTION("by its configuration") {
    m.edge(70);
    m.raise(70);
    m.settle();
    m.level(70);
  }
  for (u32 k = 0; k < 3; ++k) {
    m.settle();
    // Nothing but the kicks and maintenance interrupts that the library asks for brings its vCPU out of the guest.
    REQUIRE(m.ack(vcpu(1)) == 70);
    m.eoi(vcpu(1), 70);
  }
  m.lower(70);
  CHECK(m.take_all(vcpu(1)).empty());
  CHECK(m.ends() >= 1);
  m.forward(70);
  m.settle();
  CHECK(m.has_hw(1, 70));
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{70});
}

TEMPLATE_LIST_TEST_CASE("the end of a linked level that a message holds high is seen", "", message_policies) {
  linked_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const bool before = GENERATE(true, false);
  if (!before) {
    m.forward(70);
    m.settle();
  }
  m.store(vcpu(0), m.gicd + 0x40, 70);
  for (u32 k = 0; k < 3; ++k) {
    m.settle();
    REQUIRE(m.ack(vcpu(1)) == 70);
    m.eoi(vcpu(1), 70);
  }
  m.store(vcpu(0), m.gicd + 0x48, 70);
  CHECK(m.take_all(vcpu(1)).empty());
}

namespace {

/// A host whose CPUs cannot end the physical interrupt of INTID 70 through a list register.
struct host_that_ends_70 : recording_host {
  [[nodiscard]] bool ends_in_hardware(vcpu_id, intid i) const { return i != intid{70}; }
};
template <class Config>
struct ending_70 : Config {
  using host = host_that_ends_70;
};

}  // namespace

TEMPLATE_LIST_TEST_CASE("a linked interrupt that hardware cannot end is ended by the host", "", every_policy) {
  linked_machine<ending_70<TestType>> m(VGIC_EACH_LIST_REGISTER_COUNT);
  SECTION("that one") {
    m.forward(70);
    m.settle();
    CHECK_FALSE(m.has_hw(1, 70));
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{70});
    CHECK(m.by_guest(1) == 0);
    CHECK(m.by_host() == 1);
  }
  SECTION("not another") {
    m.level_spi(71, 1);
    m.link(71);
    m.forward(71);
    m.settle();
    CHECK(m.has_hw(1, 71));
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{71});
    CHECK(m.by_guest(1) == 1);
    CHECK(m.by_host() == 0);
  }
  SECTION("another that software holds high") {
    m.level_spi(71, 1);
    m.link(71);
    m.raise(71);
    m.settle();
    CHECK_FALSE(m.has_hw(1, 71));
  }
}

namespace {

/// A host whose physical interrupts have other numbers than the INTIDs that they are behind; private ones differ by
/// vCPU.
struct host_with_numbers : recording_host {
  [[nodiscard]] physical_intid physical(vcpu_id v, intid i) {
    return physical_intid{raw(i) < 32 ? raw(i) - 16 * (raw(v) & 1) : raw(i) + 500};
  }
};
template <class Config>
struct numbered : Config {
  using host = host_with_numbers;
};

}  // namespace

TEMPLATE_LIST_TEST_CASE("a linked interrupt ends under the number that the host has for it", "", every_policy) {
  using format = typename booted<TestType>::format;
  linked_machine<numbered<TestType>> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const auto forward_27 = [&](u32 v) {
    m.between(vcpu(v), [&] { CHECK(m.g.forward(vcpu(v), intid{27}) == result::ok); });
  };
  SECTION("by the guest, through its list register") {
    m.forward(70);
    m.settle();
    CHECK(format::physical_of(m.lr_of(vcpu(1), 70)) == physical_intid{570});
    CHECK(m.take(vcpu(1)) == 70);
    CHECK(m.by_guest(1) == 1);
    CHECK(m.hardware().at(vcpu(1)).physical_ends[0] == 570);
    for (const u32 v : {2u, 3u}) {
      forward_27(v);
      CHECK(m.take(vcpu(v)) == 27);
      CHECK(m.hardware().at(vcpu(v)).physical_ends[0] == (v == 2 ? 27 : 11));
    }
    CHECK(m.by_host() == 0);
  }
  SECTION("by the host") {
    m.disable(70);
    m.forward(70);
    m.set(m.icpendr, 70, 0);
    m.disable(27, 3);
    forward_27(3);
    m.set(m.icpendr, 27, 3);
    REQUIRE(m.by_host() == 2);
    CHECK(m.g.host().deactivated[0].second == physical_intid{570});
    CHECK(m.g.host().deactivated[1] == std::pair{vcpu(3), physical_intid{11}});
  }
}

TEMPLATE_LIST_TEST_CASE("a linked interrupt that ends by software shows nothing of its physical number", "",
                        every_policy) {
  using format = typename booted<TestType>::format;
  linked_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.level_spi(71, 1);
  m.link(71);
  m.raise(71);
  m.settle();
  REQUIRE(m.state_in_lr(vcpu(1), 71) == lr_state::pending);
  CHECK((m.lr_of(vcpu(1), 71) & (format::physical(physical_intid{0x3ff}) & ~format::eoi)) == 0);
  CHECK(m.ack(vcpu(1)) == 71);  // where GICv2's list registers have it, others have the source
}

TEMPLATE_LIST_TEST_CASE("an edge that comes while its linked interrupt is active waits for the end", "", every_policy) {
  linked_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(72, 1);
  m.link(72);
  m.forward(72);
  m.settle();
  REQUIRE(m.has_hw(1, 72));
  CHECK(m.ack(vcpu(1)) == 72);
  const bool seen = GENERATE(false, true);
  if (seen) m.pass(vcpu(1));
  m.set(m.ispendr, 72);
  m.settle();
  m.no_hw_in_state_3();
  m.eoi(vcpu(1), 72);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{72});
  m.pass(vcpu(1));
  CHECK(m.ends() == 1);
}

TEMPLATE_LIST_TEST_CASE("what hardware ended the host does not end again", "", every_policy) {
  linked_machine<TestType> m(GENERATE(2u, 4u));
  m.level_spi(71, 1);
  m.link(71);
  m.edge_spi(200, 1);
  m.forward(70);
  m.settle();
  SECTION("when another bank has news") {
    m.hardware().end(vcpu(1), m.normal, m.ack(vcpu(1)));
    m.pulse(200);
    m.pass(vcpu(1));
    CHECK(m.by_host() == 0);
  }
  SECTION("when another list register's interrupt ends by software") {
    m.raise(71);
    m.settle();
    REQUIRE_FALSE(m.has_hw(1, 71));
    REQUIRE(m.ack(vcpu(1)) == 70);
    m.hardware().end(vcpu(1), m.normal, 70);
    m.pass(vcpu(1));
    CHECK(m.by_host() == 0);
  }
  SECTION("when a list register held one before that ended by software") {
    m.level_spi(73, 1);
    m.link(73);
    m.priority(71, 0x20);
    m.raise(71);
    m.settle();
    REQUIRE_FALSE(m.has_hw(1, 71));
    if (GENERATE(false, true)) {
      CHECK(m.ack(vcpu(1)) == 71);
      m.pass(vcpu(1));
      m.lower(71);
      m.set(m.icactiver, 71);
      m.settle();
      m.hardware().end(vcpu(1), m.normal, 71);  // drops the priority
    } else {
      m.disable(71);
      m.settle();
    }
    REQUIRE(m.lr_of(vcpu(1), 71) == 0);
    const u32 before = m.by_host();
    m.forward(73);
    m.settle();
    REQUIRE(m.has_hw(1, 73));
    REQUIRE(m.has_hw(1, 70));
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{70, 73});
    m.pass(vcpu(1));
    CHECK(m.by_guest(1) == 2);
    CHECK(m.by_host() == before);
  }
  m.pass(vcpu(1));
}

TEMPLATE_LIST_TEST_CASE("an edge has its place beside its active interrupt, whatever else is linked", "",
                        every_policy) {
  linked_machine<TestType> m(GENERATE(2u, 4u));
  m.edge_spi(80, 1);
  m.priority(80, 0x20);
  m.pulse(80);
  m.settle();
  m.raise(70);
  m.settle();
  REQUIRE_FALSE(m.has_hw(1, 70));
  CHECK(m.ack(vcpu(1)) == 80);
  m.pass(vcpu(1));
  m.pulse(80);
  m.settle();
  CHECK(m.state_in_lr(vcpu(1), 80) == lr_state::active_and_pending);
}
