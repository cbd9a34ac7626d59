// SPDX-License-Identifier: BSL-1.0
/// \file
/// The affinity policy: which MPIDR affinity each vCPU has, and back.
#pragma once

#include <vgic/types.hpp>

#include <concepts>

namespace vgic {

/// vCPU n has Aff0 = n % 16 and Aff1 = n / 16: sixteen vCPUs a cluster, all within reach of an SGI target list
/// without a range selector. Aff1 overflows into Aff2 above 4096 vCPUs.
struct flat_affinity {
  static constexpr u32 highest_aff0 = 15;

  [[nodiscard]] static constexpr affinity of(vcpu_id v) {
    const u32 n = raw(v);
    return affinity{(n % 16) | ((n / 16) << 8)};
  }
  /// The vCPU with affinity `a`, or a number that no vCPU has.
  [[nodiscard]] static constexpr vcpu_id find(affinity a) {
    const u32 n = raw(a);
    if ((n & 0xfff0'00f0u) != 0) return no_vcpu;
    return vcpu_id{static_cast<u16>((n & 0xf) | ((n >> 8) << 4))};
  }
};

/// vCPU n has Aff0 = n: one cluster of up to 256, whose upper ones are reached through SGIxR.RS.
struct wide_affinity {
  static constexpr u32 highest_aff0 = 255;

  [[nodiscard]] static constexpr affinity of(vcpu_id v) {
    const u32 n = raw(v);
    return affinity{(n % 256) | ((n / 256) << 8)};
  }
  [[nodiscard]] static constexpr vcpu_id find(affinity a) {
    return raw(a) < 0xffff ? vcpu_id{static_cast<u16>(raw(a))} : no_vcpu;
  }
};

/// What an affinity policy supplies. `find(of(v)) == v` for every vCPU; no vCPU has affinity 255.255.255.255.
template <class A>
concept affinity_policy = requires(vcpu_id v, affinity a) {
  { A::of(v) } -> std::same_as<affinity>;
  { A::find(a) } -> std::same_as<vcpu_id>;
  { A::highest_aff0 } -> std::convertible_to<u32>;
};

}  // namespace vgic
