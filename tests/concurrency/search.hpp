// SPDX-License-Identifier: BSL-1.0
/// \file
/// Looks at the executions of a scenario: at all of them if these are few enough.
#pragma once

#include "concurrency/scenario.hpp"

#include <iosfwd>

namespace tests {

/// How much is looked at.
struct effort {
  u64 executions;      ///< of one search at most
  u64 random;          ///< executions chosen at random, when no search was complete
  u32 least_switches;  ///< a search with so many preemptions is finished however long it takes
};

struct outcome {
  bool complete = false;  ///< every execution was looked at
  u32 switches = 0;       ///< else: every execution with so many preemptions
  u64 executions = 0;     ///< of that search
  u64 random = 0;
  u64 states = 0;     ///< final states that differ
  std::string wrong;  ///< empty if nothing is
};

/// Searches. With `history` the execution that is wrong is written there, step by step.
[[nodiscard]] outcome search(scenario& s, const effort& e, std::ostream* history);

}  // namespace tests
