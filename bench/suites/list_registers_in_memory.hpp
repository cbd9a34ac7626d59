// SPDX-License-Identifier: BSL-1.0
/// \file
/// List registers whose accesses cost one load or one store, so that a count is that of the library alone.
#pragma once

#include <vgic/backend/simulated.hpp>

namespace bench {

/// A back end that models hardware as it is banked: each physical CPU (here: each thread) has one virtual interface,
/// which is that of the vCPU it runs, whatever vCPU the library names. The guest acts on it through `guest()`, which is
/// the simulation that the tests use; `run` exchanges its contents as a scheduler does. Neither is ever counted.
template <vgic::u32 Vcpus, vgic::u32 Count, class Format>
class list_registers_in_memory {
 public:
  using format = Format;
  using word = typename Format::word;
  using hardware = vgic::simulated<1, Count, Format>;

  // --- what the library uses ---

  word read(vgic::vcpu_id, vgic::lr_index n) { return interface().lr[raw(n)]; }
  void write(vgic::vcpu_id, vgic::lr_index n, word w) { interface().lr[raw(n)] = w; }
  vgic::u32 read_hcr(vgic::vcpu_id) { return interface().hcr; }
  void write_hcr(vgic::vcpu_id, vgic::u32 value) { interface().hcr = value; }
  vgic::u32 read_vmcr(vgic::vcpu_id) { return interface().vmcr; }
  vgic::u32 read_misr(vgic::vcpu_id) { return misr_; }
  void save(vgic::vcpu_id, vgic::cpu_interface_state& s) { here_.save(only, s); }
  void restore(vgic::vcpu_id, const vgic::cpu_interface_state& s) { here_.restore(only, s); }

  // --- what the guest and its CPU do ---

  /// The virtual interface of this CPU, all of whose calls take vCPU 0.
  [[nodiscard]] static hardware& guest() { return here_; }
  static constexpr vgic::vcpu_id only{0};

  /// Is the maintenance interrupt asserted? Latches what ICH_MISR_EL2 will say to the handler.
  [[nodiscard]] static bool maintenance() {
    misr_ = here_.misr(only);
    return here_.maintenance(only);
  }

  /// This CPU runs `v` from here on.
  void run(vgic::vcpu_id v) {
    if (running_ == v) return;
    park();
    interface() = parked_[raw(v)];
    running_ = v;
  }
  /// This CPU runs no vCPU any more; another may run the one that it ran.
  void park() {
    if (running_ != vgic::no_vcpu) parked_[raw(running_)] = interface();
    running_ = vgic::no_vcpu;
  }
  /// What this CPU holds belongs to a VM that is gone.
  static void forget() {
    running_ = vgic::no_vcpu;
    here_ = {};
  }

 private:
  using cpu = typename hardware::cpu;

  [[nodiscard]] static cpu& interface() { return here_.at(only); }

  static inline constinit thread_local hardware here_{};
  static inline constinit thread_local vgic::u32 misr_ = 0;
  static inline constinit thread_local vgic::vcpu_id running_ = vgic::no_vcpu;

  cpu parked_[Vcpus]{};
};

}  // namespace bench
