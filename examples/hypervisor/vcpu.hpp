// SPDX-License-Identifier: BSL-1.0
// A CPU's life: made ready once, then running its vCPU or parked.
#pragma once

#include "cpu.hpp"

namespace hv {

/// This CPU's EL2 control registers, stage 2 and physical GIC.
void prepare_cpu(cpu& self);

/// Starts this CPU's vCPU at `entry` with `context` in x0.
[[noreturn]] void run_vcpu(cpu& self);

/// This CPU's vCPU is off: serves physical interrupts until PSCI CPU_ON.
[[noreturn]] void park(cpu& self);

/// Acknowledges one physical interrupt and passes it on if it is the guest's. Between vm.exit and vm.entry, or parked.
void take_interrupt(cpu& self);

}  // namespace hv
