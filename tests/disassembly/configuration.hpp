// SPDX-License-Identifier: BSL-1.0
/// \file
/// The configurations whose machine code is looked into, and the names of the functions that the library and the code
/// written by hand both have.
#pragma once

#include <layout/xen.hpp>
#include <vgic/backend/gich.hpp>
#include <vgic/vgic.hpp>

extern "C" {
void host_kick(vgic::vcpu_id v);
void host_deactivate(vgic::vcpu_id v, vgic::physical_intid p);
void host_on_access(vgic::vcpu_id v, vgic::reg what, vgic::u64 value);
}

namespace looked_into {

/// A host without any hook.
struct host {
  static void kick(vgic::vcpu_id v) { host_kick(v); }
  [[nodiscard]] static vgic::vcpu_id current() { return here; }
  static void deactivate(vgic::vcpu_id v, vgic::physical_intid p) { host_deactivate(v, p); }

  static vgic::vcpu_id here;
};

/// Where the hypervisor has mapped GICH.
struct gich_page {
  static vgic::u64 address() { return 0x0803'0000; }
};

/// List registers that are loads and stores on every processor.
struct list_registers_v3 : vgic::gich<gich_page> {
  using format = vgic::ich_format;
  static vgic::u64 read(vgic::vcpu_id, vgic::lr_index n) { return page()[raw(n)]; }
  static void write(vgic::vcpu_id, vgic::lr_index n, vgic::u64 value) { page()[raw(n)] = value; }

 private:
  static volatile vgic::u64* page() { return reinterpret_cast<volatile vgic::u64*>(gich_page::address() + 0x100); }
};

struct gicv3 {
  using version = vgic::gicv3;
  using layout = layout::xen_4_5;
  using features = vgic::features<vgic::message_spis, vgic::status_registers, vgic::one_of_n>;
  using list_registers = list_registers_v3;
  using host = looked_into::host;
  using atomics = vgic::builtin_atomics;
  using affinity = vgic::flat_affinity;
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 256, .list_registers = 4, .priority_bits = 5};
};

struct gicv2 : gicv3 {
  using version = vgic::gicv2;
  using features = vgic::features<vgic::one_of_n>;
  using list_registers = vgic::gich<gich_page>;
};

}  // namespace looked_into
