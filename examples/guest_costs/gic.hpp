// SPDX-License-Identifier: BSL-1.0
// The guest's side of its GIC, as far as it is needed to measure.
#pragma once

#include "console.hpp"

namespace guest {

inline constexpr bool is_v3 = VGIC_GUEST_GIC == 3;

inline constexpr uint64_t gicd = is_v3 ? guest_layout::v3.distributor.base : guest_layout::v2.distributor.base;
inline constexpr uint64_t gicc = guest_layout::v2.cpu_interface.base;      // GICv2
inline constexpr uint64_t gicr = guest_layout::v3.redistributors[0].base;  // GICv3, of vCPU 0
inline constexpr uint64_t sgi_frame = gicr + 0x1'0000;                     // GICv3
inline constexpr uint64_t private_registers = is_v3 ? sgi_frame : gicd;    // of INTIDs 0 to 31

inline constexpr uint32_t igroupr = 0x080, isenabler = 0x100, icenabler = 0x180, ispendr = 0x200, ipriorityr = 0x400,
                          sgir = 0xf00;

/// SGI that is sent, and the virtual timer's PPI.
inline constexpr uint32_t sgi = 1, timer_ppi = 27;

inline void write(uint64_t address, uint32_t value) {
  asm volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}
[[nodiscard]] inline uint32_t read(uint64_t address) {
  uint32_t value;
  asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
  return value;
}

/// Private interrupts that are used here enabled, everything forwarded, one group, no priority masked.
inline void start_gic() {
  if constexpr (is_v3) {
    write(gicd, 0x12);      // GICD_CTLR: ARE, EnableGrp1
    write(gicr + 0x14, 0);  // GICR_WAKER
    write(sgi_frame + igroupr, ~uint32_t{0});
    write(gicd + igroupr + 4, ~uint32_t{0});
  } else {
    write(gicd, 1);
  }
  for (uint32_t i = 0; i < 32; i += 4) write(private_registers + ipriorityr + i, 0xa0a0'a0a0);
  write(private_registers + isenabler, 1u << sgi | 1u << timer_ppi);
#if VGIC_GUEST_GIC == 3
  asm volatile(
      "msr icc_sre_el1, %0\n isb\n"
      "msr icc_pmr_el1, %1\n"
      "msr icc_bpr1_el1, xzr\n"
      "msr icc_ctlr_el1, xzr\n"
      "msr icc_igrpen1_el1, %2\n isb"
      :
      : "r"(uint64_t{7}), "r"(uint64_t{0xff}), "r"(uint64_t{1})
      : "memory");
#else
  write(gicc + 0x4, 0xff);  // GICC_PMR
  write(gicc + 0x8, 0);     // GICC_BPR
  write(gicc, 1);           // GICC_CTLR
#endif
}

}  // namespace guest
