// SPDX-License-Identifier: BSL-1.0
// PSCI 1.1: the guest's calls, and the numbers for our own to the firmware.
#pragma once

#include "cpu.hpp"

namespace hv {

namespace psci {
enum function : u32 {
  version = 0x8400'0000,
  cpu_off = 0x8400'0002,
  cpu_on = 0x8400'0003,
  affinity_info = 0x8400'0004,
  migrate_info_type = 0x8400'0006,
  system_off = 0x8400'0008,
  system_reset = 0x8400'0009,
  features = 0x8400'000a,
  cpu_on_64 = 0xc400'0003,
  affinity_info_64 = 0xc400'0004,
  smccc_version = 0x8000'0000,
  smccc_arch_features = 0x8000'0001,
};
}  // namespace psci

/// SMCCC's range for a hypervisor's own calls. Answered by one that counts: x0 = 0, and so far on this CPU: x1 reads of
/// list registers, x2 writes, x3 accesses to the virtual interface's other registers. The call's own exit is included.
inline constexpr u32 list_register_accesses = 0xc600'0000;

/// An exit by HVC, from boot.S, or by SMC. The answer goes to the guest's x0.
extern "C" void on_guest_hypercall(cpu& self, u64 esr);

}  // namespace hv
