// SPDX-License-Identifier: BSL-1.0
// Lines on the PL011 that the guest uses too. Firmware or the guest has set it up.
#pragma once

#include "arch.hpp"

namespace hv {

struct hex {
  u64 value;
};
/// Pads what follows to a column, counted from the line's beginning.
struct column {
  u32 at;
};

class console {
 public:
  /// Writes all parts as one: no other CPU's come between them.
  template <class... Parts>
  static void print(const Parts&... parts) {
    lock();
    (put(parts), ...);
    unlock();
  }
  /// The other CPUs have stopped: one may have had the lock.
  static void unlock();

 private:
  static void lock();
  static void put(char c);
  static void put(const char* text);
  static void put(u64 number);
  static void put(u32 number) { put(u64{number}); }
  static void put(hex number);
  static void put(column c);
};

}  // namespace hv
