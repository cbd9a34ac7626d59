// SPDX-License-Identifier: BSL-1.0
// Text on the PL011, by plain stores.
#pragma once

#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>

#include <cstdint>

namespace guest {

using std::uint32_t;
using std::uint64_t;

using guest_layout = VGIC_GUEST_LAYOUT;

inline void print(char c) {
  *reinterpret_cast<volatile std::uint8_t*>(guest_layout::pl011.base) = static_cast<std::uint8_t>(c);
}
inline void print(const char* text) {
  for (; *text != '\0'; ++text) print(*text);
}
inline void print(uint64_t number) {
  if (number >= 10) print(number / 10);
  print(static_cast<char>('0' + number % 10));
}
inline void print_hex(uint64_t number) {
  print("0x");
  for (int shift = 60; shift >= 0; shift -= 4) print("0123456789abcdef"[number >> shift & 0xf]);
}
template <class First, class Second, class... Rest>
void print(First first, Second second, Rest... rest) {
  print(first);
  print(second, rest...);
}

}  // namespace guest
