// SPDX-License-Identifier: BSL-1.0
// The virtual GIC of the one VM: this is where the library is configured.
#pragma once

#include "cpu.hpp"
#include "physical_gic.hpp"

namespace hv {

/// What the library asks of this hypervisor. vCPU n is bound to CPU n, which makes most answers short.
struct host {
  /// Also for this CPU: the SGI stays pending until the guest is entered, and leaves it at once.
  void kick(vgic::vcpu_id v) { physical_gic::kick(vgic::raw(v)); }
  [[nodiscard]] vgic::vcpu_id current() const { return this_cpu().current; }
  void deactivate(vgic::vcpu_id v, vgic::physical_intid p) { physical_gic::deactivate(vgic::raw(v), vgic::raw(p)); }

  /// GICv2: physical_gicv2 has CPU 0 acknowledge all SPIs. The architecture lets any CPU's list register deactivate
  /// them, but QEMU's GICv2 (7.2) keeps an active bit for each CPU there and would clear the wrong one.
  [[nodiscard]] bool ends_in_hardware(vgic::vcpu_id v, vgic::intid i) const {
    return gic_version != 2 || vgic::raw(i) < 32 || vgic::raw(v) == 0;
  }

  // Optional: without these the library has no code for them.
  void on_access(const vgic::access_record& a) {
    statistics& s = this_cpu().counted;
    ++(a.dir == vgic::direction::read ? s.reads : s.writes)[static_cast<u32>(a.what)];
  }
  void on_sgi(vgic::vcpu_id, vgic::vcpu_id, vgic::intid sgi) { ++this_cpu().counted.sgis[vgic::raw(sgi)]; }
  void on_listed(vgic::vcpu_id, vgic::intid i) { ++this_cpu().counted.listed[vgic::raw(i)]; }
  void on_refill(vgic::vcpu_id) { ++this_cpu().counted.refills; }
};

struct gich_frame {
  static std::uintptr_t address() { return machine::gich.base; }
};

struct vm_config {
  using version = std::conditional_t<gic_version == 2, vgic::gicv2, vgic::gicv3>;
  using layout = guest_layout;
  using features = vgic::features<vgic::message_spis, vgic::status_registers, vgic::one_of_n>;
  using list_registers = std::conditional_t<gic_version == 2, vgic::gich<gich_frame>, vgic::ich>;
  using host = hv::host;
  using atomics = vgic::builtin_atomics;
  using affinity = vgic::flat_affinity;
  static constexpr vgic::limits limits{.vcpus = max_cpus, .spis = 256, .list_registers = 16, .priority_bits = 5};
};
static_assert(32 + vm_config::limits.spis == machine::interrupts);

extern vgic::gic<vm_config> vm;

}  // namespace hv
