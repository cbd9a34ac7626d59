// SPDX-License-Identifier: BSL-1.0
// What the virtual GIC did, counted by each CPU for itself.
#pragma once

#include "machine.hpp"

#include <vgic/vgic.hpp>

namespace hv {

struct statistics {
  static constexpr u32 registers = static_cast<u32>(vgic::reg::count);

  u64 hypercalls;  ///< exits by HVC
  u64 traps;       ///< exits by any other instruction
  u64 interrupts;  ///< exits by a physical interrupt
  u64 unexpected;  ///< traps that this hypervisor has no answer to
  u64 refills;
  u64 longest_trap;  ///< in ticks of CNTVCT_EL0, from the handler's first to its last line
  u64 longest_esr;   ///< that trap's syndrome
  u32 reads[registers];
  u32 writes[registers];
  u32 sgis[16];
  u32 listed[machine::interrupts];  ///< by INTID

  void trapped(u64 began, u64 esr) {
    const u64 ticks = MRS(CNTVCT_EL0) - began;
    if (ticks > longest_trap) {
      longest_trap = ticks;
      longest_esr = esr;
    }
  }
};

}  // namespace hv
