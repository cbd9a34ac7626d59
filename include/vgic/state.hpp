// SPDX-License-Identifier: BSL-1.0
/// \file
/// All state of a virtual GIC, in memory that its owner provides.
#pragma once

#include <vgic/bank.hpp>
#include <vgic/config.hpp>
#include <vgic/registers/map.hpp>

namespace vgic {

/// State of one vCPU. Words marked *own* are touched only on the CPU that runs the vCPU, between its exit and entry.
template <configuration C>
struct alignas(64) vcpu_state {
  using s = settings<C>;
  template <class T>
  using cell = typename s::atomics::template cell<T>;
  using lr_word = typename s::format::word;

  cell<u32> maybe;  ///< bit w: bank w may hold something for this vCPU (bank 0 is its private one)
  u32 left = 0;     ///< own: bit w: bank w holds something that found no list register
  u32 used = 0;     ///< own: bit n: list register n holds an interrupt
  u32 armed = 0;    ///< own: what the hypervisor control register was last written with
  cell<u32> mine;   ///< bit w: a list register may hold an interrupt of bank w
  cell<u32> statusr;
  cell<u32> dpg;     ///< GICR_CTLR.DPG0 (bit 24) and DPG1NS (bit 25)
  cell<u32> icfgr1;  ///< GICR_ICFGR1: the private bank's edge plane, as it reads
  cell<u32> asleep;  ///< GICR_WAKER.ProcessorSleep
  cell<u32> on;
  cell<u32> groups_enabled;  ///< ICC_IGRPEN0/1 as last seen, bits 0 and 1; written by its owner
  u16 group_events = 3;      ///< own: groups whose enable/disable events are armed
  u16 refills = 0;           ///< own: 1 while the hypervisor control register asks to be called back for what waits
  u32 write_pending = 0;     ///< own: banks in which this vCPU disabled something that is listed elsewhere (RWP)
  u32 software_ends = 0;  ///< own: bit n: LR n was linked; its physical interrupt is deactivated by the host at its end

  cell<u32> priorities[8];                  ///< IPRIORITYR of the private bank
  cell<u32> routed[s::spi_banks];           ///< superset of the SPIs that go to this vCPU
  cell<u8> sgi_sources[s::is_v2 ? 16 : 1];  ///< GICv2: pending sources of each SGI
  lr_word lr[s::max.list_registers] = {};   ///< own: contents of the list registers at the last exit or entry
  u64 typer = 0;                            ///< GICR_TYPER, as started
  cpu_interface_state saved;                ///< own: while the vCPU is not loaded on a CPU
};

/// State of a virtual machine's GIC.
template <configuration C>
struct state {
  using s = settings<C>;
  template <class T>
  using cell = typename s::atomics::template cell<T>;

  u32 vcpus = 0;                ///< as started
  u32 spis = 0;                 ///< as started
  u32 spi_banks = 0;            ///< banks that these take
  u32 list_registers = 0;       ///< as started
  u32 all_list_registers = 0;   ///< a bit each
  u32 typer = 0;                ///< GICD_TYPER
  u64 redistributor_words = 0;  ///< of the vCPUs' redistributors in the first region
  cell<u32> gate_zero;          ///< all ones while GICD_CTLR.EnableGrp0
  cell<u32> gate_one;           ///< all ones while GICD_CTLR.EnableGrp1
  cell<u32> statusr;
  cell<u32> strays;                     ///< 1 once an interrupt may have been active without a list register
  cell<u32> turn;                       ///< 1-of-N: where the last search for a target ended
  cell<u32> takes_zero[s::vcpu_words];  ///< bit v: vCPU v takes 1-of-N interrupts of group 0
  cell<u32> takes_one[s::vcpu_words];   ///< the same for group 1

  bank<typename s::atomics, s::max.priority_bits> spi[s::spi_banks];
  cell<u32> priorities[s::spi_banks * 8];  ///< IPRIORITYR, four interrupts a word
  cell<typename s::version::route> routes[s::spi_banks * 32];
  bank<typename s::atomics, s::max.priority_bits> priv[s::max.vcpus];  ///< SGIs and PPIs of each vCPU
  vcpu_state<C> vcpu[s::max.vcpus];
};

/// Bytes of state that one more SPI, one more vCPU, and the VM as a whole cost.
template <configuration C>
struct footprint {
  using s = settings<C>;
  static constexpr u64 per_32_spis = sizeof(bank<typename s::atomics, s::max.priority_bits>) + 8 * sizeof(u32) +
                                     32 * sizeof(typename s::version::route);
  static constexpr u64 per_vcpu = sizeof(vcpu_state<C>) + sizeof(bank<typename s::atomics, s::max.priority_bits>);
  static constexpr u64 total = sizeof(state<C>);
};

}  // namespace vgic
