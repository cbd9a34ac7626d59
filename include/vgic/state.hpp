// SPDX-License-Identifier: BSL-1.0
/// \file
/// All state of a virtual GIC, in memory that its owner provides.
#pragma once

#include <vgic/bank.hpp>
#include <vgic/config.hpp>
#include <vgic/registers/map.hpp>

namespace vgic {

/// The banks that hold what waits for a list register, and how urgent it is. Its owner alone touches it.
struct waiting_banks {
  u32 banks = 0;      ///< bit w: bank w holds something that waits
  u32 unknown = 0;    ///< of these: those whose level has to be looked for
  u32 top = 0;        ///< of the known: those whose most urgent has `priority`; 0 while that has to be looked for
  u32 priority = 0;   ///< of `top`; what the other known banks hold is less urgent
  u8 level[32] = {};  ///< of each known bank: priority of the most urgent that waits there

  /// Interrupts of these banks wait; how urgent they are is not known.
  constexpr void add(u32 some) {
    banks |= some;
    unknown |= some;
    top &= ~some;
  }
  /// Bank `w` was looked at, and the most urgent that waits there has priority `p`.
  constexpr void note(u32 w, u32 p) {
    const u32 bit = u32{1} << w;
    const u32 others = banks & ~unknown & ~bit;
    banks |= bit;
    unknown &= ~bit;
    level[w] = static_cast<u8>(p);
    top &= ~bit;
    if (others == 0 || (top != 0 && p < priority)) {
      top = bit;
      priority = p;
    } else if (top != 0 && p == priority) {
      top |= bit;
    }
  }
  /// Nothing waits in bank `w`.
  constexpr void drop(u32 w) {
    const u32 bit = u32{1} << w;
    banks &= ~bit;
    unknown &= ~bit;
    top &= ~bit;
  }
  /// Looks for `top` among the known banks; how many there are.
  constexpr u32 find_top() {
    u32 count = 0;
    u32 best = 0x100;
    u32 at = 0;
    for (u32 rest = banks & ~unknown; rest != 0; rest &= rest - 1, ++count) {
      const u32 p = level[lowest(rest)];
      if (p > best) continue;
      if (p < best) at = 0;
      best = p;
      at |= rest & (~rest + 1);
    }
    priority = best;
    top = at;
    return count;
  }
};

/// State of one vCPU. Words marked *own* are touched only on the CPU that runs the vCPU, between its exit and entry.
template <configuration C>
struct alignas(64) vcpu_state {
  using s = settings<C>;
  template <class T>
  using cell = typename s::atomics::template cell<T>;
  using lr_word = typename s::format::word;

  bank<typename s::atomics, s::max.priority_bits> priv;  ///< SGIs and PPIs

  cell<u32> maybe;        ///< bit w: bank w may hold something for this vCPU (bank 0 is its private one)
  u32 unlisted = 0;       ///< own: 1 if something waits and the list registers have changed, 2 if an entry was not done
  u32 used = 0;           ///< own: bit n: list register n holds an interrupt
  u32 armed = 0;          ///< own: what the hypervisor control register was last written with
  waiting_banks left;     ///< own: what found no list register
  u32 strays = 0;         ///< own: banks with active interrupts that found no list register
  u32 ends_owed = 0;      ///< own: ends of such interrupts that were counted and not yet carried out
  cell<u32> mine;         ///< bit w: a list register may hold an interrupt of bank w, or held one
  cell<u32> comparing;    ///< bit n: list register n is still to be compared with the planes; written by its owner
  cell<u32> asleep;       ///< GICR_WAKER.ProcessorSleep
  u32 software_ends = 0;  ///< own: bit n: LR n was linked; its physical interrupt is deactivated by the host at its end
  u32 write_pending = 0;  ///< own: banks in which this vCPU disabled something that is listed elsewhere (RWP)
  u8 group_events = 3;    ///< own: groups whose enable/disable events are armed
  u8 passed_over = 0;     ///< own: groups that were off when it was looked what waits
  u8 spent = 0;           ///< own: effort of the last exit; the entry has so much less
  u8 refills = 0;         ///< own: 1 while the hypervisor control register asks to be called back for what waits
  cell<u32> on;
  cell<u32> groups_enabled;  ///< ICC_IGRPEN0/1 as last seen, bits 0 and 1; written by its owner
  cell<u32> statusr;
  cell<u32> dpg;     ///< GICR_CTLR.DPG0 (bit 24) and DPG1NS (bit 25)
  cell<u32> icfgr1;  ///< GICR_ICFGR1: the private bank's edge plane, as it reads

  cell<u32> priorities[8];                  ///< IPRIORITYR of the private bank
  cell<u32> routed[s::spi_banks];           ///< the SPIs that go to this vCPU
  cell<u8> sgi_sources[s::is_v2 ? 16 : 1];  ///< GICv2: pending sources of each SGI
  lr_word lr[s::max.list_registers] = {};   ///< own: contents of the list registers at the last exit or entry
  u64 typer = 0;                            ///< GICR_TYPER, as started
  cpu_interface_state saved;                ///< own: while the vCPU is not loaded on a CPU
};

/// A vCPU's state in an array of such: a power of two up to 512 bytes, so that its place is a shift away.
template <configuration C>
struct alignas(sizeof(vcpu_state<C>) <= 256   ? 256
               : sizeof(vcpu_state<C>) <= 512 ? 512
                                              : 64) vcpu_slot : vcpu_state<C> {};

/// State of a virtual machine's GIC.
template <configuration C>
struct state {
  using s = settings<C>;
  template <class T>
  using cell = typename s::atomics::template cell<T>;
  /// Four interrupts a word, as IPRIORITYR and ITARGETSR have them, or a route each.
  static constexpr u32 route_words = s::spi_banks * (s::is_v2 ? 8 : 32);

  u32 vcpus = 0;                ///< as started
  u32 spis = 0;                 ///< as started
  u32 spi_banks = 0;            ///< banks that these take
  u32 list_registers = 0;       ///< as started
  u32 all_list_registers = 0;   ///< a bit each
  u32 typer = 0;                ///< GICD_TYPER
  u64 redistributor_words = 0;  ///< of the vCPUs' redistributors in the first region
  cell<u32> gate[2];            ///< all ones while GICD_CTLR.EnableGrp<n>
  cell<u32> statusr;
  cell<u32> strays;                   ///< 1 once an interrupt may have been active without a list register
  cell<u32> turn;                     ///< 1-of-N: where the last search for a target ended
  cell<u32> takes[2][s::vcpu_words];  ///< bit v of [g]: vCPU v takes 1-of-N interrupts of group g

  bank<typename s::atomics, s::max.priority_bits> spi[s::spi_banks];
  cell<u32> priorities[s::spi_banks * 8];  ///< IPRIORITYR, four interrupts a word
  cell<u32> routes[route_words];           ///< ITARGETSR (GICv2), or the affinity of IROUTER (GICv3)
  vcpu_slot<C> vcpu[s::max.vcpus];
};

/// Bytes of state that one more SPI, one more vCPU, and the VM as a whole cost.
template <configuration C>
struct footprint {
  using s = settings<C>;
  static constexpr u64 per_32_spis =
      sizeof(bank<typename s::atomics, s::max.priority_bits>) + 8 * sizeof(u32) + (s::is_v2 ? 8 : 32) * sizeof(u32);
  static constexpr u64 per_vcpu = sizeof(vcpu_slot<C>);
  static constexpr u64 total = sizeof(state<C>);
};

}  // namespace vgic
