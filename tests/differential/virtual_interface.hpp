// SPDX-License-Identifier: BSL-1.0
/// \file
/// The GICV of a GICv2 (IHI 0048B, 5.5) over list registers in memory: what the hardware does between the guest's
/// accesses to its CPU interface and the list registers that the library writes. Five bits of priority.
///
/// Of equally urgent pending interrupts the one with the lowest INTID comes first, as in QEMU; the architecture leaves
/// that open. HPPIR looks at the priority mask, as in QEMU.
#pragma once

#include <vgic/list_register.hpp>

namespace differential {

template <vgic::u32 Vcpus, vgic::u32 Count>
class virtual_interface {
  using u32 = vgic::u32;

 public:
  using format = vgic::gich_format;
  using word = format::word;

  // --- what the library uses ---
  word read(vgic::vcpu_id v, vgic::lr_index n) { return at(v).lr[raw(n)]; }
  void write(vgic::vcpu_id v, vgic::lr_index n, word w) { at(v).lr[raw(n)] = w; }
  u32 read_hcr(vgic::vcpu_id v) { return at(v).hcr; }
  void write_hcr(vgic::vcpu_id v, u32 value) { at(v).hcr = value; }
  u32 read_vmcr(vgic::vcpu_id v) { return at(v).vmcr; }
  u32 read_misr(vgic::vcpu_id v) { return misr(at(v)); }
  void save(vgic::vcpu_id v, vgic::cpu_interface_state& s) {
    s.vmcr = at(v).vmcr;
    s.ap0r[0] = at(v).apr;
  }
  void restore(vgic::vcpu_id v, const vgic::cpu_interface_state& s) {
    at(v).vmcr = s.vmcr;
    at(v).apr = s.ap0r[0];
  }

  // --- what the guest does ---
  static constexpr u32 spurious = 1023;

  [[nodiscard]] u32 read_register(vgic::vcpu_id v, u32 offset) {
    cpu& c = at(v);
    switch (offset) {
      case 0x00: return c.vmcr & ctlr_bits;
      case 0x04: return c.vmcr >> 24 & 0xf8;
      case 0x08: return binary_point(c);
      case 0x0c: return acknowledge(c);
      case 0x14: return c.apr == 0 ? 0xff : running(c);
      case 0x18: return announced(c, best(c));
      case 0x1c: return aliased_binary_point(c);
      default: return 0;
    }
  }
  void write_register(vgic::vcpu_id v, u32 offset, u32 value) {
    cpu& c = at(v);
    switch (offset) {
      case 0x00: c.vmcr = (c.vmcr & ~ctlr_bits) | (value & ctlr_bits); return;
      case 0x04: c.vmcr = (c.vmcr & 0x07ff'ffff) | (value & 0xf8) << 24; return;
      case 0x08: c.vmcr = (c.vmcr & ~(7u << 21)) | (value & 7) << 21; return;
      case 0x10: return end(c, value);
      case 0x1c: c.vmcr = (c.vmcr & ~(7u << 18)) | (value & 7) << 18; return;
      case 0x1000: return deactivate(c, value);
      default: return;
    }
  }
  [[nodiscard]] bool maintenance(vgic::vcpu_id v) { return (at(v).hcr & vgic::hcr::en) != 0 && misr(at(v)) != 0; }

  // --- what the test looks at ---
  struct cpu {
    word lr[Count] = {};
    u32 hcr = 0;
    u32 vmcr = 0;
    u32 apr = 0;
  };
  [[nodiscard]] cpu& at(vgic::vcpu_id v) { return cpus_[raw(v)]; }

  /// The INTID that HPPIR is about, whatever it may say of it; 1023 if none is.
  [[nodiscard]] u32 highest(vgic::vcpu_id v) {
    const u32 n = best(at(v));
    return n == Count ? spurious : raw(format::id(at(v).lr[n]));
  }
  [[nodiscard]] bool only_sub_priority_is_higher(vgic::vcpu_id v) {
    const cpu& c = at(v);
    const u32 n = best(c);
    return n != Count && c.apr != 0 && format::priority_of(c.lr[n]) < running(c) && !preempts(c, c.lr[n]);
  }

 private:
  static constexpr u32 ctlr_bits = 0x21f;
  static constexpr u32 ack_ctl = 1u << 2;
  static constexpr u32 cbpr = 1u << 4;
  static constexpr u32 eoi_mode = 1u << 9;

  static u32 at_least(u32 value, u32 least) { return value < least ? least : value; }
  static u32 binary_point(const cpu& c) { return at_least(c.vmcr >> 21 & 7, 2); }
  static u32 aliased_binary_point(const cpu& c) { return at_least(c.vmcr >> 18 & 7, 3); }
  static bool in_group1(word w) { return (w & format::group1) != 0; }

  /// The bits of a priority that preempt, for an interrupt in the group of `w` (IHI 0048B, 3.3.3).
  static u32 group_bits(const cpu& c, word w) {
    const bool own = in_group1(w) && (c.vmcr & cbpr) == 0;
    return 0xffu << (own ? aliased_binary_point(c) : binary_point(c) + 1);
  }
  static bool preempts(const cpu& c, word w) {
    return c.apr == 0 || (format::priority_of(w) & group_bits(c, w)) < (running(c) & group_bits(c, w));
  }
  static u32 running(const cpu& c) { return vgic::lowest(c.apr) << 3; }

  /// The list register with the most urgent pending interrupt whose group is on, unless the priority mask hides it.
  static u32 best(const cpu& c) {
    u32 found = Count;
    if ((c.hcr & vgic::hcr::en) == 0) return found;
    for (u32 n = 0; n < Count; ++n) {
      const word w = c.lr[n];
      if (format::state(w) != vgic::lr_state::pending || (c.vmcr >> (in_group1(w) ? 1 : 0) & 1) == 0) continue;
      if (found != Count) {
        const word f = c.lr[found];
        if (format::priority_of(w) > format::priority_of(f)) continue;
        if (format::priority_of(w) == format::priority_of(f) && raw(format::id(w)) > raw(format::id(f))) continue;
      }
      found = n;
    }
    return found != Count && format::priority_of(c.lr[found]) < (c.vmcr >> 24 & 0xf8) ? found : Count;
  }
  /// How IAR and HPPIR name it: of group 1 only if AckCtl lets them.
  static u32 announced(const cpu& c, u32 n) {
    if (n == Count) return spurious;
    if (in_group1(c.lr[n]) && (c.vmcr & ack_ctl) == 0) return 1022;
    return c.lr[n] & 0x1fff;
  }
  static u32 acknowledge(cpu& c) {
    const u32 n = best(c);
    const u32 name = announced(c, n);
    if ((name & 0x3ff) >= 1020) return name;
    if (!preempts(c, c.lr[n])) return spurious;
    c.apr |= 1u << ((format::priority_of(c.lr[n]) & group_bits(c, c.lr[n])) >> 3 & 0x1f);
    c.lr[n] = format::state(c.lr[n], vgic::lr_state::active);
    return name;
  }
  static void end(cpu& c, u32 value) {
    if ((value & 0x3ff) >= 1020) return;
    const bool dropped = c.apr != 0;
    c.apr &= c.apr - 1;
    if (dropped && (c.vmcr & eoi_mode) == 0) finish(c, value);
  }
  static void deactivate(cpu& c, u32 value) {
    if ((value & 0x3ff) < 1020 && (c.vmcr & eoi_mode) != 0) finish(c, value);
  }
  static void finish(cpu& c, u32 value) {
    for (word& w : c.lr) {
      if (!has_active(format::state(w)) || raw(format::id(w)) != (value & 0x3ff)) continue;
      w = format::state(w, without_active(format::state(w)));
      return;
    }
    c.hcr += 1u << vgic::hcr::eoicount_shift;
  }

  static u32 misr(const cpu& c) {
    using namespace vgic;
    u32 valid = 0;
    u32 pending = 0;
    bool ended = false;
    for (const word w : c.lr) {
      valid += format::state(w) != lr_state::invalid ? 1 : 0;
      pending += format::state(w) == lr_state::pending ? 1 : 0;
      ended |= format::state(w) == lr_state::invalid && (w & format::hw) == 0 && (w & format::eoi) != 0;
    }
    const auto event = [&](u32 enable, bool happens) { return (c.hcr & enable) != 0 && happens ? enable : 0; };
    return (ended ? 1u : 0) | event(hcr::uie, valid <= 1) | event(hcr::lrenpie, c.hcr >> hcr::eoicount_shift != 0) |
           event(hcr::npie, pending == 0) | event(hcr::vgrp0eie, (c.vmcr & 1) != 0) |
           event(hcr::vgrp0die, (c.vmcr & 1) == 0) | event(hcr::vgrp1eie, (c.vmcr & 2) != 0) |
           event(hcr::vgrp1die, (c.vmcr & 2) == 0);
  }

  cpu cpus_[Vcpus]{};
};

}  // namespace differential
