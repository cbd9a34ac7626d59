// SPDX-License-Identifier: BSL-1.0
/// \file
/// The meter that the search goes by: fast and deterministic, but a guess. The compiler calls a function at the
/// beginning of each basic block (-fsanitize-coverage=trace-pc), which adds what the block weighs.
#pragma once

#include <bench/suites/meter.hpp>
#include <bench/worst/target.hpp>

namespace bench::worst {

struct guide {
  /// Weight of all blocks that were entered.
  static inline constinit u64 weight = 0;
  static inline constinit u32 counted = 0;

  template <class R, class Base, class Gic, class... A>
  static R call(part p, R (Base::*f)(A...), Gic& g, std::type_identity_t<A>... arguments) {
    const u64 before = weight;
    if constexpr (std::is_void_v<R>) {
      made<R, Base, A...>(f, g, arguments...);
      add(p, weight - before);
    } else {
      const R answer = made<R, Base, A...>(f, g, arguments...);
      add(p, weight - before);
      return answer;
    }
  }

  [[nodiscard]] static u64 pause() { return weight; }
  static void resume(u64 state) { weight = state; }
  [[nodiscard]] static spent take() {
    const spent s = now_;
    now_ = {};
    return s;
  }

 private:
  template <class R, class Base, class... A>
  VGIC_BENCH_CALL static R made(R (Base::*f)(A...), Base& g, A... arguments) {
    return (g.*f)(arguments...);
  }
  static void add(part p, u64 w) {
    if ((counted >> static_cast<u32>(p) & 1) != 0) now_.of[static_cast<u32>(p)] += static_cast<u32>(w);
  }

  static inline constinit spent now_{};
};

}  // namespace bench::worst
