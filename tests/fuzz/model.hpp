// SPDX-License-Identifier: BSL-1.0
/// \file
/// The reference model behind a register file: what each access reads and does, from the registers' own descriptions
/// (IHI 0069 chapter 12, IHI 0048B chapter 4), one interrupt after the other. Everything happens one after the other
/// here, so that all of it is exact.
#pragma once

#include "fuzz/configurations.hpp"
#include "support/rules.hpp"

namespace tests::fuzz {

using reference::fuzzy;
using reference::interrupt;
using reference::nobody;

template <class Config>
class model : public reference::rules {
 public:
  static constexpr bool is_v2 = Config::version::number == 2;
  using features_of = typename Config::features;
  static constexpr bool one_of_n = features_of::template has<vgic::one_of_n>;
  static constexpr u32 priority_mask = 0xff & ~(0xffu >> Config::limits.priority_bits);

  /// What the interrupts have beside the rules.
  struct more {
    u64 route = 0;          ///< IROUTER or the byte of ITARGETSR, as it reads
    bool linked = false;    ///< to a physical interrupt
    bool physical = false;  ///< which is active
    bool tainted = false;   ///< software has made it pending or active beside that
  };

  model(u32 vcpus, u32 spis) : rules(vcpus, spis, is_v2), extra_(all.size()), statusr_(vcpus + 1) {
    for (u32 i = 0; i < last; ++i)
      for (u32 v = 0; v < (i < 32 ? n : 1); ++v) {
        if (!is_v2 && features_of::template has<vgic::reset_to_group1>) at(v, i).group = 1;
        if (i >= 32) set_route(i, is_v2 && n == 1 ? 1 : 0);
      }
  }

  [[nodiscard]] more& extra(u32 v, u32 i) { return extra_[key(v, i)]; }

  // --- what happens to an interrupt ---

  void pend(u32 v, u32 i, u32 source = 0) { at(v, i).latch[source] = fuzzy::of(true); }
  void unpend(u32 v, u32 i) {
    for (auto& l : at(v, i).latch) l = fuzzy::of(false);
  }
  [[nodiscard]] bool is_pending(u32 v, u32 i) const { return pending(v, i).surely(); }
  [[nodiscard]] bool is_active(u32 v, u32 i) const { return at(v, i).active.surely(); }
  void set_active(u32 v, u32 i, bool yes) {
    interrupt& x = at(v, i);
    if (x.active.surely() == yes) return;
    x.active = fuzzy::of(yes);
    x.handler = nobody;
  }
  void line_high(u32 v, u32 i) {
    interrupt& x = at(v, i);
    if (!x.line && x.edge) pend(v, i);
    x.line = true;
  }
  void line_low(u32 v, u32 i) { at(v, i).line = false; }
  void line_pulse(u32 v, u32 i) {
    if (at(v, i).edge) pend(v, i);
  }
  void acknowledge(u32 v, u32 i, u32 source) {
    interrupt& x = at(v, i);
    x.latch[source] = fuzzy::of(false);
    x.active = fuzzy::of(true);
    x.handler = static_cast<int>(v);
  }
  void end(u32 v, u32 i) { set_active(v, i, false); }
  void turn_off(u32 v) {
    cpus[v].on = false;
    for (interrupt& x : all)
      if (x.handler == static_cast<int>(v)) x.handler = nobody;
  }

  /// SGI by ICC_SGI1R_EL1 or its siblings; `group0_only`: SGI0R and ASGI1R.
  enum class sgi_groups : u8 { any, zero };
  void sgi_register(u32 from, u64 value, sgi_groups g) {
    const u32 number = static_cast<u32>(value >> 24) & 0xf;
    for (u32 t = 0; t < n; ++t) {
      const u32 a = raw(Config::affinity::of(vcpu(t)));
      const bool others = (value >> 40 & 1) != 0;
      const bool cluster = (a >> 8) == ((value >> 48 & 0xff) << 16 | (value >> 32 & 0xff) << 8 | (value >> 16 & 0xff));
      const bool named = cluster && (a & 0xf0) == (value >> 44 & 0xf) << 4 && (value >> (a & 0xf) & 1) != 0;
      if (others ? t == from : !named) continue;
      if (g == sgi_groups::zero && at(t, number).group != 0) continue;
      pend(t, number);
    }
  }
  void sgir(u32 from, u32 value) {
    for (u32 t = 0; t < n; ++t) {
      const u32 filter = value >> 24 & 3;
      const bool yes = filter == 0 ? (value >> (16 + t) & 1) != 0 : filter == 1 ? t != from : filter == 2 && t == from;
      if (yes) pend(t, value & 0xf, from);
    }
  }

  // --- the register file ---

  enum class frame : u8 { none, distributor, rd, sgi, nobodys };
  struct place {
    frame in;
    u32 of;
    u32 offset;
  };
  [[nodiscard]] static place locate(u64 address, u32 vcpus) {
    if constexpr (is_v2) {
      const auto d = Config::layout::v2.distributor;
      return {d.contains(address) ? frame::distributor : frame::none, 0, static_cast<u32>(address - d.base)};
    } else {
      constexpr auto& l = Config::layout::v3;
      if (l.distributor.contains(address))
        return {frame::distributor, 0, static_cast<u32>(address - l.distributor.base)};
      u32 number = 0;
      for (std::size_t r = 0; r < l.regions; ++r)
        for (u64 at = l.redistributors[r].base; at < l.redistributors[r].end(); at += l.stride, ++number) {
          if (address < at || address - at >= l.stride) continue;
          const u32 offset = static_cast<u32>(address - at);
          if (number >= vcpus || offset >= 0x2'0000) return {frame::nobodys, 0, 0};
          return {offset < 0x1'0000 ? frame::rd : frame::sgi, number, offset & 0xffff};
        }
      return {frame::none, 0, 0};
    }
  }

  /// What a read by `v` answers. Reads change nothing but STATUSR.
  [[nodiscard]] u64 read(u32 v, u64 address, width w) {
    const place p = locate(address, n);
    const known_register* r = find(p);
    if (p.in == frame::none || p.in == frame::nobodys) return 0;
    if (!is_legal(r, p.offset, w, direction::read)) {
      misuse(p, r != nullptr && r->what == kind::wo ? 4 : 1);
      return 0;
    }
    if (r->what == kind::zero) return 0;
    const u32 word_offset = p.offset & ~3u;
    const u64 word = p.in == frame::distributor ? read_distributor(v, word_offset)
                     : p.in == frame::rd        ? read_rd(p.of, word_offset)
                                                : read_private(p.of, word_offset);
    if (w == width::word) return word;
    if (w == width::dword)
      return word |
             u64{p.in == frame::distributor ? read_distributor(v, word_offset + 4) : read_rd(p.of, word_offset + 4)}
                 << 32;
    return word >> (8 * (p.offset & 3)) & (w == width::byte ? 0xff : 0xffff);
  }

  void write(u32 v, u64 address, width w, u64 value) {
    const place p = locate(address, n);
    const known_register* r = find(p);
    if (p.in == frame::none || p.in == frame::nobodys) return;
    if (!is_legal(r, p.offset, w, direction::write)) return misuse(p, r != nullptr && r->what == kind::ro ? 8 : 2);
    if (r->what == kind::zero) return;
    if (raw(w) < 8) value &= (u64{1} << (8 * raw(w))) - 1;
    if (p.in == frame::distributor)
      write_distributor(v, p.offset, w, value);
    else if (p.in == frame::rd)
      write_rd(p.of, p.offset, static_cast<u32>(value));
    else
      write_interrupts(p.of, p.offset, raw(w), static_cast<u32>(value));
  }

 private:
  [[nodiscard]] static const known_register* find(place p) {
    if constexpr (is_v2) {
      return p.in == frame::distributor ? find_register(gicv2_distributor, p.offset) : nullptr;
    } else {
      if (p.in == frame::distributor) return find_register(gicv3_distributor<features_of>, p.offset);
      if (p.in == frame::rd) return find_register(redistributor_frame<features_of>, p.offset);
      return p.in == frame::sgi ? find_register(sgi_frame_registers, p.offset) : nullptr;
    }
  }
  /// STATUSR: RRD 1, WRD 2, RWOD 4, WROD 8.
  void misuse(place p, u32 bit) {
    if constexpr (!is_v2 && features_of::template has<status_registers>)
      statusr_[p.in == frame::distributor ? n : p.of] |= bit;
  }
  /// An interrupt that the distributor's registers have.
  [[nodiscard]] bool exists(u32 i) const { return i < last && (is_v2 || i >= 32); }

  template <class F>
  [[nodiscard]] u32 each_bit(u32 first, F f) {
    u32 word = 0;
    for (u32 k = 0; k < 32 && first + k < last; ++k)
      if (f(first + k)) word |= u32{1} << k;
    return word;
  }

  [[nodiscard]] u32 read_distributor(u32 v, u32 offset) {
    if (offset == 0) return gates | (is_v2 ? 0 : 0x50);
    if (offset == 4) return typer();
    if (offset == 8) return 0x5600'043b;
    if (offset == 0xc) return 0;
    if (offset == 0x10) return statusr_[n];
    if (offset >= 0x6100 && offset < 0x7fe0) {
      const u32 i = (offset - 0x6000) / 8;
      return i >= last ? 0 : static_cast<u32>(extra(0, i).route >> (8 * (offset & 4)));
    }
    if (offset >= (is_v2 ? 0xfd0u : 0xffd0u))
      return id_register<Config::version::number>(offset & 0xff, is_v2 ? 0x90 : 0x92);
    return read_interrupts(v, offset, is_v2 ? 0 : 32);
  }
  /// Registers of one, two or eight bits an interrupt, at the same offsets in a distributor and an SGI frame.
  [[nodiscard]] u32 read_interrupts(u32 v, u32 offset, u32 lowest_intid) {
    const u32 first = offset >= 0xf10   ? offset & 0xc
                      : offset >= 0xc00 ? (offset - 0xc00) * 4
                      : offset >= 0x400 ? offset & 0x3ff
                                        : (offset & 0x7f) * 8;
    if (first < lowest_intid || first >= last) return 0;
    if (offset < 0x400) {
      return each_bit(first, [&](u32 i) -> bool {
        const interrupt& x = at(v, i);
        switch (offset / 0x80) {
          case 1: return x.group != 0;
          case 2:
          case 3: return x.enabled;
          case 4:
          case 5: return is_pending(v, i);
          default: return is_active(v, i);
        }
      });
    }
    u32 word = 0;
    if (offset >= 0xc00 && offset < 0xd00) {
      for (u32 k = 0; k < 16; ++k)
        if (at(v, first + k).edge) word |= 2u << (2 * k);
      return word;
    }
    for (u32 k = 0; k < 4; ++k) {
      const u32 i = first + k;
      u32 byte = 0;
      if (offset < 0x800)
        byte = at(v, i).priority;
      else if (offset < 0xc00)
        byte = i < 32 ? 1u << v : static_cast<u32>(extra(0, i).route);
      else
        for (u32 s = 0; s < 8; ++s)
          if (at(v, i).latch[s].surely()) byte |= 1u << s;
      word |= byte << (8 * k);
    }
    return word;
  }
  [[nodiscard]] u32 read_private(u32 of, u32 offset) { return read_interrupts(of, offset, 0); }
  [[nodiscard]] u32 read_rd(u32 of, u32 offset) {
    switch (offset) {
      case 0: return cpus[of].dpg << 24;
      case 4: return 0x5600'043b;
      case 8: return of << 8 | (one_of_n ? 0x20 : 0) | (is_last(of) ? 0x10 : 0);
      case 0xc: return raw(Config::affinity::of(vcpu(of)));
      case 0x10: return statusr_[of];
      case 0x14: return cpus[of].awake ? 0 : 6;
      default: return id_register<Config::version::number>(offset & 0xff, 0x93);
    }
  }
  [[nodiscard]] bool is_last(u32 of) const {
    if constexpr (!is_v2) {
      u64 behind = 0;
      for (std::size_t r = 0; r < Config::layout::v3.regions; ++r)
        if ((behind += Config::layout::v3.capacity(r)) == of + 1) return true;
    }
    return of + 1 == n;
  }
  /// GICD_TYPER: ITLinesNumber; GICv2: CPUNumber; GICv3: MBIS, IDbits, A3V, No1N, RSS.
  [[nodiscard]] u32 typer() const {
    const u32 lines = (last - 32) / 32;
    if (is_v2) return lines | (n - 1) << 5;
    return lines | (features_of::template has<message_spis> ? 1u << 16 : 0) | 9u << 19 | 1u << 24 |
           (one_of_n ? 0 : 1u << 25) | (Config::affinity::highest_aff0 > 15 ? 1u << 26 : 0);
  }
  void write_distributor(u32 v, u32 offset, width w, u64 value) {
    const u32 word = static_cast<u32>(value);
    if (offset == 0) {
      gates = word & 3;
    } else if (offset == 0x10) {
      statusr_[n] &= ~word;
    } else if (offset == 0x40 || offset == 0x48) {
      message(word & 0x1fff, offset == 0x40);
    } else if (offset == 0xf00) {
      if (is_v2) sgir(v, word);
    } else if (offset >= 0x6100) {
      const u32 i = (offset - 0x6000) / 8;
      if (i >= last) return;
      if (w == width::word) {
        const u64 old = extra(0, i).route;
        value = (offset & 4) != 0 ? (old & 0xffff'ffff) | value << 32 : (old & ~u64{0xffff'ffff}) | value;
      }
      set_route(i, value);
    } else {
      write_interrupts(v, offset, raw(w), word, is_v2 ? 0 : 32);
    }
  }
  void write_rd(u32 of, u32 offset, u32 value) {
    if (offset == 0 && one_of_n) cpus[of].dpg = value >> 24 & 3;
    if (offset == 0x10) statusr_[of] &= ~value;
    if (offset == 0x14) cpus[of].awake = (value & 2) == 0;
  }

  void write_interrupts(u32 v, u32 offset, u32 bytes, u32 value, u32 lowest_intid = 0) {
    if (offset < 0x400) {
      const u32 first = (offset & 0x7f) * 8;
      for (u32 k = 0; k < 32; ++k) {
        const u32 i = first + k;
        if (i >= last || i < lowest_intid) continue;
        write_bit(v, i, offset / 0x80, (value >> k & 1) != 0);
      }
    } else if (offset >= 0xc00 && offset < 0xd00) {
      const u32 first = (offset - 0xc00) * 4;
      for (u32 k = 0; k < 16; ++k)
        if (const u32 i = first + k; i >= 16 && i >= lowest_intid && i < last)
          at(v, i).edge = (value >> (2 * k + 1) & 1) != 0;
    } else {
      for (u32 k = 0; k < bytes; ++k) write_byte(v, offset + k, value >> (8 * k) & 0xff, lowest_intid);
    }
  }
  void write_byte(u32 v, u32 offset, u32 byte, u32 lowest_intid) {
    const u32 i = offset >= 0xf10 ? offset & 0xf : offset & 0x3ff;
    if (i >= last || i < lowest_intid) return;
    if (offset < 0x800) {
      at(v, i).priority = byte & priority_mask;
    } else if (offset < 0xc00) {
      if (i >= 32) set_route(i, byte & ((1u << n) - 1));
    } else {
      for (u32 s = 0; s < n; ++s)
        if ((byte >> s & 1) != 0) at(v, i).latch[s] = fuzzy::of(offset >= 0xf20);
    }
  }
  void write_bit(u32 v, u32 i, u32 what, bool one) {
    interrupt& x = at(v, i);
    const bool fixed_sgi = is_v2 && i < 16;  // always enabled; pending by source only
    if (what == 1) x.group = one ? 1 : 0;
    if (!one) return;
    switch (what) {
      case 2:
      case 3:
        if (!fixed_sgi) x.enabled = what == 2;
        return;
      case 4:
        if (fixed_sgi) return;
        pend(v, i);
        extra(v, i).tainted = true;
        return;
      case 5:
        if (!fixed_sgi) unpend(v, i);
        return;
      case 6:
      case 7:
        if (what == 6) extra(v, i).tainted = true;
        set_active(v, i, what == 6);
        return;
      default: return;
    }
  }
  void message(u32 i, bool high) {
    if constexpr (!is_v2 && features_of::template has<message_spis>) {
      if (i < 32 || i >= last) return;
      interrupt& x = at(0, i);
      extra(0, i).tainted |= high;
      if (!x.edge)
        x.message = high;
      else if (high)
        pend(0, i);
      else
        unpend(0, i);
    }
  }
  /// ITARGETSR's byte, or IROUTER: Interrupt_Routing_Mode [31], affinity [39:32] and [23:0].
  void set_route(u32 i, u64 value) {
    interrupt& x = at(0, i);
    if (is_v2) {
      const u32 mask = static_cast<u32>(value);
      x.targets = one_of_n ? mask : mask & (~mask + 1);
      x.shared = (x.targets & (x.targets - 1)) != 0;
      extra(0, i).route = mask;
      return;
    }
    x.shared = one_of_n && (value >> 31 & 1) != 0;
    x.targets = x.shared ? (1u << n) - 1 : 0;
    u64 keeps = x.shared ? u64{1} << 31 : value & 0xff'00ff'ffffu;
    if (one_of_n && keeps == 0xff'00ff'ffffu) --keeps;  // docs/behaviour.md
    extra(0, i).route = keeps;
    for (u32 t = 0; t < n && !x.shared; ++t) {
      const u64 a = raw(Config::affinity::of(vcpu(t)));
      if (((a & 0xff00'0000) << 8 | (a & 0xff'ffff)) == keeps) x.targets = 1u << t;
    }
  }

  std::vector<more> extra_;
  std::vector<u32> statusr_;  ///< of each redistributor, and of the distributor behind them
};

}  // namespace tests::fuzz
