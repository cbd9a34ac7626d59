// SPDX-License-Identifier: BSL-1.0
/// \file
/// Counts the operations of this program.
#pragma once

#include <bench/count/counting.hpp>

#include <string>
#include <vector>

namespace bench {

/// What was counted of one operation.
struct figure {
  std::string configuration;
  std::string suite;
  std::string name;
  double instructions = 0;
  double rmws = 0;
  double calls = 0;     ///< library calls, whose own cost is taken off
  vgic::u32 times = 0;  ///< of how many calls that were counted one by one this is the mean
  std::string which;    ///< of a single call: which it is
};

/// The counter that this machine has: "pmu", else "callgrind".
[[nodiscard]] std::string counter_here();

/// Counts with the counter given all operations whose "CONFIGURATION: NAME" contains `filter`. What callgrind wrote
/// stays in the file `profile`, if that is not empty.
[[nodiscard]] std::vector<figure> count_all(const std::string& counter, const std::string& filter,
                                            const std::string& profile);

/// What the program does as callgrind's client: one dump an operation.
void run_under_callgrind(const std::string& filter);

}  // namespace bench
