// SPDX-License-Identifier: BSL-1.0
/// \file
/// The transcript: text on the PL011, by plain stores. CPU 0 alone writes it.
#pragma once

#include "machine.hpp"

namespace guest {

struct hex {
  u64 value;
};

inline void print(char c) { write(machine::pl011, static_cast<u8>(c)); }
inline void print(const char* text) {
  for (; *text != '\0'; ++text) print(*text);
}
inline void print(u64 number) {
  if (number >= 10) print(number / 10);
  print(static_cast<char>('0' + number % 10));
}
inline void print(u32 number) { print(u64{number}); }
inline void print(hex number) {
  int shift = 0;
  while (shift < 60 && number.value >> (shift + 4) != 0) shift += 4;
  for (; shift >= 0; shift -= 4) print("0123456789abcdef"[number.value >> shift & 0xf]);
}
template <class First, class Second, class... Rest>
void print(First first, Second second, Rest... rest) {
  print(first);
  print(second, rest...);
}

[[noreturn]] inline void power_off() {
  (void)psci::call(psci::system_off);
  for (;;) yield();
}

}  // namespace guest
