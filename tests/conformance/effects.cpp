// SPDX-License-Identifier: BSL-1.0
// The fields of write-only registers: a bit of a field changes what a write does, a bit of none does not.
#include "catch.hpp"
#include "support/policies.hpp"
#include "system_registers.hpp"

#include <functional>

using namespace tests;
using conformance::field;
using conformance::kind;

namespace {

/// What a write did: interrupts by vCPU, or whatever else is worth comparing.
using effect = std::vector<u32>;

/// `base` is a value of which every bit of every field matters.
void each_bit(reg what, u32 version, u32 bits, u64 base, const std::function<effect(u64)>& write) {
  const auto fields = conformance::all_fields();
  const effect plain = write(base);
  REQUIRE_FALSE(plain.empty());
  u32 live = 0;
  for (u32 b = 0; b < bits; ++b) {
    bool acts = false;
    for (const field& f : fields)
      if (f.what == what && is_in(f, version) && b <= f.high && b >= f.low) acts = acts || f.how == kind::wo;
    CAPTURE(name(what), b);
    CHECK((write(base ^ u64{1} << b) != plain) == acts);
    live += acts ? 1 : 0;
  }
  CHECK(live > 10);
}

/// SGIs pending for each vCPU, and not any more.
template <class M>
effect sgis(M& m) {
  effect e;
  for (u32 v = 0; v < m.vcpus(); ++v) {
    for (u32 n = 0; n < 16; ++n)
      if (m.bit(m.ispendr, n, v)) e.push_back(v << 8 | n);
    if constexpr (M::v2)
      for (u32 n = 0; n < 16; n += 4) m.store(vcpu(v), m.gicd + 0xf10 + n, 0xffff'ffff);
    else
      m.set_word(m.sgi_frame(v) + m.icpendr, 0xffff);
  }
  m.g.host().kicks.clear();
  return e;
}

template <class Config>
struct wide_machine : machine_under_test<Config> {
  using base = machine_under_test<Config>;
  using base::base;
  void set_word(u64 a, u32 value) { base::store(vcpu(0), a, value); }
};

}  // namespace

TEST_CASE("fields: GICD_SGIR, each bit does what its field says, or nothing", "[GICD_SGIR]") {
  wide_machine<config<gicv2>> m(8);
  each_bit(reg::gicd_sgir, 2, 32, 0x2'0000, [&](u64 value) {
    m.store(vcpu(3), m.gicd + 0xf00, value);
    return sgis(m);
  });
}

TEST_CASE("fields: the SGI system registers, each bit does what its field says, or nothing",
          "[ICC_SGI1R_EL1][ICC_ASGI1R_EL1][ICC_SGI0R_EL1]") {
  wide_machine<config<gicv3, all_features, 4, 16, 32>> m(16);
  const struct {
    reg what;
    u32 key;
  } registers[] = {{reg::icc_sgi1r, syndrome::key_icc_sgi1r},
                   {reg::icc_asgi1r, syndrome::key_icc_asgi1r},
                   {reg::icc_sgi0r, syndrome::key_icc_sgi0r}};
  for (const auto& r : registers)
    each_bit(r.what, 3, 64, 2, [&](u64 value) {
      m.write_sgi1r(3, value, r.key);
      return sgis(m);
    });
}

TEST_CASE("fields: ICC_DIR_EL1, each bit does what its field says, or nothing", "[ICC_DIR_EL1]") {
  wide_machine<config<gicv3>> m(2);
  each_bit(reg::icc_dir, 3, 64, 40, [&](u64 value) {
    m.store(vcpu(0), m.bits(m.isactiver, 40), u64{1} << 8);
    m.write_sgi1r(1, value, syndrome::key_icc_dir);
    effect e{1};
    if (m.bit(m.isactiver, 40)) e.push_back(40);
    m.store(vcpu(0), m.bits(m.icactiver, 40), u64{1} << 8);
    return e;
  });
}

TEST_CASE("fields: GICD_SETSPI_NSR and GICD_CLRSPI_NSR, each bit does what its field says, or nothing",
          "[GICD_SETSPI_NSR][GICD_CLRSPI_NSR]") {
  wide_machine<config<gicv3>> m(2);
  const auto pending = [&] {
    effect e{1};
    for (u32 i = 32; i < 288; ++i)
      if (m.bit(m.ispendr, i)) e.push_back(i);
    for (u32 i = 32; i < 288; ++i) m.store(vcpu(0), m.gicd + 0x48, i);
    return e;
  };
  each_bit(reg::gicd_setspi_nsr, 3, 32, 40, [&](u64 value) {
    m.store(vcpu(0), m.gicd + 0x40, value);
    return pending();
  });
  each_bit(reg::gicd_clrspi_nsr, 3, 32, 40, [&](u64 value) {
    m.store(vcpu(0), m.gicd + 0x40, 40);
    m.store(vcpu(0), m.gicd + 0x48, value);
    return pending();
  });
}
