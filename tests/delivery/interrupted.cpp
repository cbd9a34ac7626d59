// SPDX-License-Identifier: BSL-1.0
// A vCPU's entry, interrupted by what other CPUs do between any two of its accesses to shared words.
//
// The model checker (tests/concurrency) searches far more orders than these; what it found is kept here by name.
#include "catch.hpp"
#include "support/invariants.hpp"
#include "support/vm.hpp"

#include <functional>
#include <memory>
#include <vector>

using namespace tests;

namespace {

/// Plain memory. Before access number `next`, what another CPU does happens.
struct interrupted_atomics : single_cpu_atomics {
  static inline u32 accesses = 0;
  static inline std::vector<std::pair<u32, std::function<void()>>> others{};

  static void step() {
    const u32 now = accesses++;
    for (auto& [when, what] : others)
      if (when == now) std::exchange(what, {})();
  }
  template <class T>
  [[nodiscard]] static T load(const cell<T>& c) {
    step();
    return single_cpu_atomics::load(c);
  }
  template <class T>
  static T fetch_or(cell<T>& c, T bits) {
    step();
    return single_cpu_atomics::fetch_or(c, bits);
  }
  template <class T>
  static T fetch_and(cell<T>& c, T bits) {
    step();
    return single_cpu_atomics::fetch_and(c, bits);
  }
  template <class T>
  static T exchange(cell<T>& c, T value) {
    step();
    return single_cpu_atomics::exchange(c, value);
  }
  template <class T>
  [[nodiscard]] static bool compare_exchange(cell<T>& c, T& expected, T desired) {
    step();
    return single_cpu_atomics::compare_exchange(c, expected, desired);
  }
};

template <class Version, u32 Lrs>
using interrupted = config<Version, all_features, Lrs, 4, 64, layout::xen_4_5, interrupted_atomics>;

constexpr u32 a = 40;

template <class Version, u32 Lrs = 2>
struct vm : machine_under_test<interrupted<Version, Lrs>> {
  using base = machine_under_test<interrupted<Version, Lrs>>;
  vm() : base(4, 64) {
    base::boot();
    base::edge(a);
    base::enable(a);
    base::route(a, 0);
    base::settle();
  }

  /// vCPU 0 passes; the others act before its accesses of these numbers. False if it has not so many.
  bool pass_interrupted(std::vector<std::pair<u32, std::function<void()>>> others) {
    return interrupted_while([&] { base::pass(vcpu(0)); }, std::move(others));
  }
  /// The same of anything else.
  template <class F>
  bool interrupted_while(F f, std::vector<std::pair<u32, std::function<void()>>> others) {
    interrupted_atomics::others = std::move(others);
    interrupted_atomics::accesses = 0;
    f();
    bool all = true;
    for (auto& [when, what] : interrupted_atomics::others) all = all && !what;
    interrupted_atomics::others.clear();
    return all;
  }
  /// Kicked vCPUs pass; afterwards all is as it has to be.
  void check() {
    base::settle();
    CHECK(broken_invariants(base::g, base::g.inspect().typer) == "");
  }
};

}  // namespace

TEMPLATE_TEST_CASE("ICPENDR during an entry leaves nothing to be taken that is not pending", "", gicv2, gicv3) {
  u32 k = 0;
  for (;; ++k) {
    CAPTURE(k);
    const auto m = std::make_unique<vm<TestType>>();
    (void)m->g.pulse(intid{a});
    const bool happened =
        m->pass_interrupted({{k, [&] { m->store(vcpu(1), m->bits(m->icpendr, a), u64{1} << (a % 32)); }}});
    m->check();
    if (!happened) break;
    CHECK(m->state_in_lr(vcpu(0), a) == lr_state::invalid);
  }
  CHECK(k > 5);
}

TEMPLATE_TEST_CASE("ICPENDR during an entry ends the physical interrupt", "", gicv2, gicv3) {
  u32 k = 0;
  for (;; ++k) {
    CAPTURE(k);
    const auto m = std::make_unique<vm<TestType>>();
    (void)m->g.link(intid{a});
    (void)m->g.forward(intid{a});
    const bool happened =
        m->pass_interrupted({{k, [&] { m->store(vcpu(1), m->bits(m->icpendr, a), u64{1} << (a % 32)); }}});
    m->check();
    if (!happened) break;
    CHECK(m->g.host().deactivated.size() >= 1);
  }
  CHECK(k > 5);
}

TEMPLATE_TEST_CASE("ISACTIVER during an entry: the interrupt is active in its list register too", "", gicv2, gicv3) {
  u32 k = 0;
  for (;; ++k) {
    CAPTURE(k);
    const auto m = std::make_unique<vm<TestType>>();
    (void)m->g.pulse(intid{a});
    const bool happened =
        m->pass_interrupted({{k, [&] { m->store(vcpu(1), m->bits(m->isactiver, a), u64{1} << (a % 32)); }}});
    m->check();
    if (!happened) break;
    CHECK(has_active(m->state_in_lr(vcpu(0), a)));
  }
  CHECK(k > 5);
}

TEMPLATE_TEST_CASE("a level that falls and rises while its interrupt ends and is listed again is not forgotten", "",
                   gicv2, gicv3) {
  u32 tried = 0;
  for (u32 first = 0; first < 60; ++first)
    for (u32 second = first; second < 60; ++second) {
      CAPTURE(first, second);
      const auto m = std::make_unique<vm<TestType>>();
      m->level(a);
      (void)m->g.raise(intid{a});
      m->settle();
      const u32 id = m->ack(vcpu(0));
      m->hardware().end(vcpu(0), m->normal, id);
      const auto elsewhere = [&](auto f) { m->on_cpu_of(no_vcpu, f); };
      if (m->pass_interrupted({{first, [&] { elsewhere([&] { (void)m->g.lower(intid{a}); }); }},
                               {second, [&] { elsewhere([&] { (void)m->g.raise(intid{a}); }); }}}))
        ++tried;
      m->check();
    }
  CHECK(tried > 20);
}

// Ten wait: none was listed yet; the same, of two priorities, or beside a private one; or three list registers are free
// again. Of those that are listed next `b` is one.
TEMPLATE_TEST_CASE("what changes while several are listed is not taken as it was before", "", gicv2, gicv3) {
  using machine = vm<TestType, 4>;
  enum class waiting : u8 { new_ones, of_two_priorities, beside_another, for_room };
  const waiting how =
      GENERATE(waiting::new_ones, waiting::of_two_priorities, waiting::beside_another, waiting::for_room);
  const bool again = how == waiting::for_room;
  const u32 b = again ? a + 5 : a + 1;
  const u64 bit = u64{1} << (b % 32);
  const struct {
    const char* what;
    std::function<void(machine&)> change;
    bool vcpu_0_has_it_pending;
    std::function<void(machine&)> undo;
    u32 at_least, at_most;  ///< how often it is taken in the end, by all vCPUs
  } changes[] = {
      {"ICPENDR", [&](machine& m) { m.store(vcpu(1), m.bits(m.icpendr, b), bit); }, false, [](machine&) {}, 0, 0},
      {"ICENABLER", [&](machine& m) { m.disable(b, 1); }, false, [&](machine& m) { m.enable(b, 1); }, 1, 1},
      {"ISACTIVER", [&](machine& m) { m.set(m.isactiver, b, 1); }, false, [&](machine& m) { m.set(m.icactiver, b, 1); },
       1, 1},
      {"target", [&](machine& m) { m.route(b, 1, 1); }, false, [](machine&) {}, 1, 1},
      {"any target", [&](machine& m) { m.route_to_any(b, 1); }, true, [](machine&) {}, 1, 1},
      {"priority", [&](machine& m) { m.priority(b, 0x10, 1); }, true, [](machine&) {}, 1, 1},
      {"group", [&](machine& m) { m.group_of(b, m.v2 ? group::one : group::zero, 1); }, true,
       [&](machine& m) { m.group_of(b, m.normal, 1); }, 1, 1},
      {"both groups off", [&](machine& m) { m.gates(0, 1); }, false, [&](machine& m) { m.gates(3, 1); }, 1, 1},
      {"pulse", [&](machine& m) { m.on_cpu_of(no_vcpu, [&] { (void)m.g.pulse(intid{b}); }); }, true, [](machine&) {}, 1,
       2},
  };
  for (const auto& c : changes) {
    CAPTURE(c.what);
    u32 k = 0;
    for (;; ++k) {
      CAPTURE(k);
      const auto m = std::make_unique<machine>();
      m->edge(20);
      m->enable(20);
      for (u32 i = a; i < a + 10; ++i) {
        m->edge(i);
        m->enable(i);
        if (how == waiting::of_two_priorities) m->priority(i, i < a + 8 ? 0x90 : 0x80);
      }
      for (u32 i = a; i < a + 10; ++i) (void)m->g.pulse(intid{i});
      if (how == waiting::beside_another) (void)m->g.pulse(vcpu(0), intid{20});
      if (again) m->settle();
      for (u32 i = a; again && i < a + 3; ++i) {
        REQUIRE(m->ack(vcpu(0)) == i);
        m->hardware().end(vcpu(0), m->normal, i);
      }
      const bool happened = m->pass_interrupted({{k, [&] { c.change(*m); }}});
      m->check();
      if (!happened) break;
      if (!c.vcpu_0_has_it_pending) CHECK(!has_pending(m->state_in_lr(vcpu(0), b)));
      c.undo(*m);
      m->check();
      u32 taken[10] = {};
      for (u32 v = 0; v < 4; ++v)
        for (const u32 i : m->take_all(vcpu(v)))
          if (i >= a) ++taken[i - a];
      for (u32 i = again ? 3 : 0; i < 10; ++i) {
        CAPTURE(i);
        CHECK((a + i == b ? taken[i] >= c.at_least && taken[i] <= c.at_most : taken[i] == 1));
      }
    }
    CHECK(k > 20);
  }
}

// What ends on vCPU 1 is of the same half bank: nobody is told of it, and vCPU 0 must not take it for its own.
TEMPLATE_TEST_CASE("an interrupt of another vCPU that ends at the same time hides none of this one", "", gicv2, gicv3) {
  enum class listed : u8 { by_entry, directly, several, level };
  const listed how = GENERATE(listed::by_entry, listed::directly, listed::several, listed::level);
  u32 k = 0;
  for (;; ++k) {
    CAPTURE(k);
    const auto m = std::make_unique<vm<TestType, 4>>();
    for (const u32 i : {41u, 42u, 43u}) {
      m->edge(i);
      m->enable(i);
      m->route(i, i == 41 ? 1 : 0);
    }
    if (how == listed::level) m->level(a);
    (void)m->g.pulse(intid{41});
    m->settle();
    REQUIRE(m->ack(vcpu(1)) == 41);
    m->hardware().end(vcpu(1), m->normal, 41);
    if (how != listed::directly) (void)m->g.raise(intid{a});
    if (how == listed::several)
      for (const u32 i : {42u, 43u}) (void)m->g.pulse(intid{i});
    const bool happened = m->interrupted_while(
        [&] {
          if (how == listed::directly)
            m->between(vcpu(0), [&] { (void)m->g.raise(intid{a}); });
          else
            m->pass(vcpu(0));
        },
        {{k, [&] { m->pass(vcpu(1)); }}});
    if (!happened) m->pass(vcpu(1));
    m->check();
    CHECK(m->state_in_lr(vcpu(0), a) == lr_state::pending);
    if (how == listed::several)
      for (const u32 i : {42u, 43u}) CHECK(m->state_in_lr(vcpu(0), i) == lr_state::pending);
    if (!happened) break;
    CHECK(m->state_in_lr(vcpu(1), 41) == lr_state::invalid);
  }
  CHECK(k > 5);
}

TEMPLATE_TEST_CASE("what several vCPUs may take and another one takes while this one lists several, one of them has",
                   "", gicv2, gicv3) {
  const bool sets_active = GENERATE(false, true);
  u32 k = 0;
  for (;; ++k) {
    CAPTURE(k);
    const auto m = std::make_unique<vm<TestType, 4>>();
    for (u32 i = a; i < a + 3; ++i) {
      m->level(i);
      m->enable(i);
      m->route_to_any(i);
    }
    m->edge(70);
    m->enable(70);
    m->route(70, 0);
    m->settle();
    (void)m->g.pulse(intid{70});  // now nothing is listed before the entry
    m->on_cpu_of(vcpu(0), [&] {
      for (u32 i = a; i < a + 3; ++i) (void)m->g.raise(intid{i});
    });
    const u64 reg = m->bits(sets_active ? m->isactiver : m->ispendr, a);
    const bool happened =
        m->pass_interrupted({{k, [&] {
                                m->on_cpu_of(vcpu(1), [&] {
                                  m->g.write(vcpu(1), guest_address{reg}, width::word, 7u << (a % 32));
                                  if (!sets_active) m->g.entry(vcpu(1));
                                });
                              }}});
    m->pass(vcpu(1));
    for (u32 i = a; i < a + 3; ++i) {
      u32 held = 0;
      for (u32 v = 0; v < 4; ++v) held += m->state_in_lr(vcpu(v), i) != lr_state::invalid ? 1 : 0;
      CHECK(held <= 1);
    }
    m->check();
    if (!happened) break;
    for (u32 v = 0; sets_active && v < 4; ++v)
      for (u32 i = a; i < a + 3; ++i) CHECK(m->state_in_lr(vcpu(v), i) != lr_state::pending);
  }
  CHECK(k > 20);
}

TEMPLATE_TEST_CASE("RWP is not over while the guest could take what was disabled, whenever it is read during an entry",
                   "", gicv3) {
  const u32 beside = GENERATE(0u, 1u, 2u);
  u32 k = 0;
  for (;; ++k) {
    CAPTURE(k);
    const auto m = std::make_unique<vm<TestType, 4>>();
    for (u32 i = a; i <= a + beside; ++i) {
      m->edge(i);
      m->enable(i);
      (void)m->g.pulse(intid{i});
    }
    m->settle();
    REQUIRE(m->state_in_lr(vcpu(0), a) == lr_state::pending);
    m->disable(a, 1);
    bool over = false;
    bool takeable = false;
    const bool happened = m->pass_interrupted({{k, [&] {
                                                  over = m->load(vcpu(1), m->gicd) >> 31 == 0;
                                                  takeable = m->state_in_lr(vcpu(0), a) == lr_state::pending;
                                                }}});
    if (!happened) break;
    CHECK_FALSE((over && takeable));
    m->check();
    CHECK(m->load(vcpu(1), m->gicd) >> 31 == 0);
  }
  CHECK(k > 10);
}

TEMPLATE_TEST_CASE("news of another bank during an entry does not hide those of the banks that it was called for", "",
                   gicv2, gicv3) {
  const bool one_listed = GENERATE(false, true);
  u32 k = 0;
  for (;; ++k) {
    CAPTURE(k);
    const auto m = std::make_unique<vm<TestType, 4>>();
    for (const u32 i : {20u, 70u, 90u}) {
      m->edge(i);
      m->enable(i);
      if (i >= 32) m->route(i, 0);
    }
    if (one_listed) (void)m->g.pulse(intid{90});
    m->settle();
    (void)m->g.pulse(intid{a});
    (void)m->g.pulse(vcpu(0), intid{20});
    const bool happened =
        m->pass_interrupted({{k, [&] { m->on_cpu_of(no_vcpu, [&] { (void)m->g.pulse(intid{70}); }); }}});
    m->check();
    for (const u32 i : {20u, a, 70u})
      if (happened || i != 70) CHECK(m->state_in_lr(vcpu(0), i) == lr_state::pending);
    if (!happened) break;
  }
  CHECK(k > 20);
}

// Another CPU has news before each access of an entry: there is always more to look at.
TEMPLATE_TEST_CASE("an entry that is told of news without end ends, and the host is asked for another", "", gicv2,
                   gicv3) {
  const auto m = std::make_unique<vm<TestType>>();
  for (u32 i = a; i < a + 3; ++i) {
    m->edge(i);
    m->enable(i);
    (void)m->g.pulse(intid{i});
  }
  const auto wakes = [&]([[maybe_unused]] u32 waker) {
    if constexpr (TestType::number == 3) m->store(vcpu(0), m->rd(0) + 0x14, waker);
  };
  const bool sleeps = GENERATE(false, true);
  if (sleeps) wakes(2);
  m->settle();
  const auto pulse = [&] { m->on_cpu_of(no_vcpu, [&] { (void)m->g.pulse(intid{a}); }); };
  u32 times = 0;
  bool busy = false;
  std::vector<std::pair<u32, std::function<void()>>> news;
  for (u32 k = 0; k < 2000; ++k)
    news.push_back({k, [&] {
                      if (std::exchange(busy, true)) return;
                      pulse();
                      ++times;
                      busy = false;
                    }});
  pulse();
  m->g.host().kicks.clear();
  m->pass_interrupted(std::move(news));
  CHECK(times > 10);
  CHECK(times < 200);
  const auto& kicks = m->g.host().kicks;
  CHECK(std::find(kicks.begin(), kicks.end(), vcpu(0)) != kicks.end());
  wakes(0);
  m->check();
  CHECK(m->take_all(vcpu(0)).size() >= 3);
}
