// SPDX-License-Identifier: BSL-1.0
// All of the C library that the emulator may need.
#include <cstddef>

extern "C" {

void* memcpy(void* to, const void* from, std::size_t n);
void* memmove(void* to, const void* from, std::size_t n);
void* memset(void* to, int value, std::size_t n);

void* memmove(void* to, const void* from, std::size_t n) {
  auto* t = static_cast<unsigned char*>(to);
  const auto* f = static_cast<const unsigned char*>(from);
  if (t < f) {
    for (std::size_t i = 0; i < n; ++i) t[i] = f[i];
  } else {
    while (n-- != 0) t[n] = f[n];
  }
  return to;
}

void* memcpy(void* to, const void* from, std::size_t n) { return memmove(to, from, n); }

void* memset(void* to, int value, std::size_t n) {
  auto* t = static_cast<unsigned char*>(to);
  for (std::size_t i = 0; i < n; ++i) t[i] = static_cast<unsigned char>(value);
  return to;
}

}  // extern "C"
