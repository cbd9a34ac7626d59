// SPDX-License-Identifier: BSL-1.0
/// \file
/// A slow and obvious model of what the architecture says of interrupts (IHI 0069 and IHI 0048B), one struct an
/// interrupt, to judge a virtual GIC by what its guests see.
///
/// A vCPU that runs learns of a change by another at its next pass through the hypervisor. Until then the
/// architecture's "old or new" holds: the model keeps for each vCPU what it may still acknowledge, and a state that
/// depends on which of two came first is both 0 and 1 until something decides it.
#pragma once

#include <vgic/types.hpp>

#include <vector>

namespace tests::reference {

using vgic::u32;

/// One bit that may be known or not.
struct fuzzy {
  bool can_be_0 = true;
  bool can_be_1 = false;

  static constexpr fuzzy of(bool b) { return {!b, b}; }
  static constexpr fuzzy unknown() { return {true, true}; }
  [[nodiscard]] constexpr bool surely() const { return can_be_1 && !can_be_0; }
  [[nodiscard]] constexpr bool surely_not() const { return can_be_0 && !can_be_1; }
  [[nodiscard]] constexpr bool maybe() const { return can_be_1; }
  [[nodiscard]] constexpr bool maybe_not() const { return can_be_0; }
  [[nodiscard]] constexpr bool allows(bool b) const { return b ? can_be_1 : can_be_0; }
};

inline constexpr int nobody = -1;

struct interrupt {
  bool edge = false;
  bool enabled = false;
  bool line = false;
  bool message = false;
  bool shared = false;  ///< SPI: any of `targets` that takes part (1-of-N)
  u32 targets = 0;      ///< SPI: mask of vCPUs
  u32 group = 0;
  u32 priority = 0;
  fuzzy latch[8];  ///< [0], or one for each source of a GICv2 SGI
  fuzzy active;
  int handler = nobody;  ///< the vCPU that acknowledged it and has not ended it
};

struct cpu {
  bool on = false;
  bool awake = true;
  u32 groups = 0;       ///< enabled at the CPU interface
  u32 dpg = 0;          ///< groups of which it takes no 1-of-N interrupts
  u32 mask = 0;         ///< PMR
  bool behind = false;  ///< something changed elsewhere since its last pass
};

struct model {
  model(u32 vcpus, u32 spis, bool gicv2)
      : v2(gicv2),
        n(vcpus),
        last(32 + spis),
        cpus(vcpus),
        all(vcpus * 32 + spis),
        seen(vcpus, std::vector<old_or_new>(all.size())),
        touched(vcpus, std::vector<bool>(all.size())),
        did(vcpus, std::vector<bool>(all.size())) {
    for (u32 v = 0; v < n; ++v)
      for (u32 i = 0; i < 16; ++i) {
        at(v, i).edge = true;
        at(v, i).enabled = gicv2;
      }
  }

  // --- who and what ---

  [[nodiscard]] u32 key(u32 v, u32 i) const { return i < 32 ? v * 32 + i : n * 32 + i - 32; }
  [[nodiscard]] interrupt& at(u32 v, u32 i) { return all[key(v, i)]; }
  [[nodiscard]] const interrupt& at(u32 v, u32 i) const { return all[key(v, i)]; }
  [[nodiscard]] u32 sources(u32 i) const { return v2 && i < 16 ? 8 : 1; }

  [[nodiscard]] bool asserted(const interrupt& x) const { return !x.edge && (x.line || x.message); }

  /// Takes 1-of-N interrupts of this group (DPG, WAKER, ICC_IGRPEN).
  [[nodiscard]] bool takes_part(u32 v, u32 group) const {
    const cpu& c = cpus[v];
    return c.on && c.awake && (c.groups >> group & 1) != 0 && (c.dpg >> group & 1) == 0;
  }
  [[nodiscard]] bool is_for(u32 v, u32 i) const {
    if (i < 32) return true;
    const interrupt& x = at(v, i);
    return (x.targets >> v & 1) != 0 && (!x.shared || takes_part(v, x.group));
  }
  /// All but pending and active: the distributor forwards it to this vCPU.
  [[nodiscard]] bool forwarded(u32 v, u32 i) const {
    const interrupt& x = at(v, i);
    return x.enabled && (gates >> x.group & 1) != 0 && is_for(v, i) && cpus[v].on && cpus[v].awake;
  }
  /// Pending, forwarded, and its vCPU's interface lets it through when nothing runs there.
  [[nodiscard]] bool must_be_delivered(u32 v, u32 i) const {
    const interrupt& x = at(v, i);
    bool pending = asserted(x);
    for (u32 s = 0; s < sources(i); ++s) pending |= x.latch[s].surely();
    return pending && x.active.surely_not() && forwarded(v, i) && (cpus[v].groups >> x.group & 1) != 0 &&
           x.priority < cpus[v].mask;
  }
  /// Another vCPU, not having seen a change, may still have it, or has ended it so lately that nobody knows.
  [[nodiscard]] bool contested(u32 v, u32 i) const {
    for (u32 w = 0; w < n && i >= 32; ++w) {
      const old_or_new& o = seen[w][key(w, i)];
      if (w != v && (did[w][key(w, i)] || (o.forwarded && o.idle && o.pending != 0))) return true;
    }
    return false;
  }
  [[nodiscard]] fuzzy pending(u32 v, u32 i) const {
    const interrupt& x = at(v, i);
    if (asserted(x)) return fuzzy::of(true);
    fuzzy p = fuzzy::of(false);
    for (u32 s = 0; s < sources(i); ++s) {
      if (x.latch[s].surely()) return fuzzy::of(true);
      if (x.latch[s].maybe()) p = fuzzy::unknown();
    }
    return p;
  }

  // --- time: what a vCPU may still acknowledge ---

  /// `v` left the guest: what it did is known.
  void exits(u32 v) {
    for (u32 k = 0; k < all.size(); ++k) did[v][k] = touched[v][k] = false;
  }
  /// `v` goes on with what is true now.
  void enters(u32 v) {
    cpus[v].behind = false;
    for (u32 i = 0; i < last; ++i) {
      seen[v][key(v, i)] = {};
      widen(v, i);
    }
  }
  void passes(u32 v) {
    exits(v);
    enters(v);
  }
  /// After a change by `by` (a vCPU that is between exit and entry, or nobody): others may see it now or later.
  void changed(int by) {
    for (u32 v = 0; v < n; ++v) {
      if (static_cast<int>(v) != by) cpus[v].behind = true;
      for (u32 i = 0; i < last; ++i) widen(v, i);
    }
  }

  // --- changes ---

  void pend(int by, u32 v, u32 i, u32 source = 0) {
    at(v, i).latch[source] = fuzzy::of(true);
    touch(by, key(v, i));
  }
  void unpend(int by, u32 v, u32 i, u32 source = 0) {
    at(v, i).latch[source] = fuzzy::of(false);
    touch(by, key(v, i));
  }
  /// ISACTIVER, ICACTIVER: another vCPU may just have acknowledged or ended it.
  void set_active(int by, u32 v, u32 i, bool yes) {
    interrupt& x = at(v, i);
    const bool was = x.active.surely();
    x.active = fuzzy::of(yes);
    for (u32 w = 0; w < n; ++w)
      if (static_cast<int>(w) != by && did[w][key(v, i)]) x.active = fuzzy::unknown();
    if (yes && !was) x.handler = nobody;
    touch(by, key(v, i));
  }

  /// `v` acknowledged: is it allowed, and what follows.
  [[nodiscard]] bool acknowledge(u32 v, u32 i, u32 source) {
    const u32 k = key(v, i);
    if (!seen[v][k].idle || !seen[v][k].forwarded || (seen[v][k].pending >> source & 1) == 0) return false;
    interrupt& x = all[k];
    // An event on its way here may have been part of what was taken, or may be a new one.
    x.latch[source] = touched[v][k] && x.latch[source].maybe() ? fuzzy::unknown() : fuzzy::of(false);
    x.active = fuzzy::of(true);
    x.handler = static_cast<int>(v);
    did[v][k] = true;
    // There is one of it: nobody can have another from before.
    for (u32 w = 0; w < n; ++w)
      if (i >= 32 || w == v) {
        seen[w][key(w, i)].idle = false;
        seen[w][key(w, i)].pending = 0;
        widen(w, i);
      }
    return true;
  }
  /// `v` deactivated what it acknowledged. Where software took the active state away meanwhile, the CPU interface finds
  /// nothing to end; then its end counts for one of those that are active without having been acknowledged.
  void end(u32 v, u32 i) {
    interrupt& x = at(v, i);
    did[v][key(v, i)] = true;
    if (x.handler == static_cast<int>(v) && x.active.maybe()) {
      if (x.active.maybe_not()) lose_track();
      x.active = fuzzy::of(false);
    } else {
      if (x.active.maybe()) x.active = fuzzy::unknown();
      lose_track();
    }
    if (x.handler == static_cast<int>(v)) x.handler = nobody;
    for (u32 w = 0; w < n; ++w) widen(w, i);
  }
  void turn_off(u32 v) {
    exits(v);
    cpus[v].on = false;
    for (interrupt& x : all)
      if (x.handler == static_cast<int>(v)) x.handler = nobody;
    enters(v);
  }
  void turn_on(u32 v, u32 groups, u32 mask) {
    cpus[v].on = true;
    cpus[v].groups = groups;
    cpus[v].mask = mask;
    passes(v);
  }

  bool v2;
  u32 n;
  u32 last;  ///< one behind the highest INTID
  u32 gates = 0;
  std::vector<cpu> cpus;
  std::vector<interrupt> all;

 private:
  /// What was true of an interrupt for one vCPU at some time since it entered the guest.
  struct old_or_new {
    bool forwarded = false;
    bool idle = false;
    unsigned pending = 0;  ///< by source
  };

  void widen(u32 v, u32 i) {
    const interrupt& x = at(v, i);
    old_or_new& o = seen[v][key(v, i)];
    o.forwarded |= forwarded(v, i);
    o.idle |= x.active.maybe_not();
    for (u32 s = 0; s < sources(i); ++s)
      if (x.latch[s].maybe() || asserted(x)) o.pending |= 1u << s;
  }
  void touch(int by, u32 k) {
    for (u32 w = 0; w < n; ++w)
      if (static_cast<int>(w) != by) touched[w][k] = true;
  }
  void lose_track() {
    for (interrupt& x : all)
      if (x.handler == nobody && x.active.maybe()) x.active = fuzzy::unknown();
    for (u32 v = 0; v < n; ++v)
      for (u32 i = 0; i < last; ++i) widen(v, i);
  }

  std::vector<std::vector<old_or_new>> seen;  ///< [vCPU][interrupt]
  std::vector<std::vector<bool>> touched;     ///< made pending or not pending by others since its last exit
  std::vector<std::vector<bool>> did;         ///< acknowledged or ended by it since its last exit
};

}  // namespace tests::reference
