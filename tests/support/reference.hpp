// SPDX-License-Identifier: BSL-1.0
/// \file
/// A slow and obvious model of what the architecture says of interrupts (IHI 0069 and IHI 0048B), one struct an
/// interrupt, to judge a virtual GIC by what its guests see.
///
/// A vCPU that runs learns of a change by another at its next pass through the hypervisor. Until then the
/// architecture's "old or new" holds: the model keeps for each vCPU what it may still acknowledge, and a state that
/// depends on which of two came first is both 0 and 1 until something decides it.
#pragma once

#include "support/rules.hpp"

namespace tests::reference {

struct model : rules {
  model(u32 vcpus, u32 spis, bool gicv2)
      : rules(vcpus, spis, gicv2),
        seen(vcpus, std::vector<old_or_new>(all.size())),
        touched(vcpus, std::vector<bool>(all.size())),
        did(vcpus, std::vector<bool>(all.size())) {}

  /// Another vCPU, not having seen a change, may still have it, or has ended it so lately that nobody knows.
  [[nodiscard]] bool contested(u32 v, u32 i) const {
    for (u32 w = 0; w < n && i >= 32; ++w) {
      const old_or_new& o = seen[w][key(w, i)];
      if (w != v && (did[w][key(w, i)] || (o.forwarded && o.idle && o.pending != 0))) return true;
    }
    return false;
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
  /// It was entered before all was looked at, and will pass again at once: old or new, as before.
  void enters_again(u32 v) {
    cpus[v].behind = true;
    for (u32 i = 0; i < last; ++i) widen(v, i);
    // What was made pending again is part of what it takes, or comes once more.
    for (u32 k = 0; k < all.size(); ++k) touched[v][k] = true;
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
