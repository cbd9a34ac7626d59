// SPDX-License-Identifier: BSL-1.0
/// \file
/// What a field of a register is, for the tests that walk its bits and for the page that shows it.
#pragma once

#include <vgic/registers/names.hpp>
#include <vgic/types.hpp>
#include <vgic/version.hpp>

namespace conformance {

using vgic::reg;
using vgic::u32;
using vgic::u64;
using vgic::u8;

/// What a virtual machine has that decides how its registers read.
struct facts {
  u32 version;  ///< 2 or 3
  u32 vcpus;
  u32 spis;
  u32 priority_bits;
  u32 highest_aff0;
  bool message_spis;
  bool status_registers;
  bool one_of_n;
  bool reset_to_group1;
  u32 vcpu = 0;       ///< whose register it is, or who reads it
  u32 affinity = 0;   ///< that vCPU's
  bool last = false;  ///< its redistributor ends a region
  u32 id_index = 0;   ///< which of the identification registers
};

enum class kind : u8 {
  rw,       ///< reads as written
  ro,       ///< a constant, writes ignored
  zero,     ///< RAZ/WI
  set,      ///< write-one-to-set; reads the bits that are set
  clear,    ///< write-one-to-clear of the same bits; reads them
  sticky,   ///< set by an event, write-one-to-clear
  follows,  ///< read-only, as the field below it was written
  wo,       ///< acts when written, reads 0
};

/// Which interrupts of an array a field is about.
enum class which : u8 { all, sgis, ppis, private_ones, spis };

enum class in : u8 { both, v2, v3 };

/// Bits [high:low] of a register, or of each interrupt's share of an array.
struct field {
  reg what;
  in version;
  which interrupts;
  u8 high;
  u8 low;
  const char* name;
  kind how;
  const char* reset;                     ///< as the page says it
  u64 (*value)(const facts&);            ///< at reset, right-aligned
  bool (*there)(const facts&, u32 bit);  ///< otherwise the bit is RAZ/WI; `bit` counts within the interrupt's share
  const char* says;
};

inline u64 zeros(const facts&) { return 0; }
inline bool always(const facts&, u32) { return true; }

/// Bits that an interrupt has in an array of registers; 0 for a register that is none.
[[nodiscard]] constexpr u32 bits_an_interrupt(reg r) {
  switch (r) {
    case reg::gicd_igroupr:
    case reg::gicd_isenabler:
    case reg::gicd_icenabler:
    case reg::gicd_ispendr:
    case reg::gicd_icpendr:
    case reg::gicd_isactiver:
    case reg::gicd_icactiver:
    case reg::gicr_igroupr0:
    case reg::gicr_isenabler0:
    case reg::gicr_icenabler0:
    case reg::gicr_ispendr0:
    case reg::gicr_icpendr0:
    case reg::gicr_isactiver0:
    case reg::gicr_icactiver0: return 1;
    case reg::gicd_icfgr:
    case reg::gicr_icfgr: return 2;
    case reg::gicd_ipriorityr:
    case reg::gicd_itargetsr:
    case reg::gicr_ipriorityr:
    case reg::gicd_cpendsgir:
    case reg::gicd_spendsgir: return 8;
    case reg::gicd_irouter: return 64;
    default: return 0;
  }
}

/// Is the field in this version's register?
[[nodiscard]] constexpr bool is_in(const field& f, u32 version) {
  return f.version == in::both || (f.version == in::v2) == (version == 2);
}

[[nodiscard]] constexpr bool is_about(which w, u32 intid) {
  switch (w) {
    case which::all: return true;
    case which::sgis: return intid < 16;
    case which::ppis: return intid >= 16 && intid < 32;
    case which::private_ones: return intid < 32;
    default: return intid >= 32;
  }
}

}  // namespace conformance
