// SPDX-License-Identifier: BSL-1.0
// Result codes: what the host may ask for, and what comes back when it asks for something that is not there.
#include "catch.hpp"
#include "support/vm.hpp"

#include <initializer_list>

using namespace tests;

namespace {

using v2 = config<gicv2, all_features, 4, 4, 256>;
using v3 = config<gicv3, all_features, 4, 4, 256>;
using all_spis = config<gicv3, all_features, 4, 4, 988>;

}  // namespace

TEMPLATE_TEST_CASE("calls for SPIs take INTID 32 up to the last one started", "", v2, v3) {
  machine_under_test<TestType> m{4, 64};  // SPIs 32..95 of the 256 that there is room for
  auto& g = m.g;
  for (const u32 i : {0u, 15u, 16u, 31u, 96u, 287u, 288u, 1019u, 1020u, 1023u, 1024u, 8192u, 0x8000'0000u, ~0u}) {
    CAPTURE(i);
    CHECK(g.raise(intid{i}) == result::no_such_interrupt);
    CHECK(g.lower(intid{i}) == result::no_such_interrupt);
    CHECK(g.pulse(intid{i}) == result::no_such_interrupt);
    CHECK(g.link(intid{i}) == result::no_such_interrupt);
    CHECK(g.forward(intid{i}) == result::no_such_interrupt);
  }
  for (const u32 i : {32u, 63u, 64u, 95u}) {
    CAPTURE(i);
    CHECK(g.raise(intid{i}) == result::ok);
    CHECK(g.lower(intid{i}) == result::ok);
    CHECK(g.pulse(intid{i}) == result::ok);
    CHECK(g.link(intid{i}) == result::ok);
    CHECK(g.forward(intid{i}) == result::ok);
  }
}

TEST_CASE("with 988 SPIs the last is INTID 1019") {
  machine_under_test<all_spis> m;
  CHECK(m.g.raise(intid{1019}) == result::ok);
  CHECK(m.g.raise(intid{1020}) == result::no_such_interrupt);
  CHECK(m.g.raise(intid{1023}) == result::no_such_interrupt);
}

TEMPLATE_TEST_CASE("calls for PPIs take INTID 16..31 of a vCPU that there is", "", v2, v3) {
  machine_under_test<TestType> m{2, 64};  // two of the four vCPUs that there is room for
  auto& g = m.g;
  for (const u32 v : {0u, 1u})
    for (u32 i = 0; i < 64; ++i) {
      CAPTURE(v, i);
      const result want = i >= 16 && i < 32 ? result::ok : result::no_such_interrupt;
      CHECK(g.raise(vcpu(v), intid{i}) == want);
      CHECK(g.lower(vcpu(v), intid{i}) == want);
      CHECK(g.pulse(vcpu(v), intid{i}) == want);
      CHECK(g.link(vcpu(v), intid{i}) == want);
      CHECK(g.forward(vcpu(v), intid{i}) == want);
    }
  for (const u32 v : {2u, 3u, 4u, 0xffffu}) {
    CAPTURE(v);
    CHECK(g.raise(vcpu(v), ppi(4)) == result::no_such_vcpu);
    CHECK(g.lower(vcpu(v), ppi(4)) == result::no_such_vcpu);
    CHECK(g.pulse(vcpu(v), ppi(4)) == result::no_such_vcpu);
    CHECK(g.link(vcpu(v), ppi(4)) == result::no_such_vcpu);
    CHECK(g.forward(vcpu(v), ppi(4)) == result::no_such_vcpu);
    CHECK(g.vcpu_on(vcpu(v)) == result::no_such_vcpu);
    CHECK(g.vcpu_off(vcpu(v)) == result::no_such_vcpu);
  }
  for (const u32 i : {1023u, 0x8000'0010u, ~0u}) CHECK(g.raise(vcpu(0), intid{i}) == result::no_such_interrupt);
}

TEMPLATE_TEST_CASE("a refused call changes no pending state", "", v2, v3) {
  machine_under_test<TestType> m{2, 64};
  (void)m.g.raise(intid{31});
  (void)m.g.raise(intid{96});
  (void)m.g.raise(vcpu(2), intid{27});
  (void)m.g.raise(vcpu(0), intid{15});
  (void)m.g.forward(vcpu(0), intid{32});
  for (u32 v = 0; v < 2; ++v) CHECK(m.load(vcpu(v), m.bits(m.ispendr, 0, v)) == 0);
  for (u32 i = 32; i < 96; i += 32) CHECK(m.load(vcpu(0), m.bits(m.ispendr, i)) == 0);
  CHECK(m.g.host().kicks.empty());
}

TEMPLATE_TEST_CASE("traps: what is handled, what is not the GIC's, what cannot be decoded", "", v2, v3) {
  machine_under_test<TestType> m;
  u64 x[31];
  for (u32 k = 0; k < 31; ++k) x[k] = 0x5555'0000 + k;
  const auto abort = [&](u64 address, u64 esr) {
    trap_status s{};
    m.on_cpu_of(vcpu(0), [&] {
      m.g.exit(vcpu(0));
      s = m.g.data_abort(vcpu(0), {.esr = esr, .hpfar = address >> 12 << 4, .far = address & 0xfff}, x);
      m.g.entry(vcpu(0));
    });
    return s;
  };
  constexpr u64 load_word_x3 = u64{0x24} << 26 | 1u << 25 | 1u << 24 | 2u << 22 | 3u << 16 | 1u << 15 | 7;
  constexpr u64 store_word_xzr = u64{0x24} << 26 | 1u << 25 | 1u << 24 | 2u << 22 | 31u << 16 | 1u << 6 | 7;
  constexpr u64 no_syndrome = u64{0x24} << 26 | 1u << 25 | 7;

  CHECK(abort(m.gicd + 4, load_word_x3) == trap_status::handled);
  CHECK(x[3] == m.load(vcpu(0), m.gicd + 4));
  CHECK(abort(m.gicd, no_syndrome) == trap_status::undecodable);
  CHECK(abort(0x4000'0000, load_word_x3) == trap_status::not_gic);
  CHECK(abort(0x4000'0000, no_syndrome) == trap_status::not_gic);
  CHECK(abort(m.gicd - 4, load_word_x3) == trap_status::not_gic);
  CHECK(x[3] == m.load(vcpu(0), m.gicd + 4));  // what was not handled left the registers alone

  // A store of the zero register writes 0, a load to it changes no register.
  m.gates(3);
  CHECK((m.load(vcpu(0), m.gicd) & 3) == 3);
  CHECK(abort(m.gicd, store_word_xzr) == trap_status::handled);
  CHECK((m.load(vcpu(0), m.gicd) & 3) == 0);
  CHECK(abort(m.gicd + 4, store_word_xzr & ~u64{1u << 6}) == trap_status::handled);
  for (u32 k = 0; k < 31; ++k)
    if (k != 3) CHECK(x[k] == 0x5555'0000 + k);
}

TEST_CASE("trapped system registers: the SGI registers and DIR on a GICv3, none on a GICv2") {
  u64 x[31] = {};
  const auto esr = [](u32 key, u32 read) { return u64{0x18} << 26 | 1u << 25 | key | read; };
  machine_under_test<v3> m;
  m.on_cpu_of(vcpu(0), [&] {
    m.g.exit(vcpu(0));
    for (const u32 key : {0x3a'3016u, 0x3c'3016u, 0x3e'3016u, 0x32'3016u}) {
      CAPTURE(key);
      CHECK(m.g.system_register(vcpu(0), esr(key, 0), x) == trap_status::handled);
      CHECK(m.g.system_register(vcpu(0), esr(key, 1), x) == trap_status::not_gic);  // write-only
    }
    CHECK(m.g.system_register(vcpu(0), esr(0x30'100c, 0), x) == trap_status::not_gic);  // ICC_PMR_EL1
    m.g.entry(vcpu(0));
  });
  machine_under_test<v2> n;
  CHECK(n.g.system_register(vcpu(0), esr(0x3a'3016, 0), x) == trap_status::not_gic);
}
