// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/policies.hpp"

using namespace tests;

namespace {

using shared_v3_policies =
    std::tuple<std::tuple_element_t<1, one_of_n_policies>, std::tuple_element_t<3, one_of_n_policies>>;
using shared_v2_policies =
    std::tuple<std::tuple_element_t<0, one_of_n_policies>, std::tuple_element_t<2, one_of_n_policies>>;
using v2_counting_policies = std::tuple<std::tuple_element_t<0, counting_policies>>;
using v2_lowest_policies = std::tuple<config<gicv2, no_features, 4, 8, 256, layout::xen_4_5, single_cpu_atomics>>;

constexpr u32 id = 40;

/// A machine whose SPI `id` any vCPU may take.
template <class Config>
struct shared_machine : booted<Config> {
  explicit shared_machine(u32 lrs) : booted<Config>(lrs) {
    this->edge_spi(id);
    this->route_to_any(id);
    this->settle();
  }
  /// The vCPUs that have the SPI in a list register.
  std::vector<u32> holders() {
    std::vector<u32> who;
    for (u32 v = 0; v < 4; ++v)
      if (this->lr_of(vcpu(v), id) != 0) who.push_back(v);
    return who;
  }
  u32 the_holder() {
    const auto who = holders();
    REQUIRE(who.size() == 1);
    return who[0];
  }
  u32 taken_by_all() {
    u32 n = 0;
    for (u32 v = 0; v < 4; ++v)
      if (this->is_on(vcpu(v))) n += static_cast<u32>(this->take_all(vcpu(v)).size());
    return n;
  }
  /// ICC_IGRPEN<g>_EL1 of the guest, and the maintenance interrupt that comes of it.
  void groups(u32 v, u32 value) {
    this->hardware().enable_groups(vcpu(v), value);
    CHECK(this->serve_maintenance(vcpu(v)) <= 2);
  }
};

}  // namespace

TEMPLATE_LIST_TEST_CASE("1-of-N: one vCPU is kicked, one takes it", "", one_of_n_policies) {
  shared_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  std::vector<u32> count(4);
  for (u32 round = 0; round < 12; ++round) {
    m.g.host().kicks.clear();
    m.pulse(id);
    CHECK(m.g.host().kicks.size() == 1);
    m.settle();
    ++count[m.the_holder()];
    for (u32 v = 0; v < 4; ++v) m.pass(vcpu(v));
    CHECK(m.taken_by_all() == 1);
    for (u32 v = 0; v < 4; ++v) m.pass(vcpu(v));
  }
  // Taken in turn, so that no vCPU does the work of all.
  for (u32 v = 0; v < 4; ++v) CHECK(count[v] == 3);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: the vCPU of this CPU is preferred, without a kick", "", one_of_n_policies) {
  shared_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 v = GENERATE(0u, 2u, 3u);
  m.between(vcpu(v), [&] { CHECK(m.g.pulse(intid{id}) == result::ok); });
  CHECK(m.g.host().kicks.empty());
  CHECK(m.the_holder() == v);
  CHECK(m.taken_by_all() == 1);
}

TEST_CASE("1-of-N: in turn and by the vCPU of this CPU, whatever its number") {
  booted<config<gicv3, all_features, 4, 40, 32, layout::qemu_virt>> m(4, 40);
  m.edge_spi(id);
  m.route_to_any(id);
  m.settle();
  const auto taken_by = [&](u32 v) {
    m.settle();
    const bool is_there = m.lr_of(vcpu(v), id) != 0;
    CHECK(m.take_all(vcpu(v)).size() == (is_there ? 1 : 0));
    m.pass(vcpu(v));
    return is_there;
  };
  for (const u32 v : {0u, 31u, 32u, 33u, 39u}) {
    CAPTURE(v);
    m.between(vcpu(v), [&] { CHECK(m.g.pulse(intid{id}) == result::ok); });
    CHECK(m.g.host().kicks.empty());
    CHECK(taken_by(v));
  }
  std::vector<u32> order;
  for (u32 k = 0; k < 80; ++k) {
    m.pulse(id);
    REQUIRE(m.g.host().kicks.size() == 1);
    order.push_back(raw(m.g.host().kicks[0]));
    CHECK(taken_by(order.back()));
  }
  for (u32 k = 1; k < 80; ++k) CHECK(order[k] == (order[k - 1] + 1) % 40);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: whoever looks first takes it", "", one_of_n_policies) {
  shared_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.pulse(id);
  for (u32 v = 0; v < 4; ++v) m.sgi(0, v, 1);
  m.settle();
  CHECK(m.holders().size() <= 1);
  u32 n = 0;
  for (u32 v = 0; v < 4; ++v)
    for (const u32 i : m.take_all(vcpu(v))) n += (i & 0x3ff) == id ? 1 : 0;
  CHECK(n == 1);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: who has the group off does not take part", "", one_of_n_policies) {
  shared_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 on = m.normal == group::one ? 2 : 1;
  for (u32 v = 0; v < 3; ++v) m.groups(v, 3 & ~on);
  for (u32 round = 0; round < 6; ++round) {
    m.pulse(id);
    m.settle();
    CHECK(m.the_holder() == 3);
    CHECK(m.taken_by_all() == 1);
  }
  SECTION("handed over when the chosen one turns its group off") {
    m.pulse(id);
    m.settle();
    CHECK(m.the_holder() == 3);
    m.groups(1, on);
    m.groups(3, 0);
    m.settle();
    CHECK(m.the_holder() == 1);
    CHECK(m.taken_by_all() == 1);
  }
  SECTION("nobody: it waits for the first that turns the group on") {
    m.groups(3, 0);
    m.pulse(id);
    m.settle();
    CHECK(m.holders().empty());
    CHECK(m.bit(m.ispendr, id));
    m.groups(2, 3);
    m.settle();
    CHECK(m.the_holder() == 2);
    CHECK(m.taken_by_all() == 1);
  }
}

TEMPLATE_LIST_TEST_CASE("1-of-N: a vCPU that is off does not take part", "", one_of_n_policies) {
  shared_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  for (u32 v = 0; v < 3; ++v) m.turn_off(vcpu(v));
  m.pulse(id);
  m.settle();
  CHECK(m.the_holder() == 3);
  SECTION("the chosen one goes off before it takes it") {
    m.turn_on(vcpu(1));
    m.turn_off(vcpu(3));
    m.settle();
    CHECK(m.the_holder() == 1);
    CHECK(m.taken_by_all() == 1);
  }
  SECTION("all go off: the first that is on takes it") {
    m.turn_off(vcpu(3));
    m.settle();
    CHECK(m.holders().empty());
    m.turn_on(vcpu(2));
    m.settle();
    CHECK(m.the_holder() == 2);
    CHECK(m.taken_by_all() == 1);
  }
  SECTION("the chosen one is kicked, and goes off before it looks") {
    CHECK(m.taken_by_all() == 1);
    m.pulse(id);
    m.turn_on(vcpu(0));
    m.turn_off(vcpu(3));
    m.settle();
    CHECK(m.the_holder() == 0);
    CHECK(m.taken_by_all() == 1);
  }
}

TEMPLATE_LIST_TEST_CASE("1-of-N: DPG and WAKER keep a vCPU out", "[GICR_CTLR][GICR_WAKER]", shared_v3_policies) {
  shared_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const bool by_dpg = GENERATE(true, false);
  const u32 from = GENERATE(0u, 2u);
  const auto out = [&](u32 v, bool yes) {
    if (by_dpg)
      m.store(vcpu(from), m.rd(v), yes ? u64{1} << 25 : 0);
    else
      m.store(vcpu(from), m.rd(v) + 0x14, yes ? 2 : 0);
  };
  for (u32 v = 0; v < 3; ++v) out(v, true);
  m.settle();
  for (u32 round = 0; round < 4; ++round) {
    m.pulse(id);
    m.settle();
    CHECK(m.the_holder() == 3);
    CHECK(m.taken_by_all() == 1);
  }
  m.pulse(id);
  const bool listed = GENERATE(false, true);
  if (listed) m.settle();
  out(3, true);
  m.settle();
  CHECK(m.holders().empty());
  CHECK(m.bit(m.ispendr, id));
  out(1, false);
  m.settle();
  CHECK(m.the_holder() == 1);
  CHECK(m.taken_by_all() == 1);
  SECTION("a route to one vCPU does not ask for DPG") {
    if (!by_dpg) return;
    m.route(id, 2);
    m.pulse(id);
    m.settle();
    CHECK(m.the_holder() == 2);
  }
}

TEMPLATE_LIST_TEST_CASE("1-of-N: one other is kicked when the chosen one is out before it looked", "[GICR_CTLR]",
                        shared_v3_policies) {
  shared_machine<TestType> m(4);
  auto& kicks = m.g.host().kicks;
  kicks.clear();
  m.pulse(id);
  REQUIRE(kicks.size() == 1);
  const vcpu_id chosen = kicks[0];
  kicks.clear();
  m.store(chosen, m.rd(raw(chosen)), u64{1} << 25);
  CHECK(std::count(kicks.begin(), kicks.end(), chosen) == 0);
  CHECK(kicks.size() == 1);
  m.settle();
  CHECK(m.taken_by_all() == 1);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: DPG is by group", "[GICR_CTLR]", shared_v3_policies) {
  shared_machine<TestType> m(4);
  for (u32 v = 0; v < 4; ++v) m.store(vcpu(v), m.rd(v), u64{v == 2 ? 0u : 1u} << 24);
  m.pulse(id);
  m.settle();
  CHECK(m.taken_by_all() == 1);
  m.group_of(id, group::zero);
  for (u32 round = 0; round < 4; ++round) {
    m.pulse(id);
    m.settle();
    CHECK(m.the_holder() == 2);
    CHECK(m.take_all(vcpu(2), group::zero).size() == 1);
  }
}

TEMPLATE_LIST_TEST_CASE("1-of-N: several targets become one and one becomes several", "", one_of_n_policies) {
  shared_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  const u32 from = GENERATE(0u, 1u);
  m.pulse(id);
  const bool listed = GENERATE(false, true);
  if (listed) m.settle();
  m.route(id, 3, from);
  m.settle();
  CHECK(m.the_holder() == 3);
  m.turn_off(vcpu(3));
  m.settle();
  CHECK(m.holders().empty());
  m.route_to_any(id, from);
  m.settle();
  CHECK(m.holders().size() == 1);
  CHECK(m.taken_by_all() == 1);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: an active one is not taken by another", "", one_of_n_policies) {
  shared_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.pulse(id);
  m.settle();
  const u32 v = m.the_holder();
  CHECK(m.ack(vcpu(v)) == id);
  m.pulse(id);
  m.settle();
  for (u32 w = 0; w < 4; ++w) m.pass(vcpu(w));
  for (u32 w = 0; w < 4; ++w) CHECK(m.ack(vcpu(w)) == 1023);
  m.eoi(vcpu(v), id);
  m.settle();
  CHECK(m.taken_by_all() == 1);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: GICv2 masks name who may take it", "[GICD_ITARGETSR]", shared_v2_policies) {
  shared_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.store(vcpu(0), m.gicd + m.itargetsr + id, 0x06, width::byte);
  m.settle();
  std::vector<u32> count(4);
  for (u32 round = 0; round < 6; ++round) {
    m.pulse(id);
    m.settle();
    ++count[m.the_holder()];
    CHECK(m.taken_by_all() == 1);
    for (u32 v = 0; v < 4; ++v) m.pass(vcpu(v));
  }
  CHECK(count == std::vector<u32>{0, 3, 3, 0});
  m.turn_off(vcpu(2));
  m.pulse(id);
  m.settle();
  CHECK(m.the_holder() == 1);
  m.turn_off(vcpu(1));
  m.settle();
  CHECK(m.holders().empty());
  m.turn_on(vcpu(2));
  m.settle();
  CHECK(m.the_holder() == 2);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: one that nobody takes now does not keep others of its bank from being told", "",
                        shared_v2_policies) {
  shared_machine<TestType> m(VGIC_EACH_LIST_REGISTER_COUNT);
  m.turn_off(vcpu(1));
  m.turn_off(vcpu(3));
  const u32 first = GENERATE(0x0au, 0x05u);  // the one of the lower number is for nobody, or the other
  m.edge_spi(id + 1);
  m.store(vcpu(0), m.gicd + m.itargetsr + id, first, width::byte);
  m.store(vcpu(0), m.gicd + m.itargetsr + id + 1, first ^ 0x0f, width::byte);
  m.settle();
  m.g.host().kicks.clear();
  m.store(vcpu(0), m.gicd + m.ispendr + 4, 3u << (id - 32), width::word);
  m.settle();
  const u32 wanted = first == 0x0a ? id + 1 : id;
  CHECK(m.lr_of(vcpu(0), 2 * id + 1 - wanted) == 0);
  CHECK((m.lr_of(vcpu(0), wanted) != 0) != (m.lr_of(vcpu(2), wanted) != 0));
  m.turn_on(vcpu(3));
  m.settle();
  CHECK(m.lr_of(vcpu(3), 2 * id + 1 - wanted) != 0);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: a bank that nobody takes costs one look", "", v2_counting_policies) {
  booted<TestType> m(4);
  const u32 on = GENERATE(0u, 3u);  // it alone is, and is no target
  const u32 others = 0x0f & ~(u32{1} << on);
  for (u32 i = 32; i < 64; i += 4) m.store(vcpu(on), m.gicd + m.itargetsr + i, others * 0x0101'0101u, width::word);
  m.store(vcpu(on), m.gicd + m.isenabler + 4, ~u32{0}, width::word);
  for (u32 v = 0; v < 4; ++v)
    if (v != on) m.turn_off(vcpu(v));
  m.settle();
  const auto loads = [&](u32 mask) {
    const u32 before = counting_atomics::loads;
    m.store(vcpu(on), m.gicd + m.ispendr + 4, mask, width::word);
    const u32 n = counting_atomics::loads - before;
    m.store(vcpu(on), m.gicd + m.icpendr + 4, mask, width::word);
    return n;
  };
  CHECK(loads(1) == loads(~u32{0}));
}

TEMPLATE_LIST_TEST_CASE("GICv2 without 1-of-N: the lowest target", "", v2_lowest_policies) {
  booted<TestType> m(4);
  m.edge_spi(id);
  m.store(vcpu(0), m.gicd + m.itargetsr + id, 0x0c, width::byte);
  CHECK(m.load(vcpu(0), m.gicd + m.itargetsr + id, width::byte) == 0x0c);
  m.pulse(id);
  m.settle();
  for (u32 v = 0; v < 4; ++v) CHECK(m.take_all(vcpu(v)).size() == (v == 2 ? 1u : 0u));
}
