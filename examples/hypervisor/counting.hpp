// SPDX-License-Identifier: BSL-1.0
// What a hypervisor that counts has the library call.
#pragma once

#include "cpu.hpp"

namespace hv {

/// The library's optional hooks: without these it has no code for them.
struct counting_hooks {
  void on_access(const vgic::access_record& a) {
    statistics& s = this_cpu().counted;
    ++(a.dir == vgic::direction::read ? s.reads : s.writes)[static_cast<u32>(a.what)];
  }
  void on_sgi(vgic::vcpu_id, vgic::vcpu_id, vgic::intid sgi) { ++this_cpu().counted.sgis[vgic::raw(sgi)]; }
  void on_listed(vgic::vcpu_id, vgic::intid i) { ++this_cpu().counted.listed[vgic::raw(i)]; }
  void on_refill(vgic::vcpu_id) { ++this_cpu().counted.refills; }
};

/// A back end for list registers that counts the accesses to the hardware.
template <vgic::list_register_backend Hardware>
struct counting_list_registers : Hardware {
  using word = typename Hardware::format::word;

  static word read(vgic::vcpu_id v, vgic::lr_index n) {
    ++this_cpu().counted.list_register_reads;
    return Hardware::read(v, n);
  }
  static void write(vgic::vcpu_id v, vgic::lr_index n, word value) {
    ++this_cpu().counted.list_register_writes;
    Hardware::write(v, n, value);
  }
  static u32 read_hcr(vgic::vcpu_id v) { return control(Hardware::read_hcr(v)); }
  static void write_hcr(vgic::vcpu_id v, u32 value) { Hardware::write_hcr(v, control(value)); }
  static u32 read_vmcr(vgic::vcpu_id v) { return control(Hardware::read_vmcr(v)); }
  static u32 read_misr(vgic::vcpu_id v) { return control(Hardware::read_misr(v)); }

 private:
  static u32 control(u32 value) {
    ++this_cpu().counted.control_accesses;
    return value;
  }
};

}  // namespace hv
