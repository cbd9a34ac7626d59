// SPDX-License-Identifier: BSL-1.0
// Who is told of an interrupt: by its route, by who takes part in 1-of-N, and while other CPUs change either.
#include "catch.hpp"
#include "support/policies.hpp"

#include <functional>

using namespace tests;

namespace {

/// Plain memory. After some loads of one word, what another CPU does happens.
struct watching_atomics : single_cpu_atomics {
  static inline const void* watched = nullptr;
  static inline u32 loads = 0;
  static inline std::function<void(u32)> then{};  ///< is told how many loads there were before

  template <class T>
  [[nodiscard]] static T load(const cell<T>& c) {
    const T value = single_cpu_atomics::load(c);
    if (watched == &c) {
      watched = nullptr;  // not what comes of it
      then(loads++);
      watched = &c;
    }
    return value;
  }
};

/// Does `f`, and meanwhile `then` after each load of `word`.
template <class F>
void watch(const void* word, std::function<void(u32)> then, F&& f) {
  watching_atomics::loads = 0;
  watching_atomics::then = std::move(then);
  watching_atomics::watched = word;
  f();
  watching_atomics::watched = nullptr;
}

template <class Version>
using watched = config<Version, all_features, 4, 4, 256, layout::xen_4_5, watching_atomics>;

using v2_policies = std::tuple<std::tuple_element_t<0, every_policy>, std::tuple_element_t<2, every_policy>>;
using v2_one_of_n = std::tuple<std::tuple_element_t<0, one_of_n_policies>, std::tuple_element_t<2, one_of_n_policies>>;
using v3_one_of_n = std::tuple<std::tuple_element_t<1, one_of_n_policies>, std::tuple_element_t<3, one_of_n_policies>>;
using v2_counting = std::tuple<std::tuple_element_t<0, counting_policies>, std::tuple_element_t<2, counting_policies>>;
using v3_policies = std::tuple<std::tuple_element_t<1, every_policy>, std::tuple_element_t<3, every_policy>>;

/// The groups that a vCPU has on at its CPU interface.
template <class M>
void groups(M& m, u32 v, u32 on) {
  m.hardware().enable_groups(vcpu(v), on);
  m.serve_maintenance(vcpu(v));
  m.settle();
}
constexpr u32 only(group g) { return g == group::one ? 2 : 1; }
constexpr group other_than(group g) { return g == group::one ? group::zero : group::one; }

// Four of a bank.
constexpr u32 for_nobody = 64;
constexpr u32 of_the_other_group = 65;
constexpr u32 for_2 = 66;
constexpr u32 of_the_other_group_for_3 = 67;

/// The vCPUs that `f` has kicked; none was before.
template <class M, class F>
std::vector<u32> kicked_by(M& m, F&& f) {
  m.settle();
  REQUIRE(m.g.host().kicks.empty());
  f();
  std::vector<u32> out;
  for (const vcpu_id v : m.g.host().kicks) out.push_back(raw(v));
  return out;
}
using vcpus = std::vector<u32>;

}  // namespace

// --- routes ---

TEMPLATE_LIST_TEST_CASE("GICv2: each byte of a target register names each of eight vCPUs", "[GICD_ITARGETSR]",
                        v2_counting) {
  booted<TestType> m(4, 8);
  for (u32 i = 64; i < 68; ++i) m.edge_spi(i);
  for (u32 i = 64; i < 68; ++i)
    for (u32 v = 0; v < 8; ++v) {
      CAPTURE(i, v);
      m.route(i, v);
      CHECK(kicked_by(m, [&] { m.pulse(i); }) == vcpus{v});
      CHECK(m.take_all(vcpu(v)) == vcpus{i});
    }
}

TEMPLATE_LIST_TEST_CASE("GICv2: an SPI without targets waits for one", "[GICD_ITARGETSR]", v2_policies) {
  booted<TestType> m(4);
  m.edge_spi(64);
  m.level_spi(65);
  m.store(vcpu(0), m.gicd + m.itargetsr + 64, 0, width::byte);
  m.store(vcpu(0), m.gicd + m.itargetsr + 65, 0, width::byte);
  SECTION("from a device") {
    CHECK(kicked_by(m, [&] { m.pulse(64); }).empty());
    CHECK(kicked_by(m, [&] { m.raise(65); }).empty());
  }
  SECTION("from a device of a vCPU's CPU") {
    m.between(vcpu(2), [&] {
      m.pulse(64);
      m.raise(65);
    });
    CHECK(m.g.host().kicks.empty());
  }
  SECTION("by a register") {
    m.store(vcpu(0), m.gicd + m.ispendr + 8, 3);
    m.disable(64);
    m.enable(64);
    CHECK(m.g.host().kicks.empty());
  }
  for (u32 v = 0; v < 4; ++v) CHECK(m.take_all(vcpu(v)).empty());
  CHECK(kicked_by(m, [&] { m.route(64, 3); }) == vcpus{3});
  CHECK(m.take_all(vcpu(3)) == vcpus{64});
}

TEMPLATE_LIST_TEST_CASE("GICv2: a write of targets tells of those alone that it changes", "[GICD_ITARGETSR]",
                        v2_policies) {
  booted<TestType> m(4);
  const u32 first = GENERATE(64u, 76u);
  const u32 i = first + GENERATE(0u, 1u, 3u);
  const u32 another = first + 2;
  m.edge_spi(i, 1);
  m.pulse(i);
  m.settle();
  REQUIRE(m.state_in_lr(vcpu(1), i) == lr_state::pending);
  const u64 reg = m.gicd + m.itargetsr + first;
  const u64 as_it_is = m.load(vcpu(0), reg);
  CHECK(kicked_by(m, [&] { m.store(vcpu(0), reg, as_it_is); }).empty());
  const u64 without = as_it_is & ~(u64{0xff} << (8 * (another - first)));
  CHECK(kicked_by(m, [&] { m.store(vcpu(0), reg, without | u64{4} << (8 * (another - first))); }).empty());
  CHECK(m.take_all(vcpu(1)) == vcpus{i});
}

TEMPLATE_LIST_TEST_CASE("GICv3: an SPI for a vCPU that the VM has not is for nobody", "[GICD_IROUTER]", v3_policies) {
  booted<TestType> m(4);
  m.edge_spi(64);
  m.level_spi(65);
  for (const u32 target : {4u, 5u}) {
    m.route(64, target);
    m.route(65, target);
    CHECK(kicked_by(m, [&] {
            m.pulse(64);
            m.raise(65);
          }).empty());
  }
  CHECK(kicked_by(m, [&] { m.route(64, 3); }) == vcpus{3});
  CHECK(m.take_all(vcpu(3)) == vcpus{64});
}

TEST_CASE("GICv2: two vCPUs write targets of one word at once and both are kept", "[GICD_ITARGETSR]") {
  for (u32 k = 0; k < 3; ++k) {
    CAPTURE(k);
    booted<watched<gicv2>> m(4);
    m.edge_spi(40);
    m.edge_spi(41);
    u32 seen = 0;
    watch(
        &m.g.inspect().routes[2],
        [&](u32 n) {
          ++seen;
          if (n == k) m.route(41, 2, 1);
        },
        [&] { m.route(40, 1, 0); });
    REQUIRE(seen > 0);
    if (seen <= k) m.route(41, 2, 1);
    CHECK((m.load(vcpu(0), m.gicd + m.itargetsr + 40) & 0xffff) == 0x0402);
    CHECK(kicked_by(m, [&] { m.pulse(40); }) == vcpus{1});
    CHECK(kicked_by(m, [&] { m.pulse(41); }) == vcpus{2});
    CHECK(m.take_all(vcpu(1)) == vcpus{40});
    CHECK(m.take_all(vcpu(2)) == vcpus{41});
  }
}

// --- 1-of-N: who takes part ---

TEST_CASE("1-of-N: in turn among those of the second word of vCPUs when all of the first are off") {
  booted<config<gicv3, all_features, 4, 40, 32, layout::qemu_virt>> m(4, 40);
  m.edge_spi(40);
  m.route_to_any(40);
  for (u32 v = 0; v < 32; ++v) m.turn_off(vcpu(v));
  u32 last = 0;
  for (u32 k = 0; k < 20; ++k) {
    CAPTURE(k);
    const vcpus who = kicked_by(m, [&] { m.pulse(40); });
    REQUIRE(who.size() == 1);
    REQUIRE(who[0] >= 32);
    if (k != 0) CHECK(who[0] == (last == 39 ? 32 : last + 1));
    last = who[0];
    CHECK(m.take_all(vcpu(last)) == vcpus{40});
    m.pass(vcpu(last));
    const u32 here = 32 + k % 2;  // on its own CPU, whoever's turn it is
    m.between(vcpu(here), [&] { m.pulse(40); });
    CHECK(m.g.host().kicks.empty());
    CHECK(m.take_all(vcpu(here)) == vcpus{40});
    m.pass(vcpu(here));
  }
}

TEST_CASE("1-of-N: in turn among as many vCPUs as a word has bits") {
  booted<config<gicv3, all_features, 4, 32, 32, layout::qemu_virt>> m(4, 32);
  m.edge_spi(40);
  m.route_to_any(40);
  std::vector<u32> order;
  for (u32 k = 0; k < 70; ++k) {
    const vcpus who = kicked_by(m, [&] { m.pulse(40); });
    REQUIRE(who.size() == 1);
    order.push_back(who[0]);
    CHECK(m.take_all(vcpu(who[0])) == vcpus{40});
    m.pass(vcpu(who[0]));
  }
  for (u32 k = 1; k < 70; ++k) CHECK(order[k] == (order[k - 1] + 1) % 32);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: who takes none of a group leaves it though it looks at its bank", "",
                        one_of_n_policies) {
  booted<TestType> m(4);
  const group g = GENERATE(group::zero, group::one);
  const u32 i = GENERATE(64u, 65u);
  m.edge_spi(i);
  m.group_of(i, g);
  m.route_to_any(i);
  m.edge_spi(70, 0);
  groups(m, 0, 0);
  CHECK(kicked_by(m, [&] { m.pulse(i); }).size() == 1);
  m.pulse(70);
  m.pass(vcpu(0));
  CHECK(m.lr_of(vcpu(0), 70) != 0);
  CHECK(m.lr_of(vcpu(0), i) == 0);
  m.settle();
  u32 held = 0;
  for (u32 v = 1; v < 4; ++v) held += m.lr_of(vcpu(v), i) != 0 ? 1 : 0;
  CHECK(held == 1);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: one that nobody takes hides none that others take or that has one target", "",
                        one_of_n_policies) {
  booted<TestType> m(4);
  const group g = GENERATE(group::zero, group::one);
  for (const u32 i : {for_nobody, of_the_other_group}) {
    m.edge_spi(i);
    m.route_to_any(i);
  }
  m.edge_spi(for_2, 2);
  m.edge_spi(of_the_other_group_for_3, 3);
  for (const u32 i : {for_nobody, for_2}) m.group_of(i, g);
  for (const u32 i : {of_the_other_group, of_the_other_group_for_3}) m.group_of(i, other_than(g));
  groups(m, 0, 0);
  for (u32 v = 1; v < 4; ++v) groups(m, v, only(other_than(g)));
  const u32 beside = GENERATE(as<u32>{}, of_the_other_group, for_2, of_the_other_group_for_3);
  CAPTURE(beside);
  CHECK(kicked_by(m, [&] { m.store(vcpu(0), m.gicd + m.ispendr + 8, 1); }).empty());
  m.store(vcpu(0), m.gicd + m.icpendr + 8, 1);
  const vcpus who = kicked_by(m, [&] { m.store(vcpu(0), m.gicd + m.ispendr + 8, 1u | u32{1} << (beside % 32)); });
  REQUIRE(who.size() == 1);
  if (beside == for_2) CHECK(who[0] == 2);
  if (beside == of_the_other_group_for_3) CHECK(who[0] == 3);
  if (beside == of_the_other_group) CHECK(who[0] != 0);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: one whose targets take nothing hides none that some of the takers take", "",
                        v2_one_of_n) {
  booted<TestType> m(4);
  const group g = GENERATE(group::zero, group::one);
  for (const u32 i : {64u, 65u}) {
    m.edge_spi(i);
    m.group_of(i, g);
  }
  m.store(vcpu(0), m.gicd + m.itargetsr + 64, 0x09, width::byte);
  const u32 taker = GENERATE(1u, 2u);
  m.store(vcpu(0), m.gicd + m.itargetsr + 65, 1u | 1u << taker, width::byte);
  for (const u32 v : {0u, 3u}) groups(m, v, 0);
  for (const u32 v : {1u, 2u}) groups(m, v, only(g));
  CHECK(kicked_by(m, [&] { m.store(vcpu(0), m.gicd + m.ispendr + 8, 3); }) == vcpus{taker});
}

// --- 1-of-N: while who takes part changes ---

TEMPLATE_LIST_TEST_CASE("1-of-N: what the chosen one leaves goes to one that takes its group", "", one_of_n_policies) {
  booted<TestType> m(4);
  const group g = GENERATE(group::zero, group::one);
  const u32 i = GENERATE(64u, 65u);
  m.edge_spi(i);
  m.group_of(i, g);
  m.route_to_any(i);
  groups(m, 0, 0);
  for (const u32 v : {1u, 2u}) groups(m, v, only(g));
  groups(m, 3, only(other_than(g)));
  const vcpus who = kicked_by(m, [&] { m.pulse(i); });
  REQUIRE(who.size() == 1);
  REQUIRE((who[0] == 1 || who[0] == 2));
  m.g.host().kicks.clear();
  m.turn_off(vcpu(who[0]));
  CHECK(m.g.host().kicks == std::vector<vcpu_id>{vcpu(3 - who[0])});
  m.settle();
  CHECK(m.state_in_lr(vcpu(3 - who[0]), i) == lr_state::pending);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: who starts to take part takes what waits for room elsewhere", "[GICR_CTLR]",
                        v3_one_of_n) {
  booted<TestType> m(1);
  const group g = GENERATE(group::zero, group::one);
  constexpr u64 none = u64{3} << 24;
  for (const u32 v : {0u, 2u, 3u}) m.store(vcpu(v), m.rd(v), none);
  m.edge_spi(40, 1);
  m.edge_spi(64);
  m.group_of(64, g);
  m.group_of(40, g);
  m.route_to_any(64);
  m.priority(40, 0x20);
  m.pulse(40);
  m.settle();
  m.pulse(64);
  m.settle();
  REQUIRE(m.state_in_lr(vcpu(1), 40) == lr_state::pending);
  m.store(vcpu(1), m.rd(2), 0);
  m.settle();
  CHECK(m.state_in_lr(vcpu(1), 40) == lr_state::pending);
  CHECK(m.state_in_lr(vcpu(2), 64) == lr_state::pending);
}

TEMPLATE_LIST_TEST_CASE("1-of-N: who is told that it takes others is not told again before it looked", "[GICR_CTLR]",
                        v3_one_of_n) {
  booted<TestType> m(4);
  CHECK(kicked_by(m, [&] {
          m.store(vcpu(0), m.rd(1), u64{1} << 24);
          m.store(vcpu(0), m.rd(1), u64{3} << 24);
          m.store(vcpu(0), m.rd(1), 0);
        }) == vcpus{1});
}

TEST_CASE("1-of-N: whether a vCPU takes part is right in the end when others change it many times meanwhile",
          "[GICR_CTLR]") {
  booted<watched<gicv3>> m(4);
  constexpr u64 out = u64{1} << 25;
  m.edge_spi(40);
  m.route_to_any(40);
  for (const u32 v : {1u, 2u, 3u}) m.store(vcpu(v), m.rd(v), out);
  const bool in_the_end = GENERATE(true, false);
  if (!in_the_end) m.store(vcpu(0), m.rd(0), out);
  const u32 most = GENERATE(1u, 3u, 5u, 11u);
  u32 changes = 0;
  // It is looked at twice each time: what changes behind the first look is seen by the second.
  watch(
      &m.g.inspect().vcpu[0].dpg,
      [&](u32 n) {
        if (n % 2 != 0 || changes == most) return;
        ++changes;
        m.store(vcpu(2), m.rd(0), (changes % 2 != 0) == in_the_end ? 0 : out);
      },
      [&] { m.store(vcpu(1), m.rd(0), in_the_end ? out : 0); });
  REQUIRE(changes == most);
  CHECK(m.load(vcpu(1), m.rd(0)) == (in_the_end ? 0 : out));
  CHECK(kicked_by(m, [&] { m.pulse(40); }) == (in_the_end ? vcpus{0} : vcpus{}));
}

// --- lines and physical ends ---

TEMPLATE_LIST_TEST_CASE("a pulse of a level-sensitive interrupt is nothing whatever its neighbours are", "",
                        every_policy) {
  booted<TestType> m(4);
  for (u32 i = 64; i < 70; ++i) {
    if (i == 67)
      m.level_spi(i, 1);
    else
      m.edge_spi(i, 1);
  }
  for (u32 i = 20; i < 26; ++i) {
    if (i != 23) m.edge(i, 1);
    m.enable(i, 1);
  }
  CHECK(kicked_by(m, [&] { m.pulse(67); }).empty());
  CHECK(kicked_by(m, [&] { CHECK(m.g.pulse(vcpu(1), intid{23}) == result::ok); }).empty());
  CHECK_FALSE(m.bit(m.ispendr, 67));
  CHECK_FALSE(m.bit(m.ispendr, 23, 1));
  CHECK(m.take_all(vcpu(1)).empty());
}

TEMPLATE_LIST_TEST_CASE("ICPENDR ends the physical interrupt of what it makes idle alone", "[GICD_ICPENDR]",
                        every_policy) {
  booted<TestType> m(4);
  m.link(70);
  m.level_spi(70, 1);
  auto& ended = m.g.host().deactivated;
  SECTION("on behalf of the vCPU that writes") {
    m.disable(70);
    m.forward(70);
    m.settle();
    m.set(m.icpendr, 70, 2);
    REQUIRE(ended.size() == 1);
    CHECK(ended[0] == std::pair{vcpu(2), physical_intid{70}});
  }
  SECTION("not while its input is high") {
    m.disable(70);
    m.forward(70);
    m.raise(70);
    m.set(m.icpendr, 70, 2);
    CHECK(ended.empty());
    CHECK(m.bit(m.ispendr, 70));
  }
  SECTION("not while it is active, in no list register") {
    m.forward(70);
    m.settle();
    REQUIRE(m.ack(vcpu(1)) == 70);
    m.turn_off(vcpu(1));
    m.set(m.ispendr, 70);
    m.set(m.icpendr, 70);
    CHECK(ended.empty());
    m.set(m.icactiver, 70);
    CHECK(ended.size() == 1);
  }
}

TEMPLATE_TEST_CASE("ICPENDR of one does not end the physical interrupt of another again", "[GICD_ICPENDR]",
                   watched<gicv2>, watched<gicv3>) {
  const u32 i = GENERATE(70u, 84u);
  u32 seen = 1;
  for (u32 k = 0; k < seen; ++k) {
    CAPTURE(k);
    booted<TestType> m(4);
    m.link(i);
    m.level_spi(i, 1);
    m.edge_spi(75, 1);
    for (const u32 off : {i, 75u}) m.disable(off);
    m.forward(i);
    m.pulse(75);
    seen = 0;
    watch(
        &m.g.inspect().spi[1].moving[0],
        [&](u32 n) {
          ++seen;
          if (n == k) m.set(m.icpendr, i, 1);
        },
        [&] { m.set(m.icpendr, 75, 0); });
    CHECK_FALSE(m.bit(m.ispendr, 75));
    CHECK(m.g.host().deactivated.size() == 1);
  }
  CHECK(seen > 2);
}
