// SPDX-License-Identifier: BSL-1.0
/// \file
/// Instructions that C++ has no words for, and memory that other CPUs and devices see. The MMU is off.
#pragma once

#include <cstdint>

namespace guest {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

#define GUEST_MRS(name)                               \
  ([] {                                               \
    ::guest::u64 mrs_value;                           \
    asm volatile("mrs %0, " #name : "=r"(mrs_value)); \
    return mrs_value;                                 \
  }())
#define GUEST_MSR(name, value) \
  asm volatile("msr " #name ", %0\n isb" : : "r"(static_cast<::guest::u64>(value)) : "memory")

// One load or store instruction each, without writeback: a hypervisor is told what it was.
[[nodiscard]] inline u32 read(u64 address) {
  u32 value;
  asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
  return value;
}
[[nodiscard]] inline u8 read_byte(u64 address) {
  u32 value;
  asm volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
  return static_cast<u8>(value);
}
[[nodiscard]] inline u64 read_double(u64 address) {
  u64 value;
  asm volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
  return value;
}
inline void write(u64 address, u32 value) { asm volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory"); }
inline void write_byte(u64 address, u8 value) {
  asm volatile("strb %w0, [%1]" : : "r"(u32{value}), "r"(address) : "memory");
}
inline void write_double(u64 address, u64 value) {
  asm volatile("str %0, [%1]" : : "r"(value), "r"(address) : "memory");
}

inline void barrier() { asm volatile("dsb sy\n isb" : : : "memory"); }
/// With one emulating thread QEMU goes on with the next CPU here.
inline void yield() { asm volatile("yield" : : : "memory"); }
inline void unmask_interrupts() { asm volatile("msr daifclr, #3\n isb" : : : "memory"); }
inline void mask_interrupts() { asm volatile("msr daifset, #3\n isb" : : : "memory"); }

[[nodiscard]] inline u32 this_cpu() { return static_cast<u32>(GUEST_MRS(tpidr_el1)); }

namespace psci {
inline constexpr u64 cpu_off = 0x8400'0002, cpu_on = 0xc400'0003, affinity_info = 0xc400'0004, system_off = 0x8400'0008;

[[nodiscard]] inline u64 call(u64 function, u64 a = 0, u64 b = 0, u64 c = 0) {
  register u64 x0 asm("x0") = function;
  register u64 x1 asm("x1") = a;
  register u64 x2 asm("x2") = b;
  register u64 x3 asm("x3") = c;
  asm volatile("hvc #0"
               : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
               :
               : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
  return x0;
}
}  // namespace psci

}  // namespace guest
