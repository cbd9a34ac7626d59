// SPDX-License-Identifier: BSL-1.0
// The atomics policies: on one thread they do the same, and each supplies what the concept asks for.
#include "catch.hpp"

#include <vgic/atomics.hpp>

#include <random>

using namespace vgic;

namespace {

static_assert(atomics_policy<builtin_atomics>);
static_assert(atomics_policy<single_cpu_atomics>);

/// What a policy answered and left behind, of a random sequence of operations.
template <class A, class T>
std::vector<T> transcript(u32 seed) {
  std::mt19937_64 random{seed};
  typename A::template cell<T> c{};
  std::vector<T> t;
  for (int k = 0; k < 5'000; ++k) {
    const T x = static_cast<T>(random());
    switch (random() % 7) {
      case 0: A::store(c, x); break;
      case 1: t.push_back(A::fetch_or(c, x)); break;
      case 2: t.push_back(A::fetch_and(c, x)); break;
      case 3: t.push_back(A::exchange(c, x)); break;
      case 4: t.push_back(A::fetch_xor(c, x)); break;
      default: {
        T expected = random() % 2 != 0 ? A::load(c) : x;
        const T desired = static_cast<T>(random());
        t.push_back(A::compare_exchange(c, expected, desired) ? T{1} : T{0});
        t.push_back(expected);
      }
    }
    A::order();
    t.push_back(A::load(c));
  }
  return t;
}

/// The same with plain arithmetic, written without a policy.
template <class T>
std::vector<T> expected_transcript(u32 seed) {
  std::mt19937_64 random{seed};
  T c = 0;
  std::vector<T> t;
  for (int k = 0; k < 5'000; ++k) {
    const T x = static_cast<T>(random());
    switch (random() % 7) {
      case 0: c = x; break;
      case 1:
        t.push_back(c);
        c = static_cast<T>(c | x);
        break;
      case 2:
        t.push_back(c);
        c = static_cast<T>(c & x);
        break;
      case 3:
        t.push_back(c);
        c = x;
        break;
      case 4:
        t.push_back(c);
        c = static_cast<T>(c ^ x);
        break;
      default: {
        const T expected = random() % 2 != 0 ? c : x;
        const T desired = static_cast<T>(random());
        t.push_back(c == expected ? T{1} : T{0});
        t.push_back(c == expected ? expected : c);
        if (c == expected) c = desired;
      }
    }
    t.push_back(c);
  }
  return t;
}

}  // namespace

TEMPLATE_TEST_CASE("both atomics policies do on one thread what plain memory does", "", u8, u32, u64) {
  const u32 seed = tests::seed();
  const auto want = expected_transcript<TestType>(seed);
  CHECK(transcript<builtin_atomics, TestType>(seed) == want);
  CHECK(transcript<single_cpu_atomics, TestType>(seed) == want);
}

TEMPLATE_TEST_CASE("a byte of an array of words", "", builtin_atomics, single_cpu_atomics) {
  using A = TestType;
  static_assert(loads_bytes<A>);
  typename A::template cell<u32> words[3];
  A::store(words[0], u32{0x0302'0100});
  A::store(words[1], u32{0x0706'0504});
  A::store(words[2], u32{0x0b0a'0908});
  for (u32 n = 0; n < 12; ++n) CHECK(A::load_byte(words, n) == n);
}

TEST_CASE("a cell is as large as what it holds, and 0 at first") {
  static_assert(sizeof(builtin_atomics::cell<u8>) == 1 && sizeof(builtin_atomics::cell<u64>) == 8);
  static_assert(sizeof(single_cpu_atomics::cell<u32>) == 4);
  static_assert(builtin_atomics::cell<u32>{}.word == 0);
  static_assert(single_cpu_atomics::cell<u64>{}.word == 0);
  SUCCEED();
}

namespace {
struct no_exchange : single_cpu_atomics {
  template <class T>
  static T exchange(cell<T>&, T) = delete;
};
struct no_order {
  template <class T>
  using cell = single_cpu_atomics::cell<T>;
};
}  // namespace

TEST_CASE("a policy that lacks an operation is none") {
  static_assert(!atomics_policy<no_exchange>);
  static_assert(!atomics_policy<no_order>);
  SUCCEED();
}
