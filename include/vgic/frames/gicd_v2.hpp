// SPDX-License-Identifier: BSL-1.0
/// \file
/// The GICv2 distributor (IHI 0048B, 4.3), as a guest without Security Extensions sees it.
#pragma once

#include <vgic/frames/distributor.hpp>

namespace vgic::detail {

template <configuration C>
class gicd_v2 : public distributor<C> {
 protected:
  using base = distributor<C>;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::bank_type;
  using typename base::format;
  using typename base::place;
  using typename base::s;

  /// The slots of the frame's words.
  static constexpr auto slots = make_slots<typename s::version::template distributor_map<typename s::features>>(
      s::spi_banks, private_words::banked);

  /// A read of a word whose slot is given.
  [[nodiscard, gnu::always_inline]] inline u64 gicd_read(u8 slot, vcpu_id v, u32 word) {
    switch (slot) {
      case of_spis(reg::gicd_ctlr): return this->read_gates();
      case of_spis(reg::gicd_typer): return st_.typer;
      case of_spis(reg::gicd_iidr): return this->iidr;
      case of_spis(reg::gicd_igroupr): return atomics::load(bits(word).group);
      case of_private(reg::gicd_igroupr): return atomics::load(vcpu(v).priv.group);
      case of_spis(reg::gicd_isenabler):
      case of_spis(reg::gicd_icenabler): return atomics::load(bits(word).enabled);
      case of_private(reg::gicd_isenabler):
      case of_private(reg::gicd_icenabler): return atomics::load(vcpu(v).priv.enabled);
      case of_spis(reg::gicd_ispendr):
      case of_spis(reg::gicd_icpendr): return this->read_pending(this->spi_bank(this->bank_of_bits(word)));
      case of_private(reg::gicd_ispendr):
      case of_private(reg::gicd_icpendr): return this->template read_pending<messages::none>(this->private_bank(v));
      case of_spis(reg::gicd_isactiver):
      case of_spis(reg::gicd_icactiver): return this->read_active(this->spi_bank(this->bank_of_bits(word)));
      case of_private(reg::gicd_isactiver):
      case of_private(reg::gicd_icactiver): return this->read_active(this->private_bank(v));
      case of_spis(reg::gicd_ipriorityr): return this->read_ipriorityr(word);
      case of_private(reg::gicd_ipriorityr): return own_priorities(v, word);
      case of_spis(reg::gicd_itargetsr):
      case of_private(reg::gicd_itargetsr): return read_targets(v, word);
      case of_spis(reg::gicd_icfgr): return this->read_triggers(this->spi_bank(this->bank_of_pairs(word)), word % 2);
      case of_private(reg::gicd_icfgr): return this->read_triggers(this->private_bank(v), word % 2);
      case of_spis(reg::gicd_cpendsgir):
      case of_spis(reg::gicd_spendsgir): return read_sgi_sources(v, word);
      case of_spis(reg::gicd_id): return this->template read_id<0x90>(word * 4);
      case of_spis(reg::reserved):
      case of_spis(reg::gicd_nsacr):
      case of_private(reg::gicd_nsacr):
      case of_spis(reg::gicd_sgir):
      case of_spis(reg::raz_wi): return 0;
      default: __builtin_unreachable();  // no word's
    }
  }

  /// A write to a word; `bytes` has ones where it reaches.
  [[gnu::always_inline]] inline void gicd_write(u8 slot, vcpu_id v, u32 word, u32 value, u32 bytes) {
    switch (slot) {
      case of_spis(reg::gicd_ctlr): return this->write_gates(v, value);
      case of_spis(reg::gicd_igroupr):
      case of_private(reg::gicd_igroupr): return this->write_igroupr(v, word, value);
      case of_spis(reg::gicd_isenabler): return this->write_isenabler(word, value);
      case of_spis(reg::gicd_icenabler): return this->write_icenabler(v, word, value);
      case of_private(reg::gicd_isenabler): return enable_private(v, value);
      case of_private(reg::gicd_icenabler): return disable_private(v, value);
      case of_spis(reg::gicd_ispendr):
      case of_private(reg::gicd_ispendr): return this->write_ispendr(v, word, value);
      case of_spis(reg::gicd_icpendr):
      case of_private(reg::gicd_icpendr): return this->write_icpendr(v, word, value);
      case of_spis(reg::gicd_isactiver):
      case of_private(reg::gicd_isactiver): return this->write_isactiver(v, word, value);
      case of_spis(reg::gicd_icactiver):
      case of_private(reg::gicd_icactiver): return this->write_icactiver(v, word, value);
      case of_spis(reg::gicd_ipriorityr): return this->write_ipriorityr(word, value, bytes);
      case of_private(reg::gicd_ipriorityr): return this->write_own_priorities(v, word, value, bytes);
      case of_spis(reg::gicd_itargetsr): return write_targets(word, value, bytes);
      case of_spis(reg::gicd_icfgr):
      case of_private(reg::gicd_icfgr): return this->write_icfgr(v, word, value);
      case of_spis(reg::gicd_sgir): return write_sgir(v, value);
      case of_spis(reg::gicd_cpendsgir): return clear_sgi_sources(v, word, value);
      case of_spis(reg::gicd_spendsgir): return set_sgi_sources(v, word, value);
      case of_private(reg::gicd_itargetsr):  // reads as the vCPU that asks
      case of_private(reg::gicd_nsacr):
      case of_spis(reg::reserved):
      case of_spis(reg::gicd_typer):
      case of_spis(reg::gicd_iidr):
      case of_spis(reg::gicd_nsacr):
      case of_spis(reg::gicd_id):
      case of_spis(reg::raz_wi): return;
      default: __builtin_unreachable();  // no word's
    }
  }

  /// Bytes and halfwords, where the register has them; `word` holds the part.
  [[nodiscard]] u64 gicd_read_part(reg what, vcpu_id v, u32 word) {
    switch (what) {
      case reg::gicd_ipriorityr: return word < 0x108 ? own_priorities(v, word) : priorities_of_spis(word);
      case reg::gicd_itargetsr: return read_targets(v, word);
      default: return read_sgi_sources(v, word);
    }
  }
  void gicd_write_part(reg what, vcpu_id v, u32 word, u32 value, u32 bytes) {
    switch (what) {
      case reg::gicd_ipriorityr:
        if (word < 0x108) return this->write_own_priorities(v, word, value, bytes);
        if (this->reachable(this->bank_of_bytes(word))) this->write_ipriorityr(word, value, bytes);
        return;
      case reg::gicd_itargetsr: return write_targets(word, value, bytes);
      case reg::gicd_cpendsgir: return clear_sgi_sources(v, word, value);
      default: return set_sgi_sources(v, word, value);
    }
  }

 private:
  /// The bank of a register of one bit an SPI.
  [[nodiscard, gnu::always_inline]] inline bank_type& bits(u32 word) {
    return this->spi_bank(this->bank_of_bits(word)).b;
  }

  [[nodiscard]] u32 own_priorities(vcpu_id v, u32 word) { return atomics::load(vcpu(v).priorities[word % 8]); }
  [[nodiscard]] u32 priorities_of_spis(u32 word) const {
    return this->reachable(this->bank_of_bytes(word)) ? this->read_ipriorityr(word) : 0;
  }
  [[gnu::noinline]] void enable_private(vcpu_id v, u32 value) {
    this->set_enabled(this->private_bank(v), value & this->settable_private);
  }
  [[gnu::noinline]] void disable_private(vcpu_id v, u32 value) {
    this->clear_enabled(v, this->private_bank(v), value & this->settable_private);
  }

  [[nodiscard]] u32 all_vcpus() const { return (u32{1} << st_.vcpus) - 1; }

  // What is not in line here returns 64 bits, so that a read can end in it.

  /// The first 32 interrupts are banked: each reads as the vCPU that asks (how software learns its number). With one
  /// CPU all of these registers are RAZ/WI.
  [[nodiscard, gnu::noinline]] u64 read_targets(vcpu_id v, u32 word) {
    const u32 first = word % 256 * 4;
    if (first < 32) return u64{u32{1} << raw(v)} * 0x0101'0101u;
    if (!this->reachable(first / 32)) return 0;
    return atomics::load(st_.routes[first / 4 - 8]);
  }

  [[gnu::noinline]] void write_targets(u32 word, u32 value, u32 bytes) {
    const u32 first = word % 256 * 4;
    if (first < 32 || !this->reachable(first / 32)) return;
    place at = this->spi_bank(first / 32);
    const u32 changed = this->retarget(at, first % 32, value & all_vcpus() * 0x0101'0101u, bytes);
    if (changed != 0) this->changed(at, changed);
  }

  /// GICD_SGIR: 0 the list, 1 all but the writer, 2 the writer; 3 is reserved and does nothing. Bits of vCPUs that do
  /// not exist name nobody.
  [[gnu::noinline]] void write_sgir(vcpu_id v, u32 value) {
    // What guests do most: to one vCPU of the list.
    const u32 list = value >> 16 & 0xff;
    if (list != 0 && (value >> 24 & 3) == 0 && (list & (list - 1)) == 0) [[likely]] {
      if (const u32 t = lowest(list); t < st_.vcpus) this->send_sgi(v, vcpu_id{static_cast<u16>(t)}, value & 0xf);
      return;
    }
    send_to_many(v, value);
  }
  [[gnu::noinline]] void send_to_many(vcpu_id v, u32 value) {
    const u32 self = u32{1} << raw(v);
    const u32 filter = value >> 24 & 3;
    u32 targets = filter == 0 ? value >> 16 & 0xff : filter == 1 ? ~self : filter == 2 ? self : 0;
    for (targets &= all_vcpus(); targets != 0; targets &= targets - 1)
      this->send_sgi(v, vcpu_id{static_cast<u16>(lowest(targets))}, value & 0xf);
  }

  /// Sources of SGI `n` that are pending for `v`, the one in its list register included.
  [[nodiscard]] u32 sgi_sources(vcpu_id v, u32 n) {
    const u32 listed = in_list_register(v, n);
    return atomics::load(vcpu(v).sgi_sources[n]) | listed;
  }
  [[nodiscard]] u32 in_list_register(vcpu_id v, u32 n) {
    auto& o = vcpu(v);
    if ((vcpu(v).priv.listed() >> n & 1) == 0) return 0;
    for (u32 rest = o.used; rest != 0; rest &= rest - 1) {
      const auto w = o.lr[lowest(rest)];
      if (raw(format::id(w)) == n) return has_pending(format::state(w)) ? u32{1} << format::source_of(w) : 0;
    }
    return 0;
  }

  /// Empties the list register that holds SGI `n` as pending: not of its source any more.
  void give_up_sgi(vcpu_id v, u32 n) {
    auto& o = vcpu(v);
    for (u32 rest = o.used; rest != 0; rest &= rest - 1) {
      const u32 r = lowest(rest);
      if (raw(format::id(o.lr[r])) != n) continue;
      o.used &= ~(u32{1} << r);
      this->put(v, o, r, 0);
      vcpu(v).priv.release(n);
    }
  }

  /// These registers are banked: only the vCPU itself reaches its own, so its list registers are in its own hands.
  [[nodiscard, gnu::noinline]] u64 read_sgi_sources(vcpu_id v, u32 word) {
    const u32 first = word % 4 * 4;
    u32 sources = 0;
    for (u32 k = 0; k < 4; ++k) sources |= sgi_sources(v, first + k) << (8 * k);
    return sources;
  }
  [[gnu::noinline]] void set_sgi_sources(vcpu_id v, u32 word, u32 value) {
    for (u32 k = 0; k < 4; ++k) {
      const u32 n = word % 4 * 4 + k;
      const u8 add = static_cast<u8>(value >> (8 * k) & all_vcpus() & ~in_list_register(v, n));
      if (add == 0) continue;
      atomics::fetch_or(vcpu(v).sgi_sources[n], add);
      vcpu(v).priv.latch(n);
      this->changed(this->private_bank(v), u32{1} << n);
    }
  }
  [[gnu::noinline]] void clear_sgi_sources(vcpu_id v, u32 word, u32 value) {
    for (u32 k = 0; k < 4; ++k) {
      const u32 n = word % 4 * 4 + k;
      const u32 drop = value >> (8 * k) & 0xff;
      if (drop == 0) continue;
      const u32 bit = u32{1} << n;
      auto& o = vcpu(v);
      const u32 rest = atomics::fetch_and(o.sgi_sources[n], static_cast<u8>(~drop)) & ~drop;
      const u32 held = in_list_register(v, n);
      if ((held & drop) != 0) give_up_sgi(v, n);
      if (rest == 0) {
        if ((held & ~drop) != 0)
          vcpu(v).priv.take_latch(n);  // what is left of the latch is its list register's
        else
          vcpu(v).priv.unlatch_all(bit);
      }
      this->changed(this->private_bank(v), bit);
    }
  }
};

}  // namespace vgic::detail
