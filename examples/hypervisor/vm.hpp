// SPDX-License-Identifier: BSL-1.0
// The virtual GIC of the one VM: this is where the library is configured.
#pragma once

#include "counting.hpp"
#include "physical_gic.hpp"

namespace hv {

struct no_hooks {};

/// With this, what another vCPU holds in its list registers is exact when the guest reads or changes pending and active
/// state; without it, it is that of the vCPU's last exit.
struct synchronising {
  /// Makes the CPU of `v` leave its guest and waits until it has. A CPU that waits has left its own: it answers
  /// meanwhile, so that two may wait for each other. Costs the guest's other exits nothing.
  void sync(vgic::vcpu_id v) {
    cpu& other = cpu_of(v);
    const u32 ticket = other.asked.fetch_add(1) + 1;
    physical_gic::kick(vgic::raw(v));
    while (static_cast<std::int32_t>(other.left.load() - ticket) < 0) {
      answer(this_cpu());
      asm volatile("yield");
    }
  }
  /// This CPU has left its guest, and the library knows what its list registers hold.
  static void answer(cpu& self) { self.left.store(self.asked.load()); }
};
struct as_of_last_exit {
  static void answer(cpu&) {}
};

/// What the library asks of this hypervisor. vCPU n is bound to CPU n, which makes most answers short.
struct host : std::conditional_t<counts, counting_hooks, no_hooks>,
              std::conditional_t<exact_state, synchronising, as_of_last_exit> {
  /// Also for this CPU: the SGI stays pending until the guest is entered, and leaves it at once.
  void kick(vgic::vcpu_id v) { physical_gic::kick(vgic::raw(v)); }
  [[nodiscard]] vgic::vcpu_id current() const { return this_cpu().current; }
  void deactivate(vgic::vcpu_id v, vgic::physical_intid p) { physical_gic::deactivate(vgic::raw(v), vgic::raw(p)); }

  /// On a GICv2 the hypervisor ends all forwarded interrupts itself. The architecture lets a list register do it, but
  /// QEMU's GICv2 (7.2) then does not look whether the physical interrupt is asserted again: a timer that expired
  /// meanwhile is not signalled before something else happens, on an idle machine never. For an SPI it would also clear
  /// the active bit of this CPU, of which it keeps one for each.
  [[nodiscard]] bool ends_in_hardware(vgic::vcpu_id, vgic::intid) const { return gic_version != 2; }
};

struct gich_frame {
  static std::uintptr_t address() { return machine::gich.base; }
};

struct vm_config {
  using version = std::conditional_t<gic_version == 2, vgic::gicv2, vgic::gicv3>;
  using layout = guest_layout;
  using features = vgic::features<vgic::message_spis, vgic::status_registers, vgic::one_of_n>;
  using hardware = std::conditional_t<gic_version == 2, vgic::gich<gich_frame>, vgic::ich>;
  using list_registers = std::conditional_t<counts, counting_list_registers<hardware>, hardware>;
  using host = hv::host;
  using atomics = vgic::builtin_atomics;
  using affinity = vgic::flat_affinity;
  static constexpr vgic::limits limits{.vcpus = max_cpus, .spis = 256, .list_registers = 16, .priority_bits = 5};
};
static_assert(32 + vm_config::limits.spis == machine::interrupts);

inline constinit vgic::gic<vm_config> vm{};

/// The same, as a hypervisor of many VMs has it: by a pointer. What compilers know to be a constant address they make
/// anew for each use.
[[nodiscard]] inline vgic::gic<vm_config>& current_vm() {
  auto* p = &vm;
  asm("" : "+r"(p));
  return *p;
}

}  // namespace hv
