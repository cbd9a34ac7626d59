// SPDX-License-Identifier: BSL-1.0
// What EL2 keeps for each CPU.
#pragma once

#include "boot.hpp"
#include "config.hpp"
#include "statistics.hpp"

#include <atomic>
#include <cstddef>

namespace hv {

/// Of a vCPU; the numbers are those of PSCI AFFINITY_INFO.
enum class power : u32 { on, off, on_pending };

/// All zero until boot_cpu_main, so that it takes no room in the image.
struct alignas(64) cpu {
  u64 x[31];                 ///< the guest's x0..x30 while this CPU is at EL2: boot.S stores them here
  vgic::vcpu_id vcpu;        ///< the vCPU that this CPU runs when it is on
  vgic::vcpu_id current;     ///< the vCPU whose list registers this CPU holds, or no_vcpu
  std::atomic<power> state;  ///< of the vCPU
  std::atomic<bool> start;   ///< on_pending, and the next two are filled in
  u64 entry;                 ///< where the vCPU starts
  u64 context;               ///< its x0
  std::atomic<u32> asked;    ///< by how many calls of host::sync this CPU was asked to leave its guest
  std::atomic<u32> left;     ///< how many of these it has answered
  statistics counted;        ///< written by this CPU alone
};
static_assert(offsetof(cpu, x) == 0, "boot.S stores the registers at SP");

struct cpu_with_stack {
  alignas(64) std::byte stack[STACK_SIZE];
  cpu self;
};
static_assert(offsetof(cpu_with_stack, self) == STACK_SIZE, "boot.S finds CPU 0's there");

extern "C" cpu_with_stack cpus[max_cpus];

[[nodiscard]] inline cpu& cpu_of(vgic::vcpu_id v) { return cpus[vgic::raw(v)].self; }
[[nodiscard]] inline cpu& this_cpu() { return *reinterpret_cast<cpu*>(MRS(TPIDR_EL2)); }

}  // namespace hv
