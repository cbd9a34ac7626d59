// SPDX-License-Identifier: BSL-1.0
/// \file
/// Rules of an affinity policy: every vCPU is found again by its affinity. Asked, and demanded with the numbers in
/// conflict (see <layout/diagnostics.hpp> for how).
#pragma once

#include <vgic/affinity.hpp>

namespace vgic {

namespace detail {
template <auto>
struct affinity_constant;
}

/// The policy's functions can be evaluated by the compiler.
template <class A>
concept affinity_is_constexpr = affinity_policy<A> && requires {
  typename detail::affinity_constant<A::find(A::of(vcpu_id{0}))>;
};

/// How many vCPUs from 0 on, of so many, have an affinity of their own by which `find` finds them: no two share one,
/// none has 255.255.255.255, and Aff0 is at most `highest_aff0`.
template <affinity_policy A>
[[nodiscard]] constexpr u32 affinity_covers(u32 vcpus) {
  u32 n = 0;
  for (; n < vcpus && n < raw(no_vcpu); ++n) {
    const vcpu_id v{static_cast<u16>(n)};
    const affinity a = A::of(v);
    if (A::find(a) != v || raw(a) == ~u32{0} || (raw(a) & 0xff) > A::highest_aff0) break;
  }
  return n;
}

/// Affinities reach all of so many vCPUs.
template <class A, u32 Vcpus>
concept affinity_covers_vcpus = affinity_is_constexpr<A> && affinity_covers<A>(Vcpus)
== Vcpus;

namespace broken {

template <class Policy>
inline constexpr bool constant_functions = false;

template <class Policy>
struct affinity_is_constexpr {
  static_assert(constant_functions<Policy>,
                "affinity_is_constexpr: of() and find() must be constexpr, so that the compiler can examine them");
};
template <u32 Covered, u32 Vcpus>
struct affinity_covers_vcpus {
  static_assert(
      Covered >= Vcpus,
      "affinity_covers_vcpus: find(of(v)) is not v for all vCPUs (vCPUs before the first that is lost, vCPUs)");
};

}  // namespace broken

namespace detail {
template <affinity_policy A, u32 Vcpus>
[[nodiscard]] consteval auto demand_affinities() {
  if constexpr (!affinity_is_constexpr<A>)
    return broken::affinity_is_constexpr<A>{};
  else
    return broken::affinity_covers_vcpus<affinity_covers<A>(Vcpus), Vcpus>{};
}
}  // namespace detail

/// Demands that affinities reach all vCPUs.
template <affinity_policy A, u32 Vcpus>
struct require_affinities : decltype(detail::demand_affinities<A, Vcpus>()) {
  static constexpr bool demanded = true;
};

}  // namespace vgic
