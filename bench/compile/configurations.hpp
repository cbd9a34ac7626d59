// SPDX-License-Identifier: BSL-1.0
/// \file
/// The configurations whose compile time and size are measured: as a hypervisor has them, with its own host and the
/// real list registers.
#pragma once

#include <layout/xen.hpp>
#include <vgic/vgic.hpp>

extern "C" {
void trace(vgic::vcpu_id v, vgic::u64 what, vgic::u64 value);
void cpu_wait_for(vgic::vcpu_id v);                                   ///< until it has left the guest
void cpu_interrupt(vgic::vcpu_id v);                                  ///< an SGI to the physical CPU that runs v
void cpu_deactivate(vgic::vcpu_id v, vgic::physical_intid physical);  ///< ICC_DIR_EL1, GICC_DIR
extern volatile vgic::u64 list_registers_here[32];                    ///< stands for ICH_*_EL2 where there are none
}

namespace compiled {

/// A hypervisor's part: the current vCPU is in a register that the architecture leaves to it, the rest is a call.
struct hypervisor {
  static void kick(vgic::vcpu_id v) { cpu_interrupt(v); }
  [[nodiscard]] static vgic::vcpu_id current() {
    vgic::u64 here;
#if defined(__aarch64__)
    __asm__("mrs %0, tpidr_el2" : "=r"(here));
#else
    __asm__("movq %%gs:0, %0" : "=r"(here));
#endif
    return vgic::vcpu_id{static_cast<vgic::u16>(here)};
  }
  static void deactivate(vgic::vcpu_id v, vgic::physical_intid p) { cpu_deactivate(v, p); }
};

#if defined(__aarch64__)
using ich = vgic::ich;
#else
/// Each access is one load or store, where AArch64 has one MRS or MSR.
struct ich {
  using format = vgic::ich_format;

  static vgic::u64 read(vgic::vcpu_id, vgic::lr_index n) { return list_registers_here[raw(n)]; }
  static void write(vgic::vcpu_id, vgic::lr_index n, vgic::u64 value) { list_registers_here[raw(n)] = value; }
  static vgic::u32 read_hcr(vgic::vcpu_id) { return static_cast<vgic::u32>(list_registers_here[16]); }
  static void write_hcr(vgic::vcpu_id, vgic::u32 value) { list_registers_here[16] = value; }
  static vgic::u32 read_vmcr(vgic::vcpu_id) { return static_cast<vgic::u32>(list_registers_here[17]); }
  static vgic::u32 read_misr(vgic::vcpu_id) { return static_cast<vgic::u32>(list_registers_here[18]); }
  static void save(vgic::vcpu_id, vgic::cpu_interface_state& s) {
    s.vmcr = static_cast<vgic::u32>(list_registers_here[17]);
    for (vgic::u32 i = 0; i < 4; ++i) {
      s.ap0r[i] = static_cast<vgic::u32>(list_registers_here[20 + i]);
      s.ap1r[i] = static_cast<vgic::u32>(list_registers_here[24 + i]);
    }
  }
  static void restore(vgic::vcpu_id, const vgic::cpu_interface_state& s) {
    list_registers_here[17] = s.vmcr;
    for (vgic::u32 i = 0; i < 4; ++i) {
      list_registers_here[20 + i] = s.ap0r[i];
      list_registers_here[24 + i] = s.ap1r[i];
    }
  }
};
#endif

/// Where the hypervisor has mapped GICH.
struct gich_page {
  static vgic::u64 address() { return 0x0803'0000; }
};
using gich = vgic::gich<gich_page>;

/// What all have in common.
struct any_gic {
  using host = hypervisor;
  using atomics = vgic::builtin_atomics;
  using affinity = vgic::flat_affinity;
};
struct any_gicv3 : any_gic {
  using version = vgic::gicv3;
  using layout = layout::xen_4_5;
  using list_registers = ich;
};
struct any_gicv2 : any_gic {
  using version = vgic::gicv2;
  using layout = layout::xen_4_5;
  using list_registers = gich;
};

inline constexpr vgic::limits usual{.vcpus = 8, .spis = 256, .list_registers = 4, .priority_bits = 5};

/// As the benchmarks have them.
struct gicv3 : any_gicv3 {
  using features = vgic::features<vgic::message_spis, vgic::status_registers, vgic::one_of_n>;
  static constexpr vgic::limits limits = usual;
};
struct gicv2 : any_gicv2 {
  using features = vgic::features<vgic::one_of_n>;
  static constexpr vgic::limits limits = usual;
};

/// No feature: what the architecture does not let one leave out.
struct gicv3_minimal : any_gicv3 {
  using features = vgic::features<>;
  static constexpr vgic::limits limits = usual;
};
struct gicv2_minimal : any_gicv2 {
  using features = vgic::features<>;
  static constexpr vgic::limits limits = usual;
};

/// Frames of 512 redistributors.
struct many_redistributors {
  static constexpr const char* name = "many redistributors";
  static constexpr ::layout::gicv3_frames<1> v3{
      .distributor = {0x0800'0000, 0x1'0000},
      .stride = 0x2'0000,
      .redistributors = {{0x1000'0000, 512 * 0x2'0000}},
  };
};

/// All features, and the most that there can be of everything.
struct gicv3_largest : any_gicv3 {
  using layout = many_redistributors;
  using features = vgic::features<vgic::message_spis, vgic::status_registers, vgic::one_of_n, vgic::reset_to_group1>;
  static constexpr vgic::limits limits{.vcpus = 512, .spis = 988, .list_registers = 16, .priority_bits = 8};
};
struct gicv2_largest : any_gicv2 {
  using features = vgic::features<vgic::one_of_n>;
  static constexpr vgic::limits limits{.vcpus = 8, .spis = 988, .list_registers = 16, .priority_bits = 8};
};

/// For a hypervisor of one CPU.
struct gicv3_single_cpu : gicv3 {
  using atomics = vgic::single_cpu_atomics;
};
struct gicv2_single_cpu : gicv2 {
  using atomics = vgic::single_cpu_atomics;
};

/// A hypervisor with every hook that a host may have.
struct tracing_hypervisor : hypervisor {
  static void on_access(const vgic::access_record& a) { trace(a.vcpu, static_cast<vgic::u64>(a.what), a.value); }
  static void on_sgi(vgic::vcpu_id from, vgic::vcpu_id to, vgic::intid i) { trace(from, raw(to), raw(i)); }
  static void on_listed(vgic::vcpu_id v, vgic::intid i) { trace(v, 1, raw(i)); }
  static void on_refill(vgic::vcpu_id v) { trace(v, 2, 0); }
  static void sync(vgic::vcpu_id v) { cpu_wait_for(v); }
};
struct gicv3_hooks : gicv3 {
  using host = tracing_hypervisor;
};
struct gicv2_hooks : gicv2 {
  using host = tracing_hypervisor;
};

}  // namespace compiled
