// SPDX-License-Identifier: BSL-1.0
/// \file
/// The combinations of policies that a delivery scenario runs on, and an atomics policy that counts.
#pragma once

#include "support/vm.hpp"

#include <tuple>

namespace tests {

/// The builtin atomics, counting what is done with shared words.
struct counting_atomics {
  template <class T>
  using cell = builtin_atomics::cell<T>;

  static inline u32 loads = 0;
  static inline u32 stores = 0;
  static inline u32 rmws = 0;

  template <class T>
  [[nodiscard]] static T load(const cell<T>& c) {
    ++loads;
    return builtin_atomics::load(c);
  }
  template <class T>
  static void store(cell<T>& c, T value) {
    ++stores;
    builtin_atomics::store(c, value);
  }
  template <class T>
  static T fetch_or(cell<T>& c, T bits) {
    ++rmws;
    return builtin_atomics::fetch_or(c, bits);
  }
  template <class T>
  static T fetch_and(cell<T>& c, T bits) {
    ++rmws;
    return builtin_atomics::fetch_and(c, bits);
  }
  template <class T>
  static T fetch_xor(cell<T>& c, T bits) {
    ++rmws;
    return builtin_atomics::fetch_xor(c, bits);
  }
  template <class T>
  static T exchange(cell<T>& c, T value) {
    ++rmws;
    return builtin_atomics::exchange(c, value);
  }
  template <class T>
  [[nodiscard]] static bool compare_exchange(cell<T>& c, T& expected, T desired) {
    ++rmws;
    return builtin_atomics::compare_exchange(c, expected, desired);
  }
  static void order() { builtin_atomics::order(); }
};

using no_features = features<>;

/// Both versions, with all features and with none, on atomics that count.
using counting_policies = std::tuple<config<gicv2, all_features, 4, 8, 256, layout::xen_4_5, counting_atomics>,
                                     config<gicv3, all_features, 4, 8, 256, layout::xen_4_5, counting_atomics>,
                                     config<gicv2, no_features, 4, 8, 256, layout::xen_4_5, counting_atomics>,
                                     config<gicv3, no_features, 4, 8, 256, layout::xen_4_5, counting_atomics>>;

/// Both versions, with all features and with none, on both kinds of atomics. How many list registers there are is said
/// when a machine is made (`list_register_counts`).
using every_policy = std::tuple<config<gicv2, all_features, 16>, config<gicv3, all_features, 16>,
                                config<gicv2, no_features, 16, 8, 256, layout::xen_4_5, single_cpu_atomics>,
                                config<gicv3, no_features, 16, 8, 256, layout::qemu_virt, single_cpu_atomics>>;

/// Those of them that are a GICv2, and those that are a GICv3.
using v2_policies = std::tuple<std::tuple_element_t<0, every_policy>, std::tuple_element_t<2, every_policy>>;
using v3_policies = std::tuple<std::tuple_element_t<1, every_policy>, std::tuple_element_t<3, every_policy>>;

/// GICv3 with message SPIs, alone and with the rest.
using message_policies =
    std::tuple<config<gicv3, all_features, 16>,
               config<gicv3, features<message_spis>, 16, 8, 256, layout::xen_4_5, single_cpu_atomics>>;

using one_of_n_policies =
    std::tuple<config<gicv2, all_features, 16>, config<gicv3, all_features, 16>,
               config<gicv2, features<one_of_n>, 16, 8, 256, layout::qemu_virt, single_cpu_atomics>,
               config<gicv3, features<one_of_n>, 16, 8, 256, layout::xen_4_5, single_cpu_atomics>>;

using both_versions = std::tuple<config<gicv2, all_features, 16>, config<gicv3, all_features, 16>>;

/// A booted machine with so many list registers.
template <class Config>
struct booted : machine_under_test<Config> {
  explicit booted(u32 lrs = 4, u32 vcpus = 4, u32 spis = Config::limits.spis)
      : machine_under_test<Config>(vcpus, spis, lrs) {
    this->boot();
  }
  /// An enabled SPI for `target`, edge-triggered or level-sensitive.
  u32 edge_spi(u32 i, u32 target = 0) {
    this->edge(i);
    return ready(i, target);
  }
  u32 level_spi(u32 i, u32 target = 0) {
    this->level(i);
    return ready(i, target);
  }
  /// A device's transition, seen by a CPU that runs no vCPU.
  void pulse(u32 i) { REQUIRE(this->g.pulse(intid{i}) == result::ok); }
  void raise(u32 i) { REQUIRE(this->g.raise(intid{i}) == result::ok); }
  void lower(u32 i) { REQUIRE(this->g.lower(intid{i}) == result::ok); }
  void forward(u32 i) { REQUIRE(this->g.forward(intid{i}) == result::ok); }
  void link(u32 i) { REQUIRE(this->g.link(intid{i}) == result::ok); }

 private:
  u32 ready(u32 i, u32 target) {
    this->route(i, target);
    this->enable(i);
    this->settle();
    return i;
  }
};

}  // namespace tests

#define VGIC_EACH_LIST_REGISTER_COUNT GENERATE(1u, 2u, 4u, 16u)
