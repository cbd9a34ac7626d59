// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

template <class M>
void message(M& m, u32 i, u32 from = 0) {
  m.store(vcpu(from), m.gicd + 0x40, i);
}
template <class M>
void withdraw_message(M& m, u32 i, u32 from = 0) {
  m.store(vcpu(from), m.gicd + 0x48, i);
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("a message to an edge SPI is an edge", "[GICD_SETSPI_NSR]", message_policies) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(50, 1);
  message(m, 50);
  message(m, 50);
  CHECK(m.bit(m.ispendr, 50));
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{50});
  message(m, 50, 1);
  CHECK(m.ack(vcpu(1)) == 50);
  message(m, 50);
  m.settle();
  m.eoi(vcpu(1), 50);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{50});
  SECTION("CLRSPI takes it back, from the planes and from a list register") {
    const u32 from = GENERATE(0u, 1u);
    const bool listed = GENERATE(false, true);
    message(m, 50);
    if (listed) m.settle();
    withdraw_message(m, 50, from);
    CHECK_FALSE(m.bit(m.ispendr, 50));
    CHECK(m.take_all(vcpu(1)).empty());
  }
}

TEMPLATE_LIST_TEST_CASE("a message to a level SPI is a level of its own", "[GICD_SETSPI_NSR][GICD_CLRSPI_NSR]",
                        message_policies) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.level_spi(50, 1);
  message(m, 50);
  m.settle();
  CHECK(m.take(vcpu(1)) == 50);
  CHECK(m.ack(vcpu(1)) == 50);
  m.set(m.icpendr, 50);
  m.settle();
  m.eoi(vcpu(1), 50);
  CHECK(m.bit(m.ispendr, 50));
  SECTION("CLRSPI ends it") {
    withdraw_message(m, 50);
    CHECK_FALSE(m.bit(m.ispendr, 50));
    CHECK(m.take_all(vcpu(1)).empty());
  }
  SECTION("the line is another level") {
    m.raise(50);
    withdraw_message(m, 50);
    m.settle();
    CHECK(m.take(vcpu(1)) == 50);
    message(m, 50);
    m.lower(50);
    m.settle();
    CHECK(m.take(vcpu(1)) == 50);
    withdraw_message(m, 50);
    CHECK(m.take_all(vcpu(1)).empty());
  }
  SECTION("CLRSPI leaves what ISPENDR set") {
    m.set(m.ispendr, 50);
    withdraw_message(m, 50);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{50});
  }
}

TEMPLATE_LIST_TEST_CASE("CLRSPI takes a level out of the list register of another vCPU", "[GICD_CLRSPI_NSR]",
                        message_policies) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 i = GENERATE(64u, 65u, 95u);
  m.level_spi(i, 1);
  message(m, i);
  m.settle();
  REQUIRE(m.state_in_lr(vcpu(1), i) == lr_state::pending);
  withdraw_message(m, i);
  CHECK(m.g.host().kicks == std::vector<vcpu_id>{vcpu(1)});
  m.settle();
  CHECK(m.lr_of(vcpu(1), i) == 0);
}

TEMPLATE_LIST_TEST_CASE("a message to an INTID that is no SPI does nothing", "", message_policies) {
  booted<TestType> m(4, 4, 64);
  for (const u32 i : {0u, 5u, 27u, 96u, 1019u, 1020u, 1023u, 0x1fffu}) {
    message(m, i);
    withdraw_message(m, i);
  }
  for (u32 v = 0; v < 4; ++v) {
    CHECK(m.load(vcpu(v), m.bits(m.ispendr, 0, v)) == 0);
    CHECK(m.take_all(vcpu(v)).empty());
  }
}
