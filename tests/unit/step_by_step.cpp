// SPDX-License-Identifier: BSL-1.0
// Something happens on another CPU between any two atomic operations of a vCPU that fills its list registers.
#include "catch.hpp"
#include "support/vm.hpp"

#include <functional>

using namespace tests;

namespace {

/// Plain memory that runs `event` before the operation number `at`.
struct interrupting_atomics : single_cpu_atomics {
  static inline u32 at = 0;
  static inline std::function<void()> event;

  static void step() {
    if (event && at-- == 0) std::exchange(event, nullptr)();
  }
  template <class T>
  [[nodiscard]] static T load(const cell<T>& c) {
    step();
    return single_cpu_atomics::load(c);
  }
  template <class T>
  static void store(cell<T>& c, T value) {
    step();
    single_cpu_atomics::store(c, value);
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
  static T fetch_xor(cell<T>& c, T bits) {
    step();
    return single_cpu_atomics::fetch_xor(c, bits);
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

template <class Version>
using interrupted = config<Version, all_features, 4, 4, 64, layout::xen_4_5, interrupting_atomics>;

/// Calls `scenario(k)` for k = 0, 1, ... until k is beyond the last operation of what it interrupts.
template <class F>
u32 at_each_step(F&& scenario) {
  u32 k = 0;
  for (;; ++k) {
    REQUIRE(k < 10'000);
    CAPTURE(k);
    interrupting_atomics::at = k;
    if (!scenario()) break;
  }
  return k;
}

/// Lets `m`'s vCPU 0 pass, with `event` on the CPU of nobody in between; false if it came to an end before.
template <class M, class F>
bool pass_interrupted(M& m, F&& event) {
  interrupting_atomics::event = [&] {
    const vcpu_id before = std::exchange(m.g.host().current_vcpu, no_vcpu);
    event();
    m.g.host().current_vcpu = before;
  };
  m.pass(vcpu(0));
  const bool happened = !interrupting_atomics::event;
  interrupting_atomics::event = nullptr;
  return happened;
}

}  // namespace

TEST_CASE("an SGI sent again while its target lists it: once or twice, always with its source") {
  const u32 steps = at_each_step([] {
    machine_under_test<interrupted<gicv2>> m;
    m.boot();
    const u32 at = std::exchange(interrupting_atomics::at, 0);
    m.sgi(1, 0, 5);
    interrupting_atomics::at = at;
    const bool happened = pass_interrupted(m, [&] { m.sgi(1, 0, 5); });
    m.settle();
    u32 taken = 0;
    for (u32 id = m.take(vcpu(0)); id != 1023; id = m.take(vcpu(0))) {
      CHECK(id == (1u << 10 | 5));
      ++taken;
    }
    CHECK(taken >= 1);
    CHECK(taken <= 2);
    return happened;
  });
  CHECK(steps > 12);
}

TEST_CASE("an SGI of a second source while its target lists the first: both are taken, once each") {
  const u32 steps = at_each_step([] {
    machine_under_test<interrupted<gicv2>> m;
    m.boot();
    const u32 at = std::exchange(interrupting_atomics::at, 0);
    m.sgi(2, 0, 5);
    interrupting_atomics::at = at;
    const bool happened = pass_interrupted(m, [&] { m.sgi(1, 0, 5); });
    if (!happened) m.sgi(1, 0, 5);
    m.settle();
    u32 taken[4] = {};
    for (u32 id = m.take(vcpu(0)); id != 1023; id = m.take(vcpu(0))) {
      CHECK((id & 0x3ff) == 5);
      ++taken[id >> 10 & 3];
    }
    CHECK(taken[0] == 0);
    CHECK(taken[1] == 1);
    CHECK(taken[2] == 1);
    return happened;
  });
  CHECK(steps > 12);
}

TEST_CASE("an SGI that is being sent while its target takes one of another source: both are taken, once each") {
  const u32 steps = at_each_step([] {
    machine_under_test<interrupted<gicv2>> m;
    const u32 at = interrupting_atomics::at;
    m.boot();
    m.sgi(2, 0, 5);
    u32 taken[4] = {};
    const auto take_all = [&] {
      for (u32 id = m.take(vcpu(0)); id != 1023; id = m.take(vcpu(0))) {
        CHECK((id & 0x3ff) == 5);
        ++taken[id >> 10 & 3];
      }
    };
    interrupting_atomics::at = at;
    interrupting_atomics::event = [&] {
      m.settle();
      take_all();
    };
    m.sgi(1, 0, 5);
    const bool happened = !interrupting_atomics::event;
    interrupting_atomics::event = nullptr;
    m.settle();
    take_all();
    CHECK(taken[0] == 0);
    CHECK(taken[1] == 1);
    CHECK(taken[2] == 1);
    return happened;
  });
  CHECK(steps > 5);
}

TEMPLATE_TEST_CASE("another edge, a re-route, a mask or a new priority while an SPI is being listed: nothing is lost",
                   "", gicv2, gicv3) {
  for (u32 what = 0; what < 5; ++what) {
    CAPTURE(what);
    const u32 steps = at_each_step([what] {
      machine_under_test<interrupted<TestType>> m;
      const u32 at = interrupting_atomics::at;
      m.boot();
      for (const u32 i : {40u, 72u}) {
        m.edge(i);
        m.enable(i);
        m.route(i, 0);
      }
      m.settle();
      REQUIRE(m.g.raise(intid{40}) == result::ok);
      interrupting_atomics::at = at;
      const bool happened = pass_interrupted(m, [&] {
        switch (what) {
          case 0: (void)m.g.pulse(intid{40}); break;
          case 1: (void)m.g.pulse(intid{72}); break;
          case 2: m.route(40, 1, 1); break;
          case 3: m.disable(40, 1); break;
          default: m.priority(40, 0x20, 1);
        }
      });
      m.settle();
      u32 taken40[2] = {};
      u32 taken72 = 0;
      for (u32 v = 0; v < 2; ++v)
        for (u32 id = m.take(vcpu(v)); id != 1023; id = m.take(vcpu(v))) {
          if (id == 40) ++taken40[v];
          if (id == 72) ++taken72;
        }
      if (what == 3 && happened) {
        CHECK(taken40[0] == 0);  // masked before the guest ran, and still pending
        m.enable(40, 1);
        m.settle();
        CHECK(m.take(vcpu(0)) == 40);
        CHECK(m.take(vcpu(0)) == 1023);
      } else if (what == 2 && happened) {
        CHECK(taken40[0] == 0);
        CHECK(taken40[1] == 1);
      } else {
        CHECK(taken40[0] == 1);
        CHECK(taken40[1] == 0);
      }
      CHECK(taken72 == (what == 1 && happened ? 1 : 0));
      return happened;
    });
    CHECK(steps > 15);
  }
}

TEMPLATE_TEST_CASE("an SPI that is being raised while its target passes: taken once", "", gicv2, gicv3) {
  const u32 steps = at_each_step([] {
    machine_under_test<interrupted<TestType>> m;
    const u32 at = interrupting_atomics::at;
    m.boot();
    for (const u32 i : {40u, 72u}) {
      m.edge(i);
      m.enable(i);
      m.route(i, 1);
    }
    m.settle();
    REQUIRE(m.g.raise(intid{72}) == result::ok);
    u32 taken[2] = {};
    const auto take_all = [&] {
      m.settle();
      for (u32 id = m.take(vcpu(1)); id != 1023; id = m.take(vcpu(1))) ++taken[id == 40 ? 0 : 1];
    };
    interrupting_atomics::at = at;
    interrupting_atomics::event = take_all;
    REQUIRE(m.g.raise(intid{40}) == result::ok);
    const bool happened = !interrupting_atomics::event;
    interrupting_atomics::event = nullptr;
    take_all();
    CHECK(taken[0] == 1);
    CHECK(taken[1] == 1);
    return happened;
  });
  CHECK(steps > 5);
}
