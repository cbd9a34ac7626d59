// SPDX-License-Identifier: BSL-1.0
/// \file
/// A short text in storage of its own: node names, paths and log lines, without a heap.
#pragma once

#include <cstddef>
#include <cstdint>

namespace domctl {

/// Up to `N` characters and the zero behind them. What does not fit is left out: for lines that people read, and for
/// names whose length is bounded by what they are made of.
template <std::size_t N>
class text {
 public:
  constexpr text() = default;
  constexpr explicit text(const char* s) { add(s); }

  constexpr text& add(char c) {
    if (size_ < N) chars_[size_++] = c;
    return *this;
  }
  constexpr text& add(const char* s) {
    while (*s != '\0') add(*s++);
    return *this;
  }
  /// `value` in decimal digits.
  constexpr text& decimal(std::uint64_t value) { return digits(value, 10); }
  /// `value` in lower-case hexadecimal digits, without 0x and leading zeros: as unit addresses are written.
  constexpr text& hex(std::uint64_t value) { return digits(value, 16); }

  [[nodiscard]] constexpr const char* c_str() const { return chars_; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }

  /// Keeps the first `size` characters.
  constexpr void cut(std::size_t size) {
    while (size_ > size) chars_[--size_] = '\0';
  }

 private:
  constexpr text& digits(std::uint64_t value, unsigned base) {
    char reversed[20]{};
    std::size_t n = 0;
    do {
      reversed[n++] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0);
    while (n != 0) add(reversed[--n]);
    return *this;
  }

  char chars_[N + 1]{};
  std::size_t size_ = 0;
};

}  // namespace domctl
