// SPDX-License-Identifier: BSL-1.0
#include <bench/worst/step.hpp>

#include <array>
#include <cstdio>
#include <string_view>

namespace bench::worst {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(act::count)> acts{
    "read",       "write", "sgi1r",   "asgi1r",        "sgi0r",         "dir",           "raise",
    "lower",      "pulse", "forward", "raise_private", "lower_private", "pulse_private", "forward_private",
    "pass",       "on",    "off",     "reschedule",    "acknowledge",   "take",          "end",
    "deactivate", "mask",  "groups",  "split",         "link",          "link_private",  "neighbours"};
constexpr std::array<std::string_view, 3> frames{"gicd", "own", "gicr"};
constexpr std::array<std::string_view, 5> patterns{"same", "scatter", "ramp", "slope", "walk"};

template <class E, std::size_t N>
bool find(const std::array<std::string_view, N>& names, std::string_view name, E& e) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) {
      e = static_cast<E>(i);
      return true;
    }
  return false;
}

u64 hashed(u64 x) {
  x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9u;
  x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11ebu;
  return x ^ (x >> 31);
}

/// Eight bytes, each `by` more than the one before, of which access `n` has the `size` after `n * size`.
u64 bytes(const step& s, u32 n, u32 by) {
  u64 all = 0;
  for (u32 k = 0; k < 8; ++k) all |= u64{(static_cast<u32>(s.value) + by * (n * s.size + k)) & 0xff} << (8 * k);
  return all;
}

}  // namespace

u64 value_of(const step& s, u32 n) {
  switch (s.changing) {
    case pattern::scatter: return hashed(s.value + n);
    case pattern::ramp: return bytes(s, n, 8);
    case pattern::slope: return bytes(s, n, 0xf8);
    case pattern::walk: return n % 32 == 0 ? s.value : (s.value << (n % 32) | s.value >> (32 - n % 32)) & 0xffff'ffffu;
    default: return s.value;
  }
}

std::string text_of(const step& s) {
  char line[160];
  std::snprintf(line, sizeof line, "%-11s %u*%u %s%u+%x/%u *%u %llx %s", acts[static_cast<std::size_t>(s.what)].data(),
                s.first, s.vcpus, frames[static_cast<std::size_t>(s.where)].data(), s.of, s.at, s.size, s.times,
                static_cast<unsigned long long>(s.value), patterns[static_cast<std::size_t>(s.changing)].data());
  return line;
}

bool read_step(const std::string& line, step& s) {
  char what[32], where[8], changing[16];
  unsigned first = 0, vcpus = 0, of = 0, at = 0, size = 0, times = 0;
  unsigned long long value = 0;
  if (std::sscanf(line.c_str(), "%31[a-z0-9_] %u*%u %7[a-z]%u+%x/%u *%u %llx %15[a-z]", what, &first, &vcpus, where,
                  &of, &at, &size, &times, &value, changing) != 10)
    return false;
  const bool size_ok = size == 1 || size == 2 || size == 4 || size == 8;
  if (first > 0xff || vcpus == 0 || vcpus > 0xff || of > 0xff || times == 0 || times > 0xffff || !size_ok) return false;
  s = {};
  s.first = static_cast<u8>(first);
  s.vcpus = static_cast<u8>(vcpus);
  s.of = static_cast<u8>(of);
  s.at = at;
  s.size = static_cast<u8>(size);
  s.times = static_cast<u16>(times);
  s.value = value;
  return find(acts, what, s.what) && find(frames, where, s.where) && find(patterns, changing, s.changing);
}

steps until(const steps& all, std::size_t last, u32 i, u32 j) {
  steps cut(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(last));
  step end = all[last];
  if (i != 0) {
    cut.push_back(end);
    cut.back().vcpus = static_cast<u8>(i);
  }
  end.first = static_cast<u8>(end.first + i);
  end.vcpus = 1;
  end.times = static_cast<u16>(j + 1);
  cut.push_back(end);
  return cut;
}

}  // namespace bench::worst
