// SPDX-License-Identifier: BSL-1.0
// The GICv3 distributor's own registers (IHI 0069, 12.9; DS = 1, ARE = 1): control and identification, IROUTER,
// messages, RWP, and what is dead with affinity routing.
#include "catch.hpp"
#include "support/registers.hpp"

using namespace tests;

namespace {

using only_messages = config<gicv3, features<message_spis>, 4, 2, 64>;
using only_status = config<gicv3, features<status_registers>, 4, 2, 64>;
using only_one_of_n = config<gicv3, features<one_of_n>, 4, 2, 64>;
using none = config<gicv3, features<>, 4, 2, 64>;
using all = config<gicv3, all_features, 4, 2, 64>;
using wide = config<gicv3, all_features, 4, 20, 64, layout::qemu_virt, builtin_atomics, wide_affinity>;

constexpr u64 are_ds = 0x50;
constexpr u64 rwp = 1u << 31;
constexpr u64 irm = 1u << 31;
constexpr u32 irouter(u32 i) { return 0x6000 + 8 * i; }

}  // namespace

TEST_CASE("v3: GICD_CTLR has the group enables, ARE and DS are fixed", "[GICD_CTLR]") {
  guest<v3> m;
  CHECK(m.d(0) == are_ds);
  m.d_write(0, 0xffff'ffff);
  CHECK((m.d(0) & ~rwp) == (are_ds | 3));
  m.d_write(0, 2);
  for (u32 v = 0; v < 8; ++v) m.pass(vcpu(v));
  CHECK(m.d(0) == (are_ds | 2));
  CHECK(m.d(0, width::word, 7) == (are_ds | 2));
  m.d_write(0, 1);
  CHECK((m.d(0) & ~rwp) == (are_ds | 1));
  m.d_write(0, 0xffff'fffc);
  CHECK((m.d(0) & ~rwp) == are_ds);
}

TEMPLATE_TEST_CASE("v3: GICD_TYPER says which features there are", "[GICD_TYPER]", none, only_messages, only_status,
                   only_one_of_n, all, wide) {
  guest<TestType> m;
  using f = typename TestType::features;
  const u64 typer = m.d(4);
  CHECK((typer & 0x1f) == 2);
  CHECK((typer >> 5 & 7) == 0);      // CPUNumber: with affinity routing 0
  CHECK((typer >> 8 & 3) == 0);      // ESPI, NMI
  CHECK((typer >> 10 & 1) == 0);     // SecurityExtn
  CHECK((typer >> 11 & 0x1f) == 0);  // num_LPIs
  CHECK((typer >> 16 & 1) == (f::template has<message_spis> ? 1 : 0));
  CHECK((typer >> 17 & 3) == 0);                                                // LPIS, DVIS
  CHECK((typer >> 19 & 0x1f) == 9);                                             // IDbits - 1
  CHECK((typer >> 24 & 1) == 1);                                                // A3V
  CHECK((typer >> 25 & 1) == (f::template has<one_of_n> ? 0 : 1));              // No1N
  CHECK((typer >> 26 & 1) == (TestType::affinity::highest_aff0 > 15 ? 1 : 0));  // RSS
  CHECK(typer >> 27 == 0);
  m.d_write(4, ~typer & 0xffff'ffff);
  CHECK(m.d(4) == typer);
}

TEST_CASE("v3: identification registers of the distributor", "[GICD_IIDR][GICD_PIDR/CIDR][GICD_TYPER2]") {
  guest<v3> m;
  CHECK((m.d(8) & 0xf0'0fff) == 0x43b);
  CHECK(m.d(0xc) == 0);  // TYPER2: not a GICv4.1
  CHECK((m.d(0xffe8) & 0xf0) == 0x30);
  CHECK(m.d(0xffe4) == 0xb4);
  CHECK(m.d(0xffd0) == 0x44);  // 64 KiB; JEP106 continuation 4
  CHECK(m.d(0xfff0) == 0x0d);
  CHECK(m.d(0xfff4) == 0xf0);
  CHECK(m.d(0xfff8) == 0x05);
  CHECK(m.d(0xfffc) == 0xb1);
  for (u32 at = 0xffd0; at < 0x1'0000; at += 4) {
    CAPTURE(at);
    const u64 before = m.d(at);
    m.d_write(at, ~before & 0xffff'ffff);
    CHECK(m.d(at) == before);
  }
}

TEST_CASE("v3: the private part of the distributor's arrays is RAZ/WI",
          "[GICD_IGROUPR][GICD_ISENABLER][GICD_ISPENDR][GICD_ISACTIVER][GICD_IPRIORITYR][GICD_ICFGR]") {
  guest<v3> m;
  m.sgi_write(0, 0x80, 0xffff'ffff);
  m.sgi_write(0, 0x100, 0xffff'ffff);
  m.sgi_write(0, 0x200, 0xffff'ffff);
  m.sgi_write(0, 0x300, 0xffff'ffff);
  for (u32 at = 0x400; at < 0x420; at += 4) m.sgi_write(0, at, 0x1818'1818);
  for (const u32 at : {0x80u, 0x100u, 0x180u, 0x200u, 0x280u, 0x300u, 0x380u, 0x400u, 0x41cu, 0xc00u, 0xc04u}) {
    CAPTURE(at);
    CHECK(m.d(at) == 0);
    m.d_write(at, 0xa8a8'a8a8);
    CHECK(m.d(at) == 0);
  }
  m.d_write(0x401, 0x80, width::byte);
  CHECK(m.sgi_read(0, 0x80) == 0xffff'ffff);
  CHECK(m.sgi_read(0, 0x100) == 0xffff'ffff);
  CHECK(m.sgi_read(0, 0x400) == 0x1818'1818);
}

TEST_CASE("v3: registers that affinity routing and one security state leave dead are RAZ/WI",
          "[GICD_ITARGETSR][GICD_IGRPMODR][GICD_NSACR][GICD_SGIR][GICD_CPENDSGIR][GICD_SPENDSGIR]") {
  guest<v3> m;
  m.boot();
  for (u32 at = 0; at < 0x1'0000; at += 4) {
    const known_register* r = find_register(gicv3_distributor<all_features>, at);
    if (r != nullptr && r->what != kind::zero && at != 0xf00) continue;
    const u64 value = m.d(at);
    m.d_write(at, 0xffff'ffff);
    const u64 after = m.d(at);
    if ((value | after) != 0) FAIL("offset " << std::hex << at << " reads " << value << ", " << after);
  }
  for (u32 v = 0; v < 8; ++v) CHECK(m.sgi_read(v, 0x200) == 0);  // GICD_SGIR, SPENDSGIR
}

TEST_CASE("v3: IROUTER keeps the affinity, as a whole and by halves", "[GICD_IROUTER]") {
  guest<v3> m;
  const u32 at = irouter(40);
  CHECK(m.d(at, width::dword) == 0);
  m.d_write(at, 0xffff'ff5a'7f34'5678, width::dword);
  CHECK(m.d(at, width::dword) == 0x0000'005a'0034'5678);
  CHECK(m.d(at) == 0x0034'5678);
  CHECK(m.d(at + 4) == 0x5a);
  m.d_write(at, 0x0011'2233);
  CHECK(m.d(at, width::dword) == 0x0000'005a'0011'2233);
  m.d_write(at + 4, 0xffff'ff01);
  CHECK(m.d(at, width::dword) == 0x0000'0001'0011'2233);
  CHECK(m.d(irouter(39), width::dword) == 0);
  CHECK(m.d(irouter(41), width::dword) == 0);
  // Other widths and misaligned ones do nothing.
  m.d_write(at, 0xff, width::byte);
  m.d_write(at, 0xffff, width::half);
  m.d_write(at + 2, 0xffff'ffff);
  m.d_write(at + 4, ~u64{0}, width::dword);
  CHECK(m.d(at, width::dword) == 0x0000'0001'0011'2233);
  CHECK(m.d(at, width::byte) == 0);
  CHECK(m.d(at + 4, width::dword) == 0);
  // INTID 0 to 31 have none.
  for (u32 i = 0; i < 32; ++i) {
    m.d_write(irouter(i), 0x1234, width::dword);
    CHECK(m.d(irouter(i), width::dword) == 0);
  }
}

TEST_CASE("v3: IROUTER.IRM is there with 1-of-N", "[GICD_IROUTER]") {
  guest<v3> m;
  const u32 at = irouter(40);
  m.d_write(at, irm, width::dword);
  CHECK((m.d(at, width::dword) & irm) == irm);
  m.d_write(at, 0x0000'0102);
  CHECK(m.d(at, width::dword) == 0x0102);
  m.d_write(at, irm | 0x0304);
  CHECK((m.d(at) & irm) == irm);
  m.d_write(at + 4, 7);  // leaves IRM, the lower half's, alone
  CHECK((m.d(at) & irm) == irm);
  m.d_write(at, 0x0005);
  CHECK((m.d(at) & ~u64{0}) == 5);
  m.d_write(at + 4, 0);
  CHECK(m.d(at, width::dword) == 5);
  // The highest affinity is not IRM.
  m.d_write(at, 0x0000'00ff'00ff'ffff, width::dword);
  CHECK((m.d(at, width::dword) & irm) == 0);
}

TEST_CASE("v3: IROUTER.IRM is RAZ/WI without 1-of-N", "[GICD_IROUTER]") {
  guest<v3_plain> m;
  const u32 at = irouter(40);
  m.d_write(at, irm | 0x0102, width::dword);
  CHECK(m.d(at, width::dword) == 0x0102);
  m.d_write(at, 0x0000'00ff'80ff'ffff, width::dword);
  CHECK(m.d(at, width::dword) == 0x0000'00ff'00ff'ffff);
}

TEST_CASE("v3: an SPI with an affinity that nobody has waits, and the register keeps it", "[GICD_IROUTER]") {
  guest<v3> m(4);
  m.boot();
  m.edge(40);
  m.enable(40);
  for (const u64 nobody : {u64{4}, u64{0x10}, u64{0x100}, u64{0x1'0000}, u64{0x1'0000'0000}, u64{0xff'00ff'ffff}}) {
    CAPTURE(nobody);
    m.d_write(irouter(40), nobody, width::dword);
    m.set(m.ispendr, 40);
    m.settle();
    for (u32 v = 0; v < 4; ++v) {
      m.pass(vcpu(v));
      CHECK(m.take(vcpu(v)) == 1023);
    }
    if (nobody != 0xff'00ff'ffff) CHECK(m.d(irouter(40), width::dword) == nobody);
    CHECK(m.bit(m.ispendr, 40));
    m.route(40, 3);
    m.settle();
    CHECK(m.take(vcpu(3)) == 40);
    m.pass(vcpu(3));
    CHECK_FALSE(m.bit(m.ispendr, 40));
  }
}

TEST_CASE("v3: IROUTER by halves moves a pending SPI only to what both halves say", "[GICD_IROUTER]") {
  guest<v3> m(4);
  m.boot();
  m.edge(40);
  m.enable(40);
  m.d_write(irouter(40), 0x0000'0001'0000'0001, width::dword);
  m.set(m.ispendr, 40);
  m.d_write(irouter(40), 2);  // 1.0.0.2: nobody
  m.settle();
  for (u32 v = 0; v < 4; ++v) {
    m.pass(vcpu(v));
    CHECK(m.take(vcpu(v)) == 1023);
  }
  m.d_write(irouter(40) + 4, 0);  // 0.0.0.2
  m.settle();
  CHECK(m.take(vcpu(2)) == 40);
}

TEST_CASE("v3: message registers set and clear an SPI's pending state", "[GICD_SETSPI_NSR][GICD_CLRSPI_NSR]") {
  guest<v3> m;
  m.edge(40);
  m.d_write(0x40, 40);
  CHECK(m.bit(m.ispendr, 40));
  m.d_write(0x48, 40);
  CHECK_FALSE(m.bit(m.ispendr, 40));
  m.d_write(0x40, 40, width::half);
  CHECK(m.bit(m.ispendr, 40));
  m.set(m.icpendr, 40);
  CHECK_FALSE(m.bit(m.ispendr, 40));
  // Level-sensitive: a level of its own, which ICPENDR does not lower.
  m.d_write(0x40, 41);
  CHECK(m.bit(m.ispendr, 41));
  m.set(m.icpendr, 41);
  CHECK(m.bit(m.ispendr, 41));
  m.d_write(0x48, 42, width::half);
  CHECK(m.bit(m.ispendr, 41));
  m.d_write(0x48, 41, width::half);
  CHECK_FALSE(m.bit(m.ispendr, 41));
  REQUIRE(m.g.raise(intid{41}) == result::ok);
  m.d_write(0x48, 41);
  CHECK(m.bit(m.ispendr, 41));  // the line is not the message
  REQUIRE(m.g.lower(intid{41}) == result::ok);
  m.set(m.ispendr, 41);
  m.d_write(0x48, 41);
  CHECK(m.bit(m.ispendr, 41));  // nor is the latch
  m.set(m.icpendr, 41);
  CHECK_FALSE(m.bit(m.ispendr, 41));
  // INTIDs that are no SPI of this VM.
  for (const u32 i : {0u, 16u, 31u, 288u, 1019u, 1020u, 1023u, 8191u, 0xffffu}) {
    m.d_write(0x40, i);
    m.d_write(0x40, i, width::half);
  }
  for (u32 i = 0; i < 288; i += 32) CHECK(m.load(vcpu(0), m.bits(m.ispendr, i)) == 0);
  m.d_write(0x40, 40, width::byte);
  m.d_write(0x40, 40, width::dword);
  m.d_write(0x42, 40, width::half);
  m.d_write(0x44, 40);
  m.d_write(0x50, 40);  // SETSPI_SR: with one security state there is none
  CHECK_FALSE(m.bit(m.ispendr, 40));
  CHECK(m.d(0x40) == 0);
  CHECK(m.d(0x48) == 0);
}

TEST_CASE("v3: without message SPIs their registers are reserved") {
  guest<only_status> m;
  m.edge(40);
  m.d_write(0x40, 40);
  m.d_write(0x40, 40, width::half);
  CHECK_FALSE(m.bit(m.ispendr, 40));
  CHECK(m.d(0x10) == 2);  // WRD
  CHECK(m.d(0x40) == 0);
  CHECK(m.d(0x10) == 3);  // and RRD
}

TEST_CASE("v3: GICD_CTLR.RWP while a disabled SPI is still in another vCPU's list register", "[GICD_CTLR]") {
  guest<v3> m;
  m.boot();
  m.edge(40);
  m.route(40, 1);
  m.enable(40);
  m.set(m.ispendr, 40);
  m.settle();
  CHECK((m.d(0) & rwp) == 0);
  m.disable(40);
  CHECK((m.d(0) & rwp) == rwp);
  CHECK((m.d(0) & rwp) == rwp);
  m.pass(vcpu(0));
  CHECK((m.d(0) & rwp) == rwp);
  m.settle();
  CHECK((m.d(0) & rwp) == 0);
  CHECK(m.take(vcpu(1)) == 1023);
  CHECK(m.bit(m.ispendr, 40));
}

TEST_CASE("v3: GICD_CTLR.RWP falls when the guest acknowledged before it could be told", "[GICD_CTLR]") {
  guest<v3> m;
  m.boot();
  m.edge(40);
  m.route(40, 1);
  m.enable(40);
  m.set(m.ispendr, 40);
  m.settle();
  m.disable(40);
  CHECK(m.ack(vcpu(1)) == 40);
  CHECK((m.d(0) & rwp) == rwp);
  m.settle();
  CHECK((m.d(0) & rwp) == 0);
  CHECK(m.bit(m.isactiver, 40));
  m.eoi(vcpu(1), 40);
}

TEST_CASE("v3: GICD_CTLR.RWP after one's own list register is clear at once") {
  guest<v3> m;
  m.boot();
  m.edge(40);
  m.route(40, 0);
  m.enable(40);
  m.set(m.ispendr, 40);
  m.settle();
  m.disable(40);
  CHECK((m.d(0) & rwp) == 0);
  CHECK(m.take(vcpu(0)) == 1023);
}

TEST_CASE("v3: GICD_CTLR.RWP after a group is turned off, for SPIs and private interrupts", "[GICD_CTLR]") {
  guest<v3> m;
  m.boot();
  SECTION("an SPI") {
    m.edge(40);
    m.route(40, 1);
    m.enable(40);
    m.set(m.ispendr, 40);
    m.settle();
  }
  SECTION("an SGI") {
    m.sgi(0, 1, 5);
    m.settle();
  }
  SECTION("a PPI") {
    m.enable(27, 1);
    REQUIRE(m.g.raise(vcpu(1), intid{27}) == result::ok);
    m.settle();
  }
  m.gates(1);  // group 1 off
  CHECK((m.d(0) & rwp) == rwp);
  m.settle();
  CHECK((m.d(0) & rwp) == 0);
  CHECK(m.take(vcpu(1)) == 1023);
  m.gates(3);
  CHECK((m.d(0) & rwp) == 0);
  m.settle();
  CHECK(m.take(vcpu(1)) != 1023);
}
