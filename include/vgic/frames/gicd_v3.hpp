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
  using typename base::atomics;
  using typename base::bank_type;
  using typename base::place;
  using typename base::s;
  using base::st_;
  using base::vcpu;

  static constexpr u32 ctlr_are = 1u << 4;
  static constexpr u32 ctlr_ds = 1u << 6;
  static constexpr u32 ctlr_rwp = 1u << 31;

  [[nodiscard]] u64 gicd_read(reg what, const frame_access& a) {
    switch (what) {
      case reg::gicd_ctlr:
        return this->read_gates() | ctlr_are | ctlr_ds | (this->write_in_flight(a.vcpu) != 0 ? ctlr_rwp : 0);
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
      case reg::gicd_irouter: return read_irouter(a);
      case reg::gicd_id: return this->read_id(a.offset, 0x92);
      default: return 0;  // TYPER2, and with ARE and DS: ITARGETSR, IGRPMODR, NSACR, SGIR, C/SPENDSGIR
    }
  }

  void gicd_write(reg what, const frame_access& a, u64 value, u32 bytes) {
    const u32 word = static_cast<u32>(value);
    switch (what) {
      case reg::gicd_ctlr: return this->write_gates(a.vcpu, word);
      case reg::gicd_statusr: atomics::fetch_and(st_.statusr, ~word); return;
      case reg::gicd_setspi_nsr:
        if constexpr (s::has_message_spis)
          if (const u32 i = word & 0x1fff; this->is_spi(intid{i})) this->set_message(this->spi_bank(i / 32), i % 32);
        return;
      case reg::gicd_clrspi_nsr:
        if constexpr (s::has_message_spis)
          if (const u32 i = word & 0x1fff; this->is_spi(intid{i})) this->clear_message(this->spi_bank(i / 32), i % 32);
        return;
      case reg::gicd_igroupr: return this->write_igroupr(a, word);
      case reg::gicd_isenabler: return this->write_isenabler(a, word);
      case reg::gicd_icenabler: return this->write_icenabler(a, word);
      case reg::gicd_ispendr: return this->write_ispendr(a, word);
      case reg::gicd_icpendr: return this->write_icpendr(a, word);
      case reg::gicd_isactiver: return this->write_isactiver(a, word);
      case reg::gicd_icactiver: return this->write_icactiver(a, word);
      case reg::gicd_ipriorityr: return this->write_ipriorityr(a, word, bytes);
      case reg::gicd_icfgr: return this->write_icfgr(a, word);
      case reg::gicd_irouter: return write_irouter(a, value);
      default: return;
    }
  }

 private:
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

  [[nodiscard]] u64 read_irouter(const frame_access& a) {
    const u32 i = (a.offset - 0x6000) / 8;
    if (!this->is_spi(intid{i})) return 0;
    const u64 value = to_irouter(atomics::load(this->route_of(i / 32, i % 32)));
    return (a.offset & 4) != 0 ? value >> 32 : value;
  }

  /// By halves as well: the other half keeps its value.
  void write_irouter(const frame_access& a, u64 value) {
    const u32 i = (a.offset - 0x6000) / 8;
    if (!this->is_spi(intid{i})) return;
    if (a.size == width::word) {
      const u64 old = to_irouter(atomics::load(this->route_of(i / 32, i % 32)));
      value = (a.offset & 4) != 0 ? (old & 0xffff'ffffu) | (value << 32) : (old & ~u64{0xffff'ffffu}) | (value & 0xffff'ffffu);
    }
    place at = this->spi_bank(i / 32);
    this->reroute(at, i % 32, from_irouter(value));
    this->changed(at, u32{1} << (i % 32));
  }
};

}  // namespace vgic::detail
