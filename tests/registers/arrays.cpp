// SPDX-License-Identifier: BSL-1.0
// Registers with a field an interrupt, which are the same on both versions: IGROUPR, I[SC]ENABLER, I[SC]PENDR,
// I[SC]ACTIVER, IPRIORITYR, ICFGR; reset values, write-one semantics, and where the interrupts end.
#include "catch.hpp"
#include "support/registers.hpp"

using namespace tests;

namespace {

template <u32 Spis, class Version = gicv3>
using with_spis = config<Version, all_features, 4, 2, Spis>;
using v2_988 = with_spis<988, gicv2>;
using v3_988 = with_spis<988>;
using v2_960 = with_spis<960, gicv2>;
using v3_960 = with_spis<960>;

template <class Version, u32 Bits>
using with_bits = config<Version, all_features, 4, 2, 64, layout::xen_4_5, builtin_atomics, flat_affinity, Bits>;
using v2_bits5 = with_bits<gicv2, 5>;
using v2_bits6 = with_bits<gicv2, 6>;
using v2_bits8 = with_bits<gicv2, 8>;
using v3_bits5 = with_bits<gicv3, 5>;
using v3_bits6 = with_bits<gicv3, 6>;
using v3_bits7 = with_bits<gicv3, 7>;
using v3_bits8 = with_bits<gicv3, 8>;

/// The arrays of 32 interrupts a word.
constexpr u32 bit_arrays[] = {0x80, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380};

template <class G>
u64 word_of(G& m, u32 reg, u32 i, u32 v = 0) {
  return m.load(vcpu(v), m.bits(reg, i, v));
}
template <class G>
void write_word(G& m, u32 reg, u32 i, u64 value, u32 v = 0) {
  m.store(vcpu(v), m.bits(reg, i, v), value);
}

}  // namespace

TEMPLATE_TEST_CASE("reset values of the interrupt registers",
                   "[GICD_IGROUPR][GICD_ISENABLER][GICD_ISPENDR][GICD_ISACTIVER][GICD_IPRIORITYR][GICD_ICFGR]", v2, v3,
                   v2_plain, v3_plain) {
  guest<TestType> m;
  const u64 sgis_on = guest<TestType>::v2 ? 0xffff : 0;
  for (u32 v = 0; v < 8; ++v) {
    CAPTURE(v);
    CHECK(word_of(m, m.igroupr, 0, v) == 0);
    CHECK(word_of(m, m.isenabler, 0, v) == sgis_on);
    CHECK(word_of(m, m.icenabler, 0, v) == sgis_on);
    for (const u32 reg : {m.ispendr, m.icpendr, m.isactiver, m.icactiver}) CHECK(word_of(m, reg, 0, v) == 0);
    for (u32 i = 0; i < 32; i += 4) CHECK(m.load(vcpu(v), m.bytes(m.ipriorityr, i, v)) == 0);
  }
  for (u32 i = 32; i < 288; i += 32) {
    CAPTURE(i);
    for (const u32 reg : bit_arrays) CHECK(word_of(m, reg, i) == 0);
    for (u32 k = 0; k < 32; k += 4) CHECK(m.load(vcpu(0), m.bytes(m.ipriorityr, i + k)) == 0);
    for (u32 k = 0; k < 32; k += 16) CHECK(m.d(m.icfgr + (i + k) / 4) == 0);
  }
}

TEST_CASE("reset_to_group1 starts every interrupt in group 1") {
  using grouped = config<gicv3, features<reset_to_group1>>;
  guest<grouped> m(8, 96);
  CHECK(m.d(0x80) == 0);
  CHECK(m.d(0x84) == 0xffff'ffff);
  CHECK(m.d(0x8c) == 0xffff'ffff);
  CHECK(m.d(0x90) == 0);  // started with fewer than there could be
  for (u32 v = 0; v < 8; ++v) CHECK(m.sgi_read(v, 0x80) == 0xffff'ffff);
  m.d_write(0x84, 0);
  CHECK(m.d(0x84) == 0);
}

TEST_CASE("reset_to_group1 does not make INTID 1020 to 1023") {
  using grouped = config<gicv3, features<reset_to_group1>, 4, 2, 988>;
  guest<grouped> m;
  CHECK(m.d(0xfc) == 0x0fff'ffff);
}

TEST_CASE("v2: what only GICv3 has does nothing") {
  guest<config<gicv2, features<message_spis, status_registers, reset_to_group1>>> m;
  CHECK(m.d(0x80) == 0);
  CHECK(m.d(0x84) == 0);
  m.edge(40);
  m.d_write(0x40, 40);
  CHECK_FALSE(m.bit(m.ispendr, 40));
  CHECK(m.d(0x10) == 0);
}

TEMPLATE_TEST_CASE("IGROUPR is written as a whole", "[GICD_IGROUPR]", v2, v3) {
  guest<TestType> m;
  for (const u32 i : {0u, 32u, 64u, 256u}) {
    CAPTURE(i);
    write_word(m, m.igroupr, i, 0xa5a5'1234);
    CHECK(word_of(m, m.igroupr, i) == 0xa5a5'1234);
    write_word(m, m.igroupr, i, 0x0000'ffff);
    CHECK(word_of(m, m.igroupr, i) == 0x0000'ffff);
  }
  CHECK(word_of(m, m.igroupr, 96) == 0);
}

TEMPLATE_TEST_CASE("ISENABLER sets and ICENABLER clears where a 1 is written", "[GICD_ISENABLER][GICD_ICENABLER]", v2,
                   v3) {
  guest<TestType> m;
  const u64 sgis = guest<TestType>::v2 ? 0xffff : 0;  // always enabled on GICv2
  for (const u32 i : {0u, 32u, 256u}) {
    CAPTURE(i);
    const u64 always = i == 0 ? sgis : 0;
    write_word(m, m.isenabler, i, 0x00f0'00f0);
    CHECK(word_of(m, m.isenabler, i) == (0x00f0'00f0 | always));
    write_word(m, m.isenabler, i, 0x0f00'0000);
    CHECK(word_of(m, m.isenabler, i) == (0x0ff0'00f0 | always));
    CHECK(word_of(m, m.icenabler, i) == (0x0ff0'00f0 | always));
    write_word(m, m.isenabler, i, 0);
    write_word(m, m.icenabler, i, 0);
    CHECK(word_of(m, m.isenabler, i) == (0x0ff0'00f0 | always));
    write_word(m, m.icenabler, i, 0x0030'0030);
    CHECK(word_of(m, m.icenabler, i) == (0x0fc0'00c0 | always));
    write_word(m, m.icenabler, i, 0xffff'ffff);
    CHECK(word_of(m, m.isenabler, i) == always);
  }
}

TEMPLATE_TEST_CASE("ISPENDR sets and ICPENDR clears where a 1 is written", "[GICD_ISPENDR][GICD_ICPENDR]", v2, v3) {
  guest<TestType> m;
  // GICv2: SGIs are made pending by GICD_SGIR and GICD_SPENDSGIR only.
  for (const u32 i : {0u, 32u, 256u}) {
    CAPTURE(i);
    const u64 reach = guest<TestType>::v2 && i == 0 ? 0xffff'0000 : 0xffff'ffff;
    write_word(m, m.ispendr, i, 0x00f0'00f0);
    CHECK(word_of(m, m.ispendr, i) == (0x00f0'00f0 & reach));
    write_word(m, m.ispendr, i, 0x0f00'0000);
    CHECK(word_of(m, m.icpendr, i) == (0x0ff0'00f0 & reach));
    write_word(m, m.ispendr, i, 0);
    write_word(m, m.icpendr, i, 0);
    CHECK(word_of(m, m.ispendr, i) == (0x0ff0'00f0 & reach));
    write_word(m, m.icpendr, i, 0x0030'0030);
    CHECK(word_of(m, m.ispendr, i) == (0x0fc0'00c0 & reach));
    write_word(m, m.icpendr, i, 0xffff'ffff);
    CHECK(word_of(m, m.icpendr, i) == 0);
  }
}

TEMPLATE_TEST_CASE("ISACTIVER sets and ICACTIVER clears where a 1 is written", "[GICD_ISACTIVER][GICD_ICACTIVER]", v2,
                   v3) {
  guest<TestType> m;
  for (const u32 i : {0u, 32u, 256u}) {
    CAPTURE(i);
    write_word(m, m.isactiver, i, 0x00f0'00f0);
    CHECK(word_of(m, m.isactiver, i) == 0x00f0'00f0);
    write_word(m, m.isactiver, i, 0x0f00'0000);
    CHECK(word_of(m, m.icactiver, i) == 0x0ff0'00f0);
    write_word(m, m.isactiver, i, 0);
    write_word(m, m.icactiver, i, 0);
    CHECK(word_of(m, m.isactiver, i) == 0x0ff0'00f0);
    write_word(m, m.icactiver, i, 0x0030'0030);
    CHECK(word_of(m, m.isactiver, i) == 0x0fc0'00c0);
    write_word(m, m.icactiver, i, 0xffff'ffff);
    CHECK(word_of(m, m.icactiver, i) == 0);
  }
}

TEMPLATE_TEST_CASE("pending and active state in a list register is read", "[GICD_ISPENDR][GICD_ISACTIVER]", v2, v3) {
  guest<TestType> m;
  m.boot();
  m.edge(40);
  m.enable(40);
  m.route(40, 0);
  m.set(m.ispendr, 40);
  m.settle();
  CHECK(m.bit(m.ispendr, 40));
  CHECK_FALSE(m.bit(m.isactiver, 40));
  CHECK(m.ack(vcpu(0)) == 40);
  CHECK_FALSE(m.bit(m.ispendr, 40));
  CHECK(m.bit(m.isactiver, 40));
  m.set(m.ispendr, 40);  // active and pending
  CHECK(m.bit(m.ispendr, 40));
  CHECK(m.bit(m.isactiver, 40));
  m.set(m.icpendr, 40);
  CHECK_FALSE(m.bit(m.icpendr, 40));
  m.set(m.icactiver, 40);
  CHECK_FALSE(m.bit(m.icactiver, 40));
}

TEMPLATE_TEST_CASE("a level is pending whatever ICPENDR says, ISPENDR stays when it falls",
                   "[GICD_ISPENDR][GICD_ICPENDR]", v2, v3) {
  guest<TestType> m;
  REQUIRE(m.g.raise(intid{50}) == result::ok);
  CHECK(m.bit(m.ispendr, 50));
  m.set(m.icpendr, 50);
  CHECK(m.bit(m.ispendr, 50));
  m.set(m.ispendr, 50);
  REQUIRE(m.g.lower(intid{50}) == result::ok);
  CHECK(m.bit(m.ispendr, 50));
  m.set(m.icpendr, 50);
  CHECK_FALSE(m.bit(m.ispendr, 50));
  REQUIRE(m.g.raise(intid{50}) == result::ok);
  REQUIRE(m.g.lower(intid{50}) == result::ok);
  CHECK_FALSE(m.bit(m.ispendr, 50));
  // PPIs the same.
  REQUIRE(m.g.raise(vcpu(1), intid{27}) == result::ok);
  CHECK(m.bit(m.ispendr, 27, 1));
  CHECK_FALSE(m.bit(m.ispendr, 27, 0));
  REQUIRE(m.g.lower(vcpu(1), intid{27}) == result::ok);
  CHECK_FALSE(m.bit(m.ispendr, 27, 1));
}

TEMPLATE_TEST_CASE("the first 32 interrupts are each vCPU's own", "", v2, v3) {
  guest<TestType> m;
  for (u32 v = 0; v < 8; ++v) {
    const u32 mark = 0x1'0000u << v;
    for (const u32 reg : {m.igroupr, m.isenabler, m.ispendr, m.isactiver}) write_word(m, reg, 0, mark, v);
    m.priority(16 + v, 0x80 + 8 * v, v);
    m.edge(16 + v, v);
  }
  const u64 sgis = guest<TestType>::v2 ? 0xffff : 0;
  for (u32 v = 0; v < 8; ++v) {
    CAPTURE(v);
    const u32 mark = 0x1'0000u << v;
    CHECK(word_of(m, m.igroupr, 0, v) == mark);
    CHECK(word_of(m, m.isenabler, 0, v) == (mark | sgis));
    CHECK(word_of(m, m.ispendr, 0, v) == mark);
    CHECK(word_of(m, m.isactiver, 0, v) == mark);
    for (u32 i = 16; i < 24; ++i)
      CHECK(m.load(vcpu(v), m.bytes(m.ipriorityr, i, v), width::byte) == (i == 16 + v ? 0x80 + 8 * v : 0));
    const u64 icfgr1 = guest<TestType>::v2 ? m.d(0xc04, width::word, v) : m.load(vcpu(v), m.bytes(0xc04, 0, v));
    CHECK(icfgr1 == u64{2} << (2 * v));
  }
}

TEMPLATE_TEST_CASE("IPRIORITYR keeps the implemented bits", "[GICD_IPRIORITYR]", v2_bits5, v2_bits6, v2_bits8, v3_bits5,
                   v3_bits6, v3_bits7, v3_bits8) {
  guest<TestType> m;
  const u64 mask = 0xffu << (8 - TestType::limits.priority_bits) & 0xff;
  for (const u32 i : {0u, 4u, 28u, 32u, 60u, 92u}) {
    CAPTURE(i);
    const u64 at = m.bytes(m.ipriorityr, i);
    m.store(vcpu(0), at, 0xffff'ffff);
    CHECK(m.load(vcpu(0), at) == mask * 0x0101'0101u);
    m.store(vcpu(0), at, 0x1234'5678);
    CHECK(m.load(vcpu(0), at) == (0x1234'5678 & mask * 0x0101'0101u));
    m.store(vcpu(0), at + 1, 0xfb, width::byte);
    m.store(vcpu(0), at + 3, 0x0f, width::byte);
    CHECK(m.load(vcpu(0), at) == (0x0f34'fb78 & mask * 0x0101'0101u));
    CHECK(m.load(vcpu(0), at + 1, width::byte) == (0xfb & mask));
    CHECK(m.load(vcpu(0), at, width::byte) == (0x78 & mask));
    m.store(vcpu(0), at + 2, 0x15a, width::byte);  // a byte is a byte
    CHECK(m.load(vcpu(0), at) == (0x0f5a'fb78 & mask * 0x0101'0101u));
  }
}

TEMPLATE_TEST_CASE("each implemented bit of a priority alone says which interrupt comes last", "[GICD_IPRIORITYR]",
                   v2_bits5, v2_bits6, v2_bits8, v3_bits5, v3_bits6, v3_bits7, v3_bits8) {
  for (u32 bit = 8 - TestType::limits.priority_bits; bit < 8; ++bit)
    for (const u32 first : {20u, 36u})
      for (u32 k = 0; k < 4; ++k) {
        CAPTURE(bit, first, k);
        guest<TestType> m{1, 64, 1};  // they wait for one list register
        m.boot();
        m.store(vcpu(0), m.bytes(m.ipriorityr, first), u64{1} << (8 * k + bit));
        for (u32 i = first; i < first + 4; ++i) {
          m.edge(i);
          m.enable(i);
        }
        write_word(m, m.ispendr, first, u64{0xf} << first % 32);
        const auto taken = m.take_all(vcpu(0));
        REQUIRE(taken.size() == 4);
        CHECK(taken.back() == first + k);
      }
}

TEMPLATE_TEST_CASE("ICFGR has the trigger in the upper bit of each field", "[GICD_ICFGR]", v2, v3) {
  guest<TestType> m;
  for (const u32 i : {32u, 48u, 272u}) {
    CAPTURE(i);
    m.d_write(m.icfgr + i / 4, 0xffff'ffff);
    CHECK(m.d(m.icfgr + i / 4) == 0xaaaa'aaaa);
    m.d_write(m.icfgr + i / 4, 0x5555'5555);
    CHECK(m.d(m.icfgr + i / 4) == 0);
    m.d_write(m.icfgr + i / 4, 0x8000'0002);
    CHECK(m.d(m.icfgr + i / 4) == 0x8000'0002);
  }
  CHECK(m.d(m.icfgr + 64 / 4) == 0);
}

TEMPLATE_TEST_CASE("the registers end where the VM's interrupts end",
                   "[GICD_IGROUPR][GICD_ISENABLER][GICD_ISPENDR][GICD_ISACTIVER][GICD_IPRIORITYR][GICD_ICFGR]", v2,
                   v3) {
  guest<TestType> m(8, 64);  // INTID 32..95 of 32..287
  REQUIRE(m.started == result::ok);
  CHECK((m.d(4) & 0x1f) == 2);
  for (u32 i = 64; i < 1024; i += 32) {
    CAPTURE(i);
    const bool there = i < 96;
    for (const u32 reg : {m.igroupr, m.isenabler, m.ispendr, m.isactiver}) {
      write_word(m, reg, i, 0xffff'ffff);
      CHECK(word_of(m, reg, i) == (there ? 0xffff'ffff : 0));
    }
    if (!there)
      for (const u32 reg : {m.icenabler, m.icpendr, m.icactiver}) {
        write_word(m, reg, i, 0xffff'ffff);
        CHECK(word_of(m, reg, i) == 0);
      }
    m.d_write(m.ipriorityr + i, 0xf8f8'f8f8);
    CHECK(m.d(m.ipriorityr + i) == (there ? 0xf8f8'f8f8 : 0));
    m.d_write(m.ipriorityr + i, 0x10, width::byte);
    CHECK(m.d(m.ipriorityr + i) == (there ? 0xf8f8'f810 : 0));
    m.d_write(m.icfgr + i / 4, 0xffff'ffff);
    CHECK(m.d(m.icfgr + i / 4) == (there ? 0xaaaa'aaaa : 0));
    if (guest<TestType>::v2) {
      m.d_write(m.itargetsr + i, 0x0f0f'0f0f);
      CHECK(m.d(m.itargetsr + i) == (there ? 0x0f0f'0f0f : 0));
    } else {
      m.d_write(0x6000 + 8 * i, 3, width::dword);
      CHECK(m.d(0x6000 + 8 * i, width::dword) == (there ? 3 : 0));
    }
  }
  CHECK(m.g.raise(intid{95}) == result::ok);
  CHECK(m.g.raise(intid{96}) == result::no_such_interrupt);
  CHECK(m.g.raise(intid{31}) == result::no_such_interrupt);
  CHECK(m.g.raise(vcpu(0), intid{15}) == result::no_such_interrupt);
  CHECK(m.g.raise(vcpu(0), intid{32}) == result::no_such_interrupt);
  CHECK(m.g.raise(vcpu(8), intid{16}) == result::no_such_vcpu);
}

TEMPLATE_TEST_CASE("with 988 SPIs the registers end at INTID 1019", "", v2_988, v3_988) {
  guest<TestType> m;
  REQUIRE(m.started == result::ok);
  CHECK((m.d(4) & 0x1f) == 31);
  for (const u32 reg : {m.igroupr, m.isenabler, m.ispendr, m.isactiver}) {
    write_word(m, reg, 992, 0xffff'ffff);
    CHECK(word_of(m, reg, 992) == 0x0fff'ffff);
  }
  m.d_write(m.icfgr + 1008 / 4, 0xffff'ffff);
  CHECK(m.d(m.icfgr + 1008 / 4) == 0x00aa'aaaa);
  m.d_write(m.ipriorityr + 1016, 0xf8f8'f8f8);
  CHECK(m.d(m.ipriorityr + 1016) == 0xf8f8'f8f8);
  m.d_write(m.ipriorityr + 1020, 0xf8f8'f8f8);
  CHECK(m.d(m.ipriorityr + 1020) == 0);
  m.d_write(m.ipriorityr + 1023, 0xf8, width::byte);
  CHECK(m.d(m.ipriorityr + 1023, width::byte) == 0);
  CHECK(m.g.raise(intid{1019}) == result::ok);
  CHECK(m.g.raise(intid{1020}) == result::no_such_interrupt);
  if (guest<TestType>::v2) {
    m.d_write(m.itargetsr + 1016, 0x0303'0303);
    CHECK(m.d(m.itargetsr + 1016) == 0x0303'0303);
    m.d_write(m.itargetsr + 1020, 0x0303'0303);
    CHECK(m.d(m.itargetsr + 1020) == 0);
  } else {
    m.d_write(0x6000 + 8 * 1019, 1, width::dword);
    CHECK(m.d(0x6000 + 8 * 1019, width::dword) == 1);
    for (u32 i = 1020; i < 1024; ++i) {
      m.d_write(0x6000 + 8 * i, 1, width::dword);
      CHECK(m.d(0x6000 + 8 * i, width::dword) == 0);
    }
  }
}

TEMPLATE_TEST_CASE("with 960 SPIs INTID 992 and up do not exist", "", v2_960, v3_960) {
  guest<TestType> m;
  CHECK((m.d(4) & 0x1f) == 30);
  for (const u32 reg : {m.igroupr, m.isenabler, m.ispendr, m.isactiver}) {
    write_word(m, reg, 992, 0xffff'ffff);
    CHECK(word_of(m, reg, 992) == 0);
    write_word(m, reg, 960, 0xffff'ffff);
    CHECK(word_of(m, reg, 960) == 0xffff'ffff);
  }
  CHECK(m.g.raise(intid{991}) == result::ok);
  CHECK(m.g.raise(intid{992}) == result::no_such_interrupt);
}

TEMPLATE_TEST_CASE("start takes what the configuration has and no more", "", v2_988, v3_988) {
  gic<TestType> g{};
  CHECK(g.start({.vcpus = 2, .spis = 988, .list_registers = 4}) == result::ok);
  CHECK(g.start({.vcpus = 1, .spis = 32, .list_registers = 1}) == result::ok);
  CHECK(g.start({.vcpus = 1, .spis = 960, .list_registers = 16}) == result::ok);
  CHECK(g.inspect().list_registers == 4);
  CHECK(g.start({.vcpus = 0, .spis = 32, .list_registers = 4}) == result::bad_limits);
  CHECK(g.start({.vcpus = 3, .spis = 32, .list_registers = 4}) == result::bad_limits);
  CHECK(g.start({.vcpus = 1, .spis = 0, .list_registers = 4}) == result::bad_limits);
  CHECK(g.start({.vcpus = 1, .spis = 33, .list_registers = 4}) == result::bad_limits);
  CHECK(g.start({.vcpus = 1, .spis = 992, .list_registers = 4}) == result::bad_limits);
  CHECK(g.start({.vcpus = 1, .spis = 1024, .list_registers = 4}) == result::bad_limits);
  CHECK(g.start({.vcpus = 1, .spis = 32, .list_registers = 0}) == result::bad_limits);
}

TEMPLATE_TEST_CASE("reset brings back the reset values and keeps lines and links", "", v2, v3) {
  guest<TestType> m;
  m.boot();
  m.edge(40);
  m.route(40, 2);
  m.enable(40);
  m.set(m.ispendr, 40);
  m.set(m.isactiver, 41);
  m.set(m.ispendr, 27, 3);
  m.settle();
  REQUIRE(m.g.raise(intid{50}) == result::ok);
  m.g.reset();
  for (u32 v = 0; v < 8; ++v) m.turn_on(vcpu(v));
  CHECK((m.d(0) & 3) == 0);
  for (u32 i = 32; i < 288; i += 32) {
    CAPTURE(i);
    for (const u32 reg : bit_arrays) {
      const u64 line = i == 32 && (reg == m.ispendr || reg == m.icpendr) ? 1u << (50 - 32) : 0;
      CHECK(word_of(m, reg, i) == line);
    }
    CHECK(m.d(m.ipriorityr + i) == 0);
    CHECK(m.d(m.icfgr + i / 4) == 0);
  }
  if (guest<TestType>::v2)
    CHECK(m.d(m.itargetsr + 40) == 0);
  else
    CHECK(m.d(0x6000 + 8 * 40, width::dword) == 0);
  for (u32 v = 0; v < 8; ++v) {
    CHECK(word_of(m, m.ispendr, 0, v) == 0);
    CHECK(word_of(m, m.igroupr, 0, v) == 0);
    CHECK(m.g.inspect().vcpu[v].used == 0);
  }
  CHECK(m.g.lower(intid{50}) == result::ok);
  CHECK_FALSE(m.bit(m.ispendr, 50));
}
