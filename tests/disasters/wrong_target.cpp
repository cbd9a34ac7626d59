// SPDX-License-Identifier: BSL-1.0
/// \file
/// Routes, SGIs and migrations that went to the wrong vCPU, to none, or into a deadlock. docs/disasters.md says whose.
#include "support.hpp"

using namespace tests;

TEMPLATE_LIST_TEST_CASE("Xen 31bc6a93a0, 91ef736493: moved and moved again while it is listed and comes again",
                        "[disaster]", both_versions) {
  booted<TestType> m(GENERATE(1u, 4u));
  m.edge_spi(40, 0);
  m.pulse(40);
  m.settle();
  m.route(40, 1);
  m.pulse(40);
  m.route(40, 2);
  m.route(40, 3);
  if (GENERATE(false, true)) m.settle();
  m.pulse(40);
  CHECK(takers(m) == std::vector<u32>{3});
  SECTION("while it is active: it ends where it is, the next one is the new target's") {
    m.pulse(40);
    m.settle();
    CHECK(m.ack(vcpu(3)) == 40);
    m.route(40, 1);
    m.route(40, 0);
    m.pulse(40);
    m.settle();
    for (u32 v = 0; v < 3; ++v) CHECK(m.ack(vcpu(v)) == 1023);
    m.eoi(vcpu(3), 40);
    CHECK(takers(m) == std::vector<u32>{0});
  }
}

TEMPLATE_LIST_TEST_CASE("Xen 43208a9cb4: route, priority and raise inside one another need no lock", "[disaster]",
                        both_versions) {
  booted<TestType> m(1);
  m.edge_spi(40, 0);
  m.edge_spi(41, 1);
  m.pulse(40);
  m.pulse(41);
  m.settle();
  // All of it between one exit and entry, on the target's own CPU, with the list register full.
  m.between(vcpu(1), [&] {
    const guest_address bytes{m.bytes(m.ipriorityr, 40)};
    m.g.write(vcpu(1), bytes, width::byte, 0x20);
    if constexpr (booted<TestType>::v2)
      m.g.write(vcpu(1), guest_address{m.gicd + m.itargetsr + 40}, width::byte, 2);
    else
      m.g.write(vcpu(1), guest_address{m.gicd + 0x6000 + 8 * 40}, width::dword, 1);
    m.pulse(40);
    m.g.write(vcpu(1), bytes, width::byte, 0x10);
  });
  m.settle();
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40, 41});
  CHECK(m.take_all(vcpu(0)).empty());
}

TEST_CASE("Xen 800f21499e: each IROUTER is its own interrupt's", "[disaster][GICD_IROUTER]") {
  const auto holder = std::make_unique<booted<config<gicv3, all_features, 4, 8, 988>>>(4, 8, 988);
  auto& m = *holder;
  for (u32 i = 32; i < 1020; ++i) m.store(vcpu(0), m.gicd + 0x6000 + 8 * i, u64{i} << 8 | i % 8, width::dword);
  for (u32 i = 32; i < 1020; ++i)
    if (m.load(vcpu(0), m.gicd + 0x6000 + 8 * i, width::dword) != (u64{i & 0xffff} << 8 | i % 8)) FAIL("IROUTER" << i);
  for (const u32 i : {32u, 33u, 63u, 64u, 100u, 1019u}) {
    m.edge_spi(i, i % 8);
    m.pulse(i);
    CHECK(takers(m) == std::vector<u32>{i % 8});
  }
}

TEMPLATE_LIST_TEST_CASE("Xen 1c77496bc8: an interrupt is linked while it is pending or active", "[disaster]",
                        both_versions) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  SECTION("pending") {
    m.pulse(40);
    m.settle();
    m.link(40);
    CHECK(takers(m) == std::vector<u32>{1});
  }
  SECTION("pending in no list register") {
    m.disable(40);
    m.pulse(40);
    m.link(40);
    m.enable(40);
    CHECK(takers(m) == std::vector<u32>{1});
  }
  SECTION("active") {
    m.pulse(40);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 40);
    m.link(40);
    m.pass(vcpu(1));
    m.eoi(vcpu(1), 40);
    CHECK(takers(m).empty());
  }
  m.forward(40);
  m.settle();
  CHECK((m.lr_of(vcpu(1), 40) & booted<TestType>::format::hw) != 0);
  const auto before = m.hardware().at(vcpu(1)).physical_end_count;
  CHECK(m.take(vcpu(1)) == 40);
  CHECK(m.hardware().at(vcpu(1)).physical_end_count == before + 1);
}

TEST_CASE("libvmm 283: an SGI to another cluster does not reach vCPU 0", "[disaster][ICC_SGI1R_EL1]") {
  const auto m = std::make_unique<booted<config<gicv3, all_features, 4, 40, 32, layout::qemu_virt>>>(4, 40, 32);
  for (const u32 shift : {16u, 32u, 48u})
    for (const u32 aff : {1u, 0x80u}) {
      if (shift == 16 && aff == 1) continue;  // that cluster is there
      m->write_sgi1r(3, u64{aff} << shift | u64{5} << 24 | 1);
    }
  CHECK(takers(*m).empty());
  m->write_sgi1r(3, u64{1} << 16 | u64{5} << 24 | 1);
  CHECK(takers(*m) == std::vector<u32>{16});
}

TEST_CASE("osv 1491, firecracker 1283: the range selector, and more than sixteen vCPUs", "[disaster]") {
  const auto m = std::make_unique<
      booted<config<gicv3, all_features, 4, 40, 32, layout::qemu_virt, builtin_atomics, wide_affinity>>>(4, 40, 32);
  CHECK((m->load(vcpu(0), m->gicd + 4) >> 26 & 1) == 1);
  for (u32 v = 0; v < 40; ++v) {
    m->write_sgi1r(0, u64{v / 16} << 44 | u64{5} << 24 | u64{1} << (v % 16));
    CHECK(takers(*m) == std::vector<u32>{v});
    m->edge_spi(40, v);
    m->pulse(40);
    CHECK(takers(*m) == std::vector<u32>{v});
  }
  m->write_sgi1r(0, u64{3} << 44 | u64{5} << 24 | 0xffff);
  CHECK(takers(*m).empty());
}

TEST_CASE("firecracker 1283: vCPUs beyond the sixteenth in clusters of sixteen", "[disaster]") {
  const auto m = std::make_unique<booted<config<gicv3, all_features, 4, 40, 32, layout::qemu_virt>>>(4, 40, 32);
  for (u32 v = 0; v < 40; ++v) {
    m->sgi(0, v, 9);
    CHECK(takers(*m) == std::vector<u32>{v});
  }
}

TEMPLATE_LIST_TEST_CASE("gunyah 22: an interrupt with many possible targets is taken once", "[disaster]",
                        both_versions) {
  booted<TestType> m(GENERATE(1u, 4u));
  m.edge(40);
  m.enable(40);
  m.route_to_any(40);
  m.settle();
  for (u32 k = 0; k < 8; ++k) {
    m.pulse(40);
    for (u32 v = 0; v < 4; ++v) m.pass(vcpu(v));  // each looks, told or not
    CHECK(takers(m).size() == 1);
  }
  SECTION("a level is in one list register") {
    m.level(40);
    m.raise(40);
    m.settle();
    m.gates(m.v2 ? 1 : 2);
    m.gates(3);  // tells everybody to look
    for (u32 v = 0; v < 4; ++v) m.pass(vcpu(v));
    u32 holders = 0;
    for (u32 v = 0; v < 4; ++v) holders += m.lr_of(vcpu(v), 40) != 0 ? 1 : 0;
    CHECK(holders == 1);
    m.lower(40);
    CHECK(takers(m).empty());
    m.edge(40);
  }
  SECTION("whoever of those that may take it is left") {
    for (u32 v = 0; v < 3; ++v) m.turn_off(vcpu(v));
    m.pulse(40);
    m.settle();
    CHECK(m.take_all(vcpu(3)) == std::vector<u32>{40});
  }
}

TEMPLATE_LIST_TEST_CASE("gunyah 22: each end of a linked interrupt is one physical end", "[disaster]", both_versions) {
  booted<TestType> m(2);
  m.link(40);
  m.level_spi(40, 0);
  for (u32 k = 0; k < 12; ++k) {
    const u32 target = k % 4;
    m.route(40, target);
    m.forward(40);
    m.settle();
    if (k % 3 == 2)
      m.set(m.icpendr, 40, target);  // it is not taken: the host ends it
    else
      CHECK(m.take(vcpu(target)) == 40);
    m.settle();
    u32 ends = static_cast<u32>(m.g.host().deactivated.size());
    for (u32 v = 0; v < 4; ++v) ends += m.hardware().at(vcpu(v)).physical_end_count;
    CHECK(ends == k + 1);
  }
}

TEST_CASE("tgoskits 1880, Bao efc29d5: bit n of ITARGETSR and GICD_SGIR is the vCPU that reads bit n there",
          "[disaster][GICD_ITARGETSR][GICD_SGIR]") {
  v2_machine m(4, 8);
  for (u32 v = 0; v < 8; ++v) {
    const u64 own = m.load(vcpu(v), m.gicd + m.itargetsr, width::byte);
    REQUIRE(own == 1u << v);
    m.edge(40);
    m.enable(40);
    m.store(vcpu(0), m.gicd + m.itargetsr + 40, own, width::byte);
    m.pulse(40);
    CHECK(takers(m) == std::vector<u32>{v});
    m.store(vcpu(0), m.gicd + 0xf00, own << 16 | 3);
    CHECK(takers(m) == std::vector<u32>{v});
  }
}
