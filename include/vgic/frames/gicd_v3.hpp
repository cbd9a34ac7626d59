// SPDX-License-Identifier: BSL-1.0
/// \file
/// The GICv3 distributor with one security state and affinity routing (IHI 0069, 12.9; DS = 1, ARE = 1).
#pragma once

#include <vgic/frames/distributor.hpp>

namespace vgic::detail {

template <configuration C>
class gicd_v3 : public distributor<C> {
 protected:
  using base = distributor<C>;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::bank_type;
  using typename base::place;
  using typename base::s;

  static constexpr u32 ctlr_are = 1u << 4;
  static constexpr u32 ctlr_ds = 1u << 6;
  static constexpr u32 ctlr_rwp = 1u << 31;

  /// The slots of the first 4 KiB's words.
  static constexpr auto slots = make_slots<typename s::version::template distributor_map<typename s::features>>(
      s::spi_banks, private_words::raz_wi);

  /// A read of a word of the first 4 KiB, whose slot is given.
  [[nodiscard, gnu::always_inline]] inline u64 gicd_read(u8 slot, vcpu_id v, u32 word) {
    switch (slot) {
      case of_spis(reg::gicd_ctlr): return read_ctlr(v);
      case of_spis(reg::gicd_typer): return st_.typer;
      case of_spis(reg::gicd_iidr): return this->iidr;
      case of_spis(reg::gicd_statusr): return atomics::load(st_.statusr);
      case of_spis(reg::gicd_igroupr): return atomics::load(bits(word).group);
      case of_spis(reg::gicd_isenabler):
      case of_spis(reg::gicd_icenabler): return atomics::load(bits(word).enabled);
      case of_spis(reg::gicd_ispendr):
      case of_spis(reg::gicd_icpendr): return this->read_pending(this->spi_bank(this->bank_of_bits(word)));
      case of_spis(reg::gicd_isactiver):
      case of_spis(reg::gicd_icactiver): return this->read_active(this->spi_bank(this->bank_of_bits(word)));
      case of_spis(reg::gicd_ipriorityr): return this->read_ipriorityr(word);
      case of_spis(reg::gicd_icfgr): return this->read_triggers(this->spi_bank(this->bank_of_pairs(word)), word % 2);
      case of_spis(reg::reserved): return this->refuse_distributor_read(this->rrd);
      case of_spis(reg::gicd_setspi_nsr):
      case of_spis(reg::gicd_clrspi_nsr):
      case of_spis(reg::gicd_sgir): return this->refuse_distributor_read(this->rwod);
      case of_spis(reg::gicd_typer2):  // without GICv4.1; and with ARE and DS these are RAZ/WI:
      case of_spis(reg::gicd_itargetsr):
      case of_spis(reg::gicd_igrpmodr):
      case of_spis(reg::gicd_nsacr):
      case of_spis(reg::gicd_cpendsgir):
      case of_spis(reg::gicd_spendsgir):
      case of_spis(reg::raz_wi): return 0;
      default: __builtin_unreachable();  // no word's
    }
  }

  /// A write to a word of the first 4 KiB; `bytes` has ones where it reaches.
  [[gnu::always_inline]] inline void gicd_write(u8 slot, vcpu_id v, u32 word, u32 value, u32 bytes) {
    switch (slot) {
      case of_spis(reg::gicd_ctlr): return this->write_gates(v, value);
      case of_spis(reg::gicd_statusr): atomics::fetch_and(st_.statusr, ~value); return;
      case of_spis(reg::gicd_setspi_nsr):
      case of_spis(reg::gicd_clrspi_nsr): return write_message(reg{slot}, value);
      case of_spis(reg::gicd_igroupr): return this->write_igroupr(v, word, value);
      case of_spis(reg::gicd_isenabler): return this->write_isenabler(word, value);
      case of_spis(reg::gicd_icenabler): return this->write_icenabler(v, word, value);
      case of_spis(reg::gicd_ispendr): return this->write_ispendr(v, word, value);
      case of_spis(reg::gicd_icpendr): return this->write_icpendr(v, word, value);
      case of_spis(reg::gicd_isactiver): return this->write_isactiver(v, word, value);
      case of_spis(reg::gicd_icactiver): return this->write_icactiver(v, word, value);
      case of_spis(reg::gicd_ipriorityr): return this->write_ipriorityr(word, value, bytes);
      case of_spis(reg::gicd_icfgr): return this->write_icfgr(v, word, value);
      case of_spis(reg::reserved): return this->record(st_.statusr, this->wrd);
      case of_spis(reg::gicd_typer):
      case of_spis(reg::gicd_typer2):
      case of_spis(reg::gicd_iidr): return this->record(st_.statusr, this->wrod);
      case of_spis(reg::gicd_itargetsr):  // with ARE and DS these are RAZ/WI:
      case of_spis(reg::gicd_igrpmodr):
      case of_spis(reg::gicd_nsacr):
      case of_spis(reg::gicd_sgir):
      case of_spis(reg::gicd_cpendsgir):
      case of_spis(reg::gicd_spendsgir):
      case of_spis(reg::raz_wi): return;
      default: __builtin_unreachable();  // no word's
    }
  }

  /// Bytes and halfwords: `word` holds the part.
  [[nodiscard]] u32 gicd_read_part(reg what, vcpu_id, u32 word) {
    return what == reg::gicd_ipriorityr && this->reachable(this->bank_of_bytes(word)) ? this->read_ipriorityr(word) : 0;
  }
  void gicd_write_part(reg what, vcpu_id, u32 word, u32 value, u32 bytes) {
    if (what == reg::gicd_setspi_nsr || what == reg::gicd_clrspi_nsr)
      write_message(what, value);
    else if (what == reg::gicd_ipriorityr && this->reachable(this->bank_of_bytes(word)))
      this->write_ipriorityr(word, value, bytes);
  }

  /// Above the first 4 KiB there is IROUTER, by 64 bits or by halves. Other words cannot be written.
  [[nodiscard]] u64 gicd_read_double(u32 offset) { return read_route(router_intid(offset)); }
  void gicd_write_double(u32 offset, u64 value) { write_route(router_intid(offset), value); }
  void gicd_write_high(reg what, u32 offset, u32 value) {
    if (what == reg::gicd_irouter)
      write_irouter_half(offset, value);
    else
      this->record(st_.statusr, what == reg::reserved ? this->wrd : this->wrod);
  }

  /// Half of an IROUTER.
  [[nodiscard]] u32 read_irouter_half(u32 offset) {
    const u32 i = router_intid(offset);
    if (!this->is_spi(intid{i})) return 0;
    const u32 r = this->route_of(i / 32, i % 32);
    const bool high = (offset & 4) != 0;
    if (s::has_one_of_n && r == route_any) return high ? 0 : u32{1} << 31;
    return high ? r >> 24 : r & 0xff'ffff;
  }

 private:
  /// The bank of a register of one bit an SPI.
  [[nodiscard, gnu::always_inline]] inline bank_type& bits(u32 word) {
    return this->spi_bank(this->bank_of_bits(word)).b;
  }

  [[nodiscard, gnu::noinline]] u64 read_ctlr(vcpu_id v) {
    const u32 value = this->read_gates() | ctlr_are | ctlr_ds;
    return this->write_in_flight(v) ? value | ctlr_rwp : value;
  }

  /// IROUTER: affinity [39:32] Aff3, [23:0] Aff2..Aff0, [31] IRM. Reads of the affinity are 0 while IRM is set.
  [[nodiscard]] static constexpr u64 to_irouter(u32 route) {
    if (s::has_one_of_n && route == route_any) return u64{1} << 31;
    return u64{route & 0xff'ffff} | u64{route >> 24} << 32;
  }
  [[nodiscard]] static constexpr u32 from_irouter(u64 value) {
    if (s::has_one_of_n && (value >> 31 & 1) != 0) return route_any;
    const u32 route = static_cast<u32>(value & 0xff'ffff) | static_cast<u32>(value >> 32 & 0xff) << 24;
    return s::has_one_of_n && route == route_any ? route_any - 1 : route;
  }

  [[nodiscard]] static u32 router_intid(u32 offset) { return offset / 8 % 1024; }

  [[nodiscard]] u64 read_route(u32 i) {
    return this->is_spi(intid{i}) ? to_irouter(this->route_of(i / 32, i % 32)) : 0;
  }
  [[gnu::always_inline]] inline void write_route(u32 i, u64 value) {
    if (!this->is_spi(intid{i})) return;
    auto& b = this->spi_bank(i / 32).b;
    if (!this->reroute(b, i, from_irouter(value))) return;
    if (this->published(b)) [[unlikely]]
      this->changed_in(b, no_vcpu, u32{1} << (i % 32));
  }

  /// By halves: the other half keeps its value.
  [[gnu::noinline]] void write_irouter_half(u32 offset, u32 half) {
    const u64 old = read_route(router_intid(offset));
    write_route(router_intid(offset),
                (offset & 4) != 0 ? (old & 0xffff'ffffu) | u64{half} << 32 : (old & ~u64{0xffff'ffffu}) | half);
  }

  /// SETSPI and CLRSPI: an INTID that is no SPI of this VM does nothing.
  [[gnu::noinline]] void write_message(reg what, u32 value) {
    if constexpr (s::has_message_spis) {
      const u32 i = value & 0x1fff;
      if (!this->is_spi(intid{i})) return;
      if (what == reg::gicd_setspi_nsr)
        this->set_message(this->spi_bank(i / 32), i % 32);
      else
        this->clear_message(this->spi_bank(i / 32), i % 32);
    }
  }
};

}  // namespace vgic::detail
