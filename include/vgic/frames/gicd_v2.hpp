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

  [[nodiscard, gnu::always_inline]] inline u64 gicd_read(reg what, frame_access a) {
    switch (what) {
      case reg::gicd_ctlr: return this->read_gates();
      case reg::gicd_typer: return st_.typer;
      case reg::gicd_iidr: return this->iidr;
      case reg::gicd_igroupr: return this->template read_plane<&bank_type::group>(a);
      case reg::gicd_isenabler:
      case reg::gicd_icenabler: return this->template read_plane<&bank_type::enabled>(a);
      case reg::gicd_ispendr:
      case reg::gicd_icpendr: return this->read_ispendr(a);
      case reg::gicd_isactiver:
      case reg::gicd_icactiver: return this->read_isactiver(a);
      case reg::gicd_ipriorityr: return this->read_ipriorityr(a);
      case reg::gicd_itargetsr: return read_targets(a.vcpu, a.offset);
      case reg::gicd_icfgr: return this->read_icfgr(a);
      case reg::gicd_cpendsgir:
      case reg::gicd_spendsgir: return read_sgi_sources(a.vcpu, a.offset);
      case reg::gicd_id: return this->template read_id<0x90>(a.offset);
      case reg::reserved:
      case reg::gicd_nsacr:
      case reg::gicd_sgir:
      case reg::raz_wi: return 0;
      default: __builtin_unreachable();  // in no row of a distributor
    }
  }

  /// The registers that may be accessed in part; `a` is the word that holds the part.
  [[nodiscard]] u32 gicd_read_bytes(reg what, frame_access a) {
    switch (what) {
      case reg::gicd_ipriorityr: return this->read_ipriorityr(a);
      case reg::gicd_itargetsr: return read_targets(a.vcpu, a.offset);
      default: return read_sgi_sources(a.vcpu, a.offset);
    }
  }
  void gicd_write_bytes(reg what, frame_access a, u32 value, u32 bytes) {
    switch (what) {
      case reg::gicd_ipriorityr: return this->write_ipriorityr(a, value, bytes);
      case reg::gicd_itargetsr: return write_targets(a.offset, value, bytes);
      case reg::gicd_cpendsgir: return clear_sgi_sources(a.vcpu, a.offset, value);
      default: return set_sgi_sources(a.vcpu, a.offset, value);
    }
  }

  [[gnu::always_inline]] inline void gicd_write(reg what, frame_access a, u32 value, u32 bytes) {
    switch (what) {
      case reg::gicd_ctlr: return this->write_gates(a.vcpu, value);
      case reg::gicd_igroupr: return this->write_igroupr(a, value);
      case reg::gicd_isenabler: return this->write_isenabler(a, value);
      case reg::gicd_icenabler: return this->write_icenabler(a, value);
      case reg::gicd_ispendr: return this->write_ispendr(a, value);
      case reg::gicd_icpendr: return this->write_icpendr(a, value);
      case reg::gicd_isactiver: return this->write_isactiver(a, value);
      case reg::gicd_icactiver: return this->write_icactiver(a, value);
      case reg::gicd_ipriorityr: return this->write_ipriorityr(a, value, bytes);
      case reg::gicd_itargetsr: return write_targets(a.offset, value, bytes);
      case reg::gicd_icfgr: return this->write_icfgr(a, value);
      case reg::gicd_sgir: return write_sgir(a.vcpu, value);
      case reg::gicd_cpendsgir: return clear_sgi_sources(a.vcpu, a.offset, value);
      case reg::gicd_spendsgir: return set_sgi_sources(a.vcpu, a.offset, value);
      case reg::reserved:
      case reg::gicd_typer:
      case reg::gicd_iidr:
      case reg::gicd_nsacr:
      case reg::gicd_id:
      case reg::raz_wi: return;
      default: __builtin_unreachable();  // in no row of a distributor
    }
  }

 private:
  [[nodiscard]] u32 all_vcpus() const { return (u32{1} << st_.vcpus) - 1; }

  /// The first 32 interrupts are banked: each reads as the vCPU that asks (how software learns its number). With one
  /// CPU all of these registers are RAZ/WI.
  [[nodiscard, gnu::noinline]] u32 read_targets(vcpu_id v, u32 offset) {
    const u32 first = offset - 0x800;
    if (first < 32) return (u32{1} << raw(v)) * 0x0101'0101u;
    if (!this->reachable(first / 32)) return 0;
    return atomics::load(st_.routes[first / 4 - 8]);
  }

  [[gnu::noinline]] void write_targets(u32 offset, u32 value, u32 bytes) {
    const u32 first = offset - 0x800;
    if (first < 32 || !this->reachable(first / 32)) return;
    place at = this->spi_bank(first / 32);
    const u32 changed = this->retarget(at, first % 32, value & all_vcpus() * 0x0101'0101u, bytes);
    if (changed != 0) this->changed(at, changed);
  }

  /// GICD_SGIR: 0 the list, 1 all but the writer, 2 the writer; 3 is reserved and does nothing. Bits of vCPUs that do
  /// not exist name nobody.
  [[gnu::noinline]] void write_sgir(vcpu_id v, u32 value) {
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
  [[nodiscard, gnu::noinline]] u32 read_sgi_sources(vcpu_id v, u32 offset) {
    const u32 first = offset & 0xc;
    u32 word = 0;
    for (u32 k = 0; k < 4; ++k) word |= sgi_sources(v, first + k) << (8 * k);
    return word;
  }
  [[gnu::noinline]] void set_sgi_sources(vcpu_id v, u32 offset, u32 value) {
    for (u32 k = 0; k < 4; ++k) {
      const u32 n = (offset & 0xc) + k;
      const u8 add = static_cast<u8>(value >> (8 * k) & all_vcpus() & ~in_list_register(v, n));
      if (add == 0) continue;
      atomics::fetch_or(vcpu(v).sgi_sources[n], add);
      vcpu(v).priv.latch(n);
      this->changed(this->private_bank(v), u32{1} << n);
    }
  }
  [[gnu::noinline]] void clear_sgi_sources(vcpu_id v, u32 offset, u32 value) {
    for (u32 k = 0; k < 4; ++k) {
      const u32 n = (offset & 0xc) + k;
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
