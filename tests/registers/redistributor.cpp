// SPDX-License-Identifier: BSL-1.0
// The redistributors (IHI 0069, 12.10 and 12.11): RD frame and SGI frame, of oneself, of another, of nobody.
#include "catch.hpp"
#include "support/registers.hpp"

using namespace tests;

namespace {

using flat40 = config<gicv3, all_features, 4, 40, 32, layout::qemu_virt>;
using wide40 = config<gicv3, all_features, 4, 40, 32, layout::qemu_virt, builtin_atomics, wide_affinity>;

constexpr u64 last = 1u << 4;
constexpr u64 dpgs = 1u << 5;
constexpr u64 dpg0 = 1u << 24;
constexpr u64 dpg1ns = 1u << 25;
constexpr u64 dpg1s = 1u << 26;
constexpr u64 rwp = 1u << 3;

/// Base of redistributor `n` of `split_layout`.
constexpr u64 split_rd(u32 n) { return n < 2 ? 0x1100'0000 + n * 0x2'0000 : 0x1200'0000 + (n - 2) * 0x2'0000; }

/// An affinity that uses all four levels.
struct deep_affinity {
  static constexpr u32 highest_aff0 = 15;
  static constexpr affinity of(vcpu_id v) { return affinity{0x8140'2003u + raw(v)}; }
  static constexpr vcpu_id find(affinity a) {
    const u32 n = raw(a) - 0x8140'2003u;
    return n < 0x100 ? vcpu_id{static_cast<u16>(n)} : no_vcpu;
  }
};
using deep = config<gicv3, all_features, 4, 4, 32, layout::xen_4_5, builtin_atomics, deep_affinity>;

}  // namespace

TEMPLATE_TEST_CASE("GICR_TYPER: affinity, processor number, Last", "[GICR_TYPER]", v3, flat40, wide40, deep) {
  for (const u32 vcpus : {1u, 3u, TestType::limits.vcpus}) {
    guest<TestType> m(vcpus, 32);
    REQUIRE(m.started == result::ok);
    for (u32 v = 0; v < vcpus; ++v) {
      CAPTURE(vcpus, v);
      const u64 expected =
          u64{raw(TestType::affinity::of(vcpu(v)))} << 32 | u64{v} << 8 | dpgs | (v + 1 == vcpus ? last : 0);
      CHECK(m.rd_read(v, 8, width::dword) == expected);
      CHECK(m.rd_read(v, 8) == (expected & 0xffff'ffff));
      CHECK(m.rd_read(v, 0xc) == expected >> 32);
      CHECK(m.load(vcpu(0), m.rd(v) + 8, width::dword) == expected);
    }
    m.rd_write(0, 8, ~u64{0}, width::dword);
    m.rd_write(0, 8, 0);
    CHECK((m.rd_read(0, 8) >> 8 & 0xffff) == 0);
  }
}

TEST_CASE("GICR_TYPER.DPGS is 0 without 1-of-N, and DPG RAZ/WI", "[GICR_TYPER][GICR_CTLR]") {
  guest<v3_plain> m;
  CHECK((m.rd_read(0, 8) & dpgs) == 0);
  m.rd_write(0, 0, 0xffff'ffff);
  CHECK(m.rd_read(0, 0) == 0);
}

TEST_CASE("GICR_TYPER.Last ends each region", "[GICR_TYPER]") {
  struct expectation {
    u32 vcpus;
    std::vector<u32> ends;
  };
  for (const auto& e : {expectation{1, {0}}, expectation{2, {1}}, expectation{3, {1, 2}}, expectation{8, {1, 7}},
                        expectation{5, {1, 4}}}) {
    guest<v3_split> m(e.vcpus);
    REQUIRE(m.started == result::ok);
    std::vector<u32> ends;
    for (u32 n = 0; n < e.vcpus; ++n) {
      const u64 typer = m.load(vcpu(0), split_rd(n) + 8, width::dword);
      CHECK((typer >> 8 & 0xffff) == n);
      CHECK(typer >> 32 == n);
      if ((typer & last) != 0) ends.push_back(n);
    }
    CAPTURE(e.vcpus);
    CHECK(ends == e.ends);
    // Beyond: frames of nobody are RAZ/WI, what is outside the regions is not the GIC's.
    for (u32 n = e.vcpus; n < 8; ++n) {
      m.store(vcpu(0), split_rd(n) + 0x1'0080, ~u64{0});
      CHECK(m.last == trap_status::handled);
      for (const u64 at : {0x8u, 0xffe8u, 0x1'0080u}) CHECK(m.load(vcpu(0), split_rd(n) + at) == 0);
      CHECK(m.last == trap_status::handled);
    }
    for (const u64 at : {0x10ff'fffcu, 0x1104'0000u, 0x11ff'fffcu, 0x120c'0000u, 0x1001'0000u, 0x0fff'fffcu}) {
      m.load(vcpu(0), at);
      CHECK(m.last == trap_status::not_gic);
      m.store(vcpu(0), at, 1);
      CHECK(m.last == trap_status::not_gic);
    }
  }
}

TEST_CASE("two regions: each vCPU's frames are its own") {
  guest<v3_split> m;
  for (u32 n = 0; n < 8; ++n) m.store(vcpu(0), split_rd(n) + 0x1'0080, 0x100u + n);
  for (u32 n = 0; n < 8; ++n) {
    CHECK(m.load(vcpu(n), split_rd(n) + 0x1'0080) == 0x100 + n);
    CHECK(m.g.inspect().vcpu[n].priv.read().group == 0x100 + n);
  }
}

TEST_CASE("two regions: behind the first nothing is read, whatever the second holds") {
  guest<v3_split> m;
  for (u32 n = 0; n < 8; ++n)
    for (u32 i = 0; i < 32; ++i) m.store(vcpu(0), split_rd(n) + 0x1'0400 + i, 0xf8, width::byte);
  for (u32 n = 2; n < 8; ++n) {
    CAPTURE(n);
    const u64 behind = 0x1100'0000 + n * 0x2'0000;
    CHECK(m.load(vcpu(0), behind + 8) == 0);
    CHECK(m.load(vcpu(0), behind + 8, width::dword) == 0);
    CHECK(m.load(vcpu(0), behind + 0xffe8) == 0);
    CHECK(m.load(vcpu(0), behind + 0x1'0400) == 0);
    CHECK(m.load(vcpu(0), behind + 0x1'0400, width::byte) == 0);
  }
}

TEST_CASE("two regions: a redistributor reads the same in either") {
  guest<v3_split> m;
  constexpr u32 first = 1;
  constexpr u32 second = 5;
  for (const u32 n : {first, second}) {
    const u64 sgi = split_rd(n) + 0x1'0000;
    m.store(vcpu(n), split_rd(n) + 0x0, dpg0);
    m.store(vcpu(n), split_rd(n) + 0x14, 2);
    for (const auto& [offset, value] : {std::pair{0x80u, 0x1234'5678u},
                                        {0x100u, 0x0f0f'0f0fu},
                                        {0x200u, 0x3000'0003u},
                                        {0x300u, 0x4000'0040u},
                                        {0xc04u, 0xa0a0'0a08u}})
      m.store(vcpu(n), sgi + offset, value);
    for (u32 i = 0; i < 32; ++i) m.store(vcpu(n), sgi + 0x400 + i, 8 * i, width::byte);
  }
  for (u64 at = 0; at < 0x2'0000; at += 4) {
    if (at == 8 || at == 12) continue;  // TYPER
    const u64 here = m.load(vcpu(0), split_rd(first) + at);
    const u64 there = m.load(vcpu(0), split_rd(second) + at);
    if (here != there) FAIL("offset " << at << ": " << here << " and " << there);
  }
  for (u64 at = 0; at < 0x20; ++at) CHECK(m.load(vcpu(0), split_rd(second) + 0x1'0400 + at, width::byte) == 8 * at);
}

TEST_CASE("a wide stride and a frame larger than its registers") {
  guest<v3_sparse> m(4, 32);
  CHECK((m.rd_read(3, 8) >> 8 & 0xffff) == 3);
  m.store(vcpu(0), m.rd(1) + 0x1'0080, 0x55);
  CHECK(m.load(vcpu(0), m.rd(1) + 0x1'0080) == 0x55);
  for (const u64 at : {m.rd(1) + 0x2'0000, m.rd(1) + 0x2'0080, m.rd(1) + 0x3'0080, m.rd(3) + 0x3'fffc, m.rd(4) + 8,
                       m.gicd + 0x1'0000, m.gicd + 0x1'0080, m.gicd + 0x1'fffc}) {
    CAPTURE(at);
    m.store(vcpu(0), at, 0xffff'ffff);
    CHECK(m.load(vcpu(0), at) == 0);
    CHECK(m.load(vcpu(0), at, width::byte) == 0);
    CHECK(m.last == trap_status::handled);
  }
}

TEST_CASE("a VM has no more vCPUs than its layout has redistributors") {
  using many = config<gicv3, all_features, 4, 16, 32>;  // xen_4_5: 16 redistributors; 17 do not compile
  auto g = std::make_unique<gic<many>>();
  CHECK(g->start({.vcpus = 16, .spis = 32, .list_registers = 4}) == result::ok);
  CHECK(g->start({.vcpus = 17, .spis = 32, .list_registers = 4}) == result::bad_limits);
}

TEST_CASE("GICR_CTLR has DPG0 and DPG1NS", "[GICR_CTLR]") {
  guest<v3> m;
  CHECK(m.rd_read(0, 0) == 0);
  m.rd_write(0, 0, 0xffff'ffff);
  CHECK(m.rd_read(0, 0) == (dpg0 | dpg1ns));  // EnableLPIs, DPG1S, CES, IR, UWP are not
  CHECK(m.rd_read(1, 0) == 0);
  m.rd_write(0, 0, dpg1s | dpg0);
  CHECK(m.rd_read(0, 0) == dpg0);
  m.rd_write(0, 0, dpg1ns);
  CHECK(m.rd_read(0, 0) == dpg1ns);
  m.rd_write(0, 0, 0);
  CHECK(m.rd_read(0, 0) == 0);
}

TEST_CASE("GICR_CTLR.DPG keeps 1-of-N interrupts of a group away", "[GICR_CTLR]") {
  guest<v3> m(2);
  m.boot();
  m.edge(40);
  m.enable(40);
  m.route_to_any(40);
  m.rd_write(0, 0, dpg1ns);
  m.settle();
  m.set(m.ispendr, 40);
  m.settle();
  CHECK(m.take(vcpu(0)) == 1023);
  CHECK(m.take(vcpu(1)) == 40);
  m.rd_write(1, 0, dpg1ns);
  m.settle();
  m.set(m.ispendr, 40);
  m.settle();
  CHECK(m.take(vcpu(0)) == 1023);
  CHECK(m.take(vcpu(1)) == 1023);
  CHECK(m.bit(m.ispendr, 40));
  m.rd_write(1, 0, dpg0);  // of the other group
  m.settle();
  CHECK(m.take(vcpu(1)) == 40);
}

TEST_CASE("GICR_CTLR.RWP while a disabled private interrupt is in its vCPU's list register",
          "[GICR_CTLR][GICR_ICENABLER0]") {
  guest<v3> m;
  m.boot();
  m.sgi(0, 1, 5);
  m.settle();
  CHECK((m.load(vcpu(0), m.rd(1)) & rwp) == 0);
  m.store(vcpu(0), m.sgi_frame(1) + 0x180, 1u << 5);
  CHECK((m.load(vcpu(0), m.rd(1)) & rwp) == rwp);
  CHECK((m.load(vcpu(0), m.rd(0)) & rwp) == 0);
  m.settle();
  CHECK((m.load(vcpu(0), m.rd(1)) & rwp) == 0);
  CHECK(m.take(vcpu(1)) == 1023);
  // One's own is gone at once.
  m.sgi(0, 1, 6);
  m.settle();
  m.sgi_write(1, 0x180, 1u << 6);
  CHECK((m.rd_read(1, 0) & rwp) == 0);
  CHECK(m.take(vcpu(1)) == 1023);
}

TEST_CASE("the bytes of priorities are in the SGI frame, not in the RD frame", "[GICR_IPRIORITYR]") {
  guest<v3> m;
  for (u32 i = 0; i < 32; ++i) m.sgi_write(1, 0x400 + i, 0x88, width::byte);
  for (u32 i = 0; i < 32; ++i) {
    CAPTURE(i);
    CHECK(m.sgi_read(1, 0x400 + i, width::byte) == 0x88);
    CHECK(m.rd_read(1, 0x400 + i, width::byte) == 0);
  }
}

TEST_CASE("GICR_CTLR.RWP is 0 where nothing was disabled, whatever its vCPU has yet to look at", "[GICR_CTLR]") {
  guest<v3> m;
  m.boot();
  m.sgi(0, 1, 5);
  m.settle();
  m.sgi(0, 1, 6);
  m.store(vcpu(0), m.sgi_frame(1) + 0x405, 0x50, width::byte);
  CHECK(m.load(vcpu(0), m.rd(1)) == 0);
  m.store(vcpu(0), m.sgi_frame(1) + 0x180, 1u << 7);  // is in no list register
  CHECK(m.load(vcpu(0), m.rd(1)) == 0);
  m.settle();
  CHECK(m.load(vcpu(0), m.rd(1)) == 0);
}

TEST_CASE("GICR_WAKER: ChildrenAsleep follows ProcessorSleep", "[GICR_WAKER]") {
  guest<v3> m;
  for (u32 v = 0; v < 8; ++v) CHECK(m.rd_read(v, 0x14) == 0);  // awake, for guests whose firmware does not ask
  m.rd_write(2, 0x14, 0xffff'ffff);
  CHECK(m.rd_read(2, 0x14) == 6);
  CHECK(m.rd_read(1, 0x14) == 0);
  m.rd_write(2, 0x14, 0xffff'fffd);  // ChildrenAsleep is read-only
  CHECK(m.rd_read(2, 0x14) == 0);
  m.rd_write(2, 0x14, 4);
  CHECK(m.rd_read(2, 0x14) == 0);
  m.rd_write(2, 0x14, 2);
  CHECK(m.rd_read(2, 0x14) == 6);
}

TEST_CASE("GICR_WAKER: a sleeping vCPU is sent nothing and gets it when it wakes", "[GICR_WAKER]") {
  guest<v3> m;
  m.boot();
  m.rd_write(1, 0x14, 2);
  m.sgi(0, 1, 5);
  m.settle();
  m.pass(vcpu(1));
  CHECK(m.take(vcpu(1)) == 1023);
  CHECK((m.sgi_read(1, 0x200) >> 5 & 1) == 1);
  m.rd_write(1, 0x14, 0);
  m.settle();
  CHECK(m.take(vcpu(1)) == 5);
}

TEST_CASE("GICR_WAKER: what was in a list register comes back after sleep", "[GICR_WAKER]") {
  guest<v3> m;
  m.boot();
  m.sgi(0, 1, 5);
  m.settle();
  m.rd_write(1, 0x14, 2);
  CHECK(m.take(vcpu(1)) == 1023);
  CHECK((m.sgi_read(1, 0x200) >> 5 & 1) == 1);
  m.rd_write(1, 0x14, 0);
  CHECK(m.take(vcpu(1)) == 5);
  CHECK(m.take(vcpu(1)) == 1023);
}

TEST_CASE("identification registers of a redistributor", "[GICR_IIDR][GICR_PIDR/CIDR]") {
  guest<v3> m;
  for (const u32 v : {0u, 7u}) {
    CHECK(m.rd_read(v, 4) == m.d(8));
    CHECK((m.rd_read(v, 0xffe8) & 0xf0) == 0x30);
    CHECK(m.rd_read(v, 0xffe4) == 0xb4);
    CHECK(m.rd_read(v, 0xfff0) == 0x0d);
    CHECK(m.rd_read(v, 0xfff4) == 0xf0);
    CHECK(m.rd_read(v, 0xfff8) == 0x05);
    CHECK(m.rd_read(v, 0xfffc) == 0xb1);
    CHECK(m.sgi_read(v, 0xffe8) == 0);
  }
}

TEST_CASE("LPI registers without LPIs are RAZ/WI and no errors", "[GICR_(LPI)]") {
  guest<v3> m;
  for (const u32 at : {0x40u, 0x44u, 0x48u, 0x70u, 0x74u, 0x78u, 0xa0u, 0xb0u, 0xc0u}) {
    m.rd_write(0, at, 0xffff'ffff);
    CHECK(m.rd_read(0, at) == 0);
  }
  for (const u32 at : {0x40u, 0x48u, 0x70u, 0x78u, 0xa0u, 0xb0u}) {
    m.rd_write(0, at, ~u64{0}, width::dword);
    CHECK(m.rd_read(0, at, width::dword) == 0);
  }
  CHECK(m.rd_read(0, 0x10) == 0);
}

TEST_CASE("the SGI frame's ICFGR0 is read-only, ICFGR1 is not", "[GICR_ICFGR]") {
  guest<v3> m;
  CHECK(m.sgi_read(0, 0xc00) == 0xaaaa'aaaa);
  m.sgi_write(0, 0xc00, 0);
  CHECK(m.sgi_read(0, 0xc00) == 0xaaaa'aaaa);
  CHECK(m.sgi_read(0, 0xc04) == 0);
  m.sgi_write(0, 0xc04, 0xffff'ffff);
  CHECK(m.sgi_read(0, 0xc04) == 0xaaaa'aaaa);
  m.sgi_write(0, 0xc04, 0x5555'5557);
  CHECK(m.sgi_read(0, 0xc04) == 0x0000'0002);
  CHECK(m.sgi_read(1, 0xc04) == 0);
}

TEST_CASE("the SGI frame's IPRIORITYR: words and bytes, of the vCPU whose frame it is", "[GICR_IPRIORITYR]") {
  guest<v3> m(3);
  for (u32 i = 0; i < 32; ++i) m.store(vcpu(0), m.sgi_frame(1) + 0x400 + i, 8 * i, width::byte);
  for (u32 i = 0; i < 32; i += 4) {
    const u64 word = u64{8} * i * 0x0101'0101 + 0x1810'0800;
    CHECK(m.sgi_read(1, 0x400 + i) == word);
    CHECK(m.sgi_read(1, 0x403 + i, width::byte) == 8 * (i + 3));
    CHECK(m.sgi_read(0, 0x400 + i) == 0);
    CHECK(m.sgi_read(2, 0x400 + i) == 0);
  }
  m.store(vcpu(2), m.sgi_frame(1) + 0x41c, 0xffff'ffff);
  CHECK(m.sgi_read(1, 0x41c) == 0xf8f8'f8f8);
  CHECK(m.sgi_read(1, 0x418) == 0xd8d0'c8c0);
}

TEST_CASE("SGIs are made pending and not pending in the SGI frame", "[GICR_ISPENDR0][GICR_ICPENDR0]") {
  guest<v3> m;
  m.boot();
  m.sgi_write(2, 0x200, 0x0000'0021);
  CHECK(m.sgi_read(2, 0x280) == 0x21);
  m.sgi_write(2, 0x280, 0x0000'0001);
  CHECK(m.sgi_read(2, 0x200) == 0x20);
  m.settle();
  CHECK(m.take(vcpu(2)) == 5);
  CHECK(m.take(vcpu(2)) == 1023);
}

TEST_CASE("a redistributor answers any vCPU", "[GICR_ISENABLER0]") {
  guest<v3> m;
  const u64 at = m.sgi_frame(5);
  m.store(vcpu(1), at + 0x80, 0x1234'5678);
  m.store(vcpu(2), at + 0x100, 0x0f0f'0f0f);
  m.store(vcpu(3), at + 0x404, 0x1020'3040);
  m.store(vcpu(3), at + 0x405, 0x88, width::byte);
  CHECK(m.load(vcpu(5), at + 0x80) == 0x1234'5678);
  CHECK(m.load(vcpu(0), at + 0x180) == 0x0f0f'0f0f);
  CHECK(m.load(vcpu(7), at + 0x404) == 0x1020'8840);
  CHECK(m.load(vcpu(7), at + 0x407, width::byte) == 0x10);
  CHECK(m.sgi_read(1, 0x80) == 0);
  CHECK(m.sgi_read(2, 0x100) == 0);
}

TEST_CASE("a pending interrupt enabled in another's redistributor reaches it", "[GICR_ISENABLER0]") {
  guest<v3> m;
  m.boot();
  m.store(vcpu(0), m.sgi_frame(5) + 0x200, 1u << 27);
  m.settle();
  CHECK(m.take(vcpu(5)) == 1023);
  m.store(vcpu(0), m.sgi_frame(5) + 0x100, 1u << 27);
  m.settle();
  CHECK(m.take(vcpu(5)) == 27);
}

TEST_CASE("frames of redistributors that do not exist are RAZ/WI") {
  guest<v3> m(3);
  for (u32 n = 3; n < 16; ++n)
    for (const u64 at : {0x0u, 0x4u, 0x8u, 0x10u, 0x14u, 0xffe8u, 0x1'0080u, 0x1'0100u, 0x1'0400u, 0x1'0c00u}) {
      const u64 a = m.rd(n) + at;
      CHECK(m.load(vcpu(0), a) == 0);
      CHECK(m.last == trap_status::handled);
      m.store(vcpu(0), a, 0xffff'ffff);
      CHECK(m.last == trap_status::handled);
      CHECK(m.load(vcpu(0), a) == 0);
      CHECK(m.load(vcpu(0), a, width::byte) == 0);
    }
  for (u32 v = 0; v < 3; ++v) CHECK(m.rd_read(v, 0x10) == 0);
  CHECK(m.d(0x10) == 0);
}
