// SPDX-License-Identifier: BSL-1.0
/// \file
/// A small VM whose words are modelled, what is done to it, and what has to be true once everybody has stopped.
#pragma once

#include "concurrency/host.hpp"

namespace tests {

/// What scenarios call, whatever the version.
template <class Config>
class world : public ghost {
 public:
  using machine = machine_under_test<Config>;
  using format = typename machine::format;
  static constexpr bool v2 = machine::v2;

  world() : m(most_modelled_vcpus, 32) { m.boot(); }

  // --- devices ---

  void pulse(u32 i) {
    log.begin(happening::set, i);
    (void)m.g.pulse(intid{i});
    log.end(happening::set, i);
  }
  void up(u32 i) {
    log.begin(happening::raise, i);
    (void)m.g.raise(intid{i});
    log.end(happening::raise, i);
  }
  void down(u32 i) {
    log.begin(happening::lower, i);
    (void)m.g.lower(intid{i});
    log.end(happening::lower, i);
  }

  // --- a vCPU ---

  template <class F>
  void as(u32 v, F&& f) {
    m.on_cpu_of(vcpu(v), std::forward<F>(f));
  }
  /// Leaves the guest and enters it again, with `f` in between.
  template <class F>
  void between(u32 v, F&& f) {
    as(v, [&] {
      leave(v);
      f();
      enter(v);
    });
  }
  void pass(u32 v) {
    between(v, [] {});
  }
  void leave(u32 v) {
    inside[v] = false;
    for (auto& h : holders) h &= static_cast<u8>(~(1u << v));
    if (m.g.host().selective) modelled_atomics::store(m.g.host().runs[v], u32{0});
    m.g.exit(vcpu(v));
    if (m.hardware().maintenance(vcpu(v))) m.g.maintenance(vcpu(v));
  }
  void enter(u32 v) {
    if (m.g.host().selective) {
      modelled_atomics::store(m.g.host().runs[v], u32{1});
      modelled_atomics::order();
    }
    m.g.entry(vcpu(v));
    arrive(v);
  }
  /// If it was kicked, it passes.
  bool poll(u32 v) {
    if (modelled_atomics::load(m.g.host().kicked[v]) == 0) return false;
    modelled_atomics::exchange(m.g.host().kicked[v], u32{0});
    sleeping[v] = false;
    pass(v);
    return true;
  }

  /// The guest acknowledges the most urgent interrupt; false if none is signalled.
  bool acknowledge(u32 v) {
    const u32 id = m.hardware().acknowledge(vcpu(v), machine::normal);
    if (id == 1023) return false;
    acted[v] = true;
    const u32 i = id & 0x3ff;
    log.at(happening::take, i, i < 32 ? v : 0, id >> 10);
    if (active[v][i]++ != 0 || (i >= 32 && handled_elsewhere(v, i))) log.wrong("INTID was acknowledged twice", i);
    held[v][holding[v]++] = id;
    return true;
  }
  /// It ends what it acknowledged last.
  void end(u32 v) {
    const u32 id = held[v][--holding[v]];
    --active[v][id & 0x3ff];
    acted[v] = true;
    m.hardware().end(vcpu(v), machine::normal, id);
    if (const u32 i = id & 0x3ff; i >= 32 && m.hardware().maintenance(vcpu(v))) pass(v);
  }
  /// Both. The driver of the level-sensitive interrupt makes its device quiet in between.
  bool take(u32 v) {
    if (!acknowledge(v)) return false;
    if ((held[v][holding[v] - 1] & 0x3ff) == level_spi) between(v, [&] { quiet(); });
    end(v);
    return true;
  }

  /// The next entry looks at everything.
  void call(u32 v) { modelled_atomics::store(state_of(v).maybe, m.g.inspect().spi_banks * 2 + 1); }

  /// The guest waits for an interrupt, and the hypervisor, which trapped that, sleeps if there is none.
  void sleep(u32 v) {
    as(v, [&] {
      leave(v);
      sleeping[v] = !m.g.has_work(vcpu(v));
      if (!sleeping[v]) enter(v);
    });
  }

  void off(u32 v) {
    as(v, [&] {
      leave(v);
      (void)m.g.vcpu_off(vcpu(v));
      on[v] = false;
      while (holding[v] != 0) --active[v][held[v][--holding[v]] & 0x3ff];
    });
  }
  void back_on(u32 v) {
    as(v, [&] {
      on[v] = true;
      (void)m.g.vcpu_on(vcpu(v));
      m.g.load(vcpu(v));
      m.hardware().set_priority_mask(vcpu(v), 0xff);
      m.hardware().enable_groups(vcpu(v), 3);
      m.g.exit(vcpu(v));
      if (m.hardware().maintenance(vcpu(v))) m.g.maintenance(vcpu(v));
      enter(v);
    });
  }

  void message(u32 v, u32 i) {
    log.begin(happening::raise, i);
    write(v, m.gicd + 0x40, i);
    log.end(happening::raise, i);
  }

  // --- registers, written by vCPU `v` in a trap ---

  void write(u32 v, u64 address, u64 value, width w = width::word) {
    between(v, [&] { m.g.write(vcpu(v), guest_address{address}, w, value); });
  }
  void mask(u32 v, u32 i, u32 of = 0) { write(v, machine::bits(m.icenabler, i, of), bit(i)); }
  void unmask(u32 v, u32 i, u32 of = 0) { write(v, machine::bits(m.isenabler, i, of), bit(i)); }
  void set_active(u32 v, u32 i) { write(v, machine::bits(m.isactiver, i), bit(i)); }
  void clear_active(u32 v, u32 i) { write(v, machine::bits(m.icactiver, i), bit(i)); }
  void set_pending(u32 v, u32 i) {
    log.begin(happening::set, i);
    write(v, machine::bits(m.ispendr, i), bit(i));
    log.end(happening::set, i);
  }
  void clear_pending(u32 v, u32 i) {
    log.begin(happening::clear, i);
    write(v, machine::bits(m.icpendr, i), bit(i));
    log.end(happening::clear, i);
  }
  void priority(u32 v, u32 i, u32 p) { write(v, machine::bytes(m.ipriorityr, i), p, width::byte); }
  void gates(u32 v, u32 groups) { write(v, m.gicd, groups); }
  void groups(u32 v, u32 plane) { write(v, m.gicd + m.igroupr + 4, plane); }
  /// vCPUs as a mask. A GICv3 has one, or any.
  void route(u32 v, u32 i, u32 to) {
    if constexpr (v2)
      write(v, m.gicd + m.itargetsr + i, to, width::byte);
    else
      write(v, m.gicd + 0x6000 + 8 * i, (to & (to - 1)) != 0 ? u64{1} << 31 : lowest(to), width::dword);
  }
  void sgi(u32 v, u32 to, u32 n) {
    log.begin(happening::set, n, to, v2 ? v : 0);
    modelled_atomics::order();  // the guest's own, before it sends
    if constexpr (v2) {
      write(v, m.gicd + 0xf00, u64{1} << (16 + to) | n);
    } else {
      between(v, [&] { m.g.sgi1r(vcpu(v), u64{n} << 24 | u64{1} << to); });
    }
    log.end(happening::set, n, to, v2 ? v : 0);
  }
  /// Does the distributor still carry out something that `v` wrote (GICD_CTLR.RWP)?
  [[nodiscard]] bool in_flight(u32 v) requires(!v2) {
    return (m.g.read(vcpu(v), guest_address{m.gicd}, width::word) >> 31 & 1) != 0;
  }

  /// A physical interrupt that stands for it was taken by the host.
  void forward(u32 i) {
    log.begin(happening::set, i);
    (void)m.g.forward(intid{i});
    log.end(happening::set, i);
  }
  /// How often physical interrupts ended, by the guest or by the host.
  [[nodiscard]] u32 physical_ends() {
    u32 n = m.g.host().deactivated;
    for (u32 v = 0; v < most_modelled_vcpus; ++v) n += m.hardware().at(vcpu(v)).physical_end_count;
    return n;
  }

  // --- afterwards, on one thread ---

  /// vCPUs pass where they are called; the guest does nothing. False if it did since it was entered, so that nothing
  /// can be said of its list registers.
  [[nodiscard]] bool serve_calls() {
    for (u32 rounds = 0; rounds < 100; ++rounds) {
      bool busy = false;
      for (u32 v = 0; v < most_modelled_vcpus; ++v) {
        if (!on[v]) continue;
        if (!inside[v] && !sleeping[v]) pass(v), busy = true;
        if (poll(v)) busy = true;
      }
      if (!busy) break;
    }
    for (u32 v = 0; v < most_modelled_vcpus; ++v)
      if (on[v] && acted[v]) return false;
    return true;
  }

  /// Which interrupt is in a list register from where the guest may take it though it may not? 0 if none is.
  [[nodiscard]] u32 stale() {
    const auto& st = m.g.inspect();
    const group_gates g{.zero = modelled_atomics::load(st.gate[0]), .one = modelled_atomics::load(st.gate[1])};
    for (u32 v = 0; v < most_modelled_vcpus; ++v)
      for (u32 rest = on[v] ? st.vcpu[v].used : 0; rest != 0; rest &= rest - 1) {
        const auto lr = st.vcpu[v].lr[lowest(rest)];
        const u32 i = raw(format::id(lr));
        const planes p = (i < 32 ? st.vcpu[v].priv : st.spi[0]).read();
        if (format::state(lr) != lr_state::pending) continue;
        if (((pending(p) & forwarded(p, g)) >> (i % 32) & 1) == 0 || asleep(v)) return i;
        if (i >= 32 && !may_take(v, i % 32, p)) return i;
      }
    return 0;
  }

  /// Do the words of ICFGR1 say what the planes do?
  [[nodiscard]] bool triggers_agree() {
    for (const auto& o : m.g.inspect().vcpu)
      if (!v2 && modelled_atomics::load(o.icfgr1) != spread_to_icfgr(modelled_atomics::load(o.priv.edge) >> 16))
        return false;
    return true;
  }
  /// Do all take part in 1-of-N who should?
  [[nodiscard]] bool takes_are_right() {
    if constexpr (!settings<Config>::has_one_of_n) return true;
    const auto& st = m.g.inspect();
    for (u32 v = 0; v < most_modelled_vcpus; ++v) {
      const auto& o = st.vcpu[v];
      u32 should = modelled_atomics::load(o.groups_enabled) & ~(modelled_atomics::load(o.dpg) >> 24);
      if (modelled_atomics::load(o.on) == 0 || modelled_atomics::load(o.asleep) != 0) should = 0;
      for (u32 group = 0; group < 2; ++group)
        if ((modelled_atomics::load(st.takes[group][0]) >> v & 1) != (should >> group & 1)) return false;
    }
    return true;
  }

  /// vCPUs pass only where they are called. All that they can take, they take.
  void take_what_is_called_for() {
    for (u32 v = 0; v < most_modelled_vcpus; ++v)
      if (on[v] && !inside[v] && !sleeping[v]) pass(v);
    for (u32 rounds = 0; rounds < 100; ++rounds) {
      bool busy = false;
      for (u32 v = 0; v < most_modelled_vcpus; ++v) {
        if (!on[v]) continue;
        while (holding[v] != 0) as(v, [&] { end(v); });
        as(v, [&] {
          while (take(v)) busy = true;
        });
        if (poll(v)) busy = true;
        if (m.hardware().maintenance(vcpu(v))) {
          pass(v);
          busy = true;
        }
      }
      if (!busy) return;
    }
    log.wrong("vCPUs are called for ever", 0);
  }

  /// Everything that is still there is deliverable from here on.
  void open_everything() {
    if (!on[0]) back_on(0);
    gates(0, 3);
    if constexpr (!v2) groups(0, ~u32{0});
    for (u32 i : used_spis) {
      unmask(0, i);
      clear_active(0, i);
      route(0, i, 1);
    }
    if constexpr (!v2)
      for (u32 v = 0; v < most_modelled_vcpus; ++v) {
        write(0, machine::sgi_frame(v) + m.isenabler, 0xffff);
        write(0, machine::rd(v) + 0x14, 0);  // GICR_WAKER
      }
  }

  /// Which interrupt is deliverable to somebody who is on, and was not taken? 0 if none is.
  [[nodiscard]] u32 forgotten() {
    const auto& st = m.g.inspect();
    const group_gates g{.zero = modelled_atomics::load(st.gate[0]), .one = modelled_atomics::load(st.gate[1])};
    for (u32 v = 0; v < most_modelled_vcpus; ++v)
      if (const u32 d = deliverable(st.vcpu[v].priv.read(), g); d != 0 && on[v] && !asleep(v)) return 1 + lowest(d);
    const planes p = st.spi[0].read();
    for (u32 d = deliverable(p, g); d != 0; d &= d - 1) {
      const u32 n = lowest(d);
      for (u32 v = 0; v < most_modelled_vcpus; ++v)
        if (on[v] && !asleep(v) && may_take(v, n, p)) return 33 + n;
    }
    return 0;
  }

  /// As it is now is how each execution begins.
  void remember() {
    before.state = m.g.inspect();
    before.hardware = m.hardware();
    for (u32 v = 0; v < most_modelled_vcpus; ++v)
      before.kicked[v] = m.g.host().kicked[v], before.runs[v] = m.g.host().runs[v];
    before.seen = static_cast<ghost&>(*this);
  }
  void restore() {
    const_cast<state<Config>&>(m.g.inspect()) = before.state;
    m.hardware() = before.hardware;
    for (u32 v = 0; v < most_modelled_vcpus; ++v)
      m.g.host().kicked[v] = before.kicked[v], m.g.host().runs[v] = before.runs[v];
    m.g.host().current_vcpu = vcpu_of_thread{};
    m.g.host().deactivated = 0;
    static_cast<ghost&>(*this) = before.seen;
  }
  /// Of all that an execution leaves behind. What counts accesses is left out.
  [[nodiscard]] u64 fingerprint() {
    for (u32 v = 0; v < most_modelled_vcpus; ++v) {
      auto& h = m.hardware().at(vcpu(v));
      h.lr_reads = h.lr_writes = h.hcr_writes = 0;
    }
    u64 h = digest(&m.g.inspect(), sizeof(m.g.inspect()), 1);
    h = digest(&m.hardware(), sizeof(m.hardware()), h);
    h = digest(&m.g.host().deactivated, sizeof(u32), h);
    h = digest(&m.g.host().kicked, sizeof(m.g.host().kicked), h);
    return digest(static_cast<ghost*>(this), sizeof(ghost), h);
  }

  machine m;
  static constexpr u32 used_spis[] = {40, 41, 56};
  static constexpr u32 level_spi = 56;

 private:
  struct {
    vgic::state<Config> state{};
    typename Config::list_registers hardware{};
    modelled_atomics::cell<u32> kicked[most_modelled_vcpus] = {};
    modelled_atomics::cell<u32> runs[most_modelled_vcpus] = {};
    ghost seen{};
  } before;
  void quiet() {
    (void)m.g.lower(intid{level_spi});
    if constexpr (!v2) m.g.write(m.g.host().current(), guest_address{m.gicd + 0x48}, width::word, level_spi);
  }
  [[nodiscard]] auto& state_of(u32 v) { return const_cast<state<Config>&>(m.g.inspect()).vcpu[v]; }
  static constexpr u64 bit(u32 i) { return u64{1} << (i % 32); }

  void arrive(u32 v) {
    inside[v] = true;
    acted[v] = false;
    u64 mine = 0;
    for (const auto w : m.hardware().at(vcpu(v)).lr) {
      const u32 i = raw(format::id(w));
      if (format::state(w) == lr_state::invalid) continue;
      if ((mine >> i & 1) != 0) log.wrong("INTID is in two list registers of a vCPU", i);
      mine |= u64{1} << i;
      if (i < 32) continue;
      holders[i] |= static_cast<u8>(1u << v);
      if ((holders[i] & (holders[i] - 1)) != 0) log.wrong("INTID is in list registers of two vCPUs", i);
    }
  }
  [[nodiscard]] bool handled_elsewhere(u32 v, u32 i) const {
    for (u32 w = 0; w < most_modelled_vcpus; ++w)
      if (w != v && active[w][i] != 0) return true;
    return false;
  }
  [[nodiscard]] bool asleep(u32 v) const { return !v2 && modelled_atomics::load(m.g.inspect().vcpu[v].asleep) != 0; }
  [[nodiscard]] bool may_take(u32 v, u32 n, const planes& p) const {
    const auto& st = m.g.inspect();
    const bool takes = (modelled_atomics::load(st.takes[p.group >> n & 1][0]) >> v & 1) != 0;
    const bool routed = (modelled_atomics::load(st.vcpu[v].routed[0]) >> n & 1) != 0;
    if ((p.any >> n & 1) == 0) return routed;
    return takes && (!v2 || routed);
  }
};

}  // namespace tests
