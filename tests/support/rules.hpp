// SPDX-License-Identifier: BSL-1.0
/// \file
/// What the architecture says of interrupts (IHI 0069 and IHI 0048B), one struct an interrupt, slow and obvious: who an
/// interrupt is for, and when it has to come. Two models are built on it: `reference.hpp`, whose vCPUs learn of changes
/// late, and the fuzzer's, where nothing happens at the same time.
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

/// The interrupts and vCPUs of a VM at reset, no vCPU on.
struct rules {
  rules(u32 vcpus, u32 spis, bool gicv2) : v2(gicv2), n(vcpus), last(32 + spis), cpus(vcpus), all(vcpus * 32 + spis) {
    for (u32 v = 0; v < n; ++v)
      for (u32 i = 0; i < 16; ++i) {
        at(v, i).edge = true;
        at(v, i).enabled = gicv2;
      }
  }

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

  bool v2;
  u32 n;
  u32 last;  ///< one behind the highest INTID
  u32 gates = 0;
  std::vector<cpu> cpus;
  std::vector<interrupt> all;
};

}  // namespace tests::reference
