// SPDX-License-Identifier: BSL-1.0
/// \file
/// List registers in ordinary memory with a virtual CPU interface that acts on them as the hardware's does, for tests
/// on any machine: what the guest would do with ICC_* or GICC_* registers is done by calling `acknowledge`, `end` and
/// `deactivate`. Five bits of priority and of preemption.
#pragma once

#include <vgic/list_register.hpp>

namespace vgic {

/// The virtual interfaces of `Vcpus` vCPUs with `Count` list registers each, in the form `Format`.
template <u32 Vcpus, u32 Count, class Format = ich_format>
class simulated {
 public:
  using format = Format;
  using word = typename Format::word;

  // --- what the library uses ---

  word read(vcpu_id v, lr_index n) {
    ++at(v).lr_reads;
    return at(v).lr[raw(n)];
  }
  void write(vcpu_id v, lr_index n, word w) {
    ++at(v).lr_writes;
    at(v).lr[raw(n)] = w;
  }
  u32 read_hcr(vcpu_id v) { return at(v).hcr; }
  void write_hcr(vcpu_id v, u32 value) {
    ++at(v).hcr_writes;
    at(v).hcr = value;
  }
  u32 read_vmcr(vcpu_id v) { return at(v).vmcr; }
  u32 read_misr(vcpu_id v) { return misr(v); }
  void save(vcpu_id v, cpu_interface_state& s) {
    s.vmcr = at(v).vmcr;
    s.ap0r[0] = at(v).apr[0];
    s.ap1r[0] = at(v).apr[1];
  }
  void restore(vcpu_id v, const cpu_interface_state& s) {
    at(v).vmcr = s.vmcr;
    at(v).apr[0] = s.ap0r[0];
    at(v).apr[1] = s.ap1r[0];
  }

  // --- what the guest does ---

  /// ICC_PMR_EL1, ICC_IGRPEN<g>_EL1, ICC_CTLR_EL1.EOImode, ICC_BPR0_EL1. GICH keeps PMR in VMCR[31:27].
  void set_priority_mask(vcpu_id v, u32 pmr) { at(v).vmcr = (at(v).vmcr & 0x00ff'ffffu) | (pmr & 0xf8) << 24; }
  void enable_groups(vcpu_id v, u32 groups) { at(v).vmcr = (at(v).vmcr & ~3u) | (groups & 3); }
  /// EOImode 1: `end` only drops the priority, `deactivate` ends the interrupt.
  void split_end(vcpu_id v) { at(v).vmcr |= 1u << 9; }

  static constexpr u32 spurious = 1023;

  /// ICC_IAR<g>_EL1 (GICv2: GICC_IAR for group 0, GICC_AIAR for group 1; with the source CPU of an SGI in [12:10]).
  u32 acknowledge(vcpu_id v, group g) {
    cpu& c = at(v);
    const u32 n = highest_pending(v);
    if (n == Count || group_of(c.lr[n]) != g || !signalled(v, n)) return spurious;
    const u32 p = Format::priority_of(c.lr[n]);
    c.apr[index(g)] |= u32{1} << (p >> 3);
    c.lr[n] = Format::state(c.lr[n], lr_state::active);
    // Where a linked interrupt of a GICv2 has its physical number, others have their source.
    return static_cast<u32>(c.lr[n] & ((c.lr[n] & Format::hw) != 0 ? Format::id_mask : word{0x1fff}));
  }

  /// ICC_EOIR<g>_EL1: drops the running priority; with EOImode 0 also ends the interrupt.
  void end(vcpu_id v, group g, u32 id) {
    cpu& c = at(v);
    if ((id & 0x3ff) >= 1020) return;
    const bool dropped = drop_priority(c);
    if ((c.vmcr & (1u << 9)) != 0 || !dropped) return;
    for (u32 n = 0; n < Count; ++n)
      if (is_active(c.lr[n], id) && group_of(c.lr[n]) == g) return finish(c, n);
    count_end(c);
  }

  /// ICC_DIR_EL1.
  void deactivate(vcpu_id v, u32 id) {
    cpu& c = at(v);
    if ((id & 0x3ff) >= 1020 || (c.vmcr & (1u << 9)) == 0) return;
    for (u32 n = 0; n < Count; ++n)
      if (is_active(c.lr[n], id)) return finish(c, n);
    count_end(c);
  }

  /// Is an interrupt of this group signalled to the guest (group 0: FIQ, group 1: IRQ)?
  [[nodiscard]] bool signals(vcpu_id v, group g) {
    const u32 n = highest_pending(v);
    return n != Count && group_of(at(v).lr[n]) == g && signalled(v, n);
  }

  /// ICH_MISR_EL2, and with it the maintenance interrupt.
  [[nodiscard]] u32 misr(vcpu_id v) {
    const cpu& c = at(v);
    u32 valid = 0;
    u32 pending = 0;
    u32 ended = 0;
    for (const word w : c.lr) {
      valid += Format::state(w) != lr_state::invalid ? 1 : 0;
      pending += Format::state(w) == lr_state::pending ? 1 : 0;
      ended += Format::state(w) == lr_state::invalid && (w & Format::hw) == 0 && (w & Format::eoi) != 0 ? 1 : 0;
    }
    const bool on0 = (c.vmcr & vmcr::veng0) != 0;
    const bool on1 = (c.vmcr & vmcr::veng1) != 0;
    return (ended != 0 ? 1u : 0) | ((c.hcr & hcr::uie) != 0 && valid <= 1 ? 2u : 0) |
           ((c.hcr & hcr::lrenpie) != 0 && c.hcr >> hcr::eoicount_shift != 0 ? 4u : 0) |
           ((c.hcr & hcr::npie) != 0 && pending == 0 ? 8u : 0) | ((c.hcr & hcr::vgrp0eie) != 0 && on0 ? 0x10u : 0) |
           ((c.hcr & hcr::vgrp0die) != 0 && !on0 ? 0x20u : 0) | ((c.hcr & hcr::vgrp1eie) != 0 && on1 ? 0x40u : 0) |
           ((c.hcr & hcr::vgrp1die) != 0 && !on1 ? 0x80u : 0);
  }
  [[nodiscard]] bool maintenance(vcpu_id v) { return (at(v).hcr & hcr::en) != 0 && misr(v) != 0; }

  // --- what a test looks at ---

  struct cpu {
    word lr[Count] = {};
    u32 hcr = 0;
    u32 vmcr = 0;
    u32 apr[2] = {};
    u32 physical_ends[16] = {};  ///< physical INTIDs that the guest ended through LR.HW, the last sixteen
    u32 physical_end_count = 0;
    u32 lr_reads = 0;
    u32 lr_writes = 0;
    u32 hcr_writes = 0;
  };
  [[nodiscard]] cpu& at(vcpu_id v) { return cpus_[raw(v)]; }

 private:
  static constexpr u32 idle = 0x100;

  [[nodiscard]] static constexpr u32 index(group g) { return g == group::one ? 1 : 0; }
  [[nodiscard]] static group group_of(word w) { return (w & Format::group1) != 0 ? group::one : group::zero; }
  [[nodiscard]] static bool is_active(word w, u32 id) {
    return has_active(Format::state(w)) && static_cast<u32>(w & Format::id_mask) == (id & Format::id_mask);
  }
  [[nodiscard]] static u32 running(const cpu& c) {
    const u32 all = c.apr[0] | c.apr[1];
    return all == 0 ? idle : lowest(all) << 3;
  }

  /// Index of the most urgent list register in the pending state whose group is on; of equals the lowest.
  [[nodiscard]] u32 highest_pending(vcpu_id v) {
    const cpu& c = at(v);
    u32 best = Count;
    for (u32 n = 0; n < Count; ++n) {
      if (Format::state(c.lr[n]) != lr_state::pending) continue;
      if ((c.vmcr >> index(group_of(c.lr[n])) & 1) == 0) continue;
      if (best == Count || Format::priority_of(c.lr[n]) < Format::priority_of(c.lr[best])) best = n;
    }
    return best;
  }
  [[nodiscard]] bool signalled(vcpu_id v, u32 n) {
    const cpu& c = at(v);
    const u32 p = Format::priority_of(c.lr[n]);
    return (c.hcr & hcr::en) != 0 && p < (c.vmcr >> 24) && p < running(c);
  }

  static bool drop_priority(cpu& c) {
    if ((c.apr[0] | c.apr[1]) == 0) return false;
    const u32 bit = (c.apr[0] | c.apr[1]) & (~(c.apr[0] | c.apr[1]) + 1);
    if ((c.apr[0] & bit) != 0)
      c.apr[0] &= ~bit;
    else
      c.apr[1] &= ~bit;
    return true;
  }
  static void finish(cpu& c, u32 n) {
    c.lr[n] = Format::state(c.lr[n], without_active(Format::state(c.lr[n])));
    if ((c.lr[n] & Format::hw) != 0) c.physical_ends[c.physical_end_count++ % 16] = raw(Format::physical_of(c.lr[n]));
  }
  static void count_end(cpu& c) {
    const u32 count = (c.hcr >> hcr::eoicount_shift) + 1;
    c.hcr = (c.hcr & 0x07ff'ffffu) | count << hcr::eoicount_shift;
  }

  cpu cpus_[Vcpus]{};
};

}  // namespace vgic
