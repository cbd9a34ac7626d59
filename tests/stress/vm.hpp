// SPDX-License-Identifier: BSL-1.0
/// \file
/// A VM whose vCPUs run on several threads, devices that inject, and accounts of what was injected and taken.
#pragma once

#include "stress/counted.hpp"
#include "support/vm.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace tests {

constexpr u32 stress_vcpus = 4;
constexpr u32 stress_spis = 64;
constexpr u32 first_level_spi = 84;  ///< SPIs below are edge-triggered, from here on level-sensitive

/// A kick is a flag that the vCPU's thread polls.
struct stress_host {
  void kick(vcpu_id v) {
    ++contention::here->kicks;
    kicked[raw(v)].word.store(1, std::memory_order_release);
  }
  [[nodiscard]] vcpu_id current() const { return current_vcpu; }
  void deactivate(vcpu_id, physical_intid) {}
  void on_listed(vcpu_id, intid) { ++contention::here->listed; }

  struct alignas(64) flag {
    std::atomic<u32> word{0};
  };
  static inline thread_local vcpu_id current_vcpu = no_vcpu;
  flag kicked[stress_vcpus];
  std::vector<vcpu_id> kicks;  ///< for the machine, which empties it
};

template <class Version>
struct stress_configuration
    : config<Version, all_features, 3, stress_vcpus, stress_spis, layout::xen_4_5, counted_atomics> {
  using host = stress_host;
};

/// xorshift: the harness has to cost less than what it tests.
struct fast_random {
  u64 x;
  explicit fast_random(u64 seed) : x(seed * 0x9e37'79b9'7f4a'7c15u | 1) {}
  u32 operator()() {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return static_cast<u32>(x >> 32);
  }
};

/// Of one SPI. Only one device raises it; of vCPUs only the one in whose guest it is active touches the account.
struct alignas(64) account {
  std::atomic<u64> raised{0};  ///< counted before the event
  std::atomic<u64> seen{0};    ///< what `raised` was at the last acknowledge
  std::atomic<u64> taken{0};
  std::atomic<u32> active{0};
  std::atomic<u32> high{0};  ///< level-sensitive: the device asks
};

template <class Version>
class stressed {
 public:
  using machine = machine_under_test<stress_configuration<Version>>;
  static constexpr bool v2 = machine::v2;

  stressed() {
    m_ = std::make_unique<machine>(stress_vcpus, stress_spis);
    m_->boot();
    for (u32 i = 32; i < 32 + stress_spis; ++i) {
      if (i < first_level_spi)
        m_->edge(i);
      else
        m_->level(i);
      m_->enable(i);
      m_->route(i, i % stress_vcpus);
    }
  }

  // --- a device ---

  /// Was SPI `i` raised and not taken since?
  [[nodiscard]] bool waits(u32 i) const {
    return accounts_[i].seen.load(std::memory_order_relaxed) != accounts_[i].raised.load(std::memory_order_relaxed);
  }
  /// Raises SPI `i`; false if its line is high already.
  bool inject(u32 i) {
    account& a = accounts_[i];
    if (i < first_level_spi) {
      count(a.raised);
      (void)m_->g.pulse(intid{i});
      return true;
    }
    if (a.high.load(std::memory_order_acquire) != 0) return false;
    count(a.raised);
    a.high.store(1, std::memory_order_relaxed);
    (void)m_->g.raise(intid{i});
    return true;
  }

  // --- a vCPU on its thread ---

  struct guest {
    u32 v;
    fast_random random;
    u32 held[4] = {};
    u32 holding = 0;
    u64 changes = 0;  ///< masks, routes, priorities, gates
    u64 taken = 0;
  };

  /// One turn of the guest; false if there was nothing to do.
  bool turn(guest& g) {
    bool busy = false;
    if (called(g.v)) pass(g.v), busy = true;
    if (g.holding < 3 && acknowledge(g)) busy = true;
    if (g.holding != 0 && (g.holding == 3 || (g.random() & 3) != 0)) end(g);
    if ((g.random() & 31) == 0) change(g);
    return busy || g.holding != 0;
  }
  void rest(guest& g) {
    while (g.holding != 0) end(g);
  }

  // --- between phases, on one thread ---

  /// Takes all that vCPUs are called for. False if that has no end.
  [[nodiscard]] bool drain() {
    for (u32 rounds = 0; rounds < 100'000; ++rounds) {
      bool busy = false;
      for (u32 v = 0; v < stress_vcpus; ++v) {
        stress_host::current_vcpu = vcpu(v);
        guest g{.v = v, .random = fast_random{1}};
        while (acknowledge(g)) end(g), busy = true;
        if (called(v)) pass(v), busy = true;
      }
      stress_host::current_vcpu = no_vcpu;
      if (!busy) return true;
    }
    return false;
  }
  /// Everything is enabled and has a target.
  void open() {
    stress_host::current_vcpu = vcpu(0);
    store(0, m_->gicd, 3, width::word);
    for (u32 w = 1; w <= stress_spis / 32; ++w) store(0, m_->gicd + m_->isenabler + 4 * w, ~u32{0}, width::word);
    stress_host::current_vcpu = no_vcpu;
  }
  /// What is lost or doubled; empty if nothing is.
  [[nodiscard]] std::string wrong() const {
    const std::string at = "INTID ";
    for (u32 i = 32; i < 32 + stress_spis; ++i) {
      const account& a = accounts_[i];
      if (a.seen != a.raised)
        return at + std::to_string(i) + " was lost: raised " + std::to_string(a.raised) + " times, of which " +
               std::to_string(a.seen) + " before it was taken last (" + std::to_string(a.taken) + " times in all)";
      if (i < first_level_spi && a.taken > a.raised)
        return at + std::to_string(i) + " was taken more often than raised";
      if (a.high != 0) return at + std::to_string(i) + " asks still";
      if (a.active != 0) return at + std::to_string(i) + " is active still";
    }
    if (twice_ != 0) return "an interrupt was taken while it was active";
    if (unasked_ != 0) return "an interrupt was taken that nobody raised";
    for (u32 v = 0; v < stress_vcpus; ++v)
      for (u32 n = 0; n < 16; ++n)
        if (sgi_seen_[v][n] != sgi_sent_[v][n])
          return "SGI " + std::to_string(n) + " to vCPU " + std::to_string(v) + " was lost";
    return {};
  }
  [[nodiscard]] u64 taken() const {
    u64 n = 0;
    for (const account& a : accounts_) n += a.taken;
    return n;
  }
  [[nodiscard]] u64 sgis() const {
    u64 n = 0;
    for (const auto& to : sgi_sent_)
      for (const auto& sent : to) n += sent;
    return n;
  }

 private:
  static void count(std::atomic<u64>& n) { n.store(n.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }

  bool called(u32 v) {
    auto& flag = m_->g.host().kicked[v].word;
    if (flag.load(std::memory_order_relaxed) != 0) {
      flag.exchange(0, std::memory_order_acquire);
      return true;
    }
    return m_->hardware().maintenance(vcpu(v));
  }
  template <class F>
  void trap(u32 v, F&& f) {
    m_->g.exit(vcpu(v));
    if (m_->hardware().maintenance(vcpu(v))) m_->g.maintenance(vcpu(v));
    f();
    m_->g.entry(vcpu(v));
  }
  void pass(u32 v) {
    trap(v, [] {});
  }
  void store(u32 v, u64 address, u64 value, width w) {
    trap(v, [&] { m_->g.write(vcpu(v), guest_address{address}, w, value); });
  }

  bool acknowledge(guest& g) {
    const u32 id = m_->hardware().acknowledge(vcpu(g.v), machine::normal);
    if (id == 1023) return false;
    const u32 i = id & 0x3ff;
    g.held[g.holding++] = id;
    ++g.taken;
    if (i < 16) {
      sgi_seen_[g.v][i] = sgi_sent_[g.v][i].load();
    } else if (i < 32 || i >= 32 + stress_spis) {
      unasked_.fetch_add(1);
    } else {
      account& a = accounts_[i];
      if (a.active.exchange(1, std::memory_order_acquire) != 0) twice_.fetch_add(1);
      count(a.taken);
      if (i >= first_level_spi && a.high.load(std::memory_order_relaxed) != 0) {  // the driver makes its device quiet
        trap(g.v, [&] { (void)m_->g.lower(intid{i}); });
        a.seen.store(a.raised.load(std::memory_order_relaxed), std::memory_order_relaxed);
        a.high.store(0, std::memory_order_release);
      } else {
        a.seen.store(a.raised.load(std::memory_order_relaxed), std::memory_order_relaxed);
      }
    }
    return true;
  }
  void end(guest& g) {
    const u32 id = g.held[--g.holding];
    if ((id & 0x3ff) >= 32) accounts_[id & 0x3ff].active.store(0, std::memory_order_release);
    m_->hardware().end(vcpu(g.v), machine::normal, id);
  }

  void change(guest& g) {
    ++g.changes;
    const u32 r = g.random();
    const u32 v = g.v;
    const u32 i = 32 + r % stress_spis;
    const u64 bit = u64{1} << (i % 32);
    switch (r >> 8 & 15) {
      case 0:
      case 1:
      case 2: return store(v, m_->gicd + m_->icenabler + i / 32 * 4, bit, width::word);
      case 3:
      case 4:
      case 5:
      case 6: return store(v, m_->gicd + m_->isenabler + i / 32 * 4, bit * 3, width::word);
      case 7:
      case 8:
      case 9: return route(v, i, r >> 16 & 7);
      case 10:
      case 11: return store(v, m_->gicd + m_->ipriorityr + i, (r >> 16) % 28 * 8, width::byte);
      case 12:
        if ((r >> 16 & 31) == 0) {
          store(v, m_->gicd, r >> 21 & 3, width::word);
          store(v, m_->gicd, 3, width::word);
        }
        return;
      case 13: (void)m_->g.read(vcpu(v), guest_address{m_->gicd + m_->ispendr + i / 32 * 4}, width::word); return;
      default: return send(v, r >> 16 & 15, r >> 20 & (stress_vcpus - 1));
    }
  }
  /// To one vCPU, or to any.
  void route(u32 v, u32 i, u32 to) {
    if constexpr (v2)
      store(v, m_->gicd + 0x800 + i, to < stress_vcpus ? 1u << to : (1u << stress_vcpus) - 1, width::byte);
    else
      store(v, m_->gicd + 0x6000 + 8 * i, to < stress_vcpus ? raw(flat_affinity::of(vcpu(to))) : 1u << 31,
            width::dword);
  }
  void send(u32 v, u32 n, u32 to) {
    sgi_sent_[to][n].fetch_add(1);
    if constexpr (v2)
      store(v, m_->gicd + 0xf00, u64{1} << (16 + to) | n, width::word);
    else
      trap(v, [&] { m_->g.sgi1r(vcpu(v), u64{n} << 24 | u64{1} << to); });
  }

  std::unique_ptr<machine> m_;
  account accounts_[32 + stress_spis];
  std::atomic<u64> sgi_sent_[stress_vcpus][16] = {};
  std::atomic<u64> sgi_seen_[stress_vcpus][16] = {};
  std::atomic<u32> twice_{0};
  std::atomic<u32> unasked_{0};
};

}  // namespace tests
