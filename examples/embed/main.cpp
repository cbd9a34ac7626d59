// SPDX-License-Identifier: BSL-1.0
#include "hypervisor.hpp"  // yours: struct frame, namespace cpu

#include <layout/qemu_virt.hpp>
#include <vgic/vgic.hpp>

struct my_host {
  void kick(vgic::vcpu_id v) { cpu::interrupt(v); }
  vgic::vcpu_id current() const { return cpu::running(); }
  void deactivate(vgic::vcpu_id, vgic::physical_intid id) { cpu::deactivate(id); }
};

struct my_gic {
  using version = vgic::gicv3;
  using layout = layout::qemu_virt;
  using features = vgic::features<vgic::one_of_n>;
  using list_registers = vgic::ich;  // ICH_*_EL2
  using host = my_host;
  using atomics = vgic::builtin_atomics;
  using affinity = vgic::flat_affinity;
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 256, .list_registers = 16, .priority_bits = 5};
};
constinit vgic::gic<my_gic> gic{};

vgic::result make_gic() { return gic.start({.vcpus = 4, .spis = 64, .list_registers = vgic::ich::implemented()}); }

// Between the exit from vCPU v and its next entry, physical interrupts masked.
void handle_exit(vgic::vcpu_id v, frame& f) {
  gic.exit(v);
  const auto trap = f.esr >> 26 == 0x18 ? gic.system_register(v, f.esr, f.x)
                                        : gic.data_abort(v, {.esr = f.esr, .hpfar = f.hpfar, .far = f.far}, f.x);
  if (trap == vgic::trap_status::handled) f.elr += 4;  // otherwise it is not the GIC's: look at your own devices
  gic.entry(v);
}
