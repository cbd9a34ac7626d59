// SPDX-License-Identifier: BSL-1.0
/// \file
/// A guest's operating system broke because a register was not emulated, or was another's copy. docs/disasters.md says
/// whose it was.
#include "support.hpp"

using namespace tests;

TEMPLATE_LIST_TEST_CASE("Xen 067935804a: ISPENDR works: Linux' irq_retrigger", "[disaster][GICD_ISPENDR]",
                        both_versions) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  m.set(m.ispendr, 40, 0);
  CHECK(takers(m) == std::vector<u32>{1});
  m.set(m.ispendr, 40, 1);
  m.set(m.ispendr, 40, 1);
  CHECK(takers(m) == std::vector<u32>{1});
}

TEMPLATE_LIST_TEST_CASE("Xen 23ec1ebc8a: ICPENDR works: Zephyr clears everything when it starts",
                        "[disaster][GICD_ICPENDR]", both_versions) {
  booted<TestType> m(4, 2, 64);
  m.edge_spi(40, 1);
  m.disable(40);
  m.pulse(40);
  for (u32 i = 0; i < 96; i += 32)
    for (u32 v = 0; v < 2; ++v) m.store(vcpu(v), m.bits(m.icpendr, i, v), 0xffff'ffff);
  CHECK_FALSE(m.bit(m.ispendr, 40));
  m.enable(40);
  CHECK(takers(m).empty());
}

TEMPLATE_LIST_TEST_CASE("Xen 25f9e80201, 351d41e8ae: ISACTIVER works: a guest that resumes writes back what it had",
                        "[disaster][GICD_ISACTIVER][GICD_ICACTIVER]", both_versions) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  m.edge_spi(287, 1);
  for (const u32 i : {40u, 287u}) m.store(vcpu(0), m.bits(m.isactiver, i), u64{1} << (i % 32));
  m.store(vcpu(1), m.bits(m.isactiver, 27, 1), u64{1} << 27);
  for (const u32 i : {40u, 287u}) {
    CHECK(m.bit(m.isactiver, i));
    m.pulse(i);
    CHECK(takers(m).empty());
    m.set(m.icactiver, i);
    CHECK_FALSE(m.bit(m.isactiver, i));
    CHECK(takers(m) == std::vector<u32>{1});
  }
  CHECK(m.bit(m.isactiver, 27, 1));
  CHECK_FALSE(m.bit(m.isactiver, 27, 0));
  m.store(vcpu(0), m.bits(m.isactiver, 40), 0);  // zeros do nothing
  CHECK_FALSE(m.bit(m.isactiver, 40));
}

TEMPLATE_LIST_TEST_CASE("meta-xt-prod-devel-rpi5 42: 0xffffffff to ICACTIVER0, as Zephyr and Unikraft write it",
                        "[disaster]", both_versions) {
  booted<TestType> m(4, 2);
  m.set(m.isactiver, 27, 1);
  m.set(m.isactiver, 3, 1);
  m.store(vcpu(1), m.bits(m.icactiver, 0, 1), 0xffff'ffff);
  CHECK(m.last == trap_status::handled);
  CHECK(m.load(vcpu(1), m.bits(m.icactiver, 0, 1)) == 0);
  CHECK(m.load(vcpu(1), m.bits(m.isactiver, 0, 1)) == 0);
}

TEMPLATE_LIST_TEST_CASE("Xen 861e7862b8: every register of an array is read, the first and the last one too",
                        "[disaster]", both_versions) {
  booted<TestType> m(4, 2, 256);
  for (const u32 i : {32u, 40u, 255u, 256u, 287u}) {
    m.set(m.ispendr, i);
    m.set(m.isactiver, i);
    m.enable(i);
  }
  for (const u32 reg : {+m.isenabler, +m.icenabler, +m.ispendr, +m.icpendr, +m.isactiver, +m.icactiver})
    for (u32 i = 32; i < 288; i += 32) {
      const u64 want = i == 32 ? 0x101 : i == 224 ? 0x8000'0000 : i == 256 ? 0x8000'0001 : 0;
      CAPTURE(reg, i);
      CHECK(m.load(vcpu(1), m.bits(reg, i)) == want);
    }
}

TEST_CASE("Xen 1f75bd375d, a43e2b02df: PROPBASER and PENDBASER take words and doublewords, upper half and PTZ included",
          "[disaster][GICR_(LPI)]") {
  v3_machine m(4, 2);
  m.store(vcpu(0), m.rd(1) + 0x10, 0xf);
  for (const u32 offset : {0x70u, 0x78u}) {
    m.store(vcpu(0), m.rd(1) + offset, ~u64{0}, width::dword);
    m.store(vcpu(0), m.rd(1) + offset, 0xffff'ffff);
    m.store(vcpu(0), m.rd(1) + offset + 4, 0xffff'ffff);
    CHECK(m.load(vcpu(0), m.rd(1) + offset, width::dword) == 0);
    CHECK(m.load(vcpu(0), m.rd(1) + offset) == 0);
    CHECK(m.load(vcpu(0), m.rd(1) + offset + 4) == 0);
  }
  CHECK(m.load(vcpu(0), m.rd(1) + 0x10) == 0);  // none of them was an error
}

TEST_CASE("zephyr 51163: GICR_TYPER by halves is GICR_TYPER as a whole", "[disaster][GICR_TYPER]") {
  const auto m = std::make_unique<
      booted<config<gicv3, all_features, 4, 40, 32, layout::qemu_virt, builtin_atomics, wide_affinity>>>(4, 40, 32);
  for (u32 v = 0; v < 40; ++v) {
    const u64 whole = m->load(vcpu(0), m->rd(v) + 8, width::dword);
    CHECK(whole == (m->load(vcpu(0), m->rd(v) + 8) | m->load(vcpu(0), m->rd(v) + 12) << 32));
    CHECK((whole >> 8 & 0xffff) == v);
    CHECK(whole >> 32 == raw(wide_affinity::of(vcpu(v))));
  }
}

TEST_CASE("uvmm f0b3e0d, bd358ae: IGRPMODR and NSACR are RAZ/WI, redistributors take words",
          "[disaster][GICD_IGRPMODR][GICD_NSACR][GICR_IGRPMODR0][GICR_NSACR][GICR_IGROUPR0]") {
  v3_machine m(4, 2, 64);
  m.store(vcpu(0), m.gicd + 0x10, 0xf);
  for (const u64 a : {m.gicd + 0xd04, m.gicd + 0xd08, m.gicd + 0xe08, m.gicd + 0xe10, m.sgi_frame(1) + 0xd00,
                      m.sgi_frame(1) + 0xe00}) {
    m.store(vcpu(0), a, 0xffff'ffff);
    CHECK(m.load(vcpu(0), a) == 0);
  }
  CHECK(m.load(vcpu(0), m.gicd + 0x10) == 0);
  m.store(vcpu(0), m.sgi_frame(1) + m.igroupr, 0x1234'5678);
  CHECK(m.load(vcpu(1), m.sgi_frame(1) + m.igroupr) == 0x1234'5678);
  CHECK(m.load(vcpu(0), m.rd(1)) == 0);
}

TEST_CASE("uvmm 4f7d7e1: ICC_SRE_EL1 that traps is the hypervisor's to answer, and told so", "[disaster]") {
  v3_machine m(4, 2);
  m.write_sgi1r(0, 7, 0x3a3018);
  CHECK(m.last == trap_status::not_gic);
  const u64 x[31] = {};
  m.on_cpu_of(vcpu(0), [&] {
    CHECK(m.g.system_register(vcpu(0), u64{syndrome::ec_system_register} << 26 | 0x3a3018 | 1, x) ==
          trap_status::not_gic);
  });
}

TEMPLATE_LIST_TEST_CASE("uvmm 1915f05: registers beyond the last interrupt touch nothing behind the array",
                        "[disaster]", both_versions) {
  booted<TestType> m(4, 2, 32);
  const auto before = m.load(vcpu(0), m.gicd + 4);
  for (const u32 reg : {0x80u, 0x100u, 0x180u, 0x200u, 0x280u, 0x300u, 0x380u})
    for (u32 n = 2; n < 32; ++n) {
      m.store(vcpu(0), m.gicd + reg + 4 * n, 0xffff'ffff);
      CHECK(m.load(vcpu(0), m.gicd + reg + 4 * n) == 0);
    }
  for (u32 i = 64; i < 1020; i += 4) {
    m.store(vcpu(0), m.gicd + m.ipriorityr + i, 0xffff'ffff);
    CHECK(m.load(vcpu(0), m.gicd + m.ipriorityr + i) == 0);
    if constexpr (booted<TestType>::v2) {
      m.store(vcpu(0), m.gicd + m.itargetsr + i, 0xffff'ffff);
      CHECK(m.load(vcpu(0), m.gicd + m.itargetsr + i) == 0);
    }
  }
  if constexpr (!booted<TestType>::v2)
    for (u32 i = 64; i < 1024; ++i) {
      m.store(vcpu(0), m.gicd + 0x6000 + 8 * i, 1, width::dword);
      CHECK(m.load(vcpu(0), m.gicd + 0x6000 + 8 * i, width::dword) == 0);
    }
  CHECK(m.load(vcpu(0), m.gicd + 4) == before);
  CHECK(untouched_beyond(m));
  CHECK(takers(m).empty());
}

TEST_CASE("Bao 374: GICR_ISACTIVER0 sets active and GICR_ICACTIVER0 clears it, neither does the other's work",
          "[disaster][GICR_ISACTIVER0][GICR_ICACTIVER0]") {
  v3_machine m(4, 2);
  const u64 s = m.sgi_frame(1);
  m.store(vcpu(0), s + m.isactiver, 0x0901'0008);
  CHECK(m.load(vcpu(0), s + m.isactiver) == 0x0901'0008);
  CHECK(m.load(vcpu(0), s + m.icactiver) == 0x0901'0008);
  CHECK(m.load(vcpu(0), s + m.ispendr) == 0);
  CHECK((m.load(vcpu(0), s + m.isenabler) & 0xffff'0000) == 0);
  m.store(vcpu(0), s + m.icactiver, 0x0800'0008);
  CHECK(m.load(vcpu(0), s + m.isactiver) == 0x0101'0000);
}

TEST_CASE("Bao 394: IROUTER by halves keeps the route, as a whole keeps Aff3", "[disaster][GICD_IROUTER]") {
  v3_machine m(4, 4, 64);
  const u64 r = m.gicd + 0x6000 + 8 * 40;
  m.store(vcpu(0), r, u64{0x12} << 32 | 0x34'5678, width::dword);
  CHECK(m.load(vcpu(0), r, width::dword) == (u64{0x12} << 32 | 0x34'5678));
  CHECK(m.load(vcpu(0), r + 4) == 0x12);
  m.store(vcpu(0), r, 0x2);
  CHECK(m.load(vcpu(0), r, width::dword) == (u64{0x12} << 32 | 0x2));
  m.store(vcpu(0), r + 4, 0);
  CHECK(m.load(vcpu(0), r, width::dword) == 0x2);
  m.edge(40);
  m.enable(40);
  m.pulse(40);
  CHECK(takers(m) == std::vector<u32>{2});
}

TEMPLATE_LIST_TEST_CASE("Bao 394: a vCPU's private registers are its own, not those of vCPU 0", "[disaster]",
                        both_versions) {
  booted<TestType> m(4, 4);
  m.priority(27, 0x48, 3);
  m.edge(27, 3);
  m.enable(27, 3);
  m.set(m.ispendr, 28, 3);
  m.set(m.isactiver, 29, 3);
  m.group_of(30, m.v2 ? group::one : group::zero, 3);
  for (u32 v = 0; v < 4; ++v) {
    CAPTURE(v);
    const bool its = v == 3;
    CHECK(m.load(vcpu(v), m.bytes(m.ipriorityr, 27, v), width::byte) == (its ? 0x48 : 0xa0));
    CHECK(m.bit(m.isenabler, 27, v) == its);
    CHECK(m.bit(m.ispendr, 28, v) == its);
    CHECK(m.bit(m.isactiver, 29, v) == its);
    CHECK(m.bit(m.igroupr, 30, v) == (its == m.v2));
    u64 icfgr1 = m.gicd + m.icfgr + 4;
    if constexpr (!booted<TestType>::v2) icfgr1 = m.sgi_frame(v) + m.icfgr + 4;
    CHECK((m.load(vcpu(v), icfgr1) >> 22 & 3) == (its ? 2 : 0));
  }
}

TEMPLATE_LIST_TEST_CASE("cheribsd 2692: ICENABLER is not ISENABLER", "[disaster][GICD_ICENABLER]", both_versions) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  m.edge_spi(41, 1);
  m.store(vcpu(0), m.bits(m.icenabler, 40), u64{1} << 8);
  CHECK_FALSE(m.bit(m.isenabler, 40));
  CHECK(m.bit(m.isenabler, 41));
  CHECK_FALSE(m.bit(m.isenabler, 42));
  m.pulse(40);
  CHECK(takers(m).empty());
}

using all_spis = std::tuple<config<gicv2, all_features, 4, 2, 988>, config<gicv3, all_features, 4, 2, 988>>;

TEMPLATE_LIST_TEST_CASE("Gunyah, UEFI: software that counts 1024 interrupts writes the registers of 1020 to 1023",
                        "[disaster]", all_spis) {
  const auto holder = std::make_unique<machine_under_test<TestType>>(2);
  auto& m = *holder;
  for (const u32 reg : {+m.igroupr, +m.isenabler, +m.ispendr, +m.isactiver}) {
    m.store(vcpu(0), m.gicd + reg + 4 * 31, 0xffff'ffff);
    CHECK(m.load(vcpu(0), m.gicd + reg + 4 * 31) == 0x0fff'ffff);
  }
  m.store(vcpu(0), m.gicd + m.icfgr + 4 * 63, 0xffff'ffff);
  CHECK(m.load(vcpu(0), m.gicd + m.icfgr + 4 * 63) == 0x00aa'aaaa);
  for (const u64 a : {m.gicd + m.ipriorityr + 1020, m.gicd + m.itargetsr + 1020}) {
    m.store(vcpu(0), a, 0xffff'ffff);
    CHECK(m.load(vcpu(0), a) == 0);
    m.store(vcpu(0), a + 3, 0xff, width::byte);
    CHECK(m.load(vcpu(0), a + 3, width::byte) == 0);
  }
  m.store(vcpu(0), m.gicd + m.ipriorityr + 1016, 0xa0a0'a0a0);
  CHECK(m.load(vcpu(0), m.gicd + m.ipriorityr + 1016) == 0xa0a0'a0a0);
  if constexpr (!machine_under_test<TestType>::v2)
    for (u32 i = 1019; i < 1024; ++i) {
      m.store(vcpu(0), m.gicd + 0x6000 + 8 * i, 1, width::dword);
      CHECK(m.load(vcpu(0), m.gicd + 0x6000 + 8 * i, width::dword) == (i == 1019 ? 1 : 0));
    }
}
