// SPDX-License-Identifier: BSL-1.0
/// \file
/// The atomics policy: how words that several CPUs share are read and changed.
///
/// The delivery protocol needs exactly this: relaxed loads and stores, acquire-release read-modify-writes, and
/// `order()`, which keeps a read-modify-write of this CPU before its later loads in the one order that all CPUs
/// agree on (sequential consistency). An acquire-release RMW alone does not give that on AArch64.
#pragma once

#include <vgic/types.hpp>

#include <concepts>

namespace vgic {

/// The compiler's builtins, for hosts with several CPUs.
struct builtin_atomics {
  template <class T>
  struct cell {
    T word{};
  };

  template <class T>
  [[nodiscard, gnu::always_inline]] static inline T load(const cell<T>& c) {
    return __atomic_load_n(&c.word, __ATOMIC_RELAXED);
  }
  template <class T>
  [[gnu::always_inline]] static inline void store(cell<T>& c, T value) {
    __atomic_store_n(&c.word, value, __ATOMIC_RELAXED);
  }
  template <class T>
  [[gnu::always_inline]] static inline T fetch_or(cell<T>& c, T bits) {
    return __atomic_fetch_or(&c.word, bits, __ATOMIC_ACQ_REL);
  }
  template <class T>
  [[gnu::always_inline]] static inline T fetch_and(cell<T>& c, T bits) {
    return __atomic_fetch_and(&c.word, bits, __ATOMIC_ACQ_REL);
  }
  template <class T>
  [[gnu::always_inline]] static inline T fetch_xor(cell<T>& c, T bits) {
    return __atomic_fetch_xor(&c.word, bits, __ATOMIC_ACQ_REL);
  }
  template <class T>
  [[gnu::always_inline]] static inline T exchange(cell<T>& c, T value) {
    return __atomic_exchange_n(&c.word, value, __ATOMIC_ACQ_REL);
  }
  /// Stores `desired` if the cell holds `expected` and says whether it did; else puts what it holds into `expected`.
  template <class T>
  [[nodiscard, gnu::always_inline]] static inline bool compare_exchange(cell<T>& c, T& expected, T desired) {
    return __atomic_compare_exchange_n(&c.word, &expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
  }
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  [[nodiscard, gnu::always_inline]] static inline u32 load_byte(const cell<u32>* words, u32 n) {
    return __atomic_load_n(reinterpret_cast<const u8*>(words) + n, __ATOMIC_RELAXED);
  }
#endif
  [[gnu::always_inline]] static inline void order() {
#if defined(__x86_64__) || defined(__i386__)
    __asm__ volatile("" ::: "memory");  // a locked instruction is a full barrier already
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
  }
};

/// Plain memory, for a host whose vCPUs all run on one CPU and whose calls into the library do not nest.
struct single_cpu_atomics {
  template <class T>
  struct cell {
    T word{};
  };

  template <class T>
  [[nodiscard]] static T load(const cell<T>& c) {
    return c.word;
  }
  template <class T>
  static void store(cell<T>& c, T value) {
    c.word = value;
  }
  template <class T>
  static T fetch_or(cell<T>& c, T bits) {
    const T old = c.word;
    c.word = static_cast<T>(old | bits);
    return old;
  }
  template <class T>
  static T fetch_and(cell<T>& c, T bits) {
    const T old = c.word;
    c.word = static_cast<T>(old & bits);
    return old;
  }
  template <class T>
  static T fetch_xor(cell<T>& c, T bits) {
    const T old = c.word;
    c.word = static_cast<T>(old ^ bits);
    return old;
  }
  template <class T>
  static T exchange(cell<T>& c, T value) {
    const T old = c.word;
    c.word = value;
    return old;
  }
  template <class T>
  [[nodiscard]] static bool compare_exchange(cell<T>& c, T& expected, T desired) {
    if (c.word != expected) {
      expected = c.word;
      return false;
    }
    c.word = desired;
    return true;
  }
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  [[nodiscard]] static u32 load_byte(const cell<u32>* words, u32 n) { return reinterpret_cast<const u8*>(words)[n]; }
#endif
  static void order() {}
};

/// Optional: `load_byte(words, n)`: byte n of an array of words, in the order of a register's bytes (byte 0 is the
/// lowest of word 0). Without it the word is loaded and shifted.
template <class A>
concept loads_bytes = requires(const typename A::template cell<u32>* words, u32 n) {
  { A::load_byte(words, n) } -> std::same_as<u32>;
};

/// What an atomics policy supplies.
template <class A>
concept atomics_policy = requires(typename A::template cell<u32>& c, typename A::template cell<u64>& d, u32 w, u64 x) {
  { A::load(c) } -> std::same_as<u32>;
  A::store(c, w);
  { A::fetch_or(c, w) } -> std::same_as<u32>;
  { A::fetch_and(d, x) } -> std::same_as<u64>;
  { A::fetch_xor(c, w) } -> std::same_as<u32>;
  { A::exchange(c, w) } -> std::same_as<u32>;
  { A::compare_exchange(d, x, x) } -> std::same_as<bool>;
  A::order();
};

}  // namespace vgic
