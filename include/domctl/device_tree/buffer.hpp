// SPDX-License-Identifier: BSL-1.0
/// \file
/// The buffer policy of the tree writer: where a flattened device tree is put together, and how it gets more room.
#pragma once

#include <concepts>
#include <cstddef>

namespace domctl {

/// Memory of the caller for a tree: std::vector<std::byte> is one. `data()` is aligned to 8 bytes, as libfdt asks of a
/// tree. `resize(n)` keeps the content; a buffer that cannot have `n` bytes may give less, or leave its size as it is.
template <class B>
concept tree_buffer = requires(B& b, const B& c, std::size_t n) {
  { b.data() } -> std::convertible_to<void*>;
  { c.size() } -> std::convertible_to<std::size_t>;
  b.resize(n);
};

/// A buffer that cannot grow: `capacity` bytes at `memory`, which stays the caller's and outlives this.
class fixed_buffer {
 public:
  constexpr fixed_buffer(std::byte* memory, std::size_t capacity)
      : memory_(memory), capacity_(capacity), size_(capacity) {}

  [[nodiscard]] constexpr std::byte* data() const { return memory_; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  constexpr void resize(std::size_t n) { size_ = n < capacity_ ? n : capacity_; }

 private:
  std::byte* memory_;
  std::size_t capacity_;
  std::size_t size_;
};

}  // namespace domctl
