// SPDX-License-Identifier: BSL-1.0
// The functions that compilers call without being asked.
#include <cstddef>

extern "C" {

void* memset(void* to, int value, std::size_t size) {
  auto* const t = static_cast<unsigned char*>(to);
  for (std::size_t i = 0; i < size; ++i) t[i] = static_cast<unsigned char>(value);
  return to;
}

void* memmove(void* to, const void* from, std::size_t size) {
  auto* const t = static_cast<unsigned char*>(to);
  const auto* const f = static_cast<const unsigned char*>(from);
  if (t < f) {
    for (std::size_t i = 0; i < size; ++i) t[i] = f[i];
  } else {
    for (std::size_t i = size; i-- != 0;) t[i] = f[i];
  }
  return to;
}

void* memcpy(void* to, const void* from, std::size_t size) { return memmove(to, from, size); }
}
