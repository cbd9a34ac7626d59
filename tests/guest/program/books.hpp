// SPDX-License-Identifier: BSL-1.0
/// \file
/// What CPU 0 knows of the GIC's state, because every change is its own. It says which steps are legal, and what has to
/// come next: an interrupt that comes and should not, or does not and should, is a FAULT on whichever machine.
#pragma once

#include "gic.hpp"
#include "random.hpp"

namespace guest::books {

inline constexpr u32 most_sources = 26, nobody = max_cpus, none = ~0u;

/// An interrupt that takes part in this round.
struct source {
  u32 intid;
  bool device;  ///< has a line that the guest drives
  bool edge;

  [[nodiscard]] constexpr bool is_private() const { return intid < 32; }
  [[nodiscard]] constexpr bool is_sgi() const { return intid < 16; }
};

struct status {
  bool enabled;
  bool line;       ///< high, and level-sensitive
  bool edge_up;    ///< high, and edge-triggered
  bool forced;     ///< active by ISACTIVER
  bool unordered;  ///< an SGI of several senders: which comes first is the implementation's choice
  u32 latch;       ///< pending by an event; a GICv2's SGI: a bit for each sender
  u32 holder;      ///< the CPU that acknowledged it and has not ended it, or `nobody`
  u32 group;
  u32 priority;
  u32 route;  ///< of an SPI

  [[nodiscard]] bool pending() const { return latch != 0 || line; }
  [[nodiscard]] bool active() const { return forced || holder != nobody; }
};

/// An acknowledged interrupt.
struct held {
  u32 slot, value, group, priority;
  bool unordered;  ///< as of its acknowledge
};

struct interface {
  gic::settings s;
  held stack[8];  ///< priority not dropped yet, the last one first to go
  u32 depth;
  held dropped[8];  ///< waits for its deactivation
  u32 drops;
};

inline constinit source sources[most_sources]{};
inline constinit u32 source_count = 0;
inline constinit u32 gates = 0;
inline constinit interface interfaces[max_cpus] {};

/// Of a private interrupt on that CPU; of an SPI, whatever the CPU.
[[nodiscard]] status& of(u32 slot, u32 cpu);

/// The part of a priority that counts for preemption.
[[nodiscard]] u32 group_priority(const gic::settings& s, u32 group, u32 priority);

/// Is an interrupt of that group and priority more urgent than what runs?
[[nodiscard]] bool preempts(const interface& i, u32 group, u32 priority);

/// The slot of the most urgent interrupt that `cpu` could take if nothing ran and no priority was masked, or `none`.
[[nodiscard]] u32 best(u32 cpu);
/// The same, or `none` if it is not signalled now.
[[nodiscard]] u32 signalled(u32 cpu);

/// How many interrupts that are active `cpu` may have to keep in its list registers.
[[nodiscard]] u32 active_on(u32 cpu);

/// `cpu` read that from an acknowledge register: checks it and keeps it. The slot, or `none` if nothing was there.
u32 taken(u32 cpu, u32 acknowledged);
/// The last one acknowledged on `cpu` was written to an end register.
held ended(u32 cpu);
void deactivated(const held& h, u32 cpu);

[[nodiscard]] bool priority_is_free(u32 slot, u32 cpu, u32 priority);

[[gnu::cold]] void fault(u32 cpu, const char* sentence, u32 intid);
[[nodiscard]] u32 faults();

}  // namespace guest::books
