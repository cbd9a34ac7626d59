// SPDX-License-Identifier: BSL-1.0
/// \file
/// List registers as system registers: ICH_*_EL2 of a GICv3 (IHI 0069, 12.4). To be used at EL2.
#pragma once

#include <vgic/list_register.hpp>

namespace vgic {

#if defined(__aarch64__)

namespace detail {

// By encoding, so that no assembler needs to know the names.
#define VGIC_ICH_READ(name, encoding)                    \
  [[nodiscard]] inline u64 read_##name() {               \
    u64 value;                                           \
    __asm__ volatile("mrs %0, " encoding : "=r"(value)); \
    return value;                                        \
  }
#define VGIC_ICH_WRITE(name, encoding) \
  inline void write_##name(u64 value) { __asm__ volatile("msr " encoding ", %0" ::"r"(value)); }
#define VGIC_ICH_BOTH(name, encoding) \
  VGIC_ICH_READ(name, encoding)       \
  VGIC_ICH_WRITE(name, encoding)

VGIC_ICH_BOTH(ich_ap0r0, "S3_4_C12_C8_0")
VGIC_ICH_BOTH(ich_ap0r1, "S3_4_C12_C8_1")
VGIC_ICH_BOTH(ich_ap0r2, "S3_4_C12_C8_2")
VGIC_ICH_BOTH(ich_ap0r3, "S3_4_C12_C8_3")
VGIC_ICH_BOTH(ich_ap1r0, "S3_4_C12_C9_0")
VGIC_ICH_BOTH(ich_ap1r1, "S3_4_C12_C9_1")
VGIC_ICH_BOTH(ich_ap1r2, "S3_4_C12_C9_2")
VGIC_ICH_BOTH(ich_ap1r3, "S3_4_C12_C9_3")
VGIC_ICH_BOTH(ich_hcr, "S3_4_C12_C11_0")
VGIC_ICH_READ(ich_vtr, "S3_4_C12_C11_1")
VGIC_ICH_READ(ich_misr, "S3_4_C12_C11_2")
VGIC_ICH_BOTH(ich_vmcr, "S3_4_C12_C11_7")
VGIC_ICH_BOTH(ich_lr0, "S3_4_C12_C12_0")
VGIC_ICH_BOTH(ich_lr1, "S3_4_C12_C12_1")
VGIC_ICH_BOTH(ich_lr2, "S3_4_C12_C12_2")
VGIC_ICH_BOTH(ich_lr3, "S3_4_C12_C12_3")
VGIC_ICH_BOTH(ich_lr4, "S3_4_C12_C12_4")
VGIC_ICH_BOTH(ich_lr5, "S3_4_C12_C12_5")
VGIC_ICH_BOTH(ich_lr6, "S3_4_C12_C12_6")
VGIC_ICH_BOTH(ich_lr7, "S3_4_C12_C12_7")
VGIC_ICH_BOTH(ich_lr8, "S3_4_C12_C13_0")
VGIC_ICH_BOTH(ich_lr9, "S3_4_C12_C13_1")
VGIC_ICH_BOTH(ich_lr10, "S3_4_C12_C13_2")
VGIC_ICH_BOTH(ich_lr11, "S3_4_C12_C13_3")
VGIC_ICH_BOTH(ich_lr12, "S3_4_C12_C13_4")
VGIC_ICH_BOTH(ich_lr13, "S3_4_C12_C13_5")
VGIC_ICH_BOTH(ich_lr14, "S3_4_C12_C13_6")
VGIC_ICH_BOTH(ich_lr15, "S3_4_C12_C13_7")

#undef VGIC_ICH_BOTH
#undef VGIC_ICH_WRITE
#undef VGIC_ICH_READ

}  // namespace detail

/// The ICH system registers of this CPU.
struct ich {
  using format = ich_format;

  /// List registers of this CPU (ICH_VTR_EL2.ListRegs).
  [[nodiscard]] static u32 implemented() { return static_cast<u32>(detail::read_ich_vtr() & 0x1f) + 1; }

  static u64 read(vcpu_id, lr_index n) {
    switch (raw(n)) {
      case 0: return detail::read_ich_lr0();
      case 1: return detail::read_ich_lr1();
      case 2: return detail::read_ich_lr2();
      case 3: return detail::read_ich_lr3();
      case 4: return detail::read_ich_lr4();
      case 5: return detail::read_ich_lr5();
      case 6: return detail::read_ich_lr6();
      case 7: return detail::read_ich_lr7();
      case 8: return detail::read_ich_lr8();
      case 9: return detail::read_ich_lr9();
      case 10: return detail::read_ich_lr10();
      case 11: return detail::read_ich_lr11();
      case 12: return detail::read_ich_lr12();
      case 13: return detail::read_ich_lr13();
      case 14: return detail::read_ich_lr14();
      default: return detail::read_ich_lr15();
    }
  }
  static void write(vcpu_id, lr_index n, u64 value) {
    switch (raw(n)) {
      case 0: return detail::write_ich_lr0(value);
      case 1: return detail::write_ich_lr1(value);
      case 2: return detail::write_ich_lr2(value);
      case 3: return detail::write_ich_lr3(value);
      case 4: return detail::write_ich_lr4(value);
      case 5: return detail::write_ich_lr5(value);
      case 6: return detail::write_ich_lr6(value);
      case 7: return detail::write_ich_lr7(value);
      case 8: return detail::write_ich_lr8(value);
      case 9: return detail::write_ich_lr9(value);
      case 10: return detail::write_ich_lr10(value);
      case 11: return detail::write_ich_lr11(value);
      case 12: return detail::write_ich_lr12(value);
      case 13: return detail::write_ich_lr13(value);
      case 14: return detail::write_ich_lr14(value);
      default: return detail::write_ich_lr15(value);
    }
  }
  static u32 read_hcr(vcpu_id) { return static_cast<u32>(detail::read_ich_hcr()); }
  static void write_hcr(vcpu_id, u32 value) { detail::write_ich_hcr(value); }
  static u32 read_vmcr(vcpu_id) { return static_cast<u32>(detail::read_ich_vmcr()); }
  static u32 read_misr(vcpu_id) { return static_cast<u32>(detail::read_ich_misr()); }

  static void save(vcpu_id, cpu_interface_state& s) {
    s.vmcr = static_cast<u32>(detail::read_ich_vmcr());
    const u32 n = active_priority_registers();
    s.ap0r[0] = static_cast<u32>(detail::read_ich_ap0r0());
    s.ap1r[0] = static_cast<u32>(detail::read_ich_ap1r0());
    if (n > 1) {
      s.ap0r[1] = static_cast<u32>(detail::read_ich_ap0r1());
      s.ap1r[1] = static_cast<u32>(detail::read_ich_ap1r1());
    }
    if (n > 2) {
      s.ap0r[2] = static_cast<u32>(detail::read_ich_ap0r2());
      s.ap0r[3] = static_cast<u32>(detail::read_ich_ap0r3());
      s.ap1r[2] = static_cast<u32>(detail::read_ich_ap1r2());
      s.ap1r[3] = static_cast<u32>(detail::read_ich_ap1r3());
    }
  }
  static void restore(vcpu_id, const cpu_interface_state& s) {
    detail::write_ich_vmcr(s.vmcr);
    const u32 n = active_priority_registers();
    detail::write_ich_ap0r0(s.ap0r[0]);
    detail::write_ich_ap1r0(s.ap1r[0]);
    if (n > 1) {
      detail::write_ich_ap0r1(s.ap0r[1]);
      detail::write_ich_ap1r1(s.ap1r[1]);
    }
    if (n > 2) {
      detail::write_ich_ap0r2(s.ap0r[2]);
      detail::write_ich_ap0r3(s.ap0r[3]);
      detail::write_ich_ap1r2(s.ap1r[2]);
      detail::write_ich_ap1r3(s.ap1r[3]);
    }
  }

 private:
  /// 2^(PREbits - 5) a group: 1, 2 or 4 (ICH_VTR_EL2.PREbits).
  static u32 active_priority_registers() { return 1u << ((static_cast<u32>(detail::read_ich_vtr() >> 26) & 7) - 4); }
};

#else

/// The ICH system registers exist on AArch64 only: a configuration for it is compiled for it.
struct ich;

#endif

}  // namespace vgic
