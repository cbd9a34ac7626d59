// SPDX-License-Identifier: BSL-1.0
// The machine's own GIC, as far as EL2 needs it: acknowledge, drop, deactivate, and an SGI to make another CPU leave
// its guest. Both drivers separate priority drop from deactivation (EOImode = 1): after the drop this CPU takes other
// interrupts, while one that was forwarded stays active, and silent, until the guest ends it through its list register.
#pragma once

#include "config.hpp"
#include "machine.hpp"

#include <type_traits>

namespace hv {

/// Registers that GICv2 and GICv3 distributors share, and that GICv3's SGI frames have too.
struct gicd_registers {
  static constexpr u64 ctlr = 0x000, igroupr = 0x080, isenabler = 0x100, icenabler = 0x180, icpendr = 0x280,
                       icactiver = 0x380, ipriorityr = 0x400, itargetsr = 0x800, icfgr = 0xc00, sgir = 0xf00,
                       irouter = 0x6000;

  /// One bit an INTID.
  static void set_bit(u64 frame, u64 reg, u32 intid) {
    device_write<u32>(frame + reg + intid / 32 * 4, u32{1} << (intid % 32));
  }
  /// INTIDs first..last: disabled, neither pending nor active, middle priority, level.
  static void quiesce(u64 frame, u32 first, u32 last, u32 group) {
    for (u32 i = first; i <= last; i += 32) {
      device_write<u32>(frame + icenabler + i / 8, ~u32{0});
      device_write<u32>(frame + icpendr + i / 8, ~u32{0});
      device_write<u32>(frame + icactiver + i / 8, ~u32{0});
      device_write<u32>(frame + igroupr + i / 8, group);
    }
    for (u32 i = first; i <= last; i += 4) device_write<u32>(frame + ipriorityr + i, 0xa0a0'a0a0);
    for (u32 i = first < 16 ? 16 : first; i <= last; i += 16) device_write<u32>(frame + icfgr + i / 4, 0);
  }
  static void enable_private(u64 frame) {
    set_bit(frame, isenabler, machine::kick_sgi);
    set_bit(frame, isenabler, machine::maintenance_ppi);
    for (const u32 ppi : machine::guest_ppis) set_bit(frame, isenabler, ppi);
  }
};

/// What the acknowledge register answered: for GICv2 the INTID with the sender of an SGI.
enum class acknowledged : u32 {};

struct physical_gicv2 : gicd_registers {
  static constexpr u64 gicd = machine::gicd.base;
  static constexpr u64 pmr = machine::gicc.base + 0x04, bpr = machine::gicc.base + 0x08,
                       iar = machine::gicc.base + 0x0c, eoir = machine::gicc.base + 0x10, cpu_ctlr = machine::gicc.base,
                       dir = machine::gicc.base + 0x1000;

  /// CPU 0, once.
  static void start_distributor() {
    device_write<u32>(gicd + ctlr, 0);
    quiesce(gicd, 32, machine::interrupts - 1, 0);
    const u32 self = device_read<u32>(gicd + itargetsr) & 0xff;
    for (u32 i = 32; i < machine::interrupts; i += 4) device_write<u32>(gicd + itargetsr + i, self * 0x0101'0101);
    for (const auto [first, last] : machine::guest_spis) {
      for (u32 i = first; i <= last; ++i) set_bit(gicd, isenabler, i);
    }
    device_write<u32>(gicd + ctlr, 1);
  }
  /// Each CPU for itself.
  static void start_cpu(u32) {
    quiesce(gicd, 0, 31, 0);
    enable_private(gicd);
    device_write<u32>(pmr, 0xff);
    device_write<u32>(bpr, 0);
    device_write<u32>(cpu_ctlr, 1 << 9 | 1);  // EOImode, enable
  }

  [[nodiscard]] static acknowledged acknowledge() {
    const acknowledged a{device_read<u32>(iar)};
    dsb_sy();  // what the sender of an SGI stored before is read after
    return a;
  }
  [[nodiscard]] static u32 intid(acknowledged a) { return static_cast<u32>(a) & 0x3ff; }
  static void drop(acknowledged a) { device_write<u32>(eoir, static_cast<u32>(a)); }
  static void deactivate(acknowledged a) { device_write<u32>(dir, static_cast<u32>(a)); }

  /// CPU interface n belongs to CPU n. The stores that the other CPU is to see come first.
  static void kick(u32 cpu) {
    dsb_ishst();
    device_write<u32>(gicd + sgir, u32{1} << (16 + cpu) | machine::kick_sgi);
  }
  /// Not by way of the acknowledging CPU: an SPI from anywhere; a private interrupt of this CPU only, as the
  /// registers of others are out of reach.
  static void deactivate(u32, u32 intid) { set_bit(gicd, icactiver, intid); }
};

struct physical_gicv3 : gicd_registers {
  static constexpr u64 gicd = machine::gicd.base;
  static constexpr u64 rd_stride = 0x2'0000, sgi_frame = 0x1'0000;
  static constexpr u64 gicr_ctlr = 0x00, gicr_typer = 0x08, gicr_waker = 0x14;
  static constexpr u32 are = 1 << 4, groups = 3;  // GICD_CTLR

  /// Until disables have taken effect: RWP of GICD_CTLR or GICR_CTLR.
  static void wait_for_writes(u64 control = gicd + ctlr, u32 rwp = u32{1} << 31) {
    while ((device_read<u32>(control) & rwp) != 0) {
    }
  }
  /// The redistributor with this CPU's affinity.
  [[nodiscard]] static u64 redistributor(u32 cpu) {
    const u64 mpidr = machine::mpidr(cpu);
    u64 frame = machine::gicr.base;
    while (device_read<u64>(frame + gicr_typer) >> 32 != mpidr) frame += rd_stride;
    return frame;
  }

  static void start_distributor() {
    device_write<u32>(gicd + ctlr, 0);
    wait_for_writes();
    device_write<u32>(gicd + ctlr, are);
    wait_for_writes();
    quiesce(gicd, 32, machine::interrupts - 1, ~u32{0});
    for (const auto [first, last] : machine::guest_spis) {
      for (u32 i = first; i <= last; ++i) {
        device_write<u64>(gicd + irouter + i * 8, machine::mpidr(0));
        set_bit(gicd, isenabler, i);
      }
    }
    device_write<u32>(gicd + ctlr, are | groups);
    wait_for_writes();
  }
  static void start_cpu(u32 cpu) {
    const u64 rd = redistributor(cpu);
    device_write<u32>(rd + gicr_waker, device_read<u32>(rd + gicr_waker) & ~u32{2});  // ProcessorSleep
    while ((device_read<u32>(rd + gicr_waker) & 4) != 0) {
    }  // ChildrenAsleep
    quiesce(rd + sgi_frame, 0, 31, ~u32{0});
    wait_for_writes(rd + gicr_ctlr, 1 << 3);
    enable_private(rd + sgi_frame);

    MSR(ICC_SRE_EL2, 0xf);
    isb();
    MSR(ICC_SRE_EL1, 0x7);
    isb();
    MSR(ICC_PMR_EL1, 0xff);
    MSR(ICC_BPR1_EL1, 0);
    MSR(ICC_CTLR_EL1, 2);  // EOImode
    MSR(ICC_IGRPEN1_EL1, 1);
    isb();
  }

  [[nodiscard]] static acknowledged acknowledge() {
    const acknowledged a{static_cast<u32>(MRS(ICC_IAR1_EL1))};
    dsb_sy();
    return a;
  }
  [[nodiscard]] static u32 intid(acknowledged a) { return static_cast<u32>(a) & 0xff'ffff; }
  static void drop(acknowledged a) {
    MSR(ICC_EOIR1_EL1, a);
    isb();
  }
  static void deactivate(acknowledged a) {
    MSR(ICC_DIR_EL1, a);
    isb();
  }

  static void kick(u32 cpu) {
    const u64 affinity = machine::mpidr(cpu);
    dsb_ishst();
    MSR(ICC_SGI1R_EL1, (affinity >> 8 & 0xff) << 16 | u64{machine::kick_sgi} << 24 | u64{1} << (affinity & 0xf));
    isb();
  }
  static void deactivate(u32 cpu, u32 intid) {
    const u64 frame = intid < 32 ? redistributor(cpu) + sgi_frame : gicd;
    set_bit(frame, icactiver, intid);
  }
};

using physical_gic = std::conditional_t<gic_version == 2, physical_gicv2, physical_gicv3>;

}  // namespace hv
