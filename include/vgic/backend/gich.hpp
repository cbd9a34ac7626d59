// SPDX-License-Identifier: BSL-1.0
/// \file
/// List registers in memory: GICH of a GICv2 (IHI 0048B, 5.3).
#pragma once

#include <vgic/list_register.hpp>

namespace vgic {

/// The GICH frame of this CPU, at `Base::address()` in the hypervisor's address space, mapped as device memory.
template <class Base>
struct gich {
  using format = gich_format;

  /// List registers of this CPU (GICH_VTR.ListRegs), 16 at most used.
  [[nodiscard]] static u32 implemented() {
    const u32 n = (load(0x004) & 0x3f) + 1;
    return n < 16 ? n : 16;
  }

  static u32 read(vcpu_id, lr_index n) { return load(0x100 + 4 * raw(n)); }
  static void write(vcpu_id, lr_index n, u32 value) { store(0x100 + 4 * raw(n), value); }
  static u32 read_hcr(vcpu_id) { return load(0x000); }
  static void write_hcr(vcpu_id, u32 value) { store(0x000, value); }
  static u32 read_vmcr(vcpu_id) { return load(0x008); }
  static u32 read_misr(vcpu_id) { return load(0x010); }

  static void save(vcpu_id, cpu_interface_state& s) {
    s.vmcr = load(0x008);
    s.ap0r[0] = load(0x0f0);
  }
  static void restore(vcpu_id, const cpu_interface_state& s) {
    store(0x0f0, s.ap0r[0]);
    store(0x008, s.vmcr);
  }

 private:
  static u32 load(u32 offset) { return *reinterpret_cast<const volatile u32*>(Base::address() + offset); }
  static void store(u32 offset, u32 value) { *reinterpret_cast<volatile u32*>(Base::address() + offset) = value; }
};

}  // namespace vgic
