// SPDX-License-Identifier: BSL-1.0
/// \file
/// A guest, or whoever sets it up, could crash, hang or corrupt the hypervisor: advisories and their like. What each
/// was is said in docs/disasters.md; here is what must happen instead.
#include "support.hpp"

using namespace tests;

TEMPLATE_LIST_TEST_CASE("XSA-94, CVE-2014-2986: ICFGR of interrupts that the VM does not have is RAZ/WI",
                        "[disaster][GICD_ICFGR]", both_versions) {
  booted<TestType> m(4, 2, 64);
  for (u32 n = 96 / 16; n < 64; ++n) {
    m.store(vcpu(1), m.gicd + m.icfgr + 4 * n, 0xffff'ffff);
    CHECK(m.load(vcpu(0), m.gicd + m.icfgr + 4 * n) == 0);
  }
  m.store(vcpu(1), m.gicd + m.icfgr + 4 * 5, 0xffff'ffff);
  CHECK(m.load(vcpu(0), m.gicd + m.icfgr + 4 * 5) == 0xaaaa'aaaa);
}

TEST_CASE("XSA-117, CVE-2015-0268: GICD_SGIR with the reserved filter 0b11 sends nothing", "[disaster][GICD_SGIR]") {
  v2_machine m(4, 4);
  for (u32 list = 0; list < 0x100; list += 5)
    for (u32 n = 0; n < 16; ++n) m.store(vcpu(2), m.gicd + 0xf00, u64{3} << 24 | list << 16 | n);
  for (u32 v = 0; v < 4; ++v) CHECK(pending_sgis(m, v) == 0);
  CHECK(takers(m).empty());
}

TEMPLATE_LIST_TEST_CASE("XSA-223, CVE-2017-10919: an interrupt comes again while it is disabled and in flight",
                        "[disaster]", both_versions) {
  const u32 lrs = GENERATE(1u, 2u, 16u);
  booted<TestType> m(lrs);
  m.edge_spi(40, 1);
  m.edge_spi(41, 1);
  m.priority(41, 0x80);
  m.pulse(41);  // holds a list register, the only one where there is one
  m.settle();
  m.pulse(40);
  m.settle();
  const auto kept = m.lr_of(vcpu(1), 41);
  SECTION("pending in a list register, or waiting for one") {}
  SECTION("never listed") {
    m.set(m.icpendr, 40);
    m.settle();
  }
  m.disable(40);
  m.pulse(40);
  m.settle();
  m.pulse(40);
  CHECK(m.lr_of(vcpu(1), 41) == kept);
  CHECK(m.bit(m.ispendr, 40));
  CHECK(m.take(vcpu(1)) == 41);
  CHECK(m.take_all(vcpu(1)).empty());
  m.enable(40);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
}

TEST_CASE("XSA-225, CVE-2017-10923: a target list that names vCPUs beyond the last one, GICD_SGIR",
          "[disaster][GICD_SGIR]") {
  v2_machine m(4, 2);
  const u32 n = GENERATE(0u, 15u);
  m.store(vcpu(0), m.gicd + 0xf00, u64{0xff} << 16 | n);
  CHECK(untouched_beyond(m));
  CHECK(pending_sgis(m, 0) == 1u << n);
  CHECK(pending_sgis(m, 1) == 1u << n);
  CHECK(takers(m) == std::vector<u32>{0, 1});
  m.store(vcpu(0), m.gicd + 0xf00, u64{0xfc} << 16 | n);
  CHECK(untouched_beyond(m));
  CHECK(takers(m).empty());
}

TEST_CASE("XSA-225, CVE-2017-10923: a target list that names vCPUs beyond the last one, ICC_SGI1R_EL1",
          "[disaster][ICC_SGI1R_EL1]") {
  v3_machine m(4, 2);
  m.write_sgi1r(0, u64{9} << 24 | 0xffff);
  CHECK(untouched_beyond(m));
  CHECK(takers(m) == std::vector<u32>{0, 1});
  for (u32 beyond = 2; beyond < 16; ++beyond) m.write_sgi1r(0, u64{9} << 24 | u64{1} << beyond);
  CHECK(untouched_beyond(m));
  CHECK(takers(m).empty());
  const u64 elsewhere = GENERATE(u64{0xf} << 44, u64{0xff} << 16, u64{0xff} << 32, u64{0xff} << 48);
  m.write_sgi1r(0, elsewhere | u64{9} << 24 | 0xffff);
  CHECK(untouched_beyond(m));
  CHECK(takers(m).empty());
}

TEST_CASE("Xen be7f0cc651: no filter of GICD_SGIR reaches vCPUs that do not exist", "[disaster]") {
  v2_machine m(4, 3);
  for (u32 filter = 0; filter < 4; ++filter)
    for (u32 list = 0; list < 0x100; ++list) {
      m.store(vcpu(1), m.gicd + 0xf00, u64{filter} << 24 | list << 16 | 4);
      const u32 want = filter == 0 ? list & 7 : filter == 1 ? 5 : filter == 2 ? 2 : 0;
      u32 got = 0;
      for (u32 v = 0; v < 3; ++v) got |= pending_sgis(m, v) != 0 ? 1u << v : 0;
      if (got != want) FAIL("filter " << filter << ", list " << list << ": targets " << got << ", not " << want);
      m.g.host().kicks.clear();
      for (u32 v = 0; v < 3; ++v) m.store(vcpu(v), m.gicd + 0xf14, 0xff, width::byte);  // CPENDSGIR of SGI 4
    }
  CHECK(untouched_beyond(m));
}

TEST_CASE("Xen 7ad6cfa66f: redistributors and routes of vCPUs that the VM could have and does not have", "[disaster]") {
  v3_machine m(4, 2);
  for (u32 v = 2; v < 8; ++v)
    for (const u64 frame : {m.rd(v), m.sgi_frame(v)})
      for (u32 offset = 0; offset < 0x1'0000; offset += 4) {
        m.store(vcpu(0), frame + offset, 0xffff'ffff);
        if (m.load(vcpu(1), frame + offset) != 0) FAIL("vCPU " << v << ", offset " << offset << " reads as something");
      }
  CHECK(untouched_beyond(m));
  m.edge_spi(40, 0);
  m.route(40, 5);
  m.pulse(40);
  CHECK(takers(m).empty());
  CHECK(m.bit(m.ispendr, 40));
  CHECK(m.load(vcpu(0), m.gicd + 0x6000 + 8 * 40, width::dword) == 5);
  m.route(40, 1);
  CHECK(takers(m) == std::vector<u32>{1});
}

TEMPLATE_LIST_TEST_CASE("XSA-307: walks over words of bits see the first and the last bit, and end", "[disaster]",
                        both_versions) {
  booted<TestType> m(GENERATE(1u, 16u), 2, 64);
  std::vector<u32> all;
  for (u32 i = 32; i < 96; ++i) {
    m.edge(i);
    m.route(i, 1);
    all.push_back(i);
  }
  m.store(vcpu(0), m.gicd + m.isenabler + 4, 0xffff'ffff);
  m.store(vcpu(0), m.gicd + m.isenabler + 8, 0xffff'ffff);
  SECTION("all of two words") {
    m.store(vcpu(0), m.gicd + m.ispendr + 4, 0xffff'ffff);
    m.store(vcpu(0), m.gicd + m.ispendr + 8, 0xffff'ffff);
    auto taken = m.take_all(vcpu(1));
    std::sort(taken.begin(), taken.end());
    CHECK(taken == all);
  }
  SECTION("the last bit of a word alone, the first alone") {
    for (const u32 i : {63u, 64u, 95u, 32u}) {
      m.set(m.ispendr, i);
      CHECK(m.take_all(vcpu(1)) == std::vector<u32>{i});
    }
  }
}

TEST_CASE("CVE-2024-46707: ICC_SGI1R, ICC_ASGI1R and ICC_SGI0R of a guest without a GICv3", "[disaster]") {
  v2_machine m(4, 4);
  using namespace syndrome;
  for (const u32 key : {key_icc_sgi1r, key_icc_asgi1r, key_icc_sgi0r, key_icc_dir})
    for (const u64 value : {u64{0xffff}, u64{1} << 40, ~u64{0}}) {
      m.write_sgi1r(0, value, key);
      CHECK(m.last == trap_status::not_gic);  // the hypervisor injects UNDEF
    }
  for (u32 v = 0; v < 4; ++v) CHECK(pending_sgis(m, v) == 0);
  CHECK(takers(m).empty());
}

TEMPLATE_LIST_TEST_CASE("CVE-2024-36953: the host names a vCPU or an interrupt that is not there", "[disaster]",
                        both_versions) {
  booted<TestType> m(4, 2, 64);
  for (const u32 v : {2u, 7u, 8u, 0x7fffu, 0xffffu}) {
    CHECK(m.g.raise(vcpu(v), intid{27}) == result::no_such_vcpu);
    CHECK(m.g.lower(vcpu(v), intid{27}) == result::no_such_vcpu);
    CHECK(m.g.pulse(vcpu(v), intid{27}) == result::no_such_vcpu);
    CHECK(m.g.link(vcpu(v), intid{27}) == result::no_such_vcpu);
    CHECK(m.g.forward(vcpu(v), intid{27}) == result::no_such_vcpu);
    CHECK(m.g.vcpu_on(vcpu(v)) == result::no_such_vcpu);
    CHECK(m.g.vcpu_off(vcpu(v)) == result::no_such_vcpu);
  }
  for (const u32 i : {0u, 31u, 96u, 1019u, 1020u, 1023u, 8192u, ~0u}) {
    CHECK(m.g.raise(intid{i}) == result::no_such_interrupt);
    CHECK(m.g.lower(intid{i}) == result::no_such_interrupt);
    CHECK(m.g.pulse(intid{i}) == result::no_such_interrupt);
    CHECK(m.g.link(intid{i}) == result::no_such_interrupt);
    CHECK(m.g.forward(intid{i}) == result::no_such_interrupt);
  }
  for (const u32 i : {0u, 15u, 32u, ~0u}) CHECK(m.g.raise(vcpu(0), intid{i}) == result::no_such_interrupt);
  CHECK(untouched_beyond(m));
}

TEMPLATE_LIST_TEST_CASE("CVE-2024-40989: a start that fails leaves nothing half attached", "[disaster]",
                        both_versions) {
  booted<TestType> m(4, 2, 64);
  m.edge_spi(40, 1);
  CHECK(m.g.start({.vcpus = 9, .spis = 64, .list_registers = 4}) == result::bad_limits);
  CHECK(m.g.start({.vcpus = 2, .spis = 33, .list_registers = 4}) == result::bad_limits);
  CHECK(m.g.start({.vcpus = 2, .spis = 64, .list_registers = 0}) == result::bad_limits);
  m.pulse(40);
  CHECK(takers(m) == std::vector<u32>{1});
  CHECK(m.g.start({.vcpus = 4, .spis = 96, .list_registers = 4}) == result::ok);
  CHECK((m.load(vcpu(0), m.gicd + 4) & 0x1f) == 3);
}

TEMPLATE_LIST_TEST_CASE("CVE-2024-53195: vCPUs that go off and come on, in whatever number, leave no count behind",
                        "[disaster]", both_versions) {
  booted<TestType> m(2);
  m.edge_spi(40, 1);
  for (u32 k = 0; k < 40; ++k) {
    for (u32 twice = 0; twice <= k % 2; ++twice) m.turn_off(vcpu(1));
    if (k % 3 == 0) m.pulse(40);
    for (u32 twice = 0; twice <= k % 3; ++twice) m.turn_on(vcpu(1));
    CHECK(m.take_all(vcpu(1)) == (k % 3 == 0 ? std::vector<u32>{40} : std::vector<u32>{}));
  }
  m.g.host().kicks.clear();
  m.pulse(40);
  CHECK(m.g.host().kicks == std::vector<vcpu_id>{vcpu(1)});
}

TEMPLATE_LIST_TEST_CASE("syzkaller, KVM de353e3fcc: a virtual GIC that was never started", "[disaster]",
                        both_versions) {
  using gic_type = gic<TestType>;
  const auto g = std::make_unique<gic_type>();
  g->host().current_vcpu = no_vcpu;
  CHECK(g->raise(intid{32}) == result::no_such_interrupt);
  CHECK(g->lower(intid{32}) == result::no_such_interrupt);
  CHECK(g->raise(vcpu(0), intid{27}) == result::no_such_vcpu);
  CHECK(g->vcpu_on(vcpu(0)) == result::no_such_vcpu);
  CHECK(g->vcpu_off(vcpu(0)) == result::no_such_vcpu);
  g->reset();
  CHECK(g->start({.vcpus = 1, .spis = 32, .list_registers = 1}) == result::ok);
  CHECK(g->raise(intid{32}) == result::ok);
}

TEST_CASE("CVE-2021-20221: the SGI's number in GICD_SGIR is four bits, whatever is beside it",
          "[disaster][GICD_SGIR]") {
  v2_machine m(4, 2);
  for (u32 beside = 0x10; beside <= 0x3f0; beside += 0x10) {
    m.store(vcpu(0), m.gicd + 0xf00, u64{2} << 16 | beside | 7);
    m.settle();
    CHECK(pending_sgis(m, 1) == 1u << 7);
    CHECK(pending_sgis(m, 0) == 0);
    CHECK(m.take(vcpu(1)) == 7);
  }
  CHECK(takers(m).empty());
}

TEST_CASE("tgoskits 1730: GICR_INVLPIR, INVALLR, SETLPIR and CLRLPIR with INTIDs below 8192 and above all",
          "[disaster][GICR_(LPI)]") {
  v3_machine m(4, 2);
  m.store(vcpu(0), m.gicd + 0x10, 0xf);
  m.store(vcpu(0), m.rd(1) + 0x10, 0xf);
  for (const u32 offset : {0x40u, 0x48u, 0xa0u, 0xb0u})
    for (const u64 id : {u64{0}, u64{40}, u64{8191}, u64{8192}, u64{0xffff'ffff}, ~u64{0}})
      for (const width w : {width::word, width::dword}) {
        m.store(vcpu(0), m.rd(1) + offset, id, w);
        CHECK(m.load(vcpu(0), m.rd(1) + offset, w) == 0);
      }
  CHECK(m.load(vcpu(0), m.rd(1) + 0x10) == 0);
  CHECK(takers(m).empty());
}

TEMPLATE_LIST_TEST_CASE("tgoskits 1745: an offset that nothing is at reads 0 and can be written", "[disaster]",
                        both_versions) {
  booted<TestType> m(4, 2);
  const auto probe = [&](u64 a) {
    m.store(vcpu(0), a, ~u64{0});
    CHECK(m.load(vcpu(0), a) == 0);
    CHECK(m.last == trap_status::handled);
  };
  for (const u32 offset : {0x020u, 0x03cu, 0x068u, 0x07cu, 0x7fcu, 0xbfcu, 0xd80u, 0xf04u, 0xf80u, 0xfccu})
    probe(m.gicd + offset);
  if constexpr (!booted<TestType>::v2) {
    for (const u32 offset : {0x1000u, 0x3b00u, 0x5ffcu, 0x6000u, 0x7fe0u, 0x8000u, 0xc000u, 0xffccu})
      probe(m.gicd + offset);
    for (const u32 offset : {0x18u, 0x20u, 0x68u, 0x100u, 0xffccu}) probe(m.rd(0) + offset);
    for (const u32 offset : {0x0u, 0x84u, 0x420u, 0xc08u, 0xf80u, 0xfffcu}) probe(m.sgi_frame(0) + offset);
  }
}

TEMPLATE_LIST_TEST_CASE("libvmm 179: a device's interrupt before the guest has booted", "[disaster]", both_versions) {
  machine_under_test<TestType> m(2, 64);  // groups off, all disabled, nothing configured
  for (u32 k = 0; k < 3; ++k) {
    CHECK(m.g.pulse(intid{40}) == result::ok);
    CHECK(m.g.raise(intid{41}) == result::ok);
    CHECK(m.g.raise(vcpu(1), intid{27}) == result::ok);
  }
  m.settle();
  for (u32 v = 0; v < 2; ++v) CHECK(m.ack(vcpu(v)) == 1023);
  m.boot();
  for (const u32 i : {40u, 41u}) {
    m.route(i, 1);
    m.enable(i);
  }
  m.enable(27, 1);
  // The level-sensitive ones are still high; the pulse of one that is level-sensitive was nothing.
  m.settle();
  CHECK(m.take(vcpu(1)) == 27);
  CHECK(m.g.lower(vcpu(1), intid{27}) == result::ok);
  m.settle();
  CHECK(m.take(vcpu(1)) == 41);
  CHECK(m.g.lower(intid{41}) == result::ok);
  CHECK(m.take_all(vcpu(1)).empty());
}

TEMPLATE_LIST_TEST_CASE("libvmm 197, 238: any of the sixteen SGIs, to itself, with nobody registered for it",
                        "[disaster]", both_versions) {
  booted<TestType> m(GENERATE(1u, 16u), 2);
  for (u32 n = 0; n < 16; ++n) {
    m.sgi(1, 1, n);
    m.settle();
    CHECK((m.take(vcpu(1)) & 0xf) == n);
  }
  CHECK(takers(m).empty());
}
