// SPDX-License-Identifier: BSL-1.0
/// \file
/// The guest's side of its GIC: what GICv2 and GICv3 have in common, by the same names.
#pragma once

#include "machine.hpp"

namespace guest::gic {

/// What signals an interrupt: PSTATE.I or PSTATE.F masks it.
enum class line : u32 { irq, fiq };

namespace offset {
inline constexpr u32 ctlr = 0x000, igroupr = 0x080, isenabler = 0x100, icenabler = 0x180, ispendr = 0x200,
                     icpendr = 0x280, isactiver = 0x300, icactiver = 0x380, ipriorityr = 0x400, itargetsr = 0x800,
                     icfgr = 0xc00, sgir = 0xf00, cpendsgir = 0xf10, spendsgir = 0xf20, irouter = 0x6000;
}

/// Highest of the acknowledged numbers that are interrupts; what is above says that there is none.
inline constexpr u32 last_interrupt = 1019;

/// Where INTIDs have their registers: `cpu` says whose a private one is. A GICv2 has only those of the CPU that looks.
[[nodiscard]] inline u64 frame(u32 cpu, u32 intid) {
  return is_v3 && intid < 32 ? machine::gicr + cpu * machine::gicr_stride + 0x1'0000 : machine::gicd;
}
inline void set_bit(u32 reg, u32 cpu, u32 intid) {
  write(frame(cpu, intid) + reg + intid / 32 * 4, u32{1} << (intid % 32));
}
[[nodiscard]] inline u32 get_bit(u32 reg, u32 cpu, u32 intid) {
  return read(frame(cpu, intid) + reg + intid / 32 * 4) >> (intid % 32) & 1;
}
inline void set_priority(u32 cpu, u32 intid, u32 priority) {
  write_byte(frame(cpu, intid) + offset::ipriorityr + intid, static_cast<u8>(priority));
}
[[nodiscard]] inline u32 get_priority(u32 cpu, u32 intid) {
  return read_byte(frame(cpu, intid) + offset::ipriorityr + intid);
}
/// By reading and writing back: nobody else writes meanwhile.
inline void set_group(u32 cpu, u32 intid, u32 group) {
  const u64 address = frame(cpu, intid) + offset::igroupr + intid / 32 * 4;
  const u32 bit = u32{1} << (intid % 32);
  write(address, (read(address) & ~bit) | (group != 0 ? bit : 0));
}
enum class trigger : u32 { level, edge };
inline void set_trigger(u32 cpu, u32 intid, trigger t) {
  const u64 address = frame(cpu, intid) + offset::icfgr + intid / 16 * 4;
  const u32 bit = u32{2} << (intid % 16 * 2);
  write(address, (read(address) & ~bit) | (t == trigger::edge ? bit : 0));
}
inline void set_route(u32 intid, u32 cpu) {
  if constexpr (is_v3)
    write_double(machine::gicd + offset::irouter + 8 * intid, cpu);
  else
    write_byte(machine::gicd + offset::itargetsr + intid, static_cast<u8>(1u << cpu));
}
[[nodiscard]] inline u32 get_route(u32 intid) {
  if constexpr (is_v3)
    return static_cast<u32>(read_double(machine::gicd + offset::irouter + 8 * intid));
  else
    return read_byte(machine::gicd + offset::itargetsr + intid);
}

/// Until disables have taken effect (GICv3).
inline void wait_for_writes(u32 cpu, u32 intid) {
  if constexpr (!is_v3) return;
  const bool of_redistributor = intid < 32;
  const u64 address = of_redistributor ? machine::gicr + cpu * machine::gicr_stride : machine::gicd;
  const u32 rwp = of_redistributor ? 1u << 3 : 1u << 31;
  while ((read(address) & rwp) != 0) yield();
}

/// GICD_CTLR: which groups are forwarded.
inline void set_gates(u32 groups) {
  write(machine::gicd + offset::ctlr, groups | (is_v3 ? 1u << 4 : 0));
  wait_for_writes(0, 32);
}

/// What a CPU interface is set to.
struct settings {
  u32 mask;           ///< PMR
  u32 binary[2];      ///< BPR of each group, as the registers number them
  u32 groups;         ///< a bit each
  u32 common_binary;  ///< CBPR
  u32 separate_end;   ///< EOImode
};

/// ISR_EL1: a bit for each `line` that is high.
[[nodiscard]] inline u32 signalled() {
  const u64 isr = GUEST_MRS(isr_el1);
  return static_cast<u32>(isr >> 7 & 1) | static_cast<u32>(isr >> 6 & 1) << 1;
}

}  // namespace guest::gic

#if VGIC_GUEST_GIC == 3
#include "gic_v3.hpp"
#else
#include "gic_v2.hpp"
#endif
