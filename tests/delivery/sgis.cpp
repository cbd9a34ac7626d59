// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

constexpr u32 from(u32 source, u32 sgi) { return source << 10 | sgi; }

/// GICD_CPENDSGIR, GICD_SPENDSGIR: the sources of SGI `n` as `v` sees them.
template <class M>
u64 sources(M& m, u32 v, u32 n) {
  return m.load(vcpu(v), m.gicd + 0xf20 + n, width::byte);
}
template <class M>
void clear_sources(M& m, u32 v, u32 n, u32 mask) {
  m.store(vcpu(v), m.gicd + 0xf10 + n, mask, width::byte);
}
template <class M>
void set_sources(M& m, u32 v, u32 n, u32 mask) {
  m.store(vcpu(v), m.gicd + 0xf20 + n, mask, width::byte);
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("an SGI reaches the vCPU it is sent to", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.sgi(0, 3, 5);
  m.settle();
  CHECK((m.take(vcpu(3)) & 0x3ff) == 5);
  CHECK(m.take(vcpu(3)) == 1023);
  CHECK(m.take(vcpu(0)) == 1023);
  SECTION("to itself") {
    m.sgi(2, 2, 7);
    CHECK((m.take(vcpu(2)) & 0x3ff) == 7);
    CHECK(m.take_all(vcpu(2)).empty());
  }
  SECTION("to itself while it handles the same one") {
    m.sgi(2, 2, 7);
    const u32 id = m.ack(vcpu(2));
    CHECK((id & 0x3ff) == 7);
    m.sgi(2, 2, 7);
    CHECK(m.ack(vcpu(2)) == 1023);
    CHECK(m.bit(m.ispendr, 7, 2));
    m.eoi(vcpu(2), id);
    CHECK(m.take_all(vcpu(2)).size() == 1);
  }
}

TEMPLATE_LIST_TEST_CASE("the same SGI of the same sender before the acknowledge is one", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 sender = GENERATE(0u, 1u);
  const u32 id = m.v2 ? from(sender, 4) : 4u;
  m.sgi(sender, 1, 4);
  const bool listed = GENERATE(false, true);
  if (listed) m.settle();
  m.sgi(sender, 1, 4);
  if (listed) m.settle();
  m.sgi(sender, 1, 4);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{id});
  CHECK_FALSE(m.bit(m.ispendr, 4, 1));
}

TEMPLATE_LIST_TEST_CASE("an SGI while the same one is active comes once more", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 id = m.v2 ? from(0, 4) : 4u;
  m.sgi(0, 1, 4);
  m.settle();
  CHECK(m.ack(vcpu(1)) == id);
  m.sgi(0, 1, 4);
  m.settle();
  m.sgi(0, 1, 4);
  m.settle();
  CHECK(m.bit(m.ispendr, 4, 1));
  CHECK(m.bit(m.isactiver, 4, 1));
  CHECK(m.ack(vcpu(1)) == 1023);
  m.eoi(vcpu(1), id);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{id});
}

TEMPLATE_LIST_TEST_CASE("an SGI waits for a vCPU that is off", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.turn_off(vcpu(2));
  m.sgi(0, 2, 9);
  m.settle();
  CHECK(m.ack(vcpu(2)) == 1023);
  m.turn_on(vcpu(2));
  const auto ids = m.take_all(vcpu(2));
  REQUIRE(ids.size() == 1);
  CHECK((ids[0] & 0x3ff) == 9);
}

TEMPLATE_LIST_TEST_CASE("GICv2: each source of an SGI is delivered, with its number", "", v2_policies) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  SECTION("both waiting, lowest first") {
    m.sgi(3, 1, 6);
    m.sgi(0, 1, 6);
    CHECK(sources(m, 1, 6) == 0x09);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{from(0, 6), from(3, 6)});
  }
  SECTION("the second comes while the first is listed") {
    m.sgi(3, 1, 6);
    m.settle();
    m.sgi(0, 1, 6);
    m.settle();
    CHECK(sources(m, 1, 6) == 0x09);
    auto ids = m.take_all(vcpu(1));
    REQUIRE(ids.size() == 2);
    CHECK(ids[0] + ids[1] == from(0, 6) + from(3, 6));
    CHECK(ids[0] != ids[1]);
  }
  SECTION("the second comes while the first is active") {
    m.sgi(3, 1, 6);
    m.settle();
    CHECK(m.ack(vcpu(1)) == from(3, 6));
    m.sgi(0, 1, 6);
    m.sgi(3, 1, 6);
    m.settle();
    CHECK(m.bit(m.ispendr, 6, 1));
    m.eoi(vcpu(1), from(3, 6));
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{from(0, 6), from(3, 6)});
  }
  SECTION("all of them, many SGIs") {
    for (u32 n = 0; n < 16; ++n)
      for (u32 s = 0; s < 4; ++s) m.sgi(s, 1, n);
    auto ids = m.take_all(vcpu(1));
    CHECK(ids.size() == 64);
    std::sort(ids.begin(), ids.end());
    CHECK(std::unique(ids.begin(), ids.end()) == ids.end());
  }
  CHECK(sources(m, 1, 6) == 0);
  CHECK_FALSE(m.bit(m.ispendr, 6, 1));
}

TEMPLATE_LIST_TEST_CASE("GICv2: CPENDSGIR and SPENDSGIR work on one source", "[GICD_CPENDSGIR][GICD_SPENDSGIR]",
                        v2_policies) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const bool listed = GENERATE(false, true);
  m.disable(6, 1);  // has no effect on an SGI
  m.sgi(3, 1, 6);
  m.sgi(0, 1, 6);
  if (listed) m.settle();
  SECTION("the listed one") {
    clear_sources(m, 1, 6, 0x01);
    CHECK(sources(m, 1, 6) == 0x08);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{from(3, 6)});
  }
  SECTION("the one behind") {
    clear_sources(m, 1, 6, 0x08);
    CHECK(sources(m, 1, 6) == 0x01);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{from(0, 6)});
  }
  SECTION("both, then one comes back by SPENDSGIR") {
    clear_sources(m, 1, 6, 0xff);
    CHECK(sources(m, 1, 6) == 0);
    CHECK_FALSE(m.bit(m.ispendr, 6, 1));
    CHECK(m.take_all(vcpu(1)).empty());
    set_sources(m, 1, 6, 0x04);
    CHECK(m.take_all(vcpu(1)) == std::vector<u32>{from(2, 6)});
  }
  SECTION("SPENDSGIR of a source that is pending adds nothing") {
    set_sources(m, 1, 6, 0x0b);
    CHECK(m.take_all(vcpu(1)).size() == 3);
  }
  SECTION("they are banked: another vCPU's do nothing here") {
    clear_sources(m, 0, 6, 0xff);
    CHECK(m.take_all(vcpu(1)).size() == 2);
  }
  SECTION("ICPENDR does not reach SGIs") {
    m.set(m.icpendr, 6, 1);
    CHECK(m.take_all(vcpu(1)).size() == 2);
  }
  CHECK(sources(m, 1, 6) == 0);
}

TEMPLATE_LIST_TEST_CASE("GICv2: an SGI keeps its source whatever happens to it", "", v2_policies) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.sgi(2, 1, 6);
  m.settle();
  SECTION("its group is closed and opened") {
    m.gates(0);
    m.settle();
    CHECK(sources(m, 1, 6) == 0x04);
    m.gates(3);
  }
  SECTION("made active, closed, deactivated, opened") {
    m.set(m.isactiver, 6, 1);
    m.gates(0);
    m.settle();
    CHECK(sources(m, 1, 6) == 0x04);
    m.set(m.icactiver, 6, 1);
    m.gates(3);
  }
  SECTION("its vCPU goes off and on") {
    m.turn_off(vcpu(1));
    m.turn_on(vcpu(1));
  }
  SECTION("it is pushed out by more urgent ones") {
    for (u32 i = 40; i < 60; ++i) {
      m.edge_spi(i, 1);
      m.priority(i, 0x10);
      m.pulse(i);
    }
    m.settle();
    CHECK(m.lr_of(vcpu(1), 6) == 0);
    auto ids = m.take_all(vcpu(1));
    REQUIRE(ids.size() == 21);
    CHECK(ids.back() == from(2, 6));
    return;
  }
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{from(2, 6)});
}

TEMPLATE_LIST_TEST_CASE("GICv2: SGIR's filters", "[GICD_SGIR]", v2_policies) {
  booted<TestType> m(4);
  const auto got = [&] {
    std::vector<u32> who;
    m.settle();
    for (u32 v = 0; v < 4; ++v)
      if (m.take(vcpu(v)) == from(1, 3)) who.push_back(v);
    return who;
  };
  m.store(vcpu(1), m.gicd + 0xf00, 0x00ff'0003);
  CHECK(got() == std::vector<u32>{0, 1, 2, 3});
  m.store(vcpu(1), m.gicd + 0xf00, 0x010f'0003);
  CHECK(got() == std::vector<u32>{0, 2, 3});
  m.store(vcpu(1), m.gicd + 0xf00, 0x020f'0003);
  CHECK(got() == std::vector<u32>{1});
  m.store(vcpu(1), m.gicd + 0xf00, 0x030f'0003);
  CHECK(got().empty());
  m.store(vcpu(1), m.gicd + 0xf00, 0x0000'0003);
  CHECK(got().empty());
}

TEMPLATE_LIST_TEST_CASE("GICv3: SGIs of several senders are one", "", v3_policies) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.sgi(0, 1, 6);
  m.sgi(2, 1, 6);
  m.sgi(1, 1, 6);
  m.sgi(3, 1, 6);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{6});
}

TEMPLATE_LIST_TEST_CASE("GICv3: which SGI register reaches which group",
                        "[ICC_SGI1R_EL1][ICC_ASGI1R_EL1][ICC_SGI0R_EL1]", v3_policies) {
  booted<TestType> m(4);
  m.group_of(6, group::zero, 1);
  const auto sent = [&](u32 key, u32 n) {
    m.write_sgi1r(0, u64{1} << 1 | u64{n} << 24, key);
    m.settle();
    return m.take_all(vcpu(1), group::zero).size() * 10 + m.take_all(vcpu(1), group::one).size();
  };
  CHECK(sent(syndrome::key_icc_sgi1r, 5) == 1);
  CHECK(sent(syndrome::key_icc_sgi1r, 6) == 10);
  CHECK(sent(syndrome::key_icc_sgi0r, 5) == 0);
  CHECK(sent(syndrome::key_icc_sgi0r, 6) == 10);
  CHECK(sent(syndrome::key_icc_asgi1r, 5) == 0);
  CHECK(sent(syndrome::key_icc_asgi1r, 6) == 10);
}

TEMPLATE_LIST_TEST_CASE("GICv3: to all but the sender, and to nobody", "", v3_policies) {
  booted<TestType> m(4);
  m.write_sgi1r(2, u64{1} << 40 | u64{8} << 24);
  for (u32 v = 0; v < 4; ++v) CHECK(m.take_all(vcpu(v)).size() == (v == 2 ? 0u : 1u));
  m.write_sgi1r(2, 0xfff0 | u64{8} << 24);            // vCPUs that are not there
  m.write_sgi1r(2, 1 | u64{8} << 24 | u64{1} << 16);  // another cluster
  m.write_sgi1r(2, 1 | u64{8} << 24 | u64{1} << 44);  // range selector: Aff0 16
  for (u32 v = 0; v < 4; ++v) CHECK(m.take_all(vcpu(v)).empty());
}

TEMPLATE_LIST_TEST_CASE("GICv3: a disabled SGI waits, and ICPENDR drops it", "", v3_policies) {
  booted<TestType> m(4);
  m.disable(6, 1);
  m.sgi(0, 1, 6);
  CHECK(m.take_all(vcpu(1)).empty());
  m.enable(6, 1);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{6});
  m.sgi(0, 1, 6);
  m.settle();
  m.store(vcpu(0), m.bits(m.icpendr, 6, 1), 1u << 6);
  CHECK(m.take_all(vcpu(1)).empty());
}

TEMPLATE_LIST_TEST_CASE("an SGI that its sender sends again before the acknowledge calls nobody back at its end", "",
                        every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.sgi(0, 1, 4);
  m.settle();
  m.sgi(0, 1, 4);
  m.settle();
  m.hardware().end(vcpu(1), m.normal, m.ack(vcpu(1)));
  CHECK_FALSE(m.hardware().maintenance(vcpu(1)));
  CHECK(m.take_all(vcpu(1)).empty());
}

TEMPLATE_LIST_TEST_CASE("an SGI that is set pending while it is pending in a list register is one", "", v3_policies) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.sgi(0, 1, 4);
  m.settle();
  m.store(vcpu(GENERATE(0u, 1u)), m.bits(m.ispendr, 4, 1), 1u << 4);
  m.settle();
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{4});
  m.pass(vcpu(1));
  CHECK(m.take_all(vcpu(1)).empty());
}
