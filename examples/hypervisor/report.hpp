// SPDX-License-Identifier: BSL-1.0
// What the hypervisor says about the guest, and the end of the run.
#pragma once

#include "cpu.hpp"

namespace hv {

/// Counts what this hypervisor has no answer to, and prints it with its syndrome (the first few of each CPU).
void report_unexpected(cpu& self, const char* what, u64 syndrome);

/// Stops all CPUs, prints the table and the verdict, powers the machine off. `failure`: why it failed, or null.
[[noreturn]] void finish(const char* failure);

/// Does not return if another CPU is in finish().
void stop_if_finishing();

}  // namespace hv
