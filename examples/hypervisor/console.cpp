// SPDX-License-Identifier: BSL-1.0
#include "console.hpp"

#include "machine.hpp"

#include <atomic>

namespace hv {
namespace {

constinit std::atomic<bool> taken{false};
constinit u32 written = 0;  // characters of this line; whoever has the lock

constexpr u64 uart_dr = 0x00, uart_fr = 0x18;
constexpr u32 fr_txff = 1 << 5;

}  // namespace

void console::lock() {
  while (taken.exchange(true, std::memory_order_acquire)) {
  }
}
void console::unlock() { taken.store(false, std::memory_order_release); }

void console::put(char c) {
  while ((device_read<u32>(machine::pl011.base + uart_fr) & fr_txff) != 0) {
  }
  device_write<u32>(machine::pl011.base + uart_dr, static_cast<u8>(c));
  written = c == '\n' ? 0 : written + 1;
}

void console::put(const char* text) {
  for (; *text != '\0'; ++text) put(*text);
}

void console::put(u64 number) {
  if (number >= 10) put(number / 10);
  put(static_cast<char>('0' + number % 10));
}

void console::put(hex number) {
  put("0x");
  u32 shift = 0;
  while (shift < 60 && number.value >> (shift + 4) != 0) shift += 4;
  for (;; shift -= 4) {
    put("0123456789abcdef"[number.value >> shift & 0xf]);
    if (shift == 0) break;
  }
}

void console::put(column c) {
  do put(' ');
  while (written < c.at);
}

}  // namespace hv
