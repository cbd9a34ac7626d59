// SPDX-License-Identifier: BSL-1.0
/// \file
/// Rules of the architecture that emulators were found to break, where no other test is about that rule alone.
#include "support.hpp"

using namespace tests;

TEMPLATE_LIST_TEST_CASE("a line that was high before: enabling its interrupt signals it", "[rule]", both_versions) {
  booted<TestType> m(GENERATE(1u, 4u));
  m.level_spi(40, 1);
  m.disable(40);
  m.raise(40);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 1023);
  m.enable(40, GENERATE(0u, 1u));
  m.settle();
  CHECK(m.take(vcpu(1)) == 40);
}

TEMPLATE_LIST_TEST_CASE("ICPENDR of a PPI clears it on one vCPU", "[rule]", both_versions) {
  booted<TestType> m(4);
  for (u32 v = 0; v < 4; ++v) {
    m.edge(27, v);
    m.disable(27, v);
    CHECK(m.g.pulse(vcpu(v), intid{27}) == result::ok);
  }
  m.set(m.icpendr, 27, 2);
  for (u32 v = 0; v < 4; ++v) {
    CHECK(m.bit(m.ispendr, 27, v) == (v != 2));
    m.enable(27, v);
  }
  CHECK(takers(m) == std::vector<u32>{0, 1, 3});
}

TEMPLATE_LIST_TEST_CASE(
    "a reset CPU interface is not a reset redistributor: off and on keeps a vCPU's private registers", "[rule]",
    both_versions) {
  booted<TestType> m(4);
  m.priority(27, 0x48, 1);
  m.edge(27, 1);
  m.enable(27, 1);
  m.set(m.isactiver, 29, 1);
  m.disable(28, 1);
  m.set(m.ispendr, 28, 1);
  m.group_of(30, m.v2 ? group::one : group::zero, 1);
  m.turn_off(vcpu(1));
  m.turn_on(vcpu(1));
  CHECK(m.load(vcpu(1), m.bytes(m.ipriorityr, 27, 1), width::byte) == 0x48);
  CHECK(m.bit(m.isenabler, 27, 1));
  CHECK(m.bit(m.ispendr, 28, 1));
  CHECK(m.bit(m.isactiver, 29, 1));
  CHECK(m.bit(m.igroupr, 30, 1) == m.v2);
  CHECK(m.g.pulse(vcpu(1), intid{27}) == result::ok);
  CHECK(takers(m) == std::vector<u32>{1});
}

TEMPLATE_LIST_TEST_CASE(
    "ICACTIVER while the guest handles it: the end that follows drops the priority and ends nothing", "[rule]",
    both_versions) {
  booted<TestType> m(GENERATE(1u, 4u));
  m.edge_spi(40, 1);
  m.edge_spi(41, 1);
  m.priority(40, 0x40);
  m.pulse(40);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
  m.set(m.icactiver, 40, 1);
  CHECK_FALSE(m.bit(m.isactiver, 40));
  CHECK(m.hardware().at(vcpu(1)).apr[m.v2 ? 0 : 1] != 0);
  m.set(m.isactiver, 41, 0);
  m.settle();
  m.eoi(vcpu(1), 40);
  m.settle();
  CHECK(m.hardware().at(vcpu(1)).apr[m.v2 ? 0 : 1] == 0);
  CHECK(m.bit(m.isactiver, 41));
  m.set(m.icactiver, 41, 0);
  m.pulse(40);
  m.pulse(41);
  CHECK(takers(m) == std::vector<u32>{1, 1});
}

TEMPLATE_LIST_TEST_CASE("a new priority of an active interrupt leaves its running priority", "[rule]", both_versions) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  m.priority(40, 0x40);
  m.edge_spi(41, 1);
  m.priority(41, 0x80);
  m.pulse(40);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
  m.priority(40, 0xe0, GENERATE(0u, 1u));
  m.settle();
  m.pulse(41);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 1023);  // 0x80 does not preempt 0x40
  m.eoi(vcpu(1), 40);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{41});
}

TEMPLATE_LIST_TEST_CASE("an SPI is deactivated by another vCPU than the one that took it", "[rule]", both_versions) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  m.split_end(vcpu(1));
  m.split_end(vcpu(2));
  m.pulse(40);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
  m.drop(vcpu(1), 40);
  m.pass(vcpu(1));
  CHECK(m.bit(m.isactiver, 40));
  if constexpr (booted<TestType>::v2) {
    // GICV_DIR is the hardware's, which finds no list register there; software that means it writes ICACTIVER.
    m.set(m.icactiver, 40, 2);
  } else {
    m.write_sgi1r(2, 40, syndrome::key_icc_dir);  // trapped: ICH_HCR_EL2.TDIR
    CHECK(m.last == trap_status::handled);
  }
  m.settle();
  CHECK_FALSE(m.bit(m.isactiver, 40));
  m.pulse(40);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
}

TEST_CASE("GICD_SGIR.NSATT means nothing without Security Extensions", "[rule]") {
  v2_machine m(4, 2);
  for (const group gr : {group::zero, group::one})
    for (const u32 nsatt : {0u, 1u << 15}) {
      m.group_of(5, gr, 1);
      m.store(vcpu(0), m.gicd + 0xf00, u64{2} << 16 | nsatt | 5);
      m.settle();
      CHECK(m.take(vcpu(1), gr) == 5);
    }
}

TEST_CASE("sources of SGIs that are no vCPUs of the VM are RAZ/WI in SPENDSGIR and CPENDSGIR",
          "[rule][GICD_SPENDSGIR][GICD_CPENDSGIR]") {
  v2_machine m(4, 2);
  m.store(vcpu(1), m.gicd + 0xf20, 0xffff'ffff);
  CHECK(m.load(vcpu(1), m.gicd + 0xf20) == 0x0303'0303);
  CHECK(m.load(vcpu(1), m.gicd + 0xf10) == 0x0303'0303);
  CHECK(m.load(vcpu(0), m.gicd + 0xf20) == 0);
  m.store(vcpu(1), m.gicd + 0xf10, 0xfdfd'fdfd);
  CHECK(m.load(vcpu(1), m.gicd + 0xf20) == 0x0202'0202);
}

TEMPLATE_LIST_TEST_CASE("a group that is off: active interrupts of it still end", "[rule]", both_versions) {
  booted<TestType> m(GENERATE(1u, 4u));
  m.edge_spi(40, 1);
  m.pulse(40);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
  m.pulse(40);
  m.gates(0);
  m.settle();
  m.eoi(vcpu(1), 40);
  m.pass(vcpu(1));
  CHECK_FALSE(m.bit(m.isactiver, 40));
  CHECK(m.bit(m.ispendr, 40));
  CHECK(m.ack(vcpu(1)) == 1023);
  m.gates(3);
  CHECK(takers(m) == std::vector<u32>{1});
}
