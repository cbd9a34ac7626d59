// SPDX-License-Identifier: BSL-1.0
// What comes again while the guest handles it: in its list register where that can hold both, else behind it.
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

/// Makes INTID `i` pending for vCPU 1, from vCPU 0.
template <class M>
void send(M& m, u32 i) {
  if (i < 16)
    m.sgi(0, 1, i);
  else if (i < 32)
    CHECK(m.g.pulse(vcpu(1), intid{i}) == result::ok);
  else
    m.pulse(i);
  m.settle();
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("an edge that comes again while it is active is added in its list register", "", every_policy) {
  booted<TestType> m(4);
  const u32 i = GENERATE(0u, 5u, 15u, 16u, 31u, 32u, 40u, 47u, 48u, 63u);
  CAPTURE(i);
  if (i >= 16 && i < 32) {
    m.edge(i, 1);
    m.enable(i, 1);
  }
  if (i >= 32) m.edge_spi(i, 1);
  m.pass(vcpu(1));
  const auto before = m.hardware().at(vcpu(1)).lr_writes;
  send(m, i);
  const u32 id = m.ack(vcpu(1));
  REQUIRE((id & 0x3ff) == i);
  m.pass(vcpu(1));
  send(m, i);
  // A list register of a GICv2 has one source of an SGI alone: the next waits for its end.
  const bool has_source = m.v2 && i < 16;
  CHECK(m.state_in_lr(vcpu(1), i) == (has_source ? lr_state::active : lr_state::active_and_pending));
  CHECK(m.hardware().at(vcpu(1)).lr_writes - before == 2);
  CHECK(m.bit(m.ispendr, i, 1));
  CHECK(m.bit(m.isactiver, i, 1));
  SECTION("one that comes a third time is the same") {
    send(m, i);
    CHECK(m.hardware().at(vcpu(1)).lr_writes - before == 2);
  }
  SECTION("of another priority or group it waits behind, because the list register has one of each") {
    m.priority(i, 0x40, 1);
    m.settle();
    CHECK(m.state_in_lr(vcpu(1), i) == lr_state::active);
    CHECK(m.bit(m.ispendr, i, 1));
  }
  SECTION("disabled it waits") {
    if (has_source) return;  // always enabled
    m.disable(i, 1);
    m.settle();
    CHECK(m.state_in_lr(vcpu(1), i) == lr_state::active);
    CHECK(m.bit(m.ispendr, i, 1));
    m.enable(i, 1);
    m.settle();
    CHECK(m.state_in_lr(vcpu(1), i) == lr_state::active_and_pending);
  }
  m.eoi(vcpu(1), id);
  CHECK((m.take(vcpu(1)) & 0x3ff) == i);
  CHECK(m.take_all(vcpu(1)).empty());
  CHECK_FALSE(m.bit(m.isactiver, i, 1));
  CHECK_FALSE(m.bit(m.ispendr, i, 1));
}

TEMPLATE_LIST_TEST_CASE("a level that is still high while it is active waits for the end", "", every_policy) {
  booted<TestType> m(4);
  m.level_spi(40, 1);
  m.raise(40);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
  m.pass(vcpu(1));
  m.priority(48, 0x40);  // nothing of it
  m.set(m.ispendr, 40);
  m.settle();
  CHECK(m.state_in_lr(vcpu(1), 40) == lr_state::active);
  CHECK(m.bit(m.ispendr, 40));
  m.eoi(vcpu(1), 40);
  CHECK(m.ack(vcpu(1)) == 40);
  m.lower(40);
  m.eoi(vcpu(1), 40);
  CHECK(m.take_all(vcpu(1)).empty());
}

TEMPLATE_LIST_TEST_CASE("an edge that comes before the end of the last is not forgotten with it", "", every_policy) {
  booted<TestType> m(4);
  const u32 i = GENERATE(32u, 40u, 47u, 48u, 63u);
  m.edge_spi(i, 1);
  m.pulse(i);
  m.settle();
  REQUIRE(m.ack(vcpu(1)) == i);
  SECTION("for the same vCPU") {
    m.pulse(i);
    m.hardware().end(vcpu(1), m.normal, i);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{i});
  }
  SECTION("for another one meanwhile, whose CPU has not looked") {
    m.route(i, 2);
    m.pulse(i);
    m.hardware().end(vcpu(1), m.normal, i);
    m.pass(vcpu(1));
    m.settle();
    CHECK(m.ack(vcpu(1)) == 1023);
    CHECK(m.take_all(vcpu(2)) == std::vector<u32>{i});
  }
}
