// SPDX-License-Identifier: BSL-1.0
/// \file
/// A configuration that compiles. Each test breaks one thing of it, and compiles unbroken with -DUNBROKEN.
#pragma once

#include <vgic/vgic.hpp>

struct good_host {
  void kick(vgic::vcpu_id) {}
  [[nodiscard]] vgic::vcpu_id current() const { return vgic::no_vcpu; }
  void deactivate(vgic::vcpu_id, vgic::physical_intid) {}
};

struct good {
  using version = vgic::gicv3;
  using layout = layout::xen_4_5;
  using features = vgic::features<vgic::message_spis, vgic::status_registers, vgic::one_of_n>;
  using list_registers = vgic::simulated<8, 4>;
  using host = good_host;
  using atomics = vgic::builtin_atomics;
  using affinity = vgic::flat_affinity;
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 256, .list_registers = 4, .priority_bits = 5};
};

/// The same as a GICv2.
struct good2 : good {
  using version = vgic::gicv2;
  using list_registers = vgic::simulated<8, 4, vgic::gich_format>;
};

/// Instantiates the whole GIC of a configuration.
template <class Config>
vgic::result instantiate() {
  static vgic::gic<Config> vm{};
  return vm.start({.vcpus = 1, .spis = 32, .list_registers = 4});
}
