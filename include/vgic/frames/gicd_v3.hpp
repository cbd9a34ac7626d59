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

  [[nodiscard, gnu::always_inline]] inline u64 gicd_read(reg what, frame_access a) {
    switch (what) {
      case reg::gicd_ctlr: return read_ctlr(a.vcpu);
      case reg::gicd_typer: return st_.typer;
      case reg::gicd_iidr: return this->iidr;
      case reg::gicd_statusr: return atomics::load(st_.statusr);
      case reg::gicd_igroupr: return this->template read_plane<&bank_type::group>(a);
      case reg::gicd_isenabler:
      case reg::gicd_icenabler: return this->template read_plane<&bank_type::enabled>(a);
      case reg::gicd_ispendr:
      case reg::gicd_icpendr: return this->read_ispendr(a);
      case reg::gicd_isactiver:
      case reg::gicd_icactiver: return this->read_isactiver(a);
      case reg::gicd_ipriorityr: return this->read_ipriorityr(a);
      case reg::gicd_icfgr: return this->read_icfgr(a);
      case reg::gicd_irouter: return read_irouter_half(a);
      case reg::gicd_id: return this->template read_id<0x92>(a.offset);
      case reg::reserved: return this->refuse_read(st_.statusr, this->rrd);
      case reg::gicd_setspi_nsr:
      case reg::gicd_clrspi_nsr:
      case reg::gicd_sgir: return this->refuse_read(st_.statusr, this->rwod);
      case reg::gicd_typer2:  // without GICv4.1; and with ARE and DS these are RAZ/WI:
      case reg::gicd_itargetsr:
      case reg::gicd_igrpmodr:
      case reg::gicd_nsacr:
      case reg::gicd_cpendsgir:
      case reg::gicd_spendsgir:
      case reg::raz_wi: return 0;
      default: __builtin_unreachable();  // in no row of a distributor
    }
  }

  [[gnu::always_inline]] inline void gicd_write(reg what, frame_access a, u32 word, u32 bytes) {
    switch (what) {
      case reg::gicd_ctlr: return this->write_gates(a.vcpu, word);
      case reg::gicd_statusr: atomics::fetch_and(st_.statusr, ~word); return;
      case reg::gicd_setspi_nsr:
      case reg::gicd_clrspi_nsr: return write_message(what, word);
      case reg::gicd_igroupr: return this->write_igroupr(a, word);
      case reg::gicd_isenabler: return this->write_isenabler(a, word);
      case reg::gicd_icenabler: return this->write_icenabler(a, word);
      case reg::gicd_ispendr: return this->write_ispendr(a, word);
      case reg::gicd_icpendr: return this->write_icpendr(a, word);
      case reg::gicd_isactiver: return this->write_isactiver(a, word);
      case reg::gicd_icactiver: return this->write_icactiver(a, word);
      case reg::gicd_ipriorityr: return this->write_ipriorityr(a, word, bytes);
      case reg::gicd_icfgr: return this->write_icfgr(a, word);
      case reg::gicd_irouter: return write_irouter_half(a, word);
      case reg::reserved: return this->record(st_.statusr, this->wrd);
      case reg::gicd_typer:
      case reg::gicd_typer2:
      case reg::gicd_iidr:
      case reg::gicd_id: return this->record(st_.statusr, this->wrod);
      case reg::gicd_itargetsr:  // with ARE and DS these are RAZ/WI:
      case reg::gicd_igrpmodr:
      case reg::gicd_nsacr:
      case reg::gicd_sgir:
      case reg::gicd_cpendsgir:
      case reg::gicd_spendsgir:
      case reg::raz_wi: return;
      default: __builtin_unreachable();  // in no row of a distributor
    }
  }

  /// The registers that may be accessed in part; `a` is the word that holds the part.
  [[nodiscard]] u32 gicd_read_bytes(reg what, frame_access a) {
    return what == reg::gicd_ipriorityr ? this->read_ipriorityr(a) : 0;
  }
  void gicd_write_bytes(reg what, frame_access a, u32 value, u32 bytes) {
    if (what == reg::gicd_ipriorityr)
      this->write_ipriorityr(a, value, bytes);
    else if (what == reg::gicd_setspi_nsr || what == reg::gicd_clrspi_nsr)
      write_message(what, value);
  }

  /// The registers of 64 bits: IROUTER.
  [[nodiscard]] u64 gicd_read_double(frame_access a) { return read_route(router_intid(a)); }
  void gicd_write_double(frame_access a, u64 value) { write_route(router_intid(a), value); }

  /// Half of an IROUTER.
  [[nodiscard]] u32 read_irouter_half(frame_access a) {
    const u32 i = router_intid(a);
    if (!this->is_spi(intid{i})) return 0;
    const u32 r = this->route_of(i / 32, i % 32);
    const bool high = (a.offset & 4) != 0;
    if (s::has_one_of_n && r == route_any) return high ? 0 : u32{1} << 31;
    return high ? r >> 24 : r & 0xff'ffff;
  }

 private:
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

  [[nodiscard]] static u32 router_intid(frame_access a) { return a.offset / 8 % 1024; }

  [[nodiscard]] u64 read_route(u32 i) {
    return this->is_spi(intid{i}) ? to_irouter(this->route_of(i / 32, i % 32)) : 0;
  }
  [[gnu::always_inline]] inline void write_route(u32 i, u64 value) {
    if (!this->is_spi(intid{i})) return;
    place at = this->spi_bank(i / 32);
    if (this->reroute(at, i % 32, from_irouter(value))) this->changed(at, u32{1} << (i % 32));
  }

  /// By halves: the other half keeps its value.
  [[gnu::noinline]] void write_irouter_half(frame_access a, u32 half) {
    const u64 old = read_route(router_intid(a));
    write_route(router_intid(a),
                (a.offset & 4) != 0 ? (old & 0xffff'ffffu) | u64{half} << 32 : (old & ~u64{0xffff'ffffu}) | half);
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
