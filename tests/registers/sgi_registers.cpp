// SPDX-License-Identifier: BSL-1.0
// ICC_SGI1R_EL1, ICC_ASGI1R_EL1, ICC_SGI0R_EL1 (IHI 0069, 12.2): which vCPUs they name, and which SGIs those take.
#include "catch.hpp"
#include "support/registers.hpp"

#include <set>

using namespace tests;

namespace {

using flat40 = config<gicv3, all_features, 4, 40, 32, layout::qemu_virt>;
using wide40 = config<gicv3, all_features, 4, 40, 32, layout::qemu_virt, builtin_atomics, wide_affinity>;

/// All four affinity levels count: vCPU n is n.n+1.n+2.n+3.
struct slanted_affinity {
  static constexpr u32 highest_aff0 = 15;
  static constexpr affinity of(vcpu_id v) {
    const u32 n = raw(v);
    return affinity{n << 24 | (n + 1) << 16 | (n + 2) << 8 | (n + 3)};
  }
  static constexpr vcpu_id find(affinity a) {
    const u32 n = raw(a) >> 24;
    return n < 8 && of(vcpu_id{static_cast<u16>(n)}) == a ? vcpu_id{static_cast<u16>(n)} : no_vcpu;
  }
};
using slanted = config<gicv3, all_features, 4, 8, 32, layout::xen_4_5, builtin_atomics, slanted_affinity>;

struct sgi_fields {
  u32 aff3 = 0;
  u32 aff2 = 0;
  u32 aff1 = 0;
  u32 rs = 0;
  u32 list = 0;
  u32 n = 0;
  bool irm = false;
};
constexpr u64 encode(const sgi_fields& f) {
  return u64{f.aff3} << 48 | u64{f.rs} << 44 | u64{f.irm ? 1u : 0u} << 40 | u64{f.aff2} << 32 | u64{f.n} << 24 |
         u64{f.aff1} << 16 | f.list;
}

using targets = std::set<u32>;

/// The vCPUs that have SGI `n` pending; takes it back from all.
template <class G>
targets pending(G& m, u32 n, u32 vcpus) {
  targets t;
  for (u32 v = 0; v < vcpus; ++v) {
    if ((m.sgi_read(v, 0x200) >> n & 1) != 0) t.insert(v);
    if (m.sgi_read(v, 0x200) >> n > 1) t.insert(1000 + v);  // some other SGI
    m.sgi_write(v, 0x280, 0xffff'ffff);
  }
  return t;
}
targets all_but(u32 v, u32 vcpus) {
  targets t;
  for (u32 k = 0; k < vcpus; ++k)
    if (k != v) t.insert(k);
  return t;
}

}  // namespace

TEST_CASE("an SGI to another cluster reaches nobody where there is one cluster", "[ICC_SGI1R_EL1]") {
  using sixteen = config<gicv3, all_features, 4, 16, 32, layout::qemu_virt>;
  auto m = std::make_unique<guest<sixteen>>(16);
  REQUIRE(m->started == result::ok);
  const auto send = [&](u64 value) {
    m->write_sgi1r(0, value);
    return pending(*m, 3, 16);
  };
  for (u32 k = 0; k < 16; ++k) {  // alone in the list: the short way
    const sgi_fields here{.list = 1u << k, .n = 3};
    CHECK(send(encode(here)) == targets{k});
    for (u32 bit = 0; bit < 8; ++bit) {
      CAPTURE(k, bit);
      CHECK(send(encode(here) | u64{1} << (16 + bit)).empty());               // Aff1
      CHECK(send(encode(here) | u64{1} << (32 + bit)).empty());               // Aff2
      CHECK(send(encode(here) | u64{1} << (48 + bit)).empty());               // Aff3
      if (bit < 4) CHECK(send(encode(here) | u64{1} << (44 + bit)).empty());  // RS
    }
  }
}

TEST_CASE("SGIs by cluster and target list", "[ICC_SGI1R_EL1]") {
  auto m = std::make_unique<guest<flat40>>();
  REQUIRE(m->started == result::ok);
  const auto send = [&](const sgi_fields& f, u32 from = 0) {
    m->write_sgi1r(from, encode(f));
    CHECK(m->last == trap_status::handled);
    return pending(*m, f.n, 40);
  };
  CHECK(send({.list = 0x0001}) == targets{0});  // oneself is legal
  CHECK(send({.list = 0x8006, .n = 15}) == targets{1, 2, 15});
  CHECK(send({.aff1 = 1, .list = 0x8001, .n = 3}) == targets{16, 31});
  CHECK(send({.aff1 = 2, .list = 0xffff, .n = 3}) == targets{32, 33, 34, 35, 36, 37, 38, 39});
  CHECK(send({.aff1 = 3, .list = 0xffff}).empty());
  CHECK(send({.aff2 = 1, .list = 0xffff}).empty());
  CHECK(send({.aff3 = 1, .list = 0xffff}).empty());
  CHECK(send({.list = 0}).empty());
  CHECK(send({.rs = 1, .list = 0xffff}).empty());  // GICD_TYPER.RSS = 0
  CHECK(send({.list = 1, .n = 0}, 39) == targets{0});
}

TEST_CASE("SGIs with a range selector", "[ICC_SGI1R_EL1]") {
  auto m = std::make_unique<guest<wide40>>();
  REQUIRE(m->started == result::ok);
  const auto send = [&](const sgi_fields& f) {
    m->write_sgi1r(5, encode(f));
    return pending(*m, f.n, 40);
  };
  CHECK(send({.list = 0x8001}) == targets{0, 15});
  CHECK(send({.rs = 1, .list = 0x8001}) == targets{16, 31});
  CHECK(send({.rs = 2, .list = 0x0181, .n = 9}) == targets{32, 39});
  CHECK(send({.rs = 2, .list = 0xff00}).empty());
  CHECK(send({.rs = 15, .list = 0xffff}).empty());
  CHECK(send({.aff1 = 1, .list = 0xffff}).empty());
  CHECK(send({.aff1 = 1, .rs = 2, .list = 0xffff}).empty());
}

TEST_CASE("SGIs to all but oneself", "[ICC_SGI1R_EL1]") {
  auto m = std::make_unique<guest<flat40>>();
  for (const u32 from : {0u, 17u, 39u}) {
    m->write_sgi1r(from, encode({.n = 7, .irm = true}));
    CHECK(pending(*m, 7, 40) == all_but(from, 40));
    // Affinity, range selector and list say nothing then.
    m->write_sgi1r(from, encode({.aff3 = 3, .aff2 = 1, .aff1 = 9, .rs = 4, .list = 0xffff, .n = 7, .irm = true}));
    CHECK(pending(*m, 7, 40) == all_but(from, 40));
  }
}

TEST_CASE("SGIs compare all four affinity levels", "[ICC_SGI1R_EL1]") {
  guest<slanted> m;
  for (u32 v = 0; v < 8; ++v) {
    const sgi_fields right{.aff3 = v, .aff2 = v + 1, .aff1 = v + 2, .list = 1u << (v + 3), .n = 4};
    const auto send = [&](sgi_fields f) {
      m.write_sgi1r(0, encode(f));
      return pending(m, 4, 8);
    };
    CHECK(send(right) == targets{v});
    sgi_fields f = right;
    f.aff3 ^= 0x80;
    CHECK(send(f).empty());
    f = right;
    f.aff2 ^= 0x80;
    CHECK(send(f).empty());
    f = right;
    f.aff1 ^= 0x80;
    CHECK(send(f).empty());
    f = right;
    f.list = ~f.list & 0xffff;
    CHECK(send(f).empty());
    f = right;
    f.list = 0xffff;
    CHECK(send(f) == targets{v});
  }
}

TEST_CASE("SGIs to vCPUs that the VM was not started with go nowhere") {
  guest<v3> m(3);
  m.write_sgi1r(0, encode({.list = 0xffff, .n = 1}));
  CHECK(pending(m, 1, 3) == targets{0, 1, 2});
  m.write_sgi1r(2, encode({.n = 1, .irm = true}));
  CHECK(pending(m, 1, 3) == targets{0, 1});
  for (u32 v = 3; v < 8; ++v) CHECK(m.g.inspect().vcpu[v].priv.read().latch == 0);
  CHECK(m.d(0x10) == 0);  // no error
}

TEST_CASE("which register reaches an SGI of which group", "[ICC_SGI1R_EL1][ICC_ASGI1R_EL1][ICC_SGI0R_EL1]") {
  guest<v3> m;
  struct expectation {
    u32 key;
    bool group0;
    bool group1;
  };
  for (const auto& e :
       {expectation{syndrome::key_icc_sgi1r, true, true}, expectation{syndrome::key_icc_asgi1r, true, false},
        expectation{syndrome::key_icc_sgi0r, true, false}}) {
    CAPTURE(e.key);
    m.sgi_write(1, 0x80, 1u << 6);  // SGI 6 of vCPU 1 is in group 1, of vCPU 2 in group 0
    m.sgi_write(2, 0x80, 0xffff'ffff & ~(1u << 6));
    m.write_sgi1r(0, encode({.list = 0x0006, .n = 6}), e.key);
    CHECK(m.last == trap_status::handled);
    targets expected;
    if (e.group1) expected.insert(1);
    if (e.group0) expected.insert(2);
    CHECK(pending(m, 6, 8) == expected);
    m.write_sgi1r(2, encode({.n = 6, .irm = true}), e.key);
    expected = all_but(2, 8);  // the others are at reset: group 0
    if (!e.group1) expected.erase(1);
    CHECK(pending(m, 6, 8) == expected);
  }
}

TEST_CASE("an SGI that is disabled, or whose group is off, stays pending") {
  guest<v3> m;
  m.boot();
  m.sgi_write(1, 0x180, 1u << 6);
  m.sgi(0, 1, 6);
  m.settle();
  CHECK(m.take(vcpu(1)) == 1023);
  CHECK((m.sgi_read(1, 0x200) >> 6 & 1) == 1);
  m.sgi_write(1, 0x100, 1u << 6);
  CHECK(m.take(vcpu(1)) == 6);
  m.gates(0);
  m.settle();
  m.sgi(0, 1, 6);
  m.settle();
  CHECK(m.take(vcpu(1)) == 1023);
  m.gates(3);
  m.settle();
  CHECK(m.take(vcpu(1)) == 6);
  CHECK(m.take(vcpu(1)) == 1023);
}

TEST_CASE("the same SGI twice before the guest takes it is one") {
  guest<v3> m;
  m.boot();
  m.sgi(0, 1, 6);
  m.sgi(2, 1, 6);
  m.settle();
  m.sgi(3, 1, 6);
  m.settle();
  const u32 id = m.ack(vcpu(1));
  CHECK(id == 6);
  m.sgi(0, 1, 6);  // while it is active: once more
  m.settle();
  m.eoi(vcpu(1), id);
  CHECK(m.take(vcpu(1)) == 6);
  CHECK(m.take(vcpu(1)) == 1023);
}
