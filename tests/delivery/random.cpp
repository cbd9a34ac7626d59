// SPDX-License-Identifier: BSL-1.0
// Random histories of several vCPUs on one thread, judged by the reference model: whatever is acknowledged was allowed
// to be, and when everything has settled nothing that had to come is missing.
#include "catch.hpp"
#include "support/invariants.hpp"
#include "support/policies.hpp"
#include "support/reference.hpp"

#include <cstdio>
#include <deque>
#include <random>
#include <string>

using namespace tests;
using reference::fuzzy;
using reference::nobody;

namespace {

/// How soon kicks are obeyed.
enum class kicks { at_once, late };

template <class Config>
class history {
 public:
  static constexpr u32 cpus = 4;
  static constexpr u32 spis = 96;
  using machine = booted<Config>;
  using format = typename machine::format;
  static constexpr bool v2 = machine::v2;
  static constexpr bool one_of_n = Config::features::template has<vgic::one_of_n>;
  static constexpr bool messages = !v2 && Config::features::template has<message_spis>;

  history(u32 seed, u32 lrs, kicks when)
      : random_(seed), when_(when), lrs_(lrs), m(lrs, cpus, spis), ref(cpus, spis, v2) {
    ref.gates = 3;
    for (u32 v = 0; v < cpus; ++v) {
      ref.turn_on(v, 3, 0xff & ~7u);
      split_[v] = below(3) == 0;
      if (split_[v]) m.split_end(vcpu(v));
      for (u32 i = 0; i < 32; ++i) {
        auto& x = ref.at(v, i);
        x.priority = 0xa0;
        x.group = m.normal == group::one ? 1 : 0;
        if (i < 16) x.enabled = true;
      }
    }
    for (u32 i = 32; i < 32 + spis; ++i) {
      auto& x = ref.at(0, i);
      x.priority = 0xa0;
      x.group = m.normal == group::one ? 1 : 0;
      x.targets = 1;
    }
    // The interrupts of this history; more of them or fewer than there are list registers.
    for (u32 i : {0u, 3u, 15u, 20u, 27u, 30u}) used_.push_back(i);
    const u32 n = 3 + below(20);
    for (u32 k = 0; k < n; ++k) {
      const u32 i = 32 + below(spis);
      if (std::find(used_.begin(), used_.end(), i) == used_.end()) used_.push_back(i);
    }
    linked_ = {27, used_.back()};
    for (const u32 i : linked_)
      for (u32 v = 0; v < (i < 32 ? cpus : 1); ++v)
        REQUIRE((i < 32 ? m.g.link(vcpu(v), intid{i}) : m.g.link(intid{i})) == result::ok);
    for (const u32 i : used_)
      for (u32 v = 0; v < (i < 32 ? cpus : 1); ++v) {
        if (i >= 16) trigger(v, i);
        if (below(4) != 0) toggle(v, v, i, true);
      }
    settle();
  }

  void run(u32 steps) {
    for (u32 k = 0; k < steps; ++k) {
      step();
      if (when_ == kicks::at_once) obey_all();
      check_list_registers();
      if (below(400) == 0) settle();
    }
    settle();
  }

  u32 taken = 0;

 private:
  // --- chance ---

  u32 below(u32 n) { return static_cast<u32>(random_() % n); }
  u32 any_cpu() { return below(cpus); }
  u32 running_cpu() {
    u32 v = any_cpu();
    while (!ref.cpus[v].on) v = (v + 1) % cpus;
    return v;
  }
  u32 any_interrupt() { return used_[below(static_cast<u32>(used_.size()))]; }
  bool is_linked(u32 i) const { return i == linked_[0] || i == linked_[1]; }
  bool is_sgi_v2(u32 i) const { return v2 && i < 16; }

  void step() {
    const u32 what = below(100);
    if (what < 45) return guest(running_cpu());
    if (what < 55) return obey_one();
    if (what < 70) return device();
    if (what < 80) return send();
    if (what < 97) return access();
    power();
  }

  // --- passes and kicks ---

  void collect() {
    for (const vcpu_id v : m.g.host().kicks) kicked_[raw(v)] = true;
    m.g.host().kicks.clear();
    drain_ends();
  }
  /// Physical ends, by the guest and by the host.
  void drain_ends() {
    for (u32 v = 0; v < cpus; ++v) {
      auto& c = m.hardware().at(vcpu(v));
      for (; seen_ends_[v] != c.physical_end_count; ++seen_ends_[v])
        ended(v, c.physical_ends[seen_ends_[v] % 16], false);
    }
    // The host may be asked once more, in case a forwarded interrupt was taken back before it was seen.
    for (const auto& [v, p] : m.g.host().deactivated) ended(raw(v), raw(p), true);
    m.g.host().deactivated.clear();
  }
  void ended(u32 v, u32 i, bool by_host) {
    if (i >= 32) v = 0;
    log("  physical end of %u", i);
    if (v >= cpus || !is_linked(i) || (!physical_[v][i] && !by_host))
      fail("physical end of an interrupt that was not forwarded", v, i);
    physical_[v][i] = false;
  }
  void pass(u32 v) {
    if (!ref.cpus[v].on) {
      kicked_[v] = false;
      return;
    }
    kicked_[v] = false;
    m.pass(vcpu(v));
    ref.exits(v);
    enters(v);
    log("  pass %u", v);
  }
  /// The library kicks who is entered with something not yet looked at.
  void enters(u32 v) {
    collect();
    if (kicked_[v])
      ref.enters_again(v);
    else
      ref.enters(v);
  }
  void maintain(u32 v) {
    for (u32 n = 0; m.hardware().maintenance(vcpu(v)); ++n) {
      if (n == 6) fail("maintenance without end", v, 0);
      pass(v);
    }
  }
  void obey_one() {
    const u32 v = any_cpu();
    if (kicked_[v]) pass(v);
    if (ref.cpus[v].on) maintain(v);
  }
  void obey_all() {
    for (u32 n = 0; n < 50; ++n) {
      bool any = false;
      for (u32 v = 0; v < cpus; ++v)
        if (kicked_[v]) {
          any |= ref.cpus[v].on;
          pass(v);
          if (ref.cpus[v].on) maintain(v);
        }
      if (!any) return;
    }
    fail("kicks without end", 0, 0);
  }

  /// An access of `v`: it is out of the guest before and goes on after it.
  template <class F, class G>
  void by(u32 v, F&& access, G&& effect) {
    ref.exits(v);
    kicked_[v] = false;
    access();
    effect();
    ref.changed(static_cast<int>(v));
    enters(v);
    maintain(v);
  }
  /// Something the host does, on a CPU that runs no vCPU or between exit and entry of `v`.
  template <class F, class G>
  void by_host(F&& call, G&& effect) {
    if (below(2) == 0) {
      call();
      effect(nobody);
      ref.changed(nobody);
      collect();
    } else {
      const u32 v = running_cpu();
      log("  on the CPU of %u", v);
      by(
          v, [&] { m.between(vcpu(v), call); }, [&] { effect(static_cast<int>(v)); });
    }
  }

  // --- the guest ---

  struct handled {
    u32 id;
    group gr;
  };

  void guest(u32 v) {
    maintain(v);
    const u32 what = below(10);
    if (what < 6 && stack_[v].size() < 5)
      acknowledge(v);
    else if (what < 9 || stack_[v].size() >= 5)
      end_one(v);
    else if (below(6) == 0)
      groups(v, below(4) == 0 ? below(4) : 3);
    else
      priority_mask(v, below(6) == 0 ? 0x80 : 0xf8);
  }
  bool acknowledge(u32 v) {
    for (u32 k = 0, g = below(2); k < 2; ++k, g ^= 1) {
      const group gr{static_cast<u8>(g)};
      // What has to be there before this one, if nothing changed elsewhere since its last pass.
      u32 best = 0x100;
      u32 urgent = 0;
      if (!ref.cpus[v].behind && !kicked_[v])
        for (const u32 i : used_)
          if (const auto& x = ref.at(v, i); x.priority < best && ref.must_be_delivered(v, i) && !ref.contested(v, i)) {
            best = x.priority;
            urgent = i;
          }
      const u32 iar = m.ack(vcpu(v), gr);
      if (iar == 1023) continue;
      const u32 i = iar & 0x3ff;
      const u32 source = is_sgi_v2(i) ? iar >> 10 & 7 : 0;
      ++taken;
      log("vcpu %u acknowledges %u source %u group %u", v, i, source, g);
      const u32 priority = format::priority_of(m.lr_of(vcpu(v), i));
      if (priority > best) fail("a more urgent one was to be taken first", v, urgent);
      if (std::find(used_.begin(), used_.end(), i) == used_.end()) fail("an interrupt that is not in use", v, i);
      if (!ref.acknowledge(v, i, source)) fail("acknowledged, but it was not to be delivered", v, i);
      stack_[v].push_back({iar, gr});
      maintain(v);
      return true;
    }
    return false;
  }
  bool end_one(u32 v) {
    if (!stack_[v].empty() && (dropped_[v].empty() || below(2) == 0)) {
      const handled h = stack_[v].back();
      stack_[v].pop_back();
      m.hardware().end(vcpu(v), h.gr, h.id);
      log("vcpu %u ends %u", v, h.id & 0x3ff);
      if (split_[v])
        dropped_[v].push_back(h);
      else
        ref.end(v, h.id & 0x3ff);
    } else if (!dropped_[v].empty()) {
      const u32 k = below(static_cast<u32>(dropped_[v].size()));
      const handled h = dropped_[v][k];
      dropped_[v].erase(dropped_[v].begin() + k);
      m.hardware().deactivate(vcpu(v), h.id);
      log("vcpu %u deactivates %u", v, h.id & 0x3ff);
      ref.end(v, h.id & 0x3ff);
    } else {
      return false;
    }
    collect();
    maintain(v);
    return true;
  }
  void groups(u32 v, u32 value) {
    log("vcpu %u groups %u", v, value);
    m.hardware().enable_groups(vcpu(v), value);
    ref.cpus[v].groups = value;
    ref.changed(static_cast<int>(v));
    maintain(v);
  }
  void priority_mask(u32 v, u32 value) {
    log("vcpu %u priority mask %x", v, value);
    m.hardware().set_priority_mask(vcpu(v), value);
    ref.cpus[v].mask = value;
  }

  // --- devices and SGIs ---

  void device() {
    const u32 i = any_interrupt();
    const u32 v = any_cpu();
    if (i < 16) return;
    auto& x = ref.at(v, i);
    const auto call = [&](auto&& spi, auto&& ppi) { REQUIRE((i < 32 ? ppi() : spi()) == result::ok); };
    if (is_linked(i)) {
      bool& physical = physical_[i < 32 ? v : 0][i];
      if (physical) return;
      log("forward %u (%u)", i, v);
      by_host(
          [&] {
            drain_ends();
            physical = true;
            call([&] { return m.g.forward(intid{i}); }, [&] { return m.g.forward(vcpu(v), intid{i}); });
          },
          [&](int who) { ref.pend(who, v, i); });
    } else if (x.edge) {
      log("edge of %u (%u)", i, v);
      by_host([&] { call([&] { return m.g.pulse(intid{i}); }, [&] { return m.g.pulse(vcpu(v), intid{i}); }); },
              [&](int who) { ref.pend(who, v, i); });
    } else if (x.line) {
      log("line of %u (%u) low", i, v);
      by_host([&] { call([&] { return m.g.lower(intid{i}); }, [&] { return m.g.lower(vcpu(v), intid{i}); }); },
              [&](int) { x.line = false; });
    } else {
      log("line of %u (%u) high", i, v);
      by_host([&] { call([&] { return m.g.raise(intid{i}); }, [&] { return m.g.raise(vcpu(v), intid{i}); }); },
              [&](int) { x.line = true; });
    }
  }
  void send() {
    const u32 from = running_cpu();
    const u32 to = any_cpu();
    const u32 n = used_[below(3)];
    log("sgi %u from %u to %u", n, from, to);
    by(
        from, [&] { m.sgi(from, to, n); }, [&] { ref.pend(static_cast<int>(from), to, n, v2 ? from : 0); });
  }

  // --- registers ---

  /// Some of these registers are banked on GICv2: a vCPU reaches its own only.
  u32 reaching(u32 v, u32 i) { return v2 && i < 32 ? v : running_cpu(); }

  void write_bit(u32 b, u32 v, u32 reg, u32 i) { m.store(vcpu(b), m.bits(reg, i, v), u64{1} << (i % 32)); }

  void toggle(u32 b, u32 v, u32 i, bool on) {
    if (is_sgi_v2(i)) return;
    log("vcpu %u %s %u (%u)", b, on ? "enables" : "disables", i, v);
    by(
        b, [&] { write_bit(b, v, on ? m.isenabler : m.icenabler, i); }, [&] { ref.at(v, i).enabled = on; });
  }
  void trigger(u32 v, u32 i) {
    const bool edge = is_linked(i) || below(2) == 0;
    by(
        v, [&] { edge ? m.edge(i, v) : m.level(i, v); }, [&] { ref.at(v, i).edge = edge; });
  }

  void access() {
    const u32 i = any_interrupt();
    u32 v = any_cpu();
    if (v2 && i < 32 && !ref.cpus[v].on) v = running_cpu();
    const u32 b = reaching(v, i);
    const int who = static_cast<int>(b);
    auto& x = ref.at(v, i);
    switch (below(messages ? 16 : 14)) {
      case 0:
      case 1: return toggle(b, v, i, !x.enabled);
      case 2: {
        const u32 p = below(31) * 8;
        log("vcpu %u priority of %u (%u) %x", b, i, v, p);
        return by(
            b, [&] { m.store(vcpu(b), m.bytes(m.ipriorityr, i, v), p, width::byte); }, [&] { x.priority = p; });
      }
      case 3: {
        const u32 g = x.group ^ 1;
        log("vcpu %u group of %u (%u) %u", b, i, v, g);
        const u64 old = m.load(vcpu(b), m.bits(m.igroupr, i, v));
        return by(
            b, [&] { m.store(vcpu(b), m.bits(m.igroupr, i, v), old ^ (u64{1} << (i % 32))); }, [&] { x.group = g; });
      }
      case 4:
      case 5: return reroute(b, i);
      case 6: {
        if (below(4) != 0) return;
        const u32 g = ref.gates == 3 ? below(3) : 3;
        log("vcpu %u gates %u", b, g);
        return by(
            b, [&] { m.gates(g, b); }, [&] { ref.gates = g; });
      }
      case 7:
        if (is_linked(i) || is_sgi_v2(i)) return;
        log("vcpu %u ISPENDR %u (%u)", b, i, v);
        return by(
            b, [&] { write_bit(b, v, m.ispendr, i); }, [&] { ref.pend(who, v, i); });
      case 8:
      case 9:
        if (is_sgi_v2(i)) {
          const u32 mask = below(16);
          log("vcpu %u CPENDSGIR %u %x", b, i, mask);
          return by(
              b, [&] { m.store(vcpu(b), m.gicd + 0xf10 + i, mask, width::byte); },
              [&] {
                for (u32 s = 0; s < 4; ++s)
                  if ((mask >> s & 1) != 0) ref.unpend(who, v, i, s);
              });
        }
        log("vcpu %u ICPENDR %u (%u)", b, i, v);
        return by(
            b, [&] { write_bit(b, v, m.icpendr, i); }, [&] { ref.unpend(who, v, i); });
      case 10:
        if (is_linked(i) || below(3) != 0) return;
        log("vcpu %u ISACTIVER %u (%u)", b, i, v);
        return by(
            b, [&] { write_bit(b, v, m.isactiver, i); }, [&] { ref.set_active(who, v, i, true); });
      case 11:
        if (below(2) != 0) return;
        log("vcpu %u ICACTIVER %u (%u)", b, i, v);
        return by(
            b, [&] { write_bit(b, v, m.icactiver, i); }, [&] { ref.set_active(who, v, i, false); });
      case 12:
        if constexpr (!v2 && one_of_n) {
          const u32 dpg = below(4);
          log("vcpu %u DPG of %u %u", b, v, dpg);
          by(
              b, [&] { m.store(vcpu(b), m.rd(v), u64{dpg} << 24); }, [&] { ref.cpus[v].dpg = dpg; });
        }
        return;
      case 13:
        if constexpr (!v2) {
          if (ref.cpus[v].awake && below(3) != 0) return;
          const bool awake = !ref.cpus[v].awake;
          log("vcpu %u WAKER of %u %u", b, v, awake ? 0u : 2u);
          by(
              b, [&] { m.store(vcpu(b), m.rd(v) + 0x14, awake ? 0 : 2); }, [&] { ref.cpus[v].awake = awake; });
        }
        return;
      default:
        if (i < 32 || is_linked(i)) return;
        if (below(2) == 0) {
          log("vcpu %u SETSPI %u", b, i);
          by(
              b, [&] { m.store(vcpu(b), m.gicd + 0x40, i); },
              [&] {
                if (x.edge)
                  ref.pend(who, v, i);
                else
                  x.message = true;
              });
        } else {
          log("vcpu %u CLRSPI %u", b, i);
          by(
              b, [&] { m.store(vcpu(b), m.gicd + 0x48, i); },
              [&] {
                if (x.edge)
                  ref.unpend(who, v, i);
                else
                  x.message = false;
              });
        }
    }
  }

  void reroute(u32 b, u32 i) {
    if (i < 32) return;
    auto& x = ref.at(0, i);
    if constexpr (v2) {
      const u32 mask = below(3) == 0 ? below(16) : 1u << below(4);
      log("vcpu %u routes %u to mask %x", b, i, mask);
      by(
          b, [&] { m.store(vcpu(b), m.gicd + m.itargetsr + i, mask, width::byte); },
          [&] {
            x.targets = one_of_n ? mask : mask & (~mask + 1);
            x.shared = (x.targets & (x.targets - 1)) != 0;
          });
    } else {
      const u32 t = below(one_of_n ? 7 : 5);
      log("vcpu %u routes %u to %u", b, i, t);
      const u64 value = t < 4 ? u64{raw(Config::affinity::of(vcpu(t)))} : t == 4 ? 0x12'00'00'03'00 : u64{1} << 31;
      by(
          b, [&] { m.store(vcpu(b), m.gicd + 0x6000 + 8 * i, value, width::dword); },
          [&] {
            x.shared = t > 4;
            x.targets = t < 4 ? 1u << t : t == 4 ? 0 : 0xf;
          });
    }
  }

  // --- power ---

  void power() {
    const u32 v = 1 + below(cpus - 1);
    if (!ref.cpus[v].on) {
      log("vcpu %u on", v);
      kicked_[v] = false;
      m.turn_on(vcpu(v));
      if (split_[v]) m.split_end(vcpu(v));
      ref.turn_on(v, 3, 0xf8);
      ref.changed(static_cast<int>(v));
      collect();
      maintain(v);
    } else if (below(3) == 0) {
      log("vcpu %u off", v);
      m.turn_off(vcpu(v));
      ref.turn_off(v);
      ref.changed(static_cast<int>(v));
      ref.enters(v);
      stack_[v].clear();
      dropped_[v].clear();
      collect();
    }
  }

  // --- what has to hold ---

  void check_list_registers() {
    std::vector<int> holder(32 + spis, nobody);
    for (u32 v = 0; v < cpus; ++v) {
      std::vector<bool> here(32 + spis);
      u32 n = 0;
      for (const auto w : m.hardware().at(vcpu(v)).lr) {
        ++n;
        if (format::state(w) == lr_state::invalid) continue;
        const u32 i = raw(format::id(w));
        if (n > lrs_) fail("a list register that is not there", v, i);
        if (i >= 32 + spis) fail("an INTID that is not there", v, i);
        if (here[i]) fail("twice in list registers", v, i);
        here[i] = true;
        if (i >= 32 && holder[i] != nobody) fail("in list registers of two vCPUs", v, i);
        holder[i] = static_cast<int>(v);
        if ((w & format::hw) != 0 && format::state(w) == lr_state::active_and_pending) fail("LR.HW and state 3", v, i);
      }
      if (!ref.cpus[v].on && (m.hardware().at(vcpu(v)).hcr & hcr::en) != 0) fail("off, but En is set", v, 0);
    }
  }

  /// Everything calms down: kicks are obeyed, guests take what comes and end it, devices are served.
  void settle() {
    log("settle");
    for (u32 v = 0; v < cpus; ++v)
      if (ref.cpus[v].on) {
        groups(v, 3);
        priority_mask(v, 0xf8);
      }
    calm();
    // What software made active is ended by software; what it may have hidden comes then.
    for (const u32 i : used_)
      for (u32 v = 0; v < (i < 32 ? cpus : 1); ++v) {
        if (ref.at(v, i).active.surely_not() || (v2 && i < 32 && !ref.cpus[v].on)) continue;
        const u32 b = reaching(v, i);
        log("vcpu %u ICACTIVER %u (%u)", b, i, v);
        by(
            b, [&] { write_bit(b, v, m.icactiver, i); }, [&] { ref.set_active(static_cast<int>(b), v, i, false); });
      }
    calm();
    for (u32 v = 0; v < cpus; ++v)
      for (const u32 i : used_)
        if (ref.must_be_delivered(v, i)) fail("waits for ever", v, i);
    compare_registers();
    for (const u32 i : linked_)
      for (u32 v = 0; v < (i < 32 ? cpus : 1); ++v)
        if (physical_[v][i] && ref.pending(v, i).surely_not() && ref.at(v, i).active.surely_not())
          fail("nobody ended the physical interrupt", v, i);
  }
  void calm() {
    for (u32 round = 0; round < 2000; ++round) {
      obey_all();
      bool busy = false;
      for (u32 v = 0; v < cpus; ++v) {
        if (!ref.cpus[v].on) continue;
        maintain(v);
        if (acknowledge(v)) {
          serve_device(v, stack_[v].back().id & 0x3ff);
          busy = true;
        }
        while (end_one(v)) busy = true;
      }
      if (!busy && std::none_of(kicked_, kicked_ + cpus, [](bool k) { return k; })) return;
    }
    fail("does not come to rest", 0, 0);
  }
  void serve_device(u32 v, u32 i) {
    auto& x = ref.at(v, i);
    if (x.edge) return;
    if (x.line) {
      log("line of %u low", i);
      REQUIRE((i < 32 ? m.g.lower(vcpu(v), intid{i}) : m.g.lower(intid{i})) == result::ok);
      x.line = false;
      ref.changed(nobody);
      collect();
    }
    if constexpr (messages)
      if (x.message)
        by(
            v, [&] { m.store(vcpu(v), m.gicd + 0x48, i); }, [&] { x.message = false; });
  }
  /// Reads of pending and active state, each vCPU having passed: what is known has to be read, what is not is now.
  void compare_registers() {
    for (u32 v = 0; v < cpus; ++v) pass(v);
    obey_all();
    for (const u32 i : used_)
      for (u32 v = 0; v < (i < 32 ? cpus : 1); ++v) {
        if (v2 && i < 32 && !ref.cpus[v].on) continue;
        const u32 b = reaching(v, i);
        const bool pending = (m.load(vcpu(b), m.bits(m.ispendr, i, v)) >> (i % 32) & 1) != 0;
        const bool active = (m.load(vcpu(b), m.bits(m.isactiver, i, v)) >> (i % 32) & 1) != 0;
        auto& x = ref.at(v, i);
        if (!ref.pending(v, i).allows(pending)) fail(pending ? "reads pending" : "reads not pending", v, i);
        if (!x.active.allows(active)) fail(active ? "reads active" : "reads not active", v, i);
        x.active = fuzzy::of(active);
        if (is_sgi_v2(i)) {
          const u64 sources = m.load(vcpu(b), m.gicd + 0xf20 + i, width::byte);
          for (u32 s = 0; s < 8; ++s) {
            if (!x.latch[s].allows((sources >> s & 1) != 0)) fail("reads other sources", v, i);
            x.latch[s] = fuzzy::of((sources >> s & 1) != 0);
          }
        } else if (!ref.asserted(x)) {
          x.latch[0] = fuzzy::of(pending);
        }
      }
    for (u32 v = 0; v < cpus; ++v) pass(v);
    obey_all();
    if (const std::string broken = invariants<Config>(m.g).broken(m.g.inspect().typer); !broken.empty()) {
      log("%.150s", broken.c_str());
      fail("an invariant of the state does not hold", 0, 0);
    }
  }

  // --- telling ---

  template <class... A>
  void log(const char* form, A... a) {
    char line[160];
    std::snprintf(line, sizeof line, form, a...);
    lines_.emplace_back(line);
    if (lines_.size() > 400) lines_.pop_front();
  }
  void log(const char* line) { log("%s", line); }
  [[noreturn]] void fail(const char* what, u32 v, u32 i) {
    std::string story;
    for (const auto& l : lines_) story += l + "\n";
    const auto& x = ref.at(v < cpus ? v : 0, i);
    story += "intid " + std::to_string(i) + " of vcpu " + std::to_string(v) + ": edge " + std::to_string(x.edge) +
             " enabled " + std::to_string(x.enabled) + " group " + std::to_string(x.group) + " line " +
             std::to_string(x.line) + " targets " + std::to_string(x.targets) + " shared " + std::to_string(x.shared) +
             " latch " + std::to_string(x.latch[0].can_be_0) + std::to_string(x.latch[0].can_be_1) + " active " +
             std::to_string(x.active.can_be_0) + std::to_string(x.active.can_be_1) + "\n";
    FAIL(story << what << ": INTID " << i << " of vCPU " << v);
    throw 0;
  }

  std::mt19937 random_;
  kicks when_;
  u32 lrs_;
  machine m;
  reference::model ref;
  std::vector<u32> used_;
  std::vector<u32> linked_;
  bool split_[cpus] = {};
  bool kicked_[cpus] = {};
  std::vector<handled> stack_[cpus];
  std::vector<handled> dropped_[cpus];
  bool physical_[cpus][32 + spis] = {};
  u32 seen_ends_[cpus] = {};
  std::deque<std::string> lines_;
};

template <class Config>
void histories(kicks when, u32 how_many, u32 steps) {
  u32 taken = 0;
  for (u32 k = 0; k < how_many; ++k) {
    const u32 seed = tests::seed() * 1000 + k;
    const u32 lrs = (const u32[]){1, 2, 3, 4, 16}[k % 5];
    INFO("history " << k << ", seed " << seed << ", " << lrs << " list registers");
    history<Config> h(seed, lrs, when);
    h.run(steps);
    taken += h.taken;
  }
  CHECK(taken > how_many * steps / 40);
}

using policies = std::tuple<config<gicv2, all_features, 16, 4, 96>, config<gicv3, all_features, 16, 4, 96>,
                            config<gicv2, no_features, 16, 4, 96, layout::xen_4_5, single_cpu_atomics>,
                            config<gicv3, features<message_spis>, 16, 4, 96, layout::qemu_virt, single_cpu_atomics>>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("random histories, kicks obeyed at once", "", policies) {
  histories<TestType>(kicks::at_once, 25, 2000);
}

TEMPLATE_LIST_TEST_CASE("random histories, kicks obeyed late", "", policies) {
  histories<TestType>(kicks::late, 25, 2000);
}
