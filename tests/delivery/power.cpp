// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

/// Two vCPUs on one CPU: whatever vCPU is asked for, there is one set of list registers.
template <u32 Count, class Format>
struct one_cpu {
  using format = Format;
  using word = typename Format::word;

  word read(vcpu_id, lr_index n) { return real.read(cpu, n); }
  void write(vcpu_id, lr_index n, word w) { real.write(cpu, n, w); }
  u32 read_hcr(vcpu_id) { return real.read_hcr(cpu); }
  void write_hcr(vcpu_id, u32 value) { real.write_hcr(cpu, value); }
  u32 read_vmcr(vcpu_id) { return real.read_vmcr(cpu); }
  u32 read_misr(vcpu_id) { return real.read_misr(cpu); }
  void save(vcpu_id, cpu_interface_state& s) { real.save(cpu, s); }
  void restore(vcpu_id, const cpu_interface_state& s) { real.restore(cpu, s); }

  static constexpr vcpu_id cpu{0};
  simulated<1, Count, Format> real;
};

template <class Version, class Atomics>
struct one_cpu_config : config<Version, all_features, 4, 2, 64, layout::xen_4_5, Atomics> {
  using list_registers = one_cpu<4, std::conditional_t<Version::number == 2, gich_format, ich_format>>;
};

using one_cpu_policies = std::tuple<one_cpu_config<gicv2, single_cpu_atomics>,
                                    one_cpu_config<gicv3, single_cpu_atomics>, one_cpu_config<gicv3, builtin_atomics>>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("what is pending when its vCPU goes off waits", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(40, 1);
  m.edge_spi(41, 1);
  m.level_spi(42, 1);
  m.edge(20, 1);
  m.enable(20, 1);
  m.pulse(40);
  m.pulse(41);
  m.raise(42);
  REQUIRE(m.g.pulse(vcpu(1), intid{20}) == result::ok);
  const bool listed = GENERATE(true, false);
  if (listed) m.settle();
  m.turn_off(vcpu(1));
  for (u32 i = 40; i < 43; ++i) CHECK(m.bit(m.ispendr, i));
  CHECK(m.take_all(vcpu(0)).empty());
  CHECK(m.ack(vcpu(1)) == 1023);
  m.lower(42);
  SECTION("until it is on again") {
    m.turn_on(vcpu(1));
    auto ids = m.take_all(vcpu(1));
    std::sort(ids.begin(), ids.end());
    CHECK(ids == std::vector<u32>{20, 40, 41});
  }
  SECTION("or until it is routed to another") {
    m.route(41, 2);
    CHECK(m.take_all(vcpu(2)) == std::vector<u32>{41});
    m.turn_on(vcpu(1));
    auto ids = m.take_all(vcpu(1));
    std::sort(ids.begin(), ids.end());
    CHECK(ids == std::vector<u32>{20, 40});
  }
}

TEMPLATE_LIST_TEST_CASE("interrupts for a vCPU that is off wait, with no end of kicks", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(40, 1);
  m.level_spi(41, 1);
  m.turn_off(vcpu(1));
  for (u32 k = 0; k < 10; ++k) m.pulse(40);
  m.raise(41);
  CHECK(m.g.host().kicks.size() <= 1);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 1023);
  m.turn_on(vcpu(1));
  CHECK(m.take(vcpu(1)) != 1023);
  m.lower(41);
  CHECK(m.take_all(vcpu(1)).size() <= 1);
  CHECK_FALSE(m.bit(m.ispendr, 40));
}

TEMPLATE_LIST_TEST_CASE("what is active when its vCPU goes off stays active", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(40, 1);
  m.pulse(40);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
  const bool pending_too = GENERATE(false, true);
  if (pending_too) {
    m.pulse(40);
    m.settle();
  }
  m.turn_off(vcpu(1));
  CHECK(m.bit(m.isactiver, 40));
  CHECK(m.bit(m.ispendr, 40) == pending_too);
  SECTION("a new edge waits behind it") { m.pulse(40); }
  SECTION("a new edge when the vCPU is on again") {
    m.turn_on(vcpu(1));
    m.pulse(40);
  }
  m.settle();
  if (!m.is_on(vcpu(1))) m.turn_on(vcpu(1));
  CHECK(m.ack(vcpu(1)) == 1023);
  CHECK(m.bit(m.isactiver, 40));
  const bool by_register = GENERATE(false, true);
  if (by_register) {
    m.set(m.icactiver, 40);
  } else {
    m.split_end(vcpu(1));
    m.deactivate(vcpu(1), 40);
    m.settle();
    CHECK(m.ack(vcpu(1)) == 40);
    return;
  }
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
}

TEMPLATE_LIST_TEST_CASE("a vCPU that comes on finds its CPU interface at reset", "", every_policy) {
  booted<TestType> m(4);
  m.edge_spi(40, 1);
  m.pulse(40);
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
  m.turn_off(vcpu(1));
  m.on_cpu_of(vcpu(1), [&] {
    REQUIRE(m.g.vcpu_on(vcpu(1)) == result::ok);
    m.g.load(vcpu(1));
    m.g.entry(vcpu(1));
  });
  CHECK(m.hardware().at(vcpu(1)).vmcr == 0);
  CHECK(m.hardware().at(vcpu(1)).apr[0] == 0);
  CHECK(m.hardware().at(vcpu(1)).apr[1] == 0);
}

TEMPLATE_LIST_TEST_CASE("GICR_WAKER: a sleeping vCPU is sent nothing", "[GICR_WAKER]", v3_policies) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.edge_spi(40, 1);
  m.edge_spi(41, 1);
  m.pulse(40);
  m.settle();
  const auto sleep = [&](u32 value) { m.store(vcpu(1), m.rd(1) + 0x14, value); };
  sleep(2);
  CHECK(m.load(vcpu(0), m.rd(1) + 0x14) == 6);
  CHECK(m.ack(vcpu(1)) == 1023);
  CHECK(m.bit(m.ispendr, 40));
  m.g.host().kicks.clear();
  m.pulse(41);
  m.sgi(0, 1, 3);
  CHECK_FALSE(m.g.host().kicks.empty());  // the wake request
  m.between(vcpu(1), [&] { CHECK(m.g.pulse(intid{41}) == result::ok); });
  m.settle();
  CHECK(m.ack(vcpu(1)) == 1023);
  CHECK_FALSE(m.hardware().maintenance(vcpu(1)));
  sleep(0);
  CHECK(m.load(vcpu(0), m.rd(1) + 0x14) == 0);
  CHECK(m.take_all(vcpu(1)).size() == 3);
}

TEMPLATE_LIST_TEST_CASE("reset of the whole GIC", "", every_policy) {
  booted<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  for (u32 i = 40; i < 60; ++i) {
    m.edge_spi(i, i % 4);
    m.pulse(i);
  }
  for (u32 v = 0; v < 4; ++v) m.sgi(v, (v + 1) % 4, 1);
  m.settle();
  for (u32 v = 0; v < 4; ++v) CHECK(m.ack(vcpu(v)) != 1023);
  for (u32 v = 0; v < 4; ++v) m.turn_off(vcpu(v));
  m.g.reset();
  m.g.host().kicks.clear();
  for (u32 v = 0; v < 4; ++v) m.turn_on(vcpu(v));
  for (u32 v = 0; v < 4; ++v) {
    CHECK(m.load(vcpu(v), m.bits(m.ispendr, 0, v)) == 0);
    CHECK(m.load(vcpu(v), m.bits(m.isactiver, 0, v)) == 0);
    CHECK(m.load(vcpu(v), m.bits(m.isenabler, 0, v)) == (m.v2 ? 0xffff : 0));
  }
  for (const u32 reg : {m.igroupr, m.isenabler, m.ispendr, m.isactiver})
    for (u32 i = 32; i < 288; i += 32) CHECK(m.load(vcpu(0), m.bits(reg, i)) == 0);
  CHECK((m.load(vcpu(0), m.gicd) & 3) == 0);
  m.boot();
  for (u32 v = 0; v < 4; ++v) CHECK(m.take_all(vcpu(v)).empty());
  m.edge_spi(40, 1);
  m.pulse(40);
  CHECK(m.take_all(vcpu(1)) == std::vector<u32>{40});
}

TEMPLATE_LIST_TEST_CASE("a reset keeps the lines of devices and the links", "", every_policy) {
  booted<TestType> m(4);
  m.level_spi(40, 0);
  m.raise(40);
  m.link(41);
  for (u32 v = 0; v < 4; ++v) m.turn_off(vcpu(v));
  m.g.reset();
  for (u32 v = 0; v < 4; ++v) m.turn_on(vcpu(v));
  m.boot();
  m.level_spi(40, 0);
  m.edge_spi(41, 0);
  m.settle();
  CHECK(m.take(vcpu(0)) == 40);
  m.lower(40);
  m.forward(41);
  CHECK(m.take_all(vcpu(0)) == std::vector<u32>{41});
  CHECK(m.hardware().at(vcpu(0)).physical_end_count == 1);
}

TEMPLATE_LIST_TEST_CASE("two vCPUs take turns on one CPU's list registers", "", one_cpu_policies) {
  using config = TestType;
  constexpr bool v2 = config::version::number == 2;
  constexpr group normal = v2 ? group::zero : group::one;
  gic<config> g;
  auto& hardware = g.list_registers().real;
  constexpr vcpu_id cpu{0};
  REQUIRE(g.start({.vcpus = 2, .spis = 64, .list_registers = 4}) == result::ok);
  const auto run = [&](u32 v, auto&& guest) {
    g.host().current_vcpu = vcpu(v);
    g.load(vcpu(v));
    g.entry(vcpu(v));
    guest();
    g.exit(vcpu(v));
    while (hardware.maintenance(cpu)) {
      g.maintenance(vcpu(v));
      g.entry(vcpu(v));
      g.exit(vcpu(v));
    }
    g.put(vcpu(v));
    g.host().current_vcpu = no_vcpu;
    CHECK_FALSE(hardware.maintenance(cpu));
    CHECK_FALSE(hardware.signals(cpu, normal));
  };
  for (u32 v = 0; v < 2; ++v) {
    REQUIRE(g.vcpu_on(vcpu(v)) == result::ok);
    run(v, [&] {
      hardware.set_priority_mask(cpu, 0xf0);
      hardware.enable_groups(cpu, 3);
    });
  }
  const u64 gicd = machine_under_test<config>::gicd;
  const auto store = [&](u32 offset, u64 value, width w = width::word) {
    g.write(vcpu(0), guest_address{gicd + offset}, w, value);
  };
  store(0, 3);
  store(0x84, v2 ? 0 : ~0u);
  store(0xc08, 0xaaaa'aaaa);
  for (u32 i = 32; i < 44; ++i) {
    store(0x400 + i, 0x80, width::byte);
    if constexpr (v2)
      store(0x800 + i, i % 2 == 0 ? 1 : 2, width::byte);
    else
      store(0x6000 + 8 * i, i % 2, width::dword);
  }
  store(0x104, ~0u);

  for (u32 i = 32; i < 44; ++i) REQUIRE(g.pulse(intid{i}) == result::ok);
  std::vector<u32> got[2];
  u32 running[2] = {1023, 1023};
  for (u32 turn = 0; turn < 60; ++turn) {
    const u32 v = turn % 2;
    run(v, [&] {
      // Half of the turns end in the middle of a handler.
      if (running[v] == 1023) {
        running[v] = hardware.acknowledge(cpu, normal);
        if (running[v] != 1023) got[v].push_back(running[v]);
        CHECK(hardware.acknowledge(cpu, normal) == 1023);
      } else {
        CHECK(hardware.acknowledge(cpu, normal) == 1023);
        hardware.end(cpu, normal, running[v]);
        running[v] = 1023;
      }
    });
  }
  for (u32 v = 0; v < 2; ++v) {
    std::sort(got[v].begin(), got[v].end());
    REQUIRE(got[v].size() == 6);
    for (u32 k = 0; k < 6; ++k) CHECK(got[v][k] == 32 + 2 * k + v);
  }
}
