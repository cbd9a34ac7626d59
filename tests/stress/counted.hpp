// SPDX-License-Identifier: BSL-1.0
/// \file
/// The builtin atomics, and how often threads were in each other's way.
#pragma once

#include <vgic/atomics.hpp>

#include <array>
#include <cstring>

namespace tests {

using vgic::u32;
using vgic::u64;

/// Of one thread.
struct alignas(64) contention {
  /// A compare-exchange that found its word changed, by the function that made it.
  struct entry {
    const char* function = nullptr;
    u64 times = 0;
  };
  std::array<entry, 16> lost{};
  u64 kicks = 0;
  u64 listed = 0;
  u64 stepped = 0;  ///< latches that came while their interrupt was listed, and interrupts that left list registers

  void count(const char* function, u64 times = 1) {
    for (entry& e : lost) {
      if (e.function == nullptr) e.function = function;
      if (std::strcmp(e.function, function) != 0) continue;
      e.times += times;
      return;
    }
  }
  void add(const contention& other) {
    for (const entry& e : other.lost)
      if (e.function != nullptr) count(e.function, e.times);
    kicks += other.kicks;
    listed += other.listed;
    stepped += other.stepped;
  }

  static inline thread_local contention* here = nullptr;
};

struct counted_atomics : vgic::builtin_atomics {
  template <class T>
  [[nodiscard]] static bool compare_exchange(cell<T>& c, T& expected, T desired,
                                             const char* function = __builtin_FUNCTION()) {
    const bool done = vgic::builtin_atomics::compare_exchange(c, expected, desired);
    if (!done)
      contention::here->count(function);
    else if (function[0] == 's')
      ++contention::here->stepped;
    return done;
  }
};
static_assert(vgic::atomics_policy<counted_atomics>);

}  // namespace tests
