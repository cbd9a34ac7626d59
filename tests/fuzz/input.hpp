// SPDX-License-Identifier: BSL-1.0
/// \file
/// What the fuzzer's bytes mean: four bytes that choose a machine, then steps of eight bytes each, so that a mutation
/// changes one step and leaves the others what they were. And how a target says what it did and what was wrong.
#pragma once

#include <vgic/types.hpp>

#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

namespace tests::fuzz {

using namespace vgic;

/// One step: what, by whom, and two numbers whose meaning depends on what.
struct step {
  u8 kind;
  u8 who;
  u16 a;
  u32 value;
};
static_assert(sizeof(step) == 8);

/// An input of the targets `mmio` and `hostile`.
class history {
 public:
  static constexpr std::size_t header = 4;
  /// More would be repetition.
  static constexpr std::size_t most_steps = 48;

  history(const u8* bytes, std::size_t size) : bytes_(bytes), size_(size) {}

  [[nodiscard]] u32 choice(std::size_t k) const { return k < size_ ? bytes_[k] : 0; }
  [[nodiscard]] std::size_t steps() const {
    const std::size_t n = size_ <= header ? 0 : (size_ - header) / sizeof(step);
    return n < most_steps ? n : most_steps;
  }
  [[nodiscard]] step at(std::size_t k) const {
    step s;
    std::memcpy(&s, bytes_ + header + k * sizeof(step), sizeof s);
    return s;
  }

 private:
  const u8* bytes_;
  std::size_t size_;
};

/// Something is not as it has to be. What a target throws; nothing else does.
struct fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Tells the steps of an input, if somebody listens: lines of C++ that a test can have.
class story {
 public:
  enum class voice : u8 { silent, aloud };
  static inline voice now = voice::silent;

  [[nodiscard]] static bool aloud() { return now == voice::aloud; }
  [[gnu::format(printf, 1, 2)]] static void say(const char* form, ...) {
    if (!aloud()) return;
    va_list values;
    va_start(values, form);
    std::vprintf(form, values);
    va_end(values);
    std::putchar('\n');
  }
};

/// Throws a fault.
[[noreturn, gnu::format(printf, 1, 2)]] inline void fail(const char* form, ...) {
  char text[400];
  va_list values;
  va_start(values, form);
  std::vsnprintf(text, sizeof text, form, values);
  va_end(values);
  throw fault(text);
}

/// What each target defines: plays one input; throws a `fault`.
void play(const u8* bytes, std::size_t size);
/// Its name.
extern const char* const target_name;

}  // namespace tests::fuzz
