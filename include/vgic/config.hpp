// SPDX-License-Identifier: BSL-1.0
/// \file
/// A configuration bundles the policies; `settings` checks them by name and folds them into constants.
#pragma once

#include <layout/require.hpp>
#include <vgic/affinity.hpp>
#include <vgic/affinity_rules.hpp>
#include <vgic/atomics.hpp>
#include <vgic/features.hpp>
#include <vgic/host.hpp>
#include <vgic/list_register.hpp>
#include <vgic/version.hpp>

namespace vgic {

/// How much there is at most; `start()` may ask for less. Storage is sized by these.
struct limits {
  u32 vcpus;               ///< 1..8 (GICv2), 1..512 (GICv3)
  u32 spis;                ///< a multiple of 32 up to 960, or 988 (all of INTID 32..1019)
  u32 list_registers = 4;  ///< 1..16, at least as many as the hardware has to use them all
  u32 priority_bits = 5;   ///< implemented bits of IPRIORITYR, 5..8
};

/// A configuration: the policies that `gic<C>` is made of.
template <class C>
concept configuration = requires {
  typename C::version;
  typename C::layout;
  typename C::features;
  typename C::list_registers;
  typename C::host;
  typename C::atomics;
  typename C::affinity;
  { C::limits } -> std::convertible_to<limits>;
};

/// The constants of a configuration. Each rule that a configuration can break is named in its message.
template <configuration C>
struct settings {
  using version = typename C::version;
  using layout = typename C::layout;
  using features = typename C::features;
  using backend = typename C::list_registers;
  using format = typename backend::format;
  using host = typename C::host;
  using atomics = typename C::atomics;
  using affinity = typename C::affinity;

  static constexpr bool is_v2 = version::number == 2;
  static constexpr bool is_v3 = version::number == 3;
  static constexpr limits max = C::limits;
  static constexpr u32 spi_banks = (max.spis + 31) / 32;
  static constexpr u32 vcpu_words = (max.vcpus + 31) / 32;

  /// vCPU n has affinity n: nothing is to be looked up.
  static constexpr bool affinity_is_index = [] {
    for (u32 v = 0; v < max.vcpus; ++v)
      if (raw(affinity::of(vcpu_id{static_cast<u16>(v)})) != v) return false;
    return true;
  }();

  static constexpr bool has_message_spis = features::template has<message_spis>;
  static constexpr bool has_status_registers = features::template has<status_registers>;
  static constexpr bool has_one_of_n = features::template has<one_of_n>;
  static constexpr bool has_reset_to_group1 = is_v3 && features::template has<reset_to_group1>;

  static_assert(features::known, "features: the set names a type that is not a feature of this library");
  static_assert(host_policy<host>,
                "host: needs kick(vcpu_id), current() -> vcpu_id, deactivate(vcpu_id, physical_intid)");
  static_assert(atomics_policy<atomics>, "atomics: the policy lacks an operation of atomics_policy");
  static_assert(affinity_policy<affinity>, "affinity: needs of(vcpu_id), find(affinity) and highest_aff0");
  static_assert(list_register_backend<backend>,
                "list_registers: the back end lacks an operation of list_register_backend");
  static_assert(version::most_vcpus == ::layout::most_vcpus(::layout::gic_version{version::number}));
  static_assert(::layout::require<layout, ::layout::gic_version{version::number}, max.vcpus>::demanded);
  static_assert(::layout::require_spis<max.spis>::demanded);
  static_assert(require_affinities<affinity, max.vcpus>::demanded);
  static_assert(max.list_registers >= 1 && max.list_registers <= 16, "limits.list_registers: 1..16");
  static_assert(max.priority_bits >= 5 && max.priority_bits <= 8, "limits.priority_bits: 5..8");
};

}  // namespace vgic
