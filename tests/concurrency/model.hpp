// SPDX-License-Identifier: BSL-1.0
/// \file
/// The atomics policy of the model checker. While threads are simulated, words that they share are relacy's atomics;
/// all other words, and all words while nothing is simulated, are plain memory.
///
/// Which words are shared is found out, not told: a word that one simulated thread writes and another accesses, in any
/// execution of the search, is shared. One that turns out to be shared during a search ends it, and it begins anew, so
/// that the search that counts had all of them modelled. What is not shared needs no modelling: nobody can see when.
#pragma once

#include <vgic/atomics.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace model {

using vgic::u32;
using vgic::u64;
using vgic::u8;

enum class operation : u8 { load, store, fetch_or, fetch_and, fetch_xor, exchange, compare_exchange, fence };

/// Where in the library an access or a fence is.
struct site {
  const char* file;
  const char* function;
  u32 line;
};

/// As a default argument: where the call is.
#define MODEL_SITE \
  { __builtin_FILE(), __builtin_FUNCTION(), __builtin_LINE() }

/// A memory order, weaker ones first.
enum class strength : u8 { relaxed, acquire, release, acquire_release, sequential };

/// One place of the library whose order is changed: a read-modify-write gets `weaker`, a fence is left out.
struct mutation {
  std::string file;  ///< without folders; empty: nothing is changed
  u32 line = 0;
  operation what = operation::fence;
  strength weaker = strength::relaxed;
};

/// A place that accessed words that were shared, or fenced, while threads were simulated.
struct used_site {
  std::string file;
  std::string function;
  u32 line;
  operation what;
  u64 times;
};

/// Is a simulation under way?
extern bool running;
/// The simulated thread, 0 if there is none.
[[nodiscard]] u32 thread();

/// One access to a word while threads are simulated. `a` and `b` are its operands; the old value is returned.
u64 access(void* where, u32 size, operation what, u64 a, u64 b, site at);
void fence(site at);

/// The memory that words are in: to be set before anything is simulated. Forgets which words are shared.
void begin(void* memory, std::size_t bytes, std::string (*name_of)(const void*));
/// Brackets of one execution, around the threads.
void enter();
void leave();

/// Memory that is no part of the VM: what a device writes before it asks, and the guest reads after it was asked.
void write_data(site at = MODEL_SITE);
void read_data(site at = MODEL_SITE);

/// Words that have to be modelled turned up that were not; true until `adopt`.
[[nodiscard]] bool grew();
/// From now on they are modelled.
void adopt();
[[nodiscard]] u32 shared_words();
[[nodiscard]] std::string shared_names();

void mutate(const mutation& m);
/// Has the place of the mutation been executed since `mutate`?
[[nodiscard]] bool mutation_was_reached();
[[nodiscard]] std::vector<used_site> used_sites();
void forget_uses();

}  // namespace model

namespace tests {

/// Orders are those of `vgic::builtin_atomics`. Its `load_byte` is missing: the word is loaded, which is what an access
/// to a part of it comes to.
struct modelled_atomics {
  using u32 = vgic::u32;
  using u64 = vgic::u64;

  template <class T>
  struct cell {
    T word{};
  };

  template <class T>
  [[nodiscard]] static T load(const cell<T>& c, model::site at = MODEL_SITE) {
    if (!model::running) return c.word;
    return access(const_cast<cell<T>&>(c), model::operation::load, T{}, T{}, at);
  }
  template <class T>
  static void store(cell<T>& c, T value, model::site at = MODEL_SITE) {
    if (!model::running)
      c.word = value;
    else
      access(c, model::operation::store, value, T{}, at);
  }
  template <class T>
  static T fetch_or(cell<T>& c, T bits, model::site at = MODEL_SITE) {
    if (!model::running) return vgic::single_cpu_atomics::fetch_or(plain(c), bits);
    return access(c, model::operation::fetch_or, bits, T{}, at);
  }
  template <class T>
  static T fetch_and(cell<T>& c, T bits, model::site at = MODEL_SITE) {
    if (!model::running) return vgic::single_cpu_atomics::fetch_and(plain(c), bits);
    return access(c, model::operation::fetch_and, bits, T{}, at);
  }
  template <class T>
  static T fetch_xor(cell<T>& c, T bits, model::site at = MODEL_SITE) {
    if (!model::running) return vgic::single_cpu_atomics::fetch_xor(plain(c), bits);
    return access(c, model::operation::fetch_xor, bits, T{}, at);
  }
  template <class T>
  static T exchange(cell<T>& c, T value, model::site at = MODEL_SITE) {
    if (!model::running) return vgic::single_cpu_atomics::exchange(plain(c), value);
    return access(c, model::operation::exchange, value, T{}, at);
  }
  template <class T>
  [[nodiscard]] static bool compare_exchange(cell<T>& c, T& expected, T desired, model::site at = MODEL_SITE) {
    if (!model::running) return vgic::single_cpu_atomics::compare_exchange(plain(c), expected, desired);
    const T was = access(c, model::operation::compare_exchange, expected, desired, at);
    if (was == expected) return true;
    expected = was;
    return false;
  }
  static void order(model::site at = MODEL_SITE) {
    if (model::running) model::fence(at);
  }

 private:
  /// The same word as the policy for one CPU has it.
  template <class T>
  static vgic::single_cpu_atomics::cell<T>& plain(cell<T>& c) {
    static_assert(sizeof(cell<T>) == sizeof(vgic::single_cpu_atomics::cell<T>));
    return reinterpret_cast<vgic::single_cpu_atomics::cell<T>&>(c);
  }
  template <class T>
  static T access(cell<T>& c, model::operation what, T a, T b, model::site at) {
    return static_cast<T>(model::access(&c.word, sizeof(T), what, a, b, at));
  }
};
static_assert(vgic::atomics_policy<modelled_atomics> && !vgic::loads_bytes<modelled_atomics>);

}  // namespace tests

#undef MODEL_SITE
