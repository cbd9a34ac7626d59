// SPDX-License-Identifier: BSL-1.0
/// \file
/// The meter of exact counts: callgrind collects during the calls that count.
#pragma once

#include <bench/count/counting.hpp>
#include <bench/worst/target.hpp>

namespace bench::worst {

struct exact_meter {
  static inline constinit u32 counted = 0;
  /// What other CPUs were asked in the calls that counted: kicks, which cost the host something, not the library.
  static inline constinit u32 kicks = 0;
  static inline counting meter{counting::by::callgrind};

  template <class R, class Base, class Gic, class... A>
  static R call(part p, R (Base::*f)(A...), Gic& g, std::type_identity_t<A>... arguments) {
    if ((counted >> static_cast<u32>(p) & 1) == 0) return (static_cast<Base&>(g).*f)(arguments...);
    collects_ = true;
    if constexpr (std::is_void_v<R>) {
      meter(f, g, arguments...);
      collects_ = false;
    } else {
      const R answer = meter(f, g, arguments...);
      collects_ = false;
      return answer;
    }
  }

  [[nodiscard]] static bool pause() {
    if (!collects_) return false;
    CALLGRIND_TOGGLE_COLLECT;
    ++kicks;
    collects_ = false;
    return true;
  }
  static void resume(bool collected) {
    if (!collected) return;
    collects_ = true;
    CALLGRIND_TOGGLE_COLLECT;
  }
  /// The counts are callgrind's.
  [[nodiscard]] static spent take() { return {}; }

 private:
  static inline constinit bool collects_ = false;
};

}  // namespace bench::worst
