// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

TEMPLATE_LIST_TEST_CASE("an edge SPI is taken once for each edge", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(40, 1);
  m.raise(40);
  CHECK(m.bit(m.ispendr, 40));
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
  m.pass(vcpu(1));
  CHECK_FALSE(m.bit(m.ispendr, 40));
  CHECK(m.bit(m.isactiver, 40));
  m.eoi(vcpu(1), 40);
  m.pass(vcpu(1));
  CHECK_FALSE(m.bit(m.isactiver, 40));
  CHECK(m.take(vcpu(1)) == 1023);
  m.lower(40);
  m.settle();
  CHECK(m.take(vcpu(1)) == 1023);
  m.raise(40);
  m.settle();
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
}

TEMPLATE_LIST_TEST_CASE("an edge that comes while its interrupt is disabled waits for the enable", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(40);
  m.disable(40);
  m.pulse(40);
  m.pulse(40);
  m.settle();
  CHECK(m.ack(vcpu(0)) == 1023);
  CHECK(m.bit(m.ispendr, 40));
  m.enable(40, 2);
  CHECK(m.take_all(vcpu(0)) == std::vector<u32>{40});
}

TEMPLATE_LIST_TEST_CASE("edges before the acknowledge are one, each after it counts", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(40, 1);
  SECTION("while pending in the planes") {
    m.pulse(40);
    m.pulse(40);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
  }
  SECTION("while pending in a list register") {
    m.pulse(40);
    m.settle();
    REQUIRE(m.lr_of(vcpu(1), 40) != 0);
    m.pulse(40);
    m.settle();
    m.pulse(40);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
  }
  SECTION("while active: active and pending") {
    m.pulse(40);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 40);
    const bool folded = GENERATE(false, true);
    if (folded) m.pass(vcpu(1));
    m.pulse(40);
    m.pulse(40);
    m.settle();
    CHECK(m.bit(m.ispendr, 40));
    CHECK(m.bit(m.isactiver, 40));
    CHECK(m.ack(vcpu(1)) == 1023);
    m.eoi(vcpu(1), 40);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
  }
  SECTION("active and pending, acknowledged again without an exit, then an edge") {
    m.pulse(40);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 40);
    m.pulse(40);
    m.settle();
    m.hardware().end(vcpu(1), m.normal, 40);
    CHECK(m.ack(vcpu(1)) == 40);
    m.pulse(40);
    m.settle();
    m.eoi(vcpu(1), 40);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
  }
  SECTION("acknowledged, but the hypervisor has not seen it yet") {
    m.pulse(40);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 40);
    m.pulse(40);
    m.hardware().end(vcpu(1), m.normal, 40);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
  }
  CHECK(m.take_all(vcpu(1)).empty());
  m.pass(vcpu(1));
  CHECK_FALSE(m.bit(m.ispendr, 40));
  CHECK_FALSE(m.bit(m.isactiver, 40));
}

TEMPLATE_LIST_TEST_CASE("a private edge interrupt is its vCPU's alone", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  for (u32 v = 0; v < 4; ++v) {
    m.edge(20, v);
    m.enable(20, v);
  }
  REQUIRE(m.g.pulse(vcpu(2), intid{20}) == result::ok);
  m.settle();
  CHECK(m.take(vcpu(0)) == 1023);
  CHECK(m.take(vcpu(1)) == 1023);
  CHECK(m.take(vcpu(3)) == 1023);
  CHECK(m.take_all(vcpu(2)) == std::vector<u32>{20});
}

TEMPLATE_LIST_TEST_CASE("a level SPI comes again until its line falls", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.level_spi(41);
  m.raise(41);
  m.settle();
  CHECK(m.take(vcpu(0)) == 41);
  CHECK(m.take(vcpu(0)) == 41);
  const u32 id = m.ack(vcpu(0));
  CHECK(id == 41);
  CHECK(m.bit(m.ispendr, 41));
  CHECK(m.bit(m.isactiver, 41));
  CHECK(m.ack(vcpu(0)) == 1023);
  m.lower(41);
  m.settle();
  m.eoi(vcpu(0), id);
  CHECK(m.take_all(vcpu(0)).empty());
}

TEMPLATE_LIST_TEST_CASE("a line that falls takes its interrupt out of a list register", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.level_spi(41, 2);
  m.raise(41);
  m.settle();
  REQUIRE(m.lr_of(vcpu(2), 41) != 0);
  m.lower(41);
  m.settle();
  CHECK(m.take_all(vcpu(2)).empty());
  CHECK(m.lr_of(vcpu(2), 41) == 0);
  m.raise(41);
  m.settle();
  CHECK(m.ack(vcpu(2)) == 41);
  m.lower(41);
  m.raise(41);
  m.eoi(vcpu(2), 41);
  m.settle();
  CHECK(m.take(vcpu(2)) == 41);
}

TEMPLATE_LIST_TEST_CASE("ISPENDR keeps a level interrupt pending after its line fell", "[GICD_ISPENDR]", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.level_spi(41, 1);
  SECTION("set before the line rises") { m.set(m.ispendr, 41); }
  SECTION("set while the line is high, not listed") {
    m.disable(41);
    m.raise(41);
    m.set(m.ispendr, 41);
    m.enable(41);
  }
  SECTION("set while listed for the line") {
    m.raise(41);
    m.settle();
    m.set(m.ispendr, 41);
  }
  SECTION("set by the vCPU that has it") {
    m.raise(41);
    m.settle();
    m.set(m.ispendr, 41, 1);
  }
  m.raise(41);
  m.settle();
  m.lower(41);
  CHECK(m.bit(m.ispendr, 41));
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{41});
  CHECK_FALSE(m.bit(m.ispendr, 41));
}

TEMPLATE_LIST_TEST_CASE("ISPENDR while a level interrupt is active brings it once more", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.level_spi(41, 1);
  m.raise(41);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 41);
  m.lower(41);
  m.set(m.ispendr, 41, 0);
  m.settle();
  CHECK(m.bit(m.ispendr, 41));
  m.eoi(vcpu(1), 41);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{41});
}

TEMPLATE_LIST_TEST_CASE("ICPENDR drops an edge, not a line", "[GICD_ICPENDR]", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 from = GENERATE(0u, 1u);
  SECTION("edge, listed") {
    m.edge_spi(40, 1);
    m.pulse(40);
    m.settle();
    m.set(m.icpendr, 40, from);
    CHECK_FALSE(m.bit(m.ispendr, 40));
    CHECK(m.take_all(vcpu(1)).empty());
    m.pulse(40);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
  }
  SECTION("edge, listed, and a new edge right behind") {
    m.edge_spi(40, 1);
    m.pulse(40);
    m.settle();
    m.set(m.icpendr, 40, from);
    m.pulse(40);
    CHECK(m.bit(m.ispendr, 40));
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
  }
  SECTION("edge, active and pending: the active part stays") {
    m.edge_spi(40, 1);
    m.pulse(40);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 40);
    m.pulse(40);
    m.settle();
    m.set(m.icpendr, 40, from);
    m.settle();
    CHECK_FALSE(m.bit(m.ispendr, 40));
    CHECK(m.bit(m.isactiver, 40));
    m.eoi(vcpu(1), 40);
    CHECK(m.take_all(vcpu(1)).empty());
  }
  SECTION("level with a high line") {
    m.level_spi(40, 1);
    m.raise(40);
    m.settle();
    m.set(m.icpendr, 40, from);
    CHECK(m.bit(m.ispendr, 40));
    m.settle();
    CHECK(m.take(vcpu(1)) == 40);
  }
  SECTION("level with a low line that ISPENDR made pending") {
    m.level_spi(40, 1);
    m.set(m.ispendr, 40);
    m.settle();
    m.set(m.icpendr, 40, from);
    CHECK_FALSE(m.bit(m.ispendr, 40));
    CHECK(m.take_all(vcpu(1)).empty());
  }
}

TEMPLATE_LIST_TEST_CASE("a level interrupt that is active by ISACTIVER follows its line", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.level_spi(41, 1);
  m.raise(41);
  m.settle();
  m.set(m.isactiver, 41);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 1023);
  m.lower(41);
  m.settle();
  m.split_end(vcpu(1));
  m.deactivate(vcpu(1), 41);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 1023);
  CHECK_FALSE(m.bit(m.ispendr, 41));
}

TEMPLATE_LIST_TEST_CASE("edge and level may be exchanged while an interrupt is pending or active", "[GICD_ICFGR]",
                        every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  SECTION("edge to level while active: sampled when it ends") {
    m.edge_spi(40, 1);
    m.raise(40);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 40);
    m.level(40);
    m.settle();
    m.eoi(vcpu(1), 40);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 40);
    m.lower(40);
    m.settle();
    m.eoi(vcpu(1), 40);
    CHECK(m.take_all(vcpu(1)).empty());
  }
  SECTION("level to edge: the line is no edge") {
    m.level_spi(40, 1);
    m.disable(40);
    m.raise(40);
    m.edge(40);
    CHECK_FALSE(m.bit(m.ispendr, 40));
    m.enable(40);
    CHECK(m.take_all(vcpu(1)).empty());
  }
}

TEMPLATE_LIST_TEST_CASE("an interrupt that becomes level-sensitive in its list register is sampled when it ends", "",
                        every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(40, 1);
  m.edge_spi(41, 1);
  m.raise(40);
  m.settle();
  const bool before = GENERATE(true, false);
  if (before) m.level(40);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
  if (!before) {
    m.pass(vcpu(1));
    m.level(40);
  }
  m.settle();
  // Nothing but kicks and maintenance interrupts brings the vCPU out of the guest.
  m.eoi(vcpu(1), 40);
  CHECK(m.ack(vcpu(1)) == 40);
}

TEMPLATE_LIST_TEST_CASE("the end of an interrupt whose next edge is disabled calls nobody back", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(40, 1);
  m.pulse(40);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
  m.pass(vcpu(1));
  m.pulse(40);
  m.settle();
  m.disable(40);
  m.settle();
  m.hardware().end(vcpu(1), m.normal, 40);
  CHECK_FALSE(m.hardware().maintenance(vcpu(1)));
  m.pass(vcpu(1));
  m.enable(40);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
}

TEMPLATE_LIST_TEST_CASE("the end of an interrupt that goes elsewhere now kicks nobody if it is not pending", "",
                        every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(70, 1);
  m.edge_spi(75, 3);
  m.pulse(70);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 70);
  m.pass(vcpu(1));
  m.route(70, 2);
  m.settle();
  m.pulse(75);
  m.g.host().kicks.clear();
  m.hardware().end(vcpu(1), m.normal, 70);
  m.pass(vcpu(1));
  CHECK(m.g.host().kicks.empty());
  m.pass(vcpu(3));
  CHECK(m.take_all(vcpu(3)) == std::vector<u32>{75});
}
