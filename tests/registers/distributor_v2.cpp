// SPDX-License-Identifier: BSL-1.0
// The GICv2 distributor's own registers (IHI 0048B, 4.3): control and identification, targets, SGIs by source.
#include "catch.hpp"
#include "support/registers.hpp"

using namespace tests;

namespace {

using small = config<gicv2, all_features, 4, 8, 64>;

/// Lets `v` take everything that is signalled: what IAR read, in order.
template <class G>
std::vector<u32> takes(G& m, u32 v) {
  std::vector<u32> ids;
  m.settle();
  m.pass(vcpu(v));
  for (u32 n = 0; n < 64; ++n) {
    const u32 id = m.take(vcpu(v));
    if (id == 1023) break;
    ids.push_back(id);
    m.settle();
    m.pass(vcpu(v));
  }
  return ids;
}

using ids = std::vector<u32>;

}  // namespace

TEST_CASE("v2: GICD_CTLR has the two group enables", "[GICD_CTLR]") {
  guest<small> m;
  CHECK(m.d(0) == 0);
  m.d_write(0, 0xffff'ffff);
  CHECK(m.d(0) == 3);
  m.d_write(0, 0xffff'fffe);
  CHECK(m.d(0) == 2);
  CHECK(m.d(0, width::word, 5) == 2);
  m.d_write(0, 1);
  CHECK(m.d(0) == 1);
  m.d_write(0, 0xffff'fffc);
  CHECK(m.d(0) == 0);
}

TEST_CASE("v2: GICD_TYPER counts interrupts and CPU interfaces", "[GICD_TYPER]") {
  for (const u32 vcpus : {1u, 2u, 5u, 8u})
    for (const u32 spis : {32u, 64u}) {
      CAPTURE(vcpus, spis);
      guest<small> m(vcpus, spis);
      REQUIRE(m.started == result::ok);
      CHECK(m.d(4) == (spis / 32 | (vcpus - 1) << 5));
      m.d_write(4, 0);
      CHECK(m.d(4) == (spis / 32 | (vcpus - 1) << 5));
    }
}

TEST_CASE("v2: identification registers", "[GICD_IIDR][GICD_PIDR/CIDR]") {
  guest<small> m;
  CHECK((m.d(8) & 0xfff) == 0x43b);
  m.d_write(8, 0);
  CHECK((m.d(8) & 0xfff) == 0x43b);
  CHECK((m.d(0xfe8) & 0xf0) == 0x20);  // ICPIDR2.ArchRev
  CHECK(m.d(0xff0) == 0x0d);
  CHECK(m.d(0xff4) == 0xf0);
  CHECK(m.d(0xff8) == 0x05);
  CHECK(m.d(0xffc) == 0xb1);
  CHECK(m.d(0xfe4) == 0xb4);
  CHECK((m.d(0xfd0) & 0xf) == 4);
  for (u32 at = 0xfd0; at < 0x1000; at += 4) {
    CAPTURE(at);
    const u64 before = m.d(at);
    CHECK(before < 0x100);
    m.d_write(at, ~before & 0xffff'ffff);
    CHECK(m.d(at) == before);
    CHECK(m.d(at, width::byte) == 0);  // words only
  }
}

TEST_CASE("v2: SGIs are always enabled and edge-triggered", "[GICD_ISENABLER][GICD_ICENABLER][GICD_ICFGR]") {
  guest<small> m;
  for (const u32 v : {0u, 3u}) {
    m.d_write(0x180, 0xffff'ffff, width::word, v);
    CHECK(m.d(0x100, width::word, v) == 0xffff);
    CHECK(m.d(0x180, width::word, v) == 0xffff);
    m.d_write(0xc00, 0, width::word, v);
    CHECK(m.d(0xc00, width::word, v) == 0xaaaa'aaaa);
    m.d_write(0xc04, 0xffff'ffff, width::word, v);
    CHECK(m.d(0xc04, width::word, v) == 0xaaaa'aaaa);
    CHECK(m.d(0xc04, width::word, 7) == 0);
  }
}

TEST_CASE("v2: ISPENDR0 and ICPENDR0 show SGIs and do not change them", "[GICD_ISPENDR][GICD_ICPENDR]") {
  guest<small> m;
  m.boot();
  m.d_write(0x200, 0x0000'ffff);
  CHECK(m.d(0x200) == 0);
  CHECK(takes(m, 0) == ids{});
  m.d_write(0xf00, 0x0001'0003, width::word, 1);  // vCPU 1 sends SGI 3 to vCPU 0
  CHECK(m.d(0x200) == 1u << 3);
  m.d_write(0x280, 0xffff'ffff);
  CHECK(m.d(0x280) == 1u << 3);
  CHECK(takes(m, 0) == ids{1u << 10 | 3});
  CHECK(m.d(0x200) == 0);
}

TEST_CASE("v2: ITARGETSR keeps the mask of the CPUs that exist", "[GICD_ITARGETSR]") {
  guest<small> m(5);
  CHECK(m.d(0x820) == 0);
  m.d_write(0x820, 0xffff'ffff);
  CHECK(m.d(0x820) == 0x1f1f'1f1f);
  m.d_write(0x824, 0x0102'0410);
  CHECK(m.d(0x824) == 0x0102'0410);
  m.d_write(0x825, 0x11, width::byte);
  CHECK(m.d(0x824) == 0x0102'1110);
  CHECK(m.d(0x826, width::byte) == 0x02);
  m.d_write(0x826, 0xff08, width::half);
  CHECK(m.d(0x824) == 0x1f08'1110);
  CHECK(m.d(0x826, width::half) == 0x1f08);
  CHECK(m.d(0x824, width::half) == 0x1110);
  m.d_write(0x824, 0);
  CHECK(m.d(0x824) == 0);
  CHECK(m.d(0x820) == 0x1f1f'1f1f);
}

TEST_CASE("v2: ITARGETSR0 to 7 name the vCPU that reads", "[GICD_ITARGETSR]") {
  guest<small> m;
  for (u32 v = 0; v < 8; ++v)
    for (u32 at = 0x800; at < 0x820; at += 4) {
      CAPTURE(v, at);
      m.d_write(at, 0xffff'ffff, width::word, v);
      m.d_write(at + 1, 0, width::byte, v);
      CHECK(m.d(at, width::word, v) == (1u << v) * 0x0101'0101u);
      CHECK(m.d(at + 3, width::byte, v) == 1u << v);
      CHECK(m.d(at + 2, width::half, v) == (1u << v) * 0x0101u);
    }
}

TEST_CASE("v2: one CPU gets every SPI without being asked, and ITARGETSR is live", "[GICD_ITARGETSR]") {
  guest<small> m(1);
  CHECK(m.d(0x800) == 0x0101'0101);
  CHECK(m.d(0x820) == 0x0101'0101);
  m.gates(1);
  m.edge(40);
  m.enable(40);
  m.set(m.ispendr, 40);
  CHECK(takes(m, 0) == ids{40});
  m.d_write(0x800 + 40, 0, width::byte);
  CHECK(m.d(0x800 + 40, width::byte) == 0);
  m.set(m.ispendr, 40);
  CHECK(takes(m, 0) == ids{});
  m.d_write(0x800 + 40, 0xff, width::byte);
  CHECK(m.d(0x800 + 40, width::byte) == 1);
  CHECK(takes(m, 0) == ids{40});
}

TEST_CASE("v2: an SPI without targets waits for one", "[GICD_ITARGETSR]") {
  guest<small> m;
  m.boot();
  m.edge(40);
  m.enable(40);
  m.d_write(0x800 + 40, 0, width::byte);
  m.set(m.ispendr, 40);
  for (u32 v = 0; v < 8; ++v) CHECK(takes(m, v) == ids{});
  CHECK(m.bit(m.ispendr, 40));
  m.d_write(0x800 + 40, 4, width::byte);
  CHECK(takes(m, 2) == ids{40});
  CHECK_FALSE(m.bit(m.ispendr, 40));
}

TEST_CASE("v2: GICD_SGIR's target list filters", "[GICD_SGIR]") {
  guest<small> m(5);
  m.boot();
  const auto pending = [&] {
    u32 mask = 0;
    for (u32 v = 0; v < 5; ++v) mask |= static_cast<u32>(m.d(0x200, width::word, v) >> 7 & 1) << v;
    for (u32 v = 0; v < 5; ++v) m.d_write(0xf14, 0xff00'0000, width::word, v);  // SGI 7: all sources
    return mask;
  };
  m.d_write(0xf00, 0x000a'0007, width::word, 2);
  CHECK(pending() == 0x0a);
  m.d_write(0xf00, 0x00ff'0007, width::word, 2);  // absent CPUs are nobody
  CHECK(pending() == 0x1f);
  m.d_write(0xf00, 0x0000'0007, width::word, 2);  // an empty list
  CHECK(pending() == 0);
  m.d_write(0xf00, 0x01ff'0007, width::word, 2);  // all but self
  CHECK(pending() == 0x1b);
  m.d_write(0xf00, 0x02ff'0007, width::word, 2);  // self
  CHECK(pending() == 0x04);
  m.d_write(0xf00, 0x03ff'0007, width::word, 2);  // reserved
  CHECK(pending() == 0);
  m.d_write(0xf00, 0x0001'8007, width::word, 2);  // NSATT means nothing here
  CHECK(pending() == 0x01);
  m.d_write(0xf00, 0xfc01'7ff7, width::word, 2);  // nor do reserved bits
  CHECK(pending() == 0x01);
  m.d_write(0xf00, 0x07, width::byte, 2);  // words only
  m.d_write(0xf00, 0x07, width::half, 2);
  m.d_write(0xf02, 0x00ff, width::half, 2);
  m.d_write(0xf00, 0x00ff'0007, width::dword, 2);
  CHECK(pending() == 0);
  CHECK(m.d(0xf00) == 0);
}

TEST_CASE("v2: an SGI is pending once for each source", "[GICD_SGIR][GICD_SPENDSGIR]") {
  guest<small> m;
  m.boot();
  for (const u32 from : {6u, 1u, 6u, 0u}) m.sgi(from, 0, 9);
  CHECK(m.d(0xf18) == 0x0000'4300);
  CHECK(m.d(0xf28) == 0x0000'4300);
  CHECK(m.d(0xf19, width::byte) == 0x43);
  CHECK(m.d(0xf18, width::word, 1) == 0);
  CHECK(takes(m, 0) == ids{9, 1u << 10 | 9, 6u << 10 | 9});
  CHECK(m.d(0xf18) == 0);
  CHECK(m.d(0x200) == 0);
}

TEST_CASE("v2: CPENDSGIR clears by source", "[GICD_CPENDSGIR]") {
  guest<small> m;
  m.boot();
  for (const u32 from : {2u, 4u, 5u}) m.sgi(from, 0, 9);
  m.d_write(0xf19, 0x10, width::byte);
  CHECK(m.d(0xf18) == 0x2400);
  CHECK(m.d(0x200) == 1u << 9);
  m.d_write(0xf18, 0xffff'04ff);  // byte 1: source 2, which a list register holds by now
  CHECK(m.d(0xf18) == 0x2000);
  CHECK(takes(m, 0) == ids{5u << 10 | 9});
  for (const u32 from : {2u, 4u}) m.sgi(from, 0, 9);
  m.d_write(0xf18, 0xff14, width::half);
  CHECK(m.d(0xf18) == 0);
  CHECK(m.d(0x200) == 0);
  CHECK(takes(m, 0) == ids{});
}

TEST_CASE("v2: SPENDSGIR sets by source, for the vCPU that writes", "[GICD_SPENDSGIR]") {
  guest<small> m(5);
  m.boot();
  m.d_write(0xf2f, 0x12, width::byte, 3);  // SGI 15 from vCPUs 1 and 4
  CHECK(m.d(0xf2c, width::word, 3) == 0x1200'0000);
  CHECK(m.d(0xf1c, width::word, 3) == 0x1200'0000);
  CHECK(m.d(0xf2c, width::word, 0) == 0);
  CHECK(m.d(0x200, width::word, 3) == 1u << 15);
  CHECK(takes(m, 3) == ids{1u << 10 | 15, 4u << 10 | 15});
  m.d_write(0xf20, 0, width::word, 3);
  CHECK(m.d(0x200, width::word, 3) == 0);
  m.d_write(0xf20, 0xe0e0'e0e0, width::word, 3);  // CPUs that do not exist
  CHECK(m.d(0xf20, width::word, 3) == 0);
  CHECK(m.d(0x200, width::word, 3) == 0);
  m.d_write(0xf22, 0x0108, width::half, 3);
  CHECK(m.d(0xf20, width::word, 3) == 0x0108'0000);
  CHECK(takes(m, 3) == ids{3u << 10 | 2, 3});
}

TEST_CASE("v2: reserved bits of SGIR change nothing", "[GICD_SGIR]") {
  for (u32 bit = 26; bit < 32; ++bit)
    for (u32 filter = 0; filter < 4; ++filter)
      for (const u32 list : {0x00u, 0x02u, 0x06u}) {
        CAPTURE(bit, filter, list);
        const u32 value = filter << 24 | list << 16 | 5;
        guest<small> plain(3);
        guest<small> m(3);
        for (auto* x : {&plain, &m}) {
          x->boot();
          x->d_write(0xf00, x == &m ? value | 1u << bit : value, width::word, 0);
        }
        for (u32 v = 0; v < 3; ++v) CHECK(takes(m, v) == takes(plain, v));
      }
}

TEST_CASE("v2: registers of the Security Extensions and reserved offsets are RAZ/WI", "[GICD_NSACR]") {
  guest<small> m;
  for (u32 at = 0; at < 0x1000; at += 4) {
    const known_register* r = find_register(gicv2_distributor, at);
    if (r != nullptr && r->what != kind::zero) continue;
    CAPTURE(at);
    m.d_write(at, 0xffff'ffff);
    CHECK(m.d(at) == 0);
  }
}
