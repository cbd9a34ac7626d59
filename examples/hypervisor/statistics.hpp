// SPDX-License-Identifier: BSL-1.0
// What the virtual GIC did, counted by each CPU for itself.
#pragma once

#include "config.hpp"
#include "machine.hpp"

#include <vgic/vgic.hpp>

namespace hv {

/// Counted by a hypervisor that counts, but for `unexpected`, which every one has.
struct statistics {
  static constexpr u32 registers = static_cast<u32>(vgic::reg::count);

  u64 hypercalls;  ///< exits by HVC and SMC
  u64 traps;       ///< exits by any other instruction
  u64 interrupts;  ///< exits by a physical interrupt
  u64 unexpected;  ///< traps that this hypervisor has no answer to
  u64 refills;
  u64 list_register_reads, list_register_writes;
  u64 control_accesses;  ///< of the virtual interface's other registers: ICH_HCR_EL2, ICH_VMCR_EL2, ...; or GICH_*
  u64 longest_trap;      ///< in ticks of CNTVCT_EL0, from the handler's first to its last line
  u64 longest_esr;       ///< that trap's syndrome
  u32 reads[registers];
  u32 writes[registers];
  u32 sgis[16];
  u32 listed[machine::interrupts];  ///< by INTID
};

/// Adds one if this hypervisor counts.
template <class Count>
inline void count(Count& n) {
  if constexpr (counts) ++n;
}

/// Takes the time of a trap, from its making to its end, if this hypervisor counts.
template <bool Counts = counts>
class trap_timer {
 public:
  trap_timer(statistics&, u64) {}
};
template <>
class trap_timer<true> {
 public:
  trap_timer(statistics& s, u64 esr) : s_(s), esr_(esr) {}
  ~trap_timer() {
    const u64 ticks = MRS(CNTVCT_EL0) - began_;
    if (ticks > s_.longest_trap) {
      s_.longest_trap = ticks;
      s_.longest_esr = esr_;
    }
  }
  trap_timer(const trap_timer&) = delete;
  trap_timer& operator=(const trap_timer&) = delete;

 private:
  statistics& s_;
  u64 esr_;
  u64 began_ = MRS(CNTVCT_EL0);
};

}  // namespace hv
