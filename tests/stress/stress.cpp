// SPDX-License-Identifier: BSL-1.0
// One VM whose vCPUs are threads. Devices raise interrupts, guests send SGIs, mask, re-route and re-prioritise at
// random; in the end everything that was raised has been taken, and nothing more often than it was raised.
//
// All that threads share inside the library is accessed by atomic builtins, which ThreadSanitizer understands. It does
// not understand order(), but needs not: no plain word is handed from one thread to another by it.
#include "catch.hpp"
#include "support/vm.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <thread>
#include <vector>

using namespace tests;

namespace {

constexpr u32 vcpus = 4;
constexpr u32 spis = 64;
constexpr u32 first_level = 80;  ///< SPIs below are edge-triggered, from here on level-sensitive
constexpr u32 sgis = 16;

/// A kick is a flag that the vCPU's thread polls; each thread is a CPU.
struct threaded_host {
  void kick(vcpu_id v) { kicked[raw(v)].store(1); }
  [[nodiscard]] vcpu_id current() const { return current_vcpu; }
  void deactivate(vcpu_id, physical_intid) {}

  static inline thread_local vcpu_id current_vcpu = no_vcpu;
  std::array<std::atomic<u32>, vcpus> kicked{};
  std::vector<vcpu_id> kicks;  ///< for the machine, which empties it
};

template <class Version>
struct stress_config : config<Version, all_features, 3, vcpus, spis> {
  using host = threaded_host;
};

/// Counts of something that is raised and taken: `raised` is counted before the event, `seen` is what `raised` was
/// behind the last acknowledge.
struct account {
  std::atomic<u64> raised{0};
  std::atomic<u64> seen{0};
  std::atomic<u64> taken{0};

  void acknowledged() {
    taken.fetch_add(1);
    seen.store(raised.load());
  }
};

template <class Version>
class stress {
 public:
  using machine = machine_under_test<stress_config<Version>>;
  using format = typename machine::format;
  static constexpr bool v2 = machine::v2;

  stress() : m_(vcpus, spis) {
    m_.boot();
    for (u32 i = 32; i < 32 + spis; ++i) {
      if (i < first_level)
        m_.edge(i);
      else
        m_.level(i);
      m_.enable(i);
      m_.route(i, i % vcpus);
    }
    for (u32 v = 0; v < vcpus; ++v) arrive(v);
  }

  void run(std::chrono::milliseconds time) {
    std::vector<std::thread> threads;
    for (u32 v = 0; v < vcpus; ++v) threads.emplace_back([this, v] { guest(v); });
    for (u32 d = 0; d < 2; ++d) threads.emplace_back([this, d] { device(d); });
    std::this_thread::sleep_for(time);
    stop_.store(true);
    for (auto& t : threads) t.join();
  }

  /// A short while in which guests do nothing but take interrupts: no trap of theirs makes up for a call that is
  /// missing. To be followed by `drain`.
  void burst(u32 seed) {
    std::atomic<u32> busy_devices{2};
    std::vector<std::thread> threads;
    for (u32 v = 0; v < vcpus; ++v)
      threads.emplace_back([&, v] {
        on_cpu(v, [&] {
          std::vector<u32> held;
          while (busy_devices.load() != 0) {
            if (called(v)) pass(v);
            if (acknowledge(v, held))
              end(v, held);
            else
              std::this_thread::yield();
          }
        });
      });
    for (u32 d = 0; d < 2; ++d)
      threads.emplace_back([&, d] {
        std::mt19937 random{seed + d};
        for (u32 k = 0; k < 40; ++k) {
          raise_something(random);
          for (u32 pause = static_cast<u32>(random() % 200); pause != 0; --pause) (void)stop_.load();
        }
        busy_devices.fetch_sub(1);
      });
    for (auto& t : threads) t.join();
  }

  /// After the threads: everything is enabled and has a target again; from here on vCPUs pass only where they are
  /// called, so that a call that was not made is seen.
  void drain() {
    take_what_is_called_for();
    on_cpu(0, [&] {
      for (u32 w = 1; w <= spis / 32; ++w) store(0, m_.gicd + m_.isenabler + 4 * w, ~u32{0}, width::word);
      for (u32 i = 32; i < 32 + spis; ++i) route(0, i, i % (vcpus + 1));
    });
    take_what_is_called_for();
  }

  /// Is anything not taken, though nobody is called any more?
  void nothing_waits() {
    take_what_is_called_for();
    for (u32 i = 32; i < first_level; ++i) {
      CAPTURE(i);
      CHECK(spi_[i].seen.load() == spi_[i].raised.load());
    }
    for (u32 i = first_level; i < 32 + spis; ++i) CHECK_FALSE(high_[i].load());
  }

  void check() {
    CHECK(twice_.load() == 0);
    CHECK(unasked_.load() == 0);
    CHECK(two_registers_.load() == 0);
    CHECK(rounds_ < 100'000);
    u64 taken = 0;
    for (u32 i = 32; i < 32 + spis; ++i) {
      CAPTURE(i);
      taken += spi_[i].taken.load();
      if (i < first_level) {
        CHECK(spi_[i].seen.load() == spi_[i].raised.load());
        CHECK(spi_[i].taken.load() <= spi_[i].raised.load());
      } else {
        CHECK_FALSE(high_[i].load());
      }
    }
    for (u32 to = 0; to < vcpus; ++to)
      for (u32 from = 0; from < vcpus; ++from)
        for (u32 n = 0; n < sgis; ++n) {
          CAPTURE(to, from, n);
          CHECK(sgi_[to][from][n].seen.load() == sgi_[to][from][n].raised.load());
          if (v2) CHECK(sgi_[to][from][n].taken.load() <= sgi_[to][from][n].raised.load());
        }
    if (!v2)  // the source of an SGI is not known: all of them together
      for (u32 to = 0; to < vcpus; ++to)
        for (u32 n = 0; n < sgis; ++n) {
          CAPTURE(to, n);
          u64 sent = 0;
          for (u32 from = 0; from < vcpus; ++from) sent += sgi_[to][from][n].raised.load();
          CHECK(sgi_taken_[to][n].load() <= sent);
        }
    // What ended in list registers without a call is folded in; it must not have hidden anything.
    for (u32 v = 0; v < vcpus; ++v)
      on_cpu(v, [&] {
        pass(v);
        std::vector<u32> held;
        CHECK_FALSE(acknowledge(v, held));
      });
    const auto& state = m_.g.inspect();
    for (u32 v = 0; v < vcpus; ++v) {
      CAPTURE(v);
      CHECK(state.vcpu[v].used == 0);
      clean(state.vcpu[v].priv.read());
    }
    for (const auto& b : state.spi) clean(b.read());
    CHECK(taken > spis);
  }

 private:
  static void clean(const planes& p) {
    CHECK(p.latch == 0);
    CHECK(p.fresh == 0);
    CHECK(p.listed == 0);
    CHECK(p.active == 0);
    CHECK(asserted(p) == 0);
  }

  template <class F>
  void on_cpu(u32 v, F&& f) {
    const vcpu_id before = std::exchange(threaded_host::current_vcpu, vcpu(v));
    f();
    threaded_host::current_vcpu = before;
  }

  void take_what_is_called_for() {
    for (bool busy = true; busy && rounds_ < 100'000; ++rounds_) {
      busy = false;
      for (u32 v = 0; v < vcpus; ++v)
        on_cpu(v, [&] {
          std::vector<u32> held;
          while (acknowledge(v, held)) busy = true;
          while (!held.empty()) end(v, held);
          if (called(v)) {
            pass(v);
            busy = true;
          }
        });
    }
  }

  // --- a vCPU in the hypervisor ---

  /// From here the guest runs: what its list registers hold, no other vCPU's hold.
  void arrive(u32 v) {
    u64 mine[4] = {};
    for (const auto w : m_.hardware().at(vcpu(v)).lr) {
      const u32 i = raw(format::id(w));
      if (format::state(w) == lr_state::invalid) continue;
      if ((mine[i / 32] >> (i % 32) & 1) != 0) two_registers_.fetch_add(1);
      mine[i / 32] |= u64{1} << (i % 32);
      if (i >= 32 && (holders_[i].fetch_or(1u << v) & ~(1u << v)) != 0) two_registers_.fetch_add(1);
    }
  }
  void leave(u32 v) {
    for (auto& h : holders_) h.fetch_and(~(1u << v));
  }

  template <class F>
  void trap(u32 v, F&& f) {
    leave(v);
    m_.g.exit(vcpu(v));
    if (m_.hardware().maintenance(vcpu(v))) m_.g.maintenance(vcpu(v));
    f();
    m_.g.entry(vcpu(v));
    arrive(v);
  }
  void pass(u32 v) {
    trap(v, [] {});
  }
  bool called(u32 v) { return m_.g.host().kicked[v].exchange(0) != 0 || m_.hardware().maintenance(vcpu(v)); }
  void store(u32 v, u64 address, u64 value, width w) {
    trap(v, [&] { (void)m_.g.write(vcpu(v), guest_address{address}, w, value); });
  }

  // --- the guest ---

  bool acknowledge(u32 v, std::vector<u32>& held) {
    const u32 id = m_.hardware().acknowledge(vcpu(v), machine::normal);
    if (id == 1023) return false;
    held.push_back(id);
    const u32 i = id & 0x3ff;
    if (i < sgis) {
      sgi_taken_[v][i].fetch_add(1);
      const u32 source = id >> 10;
      for (u32 from = 0; from < vcpus; ++from)
        if (!v2 || from == source) sgi_[v][from][i].acknowledged();
      if (source >= vcpus || (v2 && sgi_[v][source][i].raised.load() == 0)) unasked_.fetch_add(1);
    } else if (i >= 32 && i < 32 + spis) {
      if (active_[i].exchange(true)) twice_.fetch_add(1);  // active elsewhere: may not be acknowledged again
      spi_[i].acknowledged();
      if (i >= first_level) {  // the driver makes its device quiet
        trap(v, [&] { (void)m_.g.lower(intid{i}); });
        high_[i].store(false);
      }
    } else {
      unasked_.fetch_add(1);
    }
    return true;
  }
  void end(u32 v, std::vector<u32>& held) {
    const u32 id = held.back();
    held.pop_back();
    if ((id & 0x3ff) >= 32) active_[id & 0x3ff].store(false);
    m_.hardware().end(vcpu(v), machine::normal, id);
  }

  void send_sgi(u32 v, u32 n, u32 list) {
    for (u32 to = 0; to < vcpus; ++to)
      if ((list >> to & 1) != 0) sgi_[to][v][n].raised.fetch_add(1);
    if constexpr (v2) {
      store(v, m_.gicd + 0xf00, list << 16 | n, width::word);
    } else {
      u64 x[31] = {};
      x[0] = u64{n} << 24 | list;
      trap(v, [&] { (void)m_.g.system_register(vcpu(v), u64{0x18} << 26 | syndrome::key_icc_sgi1r, x); });
    }
  }
  /// To one vCPU, or to any.
  void route(u32 v, u32 i, u32 to) {
    if constexpr (v2)
      store(v, m_.gicd + 0x800 + i, to < vcpus ? 1u << to : (1u << vcpus) - 1, width::byte);
    else
      store(v, m_.gicd + 0x6000 + 8 * i, to < vcpus ? raw(flat_affinity::of(vcpu(to))) : 1u << 31, width::dword);
  }

  void something_else(u32 v, std::mt19937& random) {
    const u32 i = 32 + static_cast<u32>(random() % spis);
    const u64 bit = u64{1} << (i % 32);
    switch (random() % 8) {
      case 0: return store(v, m_.gicd + m_.icenabler + i / 32 * 4, bit, width::word);
      case 1:
      case 2: return store(v, m_.gicd + m_.isenabler + i / 32 * 4, bit, width::word);
      case 3: return route(v, i, static_cast<u32>(random() % (vcpus + 1)));
      case 4: return store(v, m_.gicd + m_.ipriorityr + i, random() % 28 * 8, width::byte);
      case 5: (void)m_.g.read(vcpu(v), guest_address{m_.gicd + m_.ispendr + i / 32 * 4}, width::word); return;
      default:
        return send_sgi(v, static_cast<u32>(random() % sgis), static_cast<u32>(1 + random() % ((1u << vcpus) - 1)));
    }
  }

  void guest(u32 v) {
    std::mt19937 random{tests::seed() + v};
    on_cpu(v, [&] {
      std::vector<u32> held;
      while (!stop_.load()) {
        if (called(v)) pass(v);
        if (held.size() < 3) (void)acknowledge(v, held);
        if (!held.empty() && random() % 2 != 0) end(v, held);
        if (random() % 8 == 0) something_else(v, random);
        if (held.empty() && random() % 512 == 0) nap(v, random);
      }
      while (!held.empty()) end(v, held);
    });
  }

  /// Takes no interrupts for a while, as a guest that turns its groups off, or goes off and comes back.
  void nap(u32 v, std::mt19937& random) {
    if (random() % 2 == 0) {
      m_.hardware().enable_groups(vcpu(v), 0);
      for (u32 k = 0; k < 20; ++k)
        if (called(v)) pass(v);
    } else {
      leave(v);
      m_.g.exit(vcpu(v));
      (void)m_.g.vcpu_off(vcpu(v));
      std::this_thread::yield();
      (void)m_.g.vcpu_on(vcpu(v));
      m_.g.load(vcpu(v));
      m_.hardware().set_priority_mask(vcpu(v), 0xff);
      m_.g.entry(vcpu(v));
      arrive(v);
    }
    m_.hardware().enable_groups(vcpu(v), 3);
  }

  void device(u32 d) {
    std::mt19937 random{tests::seed() + 100 + d};
    while (!stop_.load()) {
      raise_something(random);
      if (random() % 4 == 0) std::this_thread::yield();
    }
  }

  void raise_something(std::mt19937& random) {
    const u32 i = 32 + static_cast<u32>(random() % spis);
    if (i < first_level) {
      spi_[i].raised.fetch_add(1);
      (void)m_.g.pulse(intid{i});
    } else if (!high_[i].exchange(true)) {
      spi_[i].raised.fetch_add(1);
      (void)m_.g.raise(intid{i});
    }
  }

  machine m_;
  std::atomic<bool> stop_{false};
  std::array<account, 32 + spis> spi_{};
  std::array<std::atomic<bool>, 32 + spis> high_{};    ///< level-sensitive: the device asks
  std::array<std::atomic<bool>, 32 + spis> active_{};  ///< a guest is between acknowledge and end
  std::array<std::atomic<u32>, 32 + spis> holders_{};  ///< vCPUs that have it in a list register, as the guest runs
  account sgi_[vcpus][vcpus][sgis];                    ///< by target, source, SGI
  std::atomic<u64> sgi_taken_[vcpus][sgis] = {};
  std::atomic<u32> twice_{0};
  std::atomic<u32> unasked_{0};
  std::atomic<u32> two_registers_{0};
  u32 rounds_ = 0;
};

}  // namespace

TEMPLATE_TEST_CASE("vCPUs as threads: nothing is lost, doubled, or in two list registers", "", gicv2, gicv3) {
  for (int round = 0; round < 3; ++round) {
    const auto s = std::make_unique<stress<TestType>>();
    s->run(std::chrono::milliseconds{500});
    s->drain();
    for (u32 k = 0; k < 60; ++k) {
      s->burst(tests::seed() + 1000 * k);
      s->nothing_waits();
    }
    s->check();
  }
}
