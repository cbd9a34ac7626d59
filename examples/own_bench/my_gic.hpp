// SPDX-License-Identifier: BSL-1.0
/// \file
/// A hypervisor's configuration, as it is built for the board: sixteen vCPUs, hardware list registers, one cluster.
#pragma once

#include <layout/qemu_virt.hpp>
#include <vgic/vgic.hpp>

struct my_host {
  void kick(vgic::vcpu_id v);
  [[nodiscard]] vgic::vcpu_id current() const;
  void deactivate(vgic::vcpu_id v, vgic::physical_intid p);
};

struct my_gic {
  using version = vgic::gicv3;
  using layout = layout::qemu_virt;
  using features = vgic::features<>;
  using list_registers = vgic::ich;
  using host = my_host;
  using atomics = vgic::builtin_atomics;
  using affinity = vgic::wide_affinity;
  static constexpr vgic::limits limits{.vcpus = 16, .spis = 128, .list_registers = 16, .priority_bits = 5};
};
