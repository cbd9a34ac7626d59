// SPDX-License-Identifier: BSL-1.0
// GICD_CTLR.RWP, GICR_CTLR.RWP (IHI 0069, 12.9.4 and 12.11.2): set while something that was disabled may still be
// acknowledged, and not longer. Who disabled it sees it.
#include "catch.hpp"
#include "support/invariants.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

/// vCPU 2 holds a PPI and an SPI of each of two banks, vCPU 3 another one; vCPU 0 looks.
template <class C>
struct holders : booted<C> {
  static constexpr u32 ppi = 20, spi = 40, far_spi = 100, of_3 = 41, ppi_of_3 = 21;

  holders() : booted<C>(4) {
    this->edge(ppi, 2);
    this->enable(ppi, 2);
    this->edge(ppi_of_3, 3);
    this->enable(ppi_of_3, 3);
    this->edge_spi(spi, 2);
    this->edge_spi(far_spi, 2);
    this->edge_spi(of_3, 3);
  }
  void all_come() {
    CHECK(this->g.pulse(vcpu(2), intid{ppi}) == result::ok);
    CHECK(this->g.pulse(vcpu(3), intid{ppi_of_3}) == result::ok);
    for (const u32 i : {spi, far_spi, of_3}) this->pulse(i);
    this->settle();
    REQUIRE(this->lr_of(vcpu(2), ppi) != 0);
    REQUIRE(this->lr_of(vcpu(2), far_spi) != 0);
    REQUIRE(this->lr_of(vcpu(3), of_3) != 0);
  }
  /// GICD_CTLR.RWP as `v` reads it.
  bool rwp(u32 v) { return (this->load(vcpu(v), this->gicd) >> 31 & 1) != 0; }
  /// GICR_CTLR.RWP of `of`, as `v` reads it.
  bool own_rwp(u32 of, u32 v = 0) { return (this->load(vcpu(v), this->rd(of)) >> 3 & 1) != 0; }
  void disable_private(u32 i, u32 of, u32 by) {
    this->store(vcpu(by), this->sgi_frame(of) + this->icenabler, u64{1} << i);
  }
};

using configurations = std::tuple<config<gicv3, all_features, 4, 4, 256>, config<gicv3, no_features, 4, 8, 256>>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("RWP: of SPIs, until their vCPU has looked", "[GICD_CTLR]", configurations) {
  holders<TestType> m;
  SECTION("nothing is pending") {
    for (const u32 i : {m.spi, m.far_spi, m.of_3}) m.disable(i);
    CHECK_FALSE(m.rwp(0));
  }
  SECTION("one by one") {
    m.all_come();
    CHECK_FALSE(m.rwp(0));
    m.disable(m.far_spi);
    CHECK(m.rwp(0));
    CHECK_FALSE(m.own_rwp(2));
    m.pass(vcpu(3));
    CHECK(m.rwp(0));
    m.disable(m.of_3);
    m.pass(vcpu(2));
    CHECK(m.rwp(0));
    m.pass(vcpu(3));
    CHECK_FALSE(m.rwp(0));
  }
  SECTION("another one of the bank is enabled, and was not looked at") {
    m.all_come();
    m.disable(m.spi);
    m.pass(vcpu(2));
    m.priority(m.of_3, 0x80);
    CHECK_FALSE(m.rwp(0));
  }
  SECTION("one that is active, and nothing else") {
    m.pulse(m.spi);
    m.settle();
    REQUIRE(m.ack(vcpu(2)) == m.spi);
    m.pass(vcpu(2));
    m.disable(m.spi);
    CHECK_FALSE(m.rwp(0));
  }
  SECTION("one that is active, and came again") {
    m.pulse(m.spi);
    m.settle();
    REQUIRE(m.ack(vcpu(2)) == m.spi);
    m.pulse(m.spi);
    m.settle();
    REQUIRE(m.state_in_lr(vcpu(2), m.spi) == lr_state::active_and_pending);
    m.disable(m.spi);
    CHECK(m.rwp(0));
    m.pass(vcpu(2));
    CHECK_FALSE(m.rwp(0));
    m.priority(m.spi, 0x80);  // to be looked at again, but it is not forwarded any more
    m.pass(vcpu(2));
    CHECK_FALSE(m.rwp(0));
  }
  SECTION("enabled again") {
    m.all_come();
    m.disable(m.spi);
    m.enable(m.spi);
    CHECK_FALSE(m.rwp(0));
  }
}

TEMPLATE_LIST_TEST_CASE("RWP: of a private interrupt it is its redistributor's", "[GICR_CTLR][GICD_CTLR]",
                        configurations) {
  holders<TestType> m;
  SECTION("disabled by another vCPU") {
    m.all_come();
    m.disable_private(m.ppi, 2, 0);
    CHECK(m.own_rwp(2));
    CHECK(m.own_rwp(2, 3));
    CHECK_FALSE(m.own_rwp(3));
    CHECK_FALSE(m.own_rwp(0));
    CHECK_FALSE(m.rwp(0));
    m.disable(m.of_3);
    CHECK(m.rwp(0));
    m.pass(vcpu(3));
    CHECK_FALSE(m.rwp(0));  // the PPI is still there
    CHECK(m.own_rwp(2));
    m.pass(vcpu(2));
    CHECK_FALSE(m.own_rwp(2));
  }
  SECTION("the other bits are as they were") {
    m.store(vcpu(2), m.rd(2), u64{1} << 25);  // DPG1NS, where it is implemented
    const u64 private_before = m.load(vcpu(0), m.rd(2));
    const u64 before = m.load(vcpu(0), m.gicd);
    m.store(vcpu(2), m.rd(2), 0);
    m.all_come();
    m.store(vcpu(0), m.rd(2), u64{1} << 25);
    m.disable_private(m.ppi, 2, 0);
    m.disable(m.spi);
    CHECK(m.load(vcpu(0), m.rd(2)) == (private_before | 8));
    CHECK(m.load(vcpu(0), m.gicd) == (before | u64{1} << 31));
  }
  SECTION("disabled by itself: it has looked when it reads") {
    m.all_come();
    m.disable_private(m.ppi, 2, 2);
    CHECK_FALSE(m.own_rwp(2, 2));
    CHECK_FALSE(m.rwp(2));
  }
  SECTION("active, and came again") {
    CHECK(m.g.pulse(vcpu(2), intid{m.ppi}) == result::ok);
    m.settle();
    REQUIRE(m.ack(vcpu(2)) == m.ppi);
    CHECK(m.g.pulse(vcpu(2), intid{m.ppi}) == result::ok);
    m.settle();
    m.pass(vcpu(2));
    REQUIRE(m.state_in_lr(vcpu(2), m.ppi) == lr_state::active_and_pending);
    m.disable_private(m.ppi, 2, 0);
    CHECK(m.own_rwp(2));
    m.pass(vcpu(2));
    REQUIRE(m.state_in_lr(vcpu(2), m.ppi) == lr_state::active);
    CHECK_FALSE(m.own_rwp(2));
  }
}

TEMPLATE_LIST_TEST_CASE("RWP: a group is off when each vCPU has looked", "[GICD_CTLR]", configurations) {
  holders<TestType> m;
  SECTION("of all that are listed") {
    m.all_come();
    m.gates(1);
    CHECK(m.rwp(0));
    CHECK_FALSE(m.rwp(1));  // it disabled nothing
    m.pass(vcpu(2));
    CHECK(m.rwp(0));
    m.pass(vcpu(3));
    CHECK_FALSE(m.rwp(0));
  }
  SECTION("of private ones alone") {
    const u32 of = GENERATE(2u, 3u);
    CHECK(m.g.pulse(vcpu(of), intid{of == 2 ? m.ppi : m.ppi_of_3}) == result::ok);
    m.settle();
    m.gates(1);
    CHECK(m.rwp(0));
    m.pass(vcpu(5 - of));
    CHECK(m.rwp(0));
    m.pass(vcpu(of));
    CHECK_FALSE(m.rwp(0));
  }
  SECTION("the one in which nothing is") {
    m.all_come();
    m.gates(2);
    CHECK_FALSE(m.rwp(0));
  }
  SECTION("on again") {
    m.all_come();
    m.gates(0);
    CHECK(m.rwp(0));
    m.gates(3);
    CHECK_FALSE(m.rwp(0));
  }
  SECTION("turned on, while another vCPU disabled something") {
    const u32 before = GENERATE(0u, 1u, 2u);
    m.all_come();
    m.gates(before);
    m.settle();
    CHECK_FALSE(m.rwp(0));
    m.gates(2);
    m.settle();
    CHECK_FALSE(m.rwp(0));
    m.disable(m.spi, 1);
    CHECK(m.rwp(1));
    m.gates(3);
    CHECK_FALSE(m.rwp(0));  // vCPU 0 disabled nothing since
    m.gates(1);
    CHECK(m.rwp(0));
  }
  CHECK(broken_invariants(m.g, m.g.inspect().typer) == "");
}
