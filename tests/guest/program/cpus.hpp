// SPDX-License-Identifier: BSL-1.0
/// \file
/// The CPUs in lock step: CPU 0 says who does what, waits until it is done, and until nothing is under way any more.
#pragma once

#include "machine.hpp"

namespace guest {

/// What one CPU does for CPU 0.
using job = u64 (*)(u64 a, u64 b, u64 c);

namespace cpus {

/// Has `cpu` do it, and waits for the answer. Only with CPUs that are on.
u64 run(u32 cpu, job what, u64 a = 0, u64 b = 0, u64 c = 0);

/// Until every CPU that is on has passed through its loop some times: what one of them caused at another (an interrupt
/// that is signalled, moved, or taken back) has arrived.
void settle();

/// What a CPU does that waits for something to arrive.
void pass_time();

[[nodiscard]] bool is_on(u32 cpu);
[[nodiscard]] u32 on_count();
void turn_on(u32 cpu);
void turn_off(u32 cpu);  ///< not CPU 0

/// Where CPUs other than 0 spend their lives.
[[noreturn]] void serve(u32 cpu);

}  // namespace cpus
}  // namespace guest
