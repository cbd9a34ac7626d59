// SPDX-License-Identifier: BSL-1.0
// AArch64 instructions that C++ has no words for.
#pragma once

#include <vgic/types.hpp>

#include <cstdint>

namespace hv {

using vgic::u16;
using vgic::u32;
using vgic::u64;
using vgic::u8;

#define MRS(name)                                     \
  ([] {                                               \
    ::hv::u64 mrs_value;                              \
    asm volatile("mrs %0, " #name : "=r"(mrs_value)); \
    return mrs_value;                                 \
  }())
#define MSR(name, value) asm volatile("msr " #name ", %0" : : "r"(static_cast<::hv::u64>(value)) : "memory")

inline void isb() { asm volatile("isb" : : : "memory"); }
inline void dsb_sy() { asm volatile("dsb sy" : : : "memory"); }
inline void dsb_ishst() { asm volatile("dsb ishst" : : : "memory"); }
inline void wait_for_interrupt() { asm volatile("dsb sy\n wfi" : : : "memory"); }

/// Device registers at EL2: mapped one to one, Device-nGnRE.
template <class Word>
[[nodiscard]] inline Word device_read(std::uintptr_t address) {
  return *reinterpret_cast<const volatile Word*>(address);
}
template <class Word>
inline void device_write(std::uintptr_t address, Word value) {
  *reinterpret_cast<volatile Word*>(address) = value;
}

/// A call to the firmware (SMCCC).
[[nodiscard]] inline u64 firmware_call(u64 function, u64 a1 = 0, u64 a2 = 0, u64 a3 = 0) {
  register u64 x0 asm("x0") = function;
  register u64 x1 asm("x1") = a1;
  register u64 x2 asm("x2") = a2;
  register u64 x3 asm("x3") = a3;
  asm volatile("smc #0"
               : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
               :
               : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
  return x0;
}

}  // namespace hv
