// SPDX-License-Identifier: BSL-1.0
/// \file
/// The meter that counts.
#pragma once

#include <bench/suites/meter.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT
#define CALLGRIND_DUMP_STATS_AT(label) static_cast<void>(label)
#endif

namespace bench {

/// Counts what happens inside of library calls. What its own part of a call costs (passing the arguments, the call, the
/// return, switching the counter) depends on the function's type alone: a function of the same type that does nothing
/// shows it.
class counting {
 public:
  static constexpr std::size_t most_types = 32;

  /// What counts.
  enum class by : vgic::u8 {
    nothing,    ///< just make the calls
    callgrind,  ///< this program runs under callgrind, which is told when to collect
    pmu,        ///< the CPU's counter of instructions in user mode
    rmws,       ///< the atomics policy
  };

  explicit counting(by tool) : tool_(tool) {}
  counting(by tool, vgic::u64 (*count)()) : tool_(tool), rmws_(count) {}
  counting(by tool, int pmu) : tool_(tool), pmu_(pmu) {}

  /// From here on only calls of this function count; all, if there is none.
  void only(const std::optional<function_id>& function) { only_ = function; }

  /// From here on this is called after each counted call, with its number in this meter and the type of its function.
  void watch(std::function<void(std::size_t number, std::size_t type)> after) { after_ = std::move(after); }

  template <class R, class Base, class Gic, class... A>
  R operator()(R (Base::*f)(A...), Gic& g, std::type_identity_t<A>... arguments) {
    Base& object = g;
    if (only_.has_value() && *only_ != id_of(f)) return (object.*f)(arguments...);
    ++calls_[type<R, passed<A>...>::number];
    const watched call{*this, type<R, passed<A>...>::number};
    return counted<R, Base, A...>(*this, f, object, arguments...);
  }

  /// How many calls of each type were counted.
  [[nodiscard]] const std::array<vgic::u64, most_types>& calls() const { return calls_; }
  /// Read-modify-writes inside of calls.
  [[nodiscard]] vgic::u64 rmws() const { return sum_; }

  /// For each type of function in use: makes `n` calls of one that does nothing.
  [[nodiscard]] static auto& empty_calls() {
    static std::vector<void (*)(counting&, vgic::u32)> all;
    return all;
  }

 private:
  template <class R, class... A>
  struct idle {
    VGIC_BENCH_CALL R nothing(A...) {
      if constexpr (!std::is_void_v<R>) {
        R any;
        asm volatile("" : "=r"(any));
        return any;
      }
    }
  };

  /// Tells who watches that a call is over.
  struct watched {
    counting& meter;
    std::size_t type;
    ~watched() {
      if (meter.after_) meter.after_(meter.watched_++, type);
    }
  };

  /// A reference is passed as an address, whatever it refers to.
  template <class T>
  using passed = std::conditional_t<std::is_reference_v<T>, void*, T>;

  template <class R, class... A>
  static void call_nothing(counting& c, vgic::u32 n) {
    idle<R, A...> object;
    for (vgic::u32 i = 0; i < n; ++i) static_cast<void>(c(&idle<R, A...>::nothing, object, A{}...));
  }

  template <class R, class... A>
  struct type {
    static std::size_t add() {
      if (empty_calls().size() == most_types) __builtin_abort();
      empty_calls().push_back(&call_nothing<R, A...>);
      return empty_calls().size() - 1;
    }
    static inline const std::size_t number = add();
  };

  template <class R, class Base, class... A>
  VGIC_BENCH_CALL static R counted(counting& c, R (Base::*f)(A...), Base& g, A... arguments) {
    c.start();
    if constexpr (std::is_void_v<R>) {
      (g.*f)(arguments...);
      c.stop();
    } else {
      const R answer = (g.*f)(arguments...);
      c.stop();
      return answer;
    }
  }

  // Never inlined: the same instructions count for a call of nothing and for a call of the library.
  VGIC_BENCH_CALL void start() {
    if (tool_ == by::callgrind)
      CALLGRIND_TOGGLE_COLLECT;
    else if (tool_ == by::pmu)
      start_pmu();
    else if (tool_ == by::rmws)
      sum_ -= rmws_();
  }
  VGIC_BENCH_CALL void stop() {
    if (tool_ == by::callgrind)
      CALLGRIND_TOGGLE_COLLECT;
    else if (tool_ == by::pmu)
      stop_pmu();
    else if (tool_ == by::rmws)
      sum_ += rmws_();
  }
  void start_pmu() const;
  void stop_pmu() const;

  by tool_;
  int pmu_ = -1;
  vgic::u64 (*rmws_)() = nullptr;
  vgic::u64 sum_ = 0;
  std::optional<function_id> only_{};
  std::function<void(std::size_t, std::size_t)> after_{};
  std::size_t watched_ = 0;
  std::array<vgic::u64, most_types> calls_{};
};

/// An operation of one configuration, once with its own atomics and once with atomics that count.
struct to_count {
  std::string configuration;
  std::string suite;
  operation<counting> instructions;
  operation<counting> rmws;
  vgic::u64 (*rmw_count)();

  [[nodiscard]] const std::string& name() const { return instructions.name; }
};

/// All operations of this program, in the order in which they were added.
[[nodiscard]] std::vector<to_count>& to_be_counted();

}  // namespace bench
