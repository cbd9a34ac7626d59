// SPDX-License-Identifier: BSL-1.0
/// \file
/// The redistributor of one vCPU: RD frame and SGI frame (IHI 0069, 12.10 and 12.11), and SGIs by system register
/// (ICC_SGI1R_EL1, ICC_SGI0R_EL1, ICC_ASGI1R_EL1). Any vCPU may access any redistributor.
#pragma once

#include <vgic/frames/gicd_v3.hpp>
#include <vgic/frames/placement.hpp>

namespace vgic::detail {

template <configuration C>
class gicr : public gicd_v3<C> {
 protected:
  using base = gicd_v3<C>;
  using typename base::atomics;
  using owner = vcpu_state<C>;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::place;
  using typename base::s;

  using rd_map = gicr_rd_map<typename s::features>;
  using sgi_map = gicr_sgi_map<typename s::features>;

  /// Word reads of the RD frame and of the SGI frame of vCPU number `n`: slot of the map, and offset / 4.
  [[nodiscard, gnu::always_inline]] inline u64 rd_read(u64 n, u8 slot, u64 word) {
    owner& o = st_.vcpu[n];
    switch (slot) {
      case rd_map::slot(reg::gicr_ctlr): return read_ctlr(n);
      case rd_map::slot(reg::gicr_iidr): return this->iidr;
      case rd_map::slot(reg::gicr_typer): return static_cast<u32>(o.typer >> (32 * (word & 1)));
      case rd_map::slot(reg::gicr_statusr): return atomics::load(o.statusr);
      case rd_map::slot(reg::gicr_waker): return atomics::load(o.asleep) * 6;  // ProcessorSleep, ChildrenAsleep
      case rd_map::slot(reg::gicr_id): return this->template read_id<0x93>(static_cast<u32>(word * 4));
      case rd_map::slot(reg::reserved): return this->refuse_read(o.statusr, this->rrd);
      case rd_map::slot(reg::gicr_lpi): return 0;
      default: __builtin_unreachable();  // no other slots
    }
  }
  [[nodiscard, gnu::always_inline]] inline u64 sgi_read(u64 n, u8 slot, u64 word) {
    const place at{st_.vcpu[n].priv, 0, vcpu_id{static_cast<u16>(n)}};
    switch (slot) {
      case sgi_map::slot(reg::gicr_igroupr0): return atomics::load(at.b.group);
      case sgi_map::slot(reg::gicr_isenabler0):
      case sgi_map::slot(reg::gicr_icenabler0): return atomics::load(at.b.enabled);
      case sgi_map::slot(reg::gicr_ispendr0):
      case sgi_map::slot(reg::gicr_icpendr0): return this->template read_pending<messages::none>(at);
      case sgi_map::slot(reg::gicr_isactiver0):
      case sgi_map::slot(reg::gicr_icactiver0): return this->read_active(at);
      case sgi_map::slot(reg::gicr_ipriorityr): return atomics::load(st_.vcpu[n].priorities[word - 0x100]);
      case sgi_map::slot(reg::gicr_icfgr): return (word & 1) != 0 ? atomics::load(st_.vcpu[n].icfgr1) : 0xaaaa'aaaa;
      case sgi_map::slot(reg::reserved): return this->refuse_read(st_.vcpu[n].statusr, this->rrd);
      case sgi_map::slot(reg::gicr_igrpmodr0):  // RAZ/WI with DS
      case sgi_map::slot(reg::gicr_nsacr): return 0;
      default: __builtin_unreachable();  // no other slots
    }
  }

  [[gnu::always_inline]] inline void gicr_write(vcpu_id of, reg what, vcpu_id v, u32 word, u32 value, u32 bytes) {
    place at = this->private_bank(of);
    switch (what) {
      case reg::gicr_ctlr: return write_ctlr(of, value);
      case reg::gicr_statusr: atomics::fetch_and(vcpu(of).statusr, ~value); return;
      case reg::gicr_waker: return write_waker(of, value);
      case reg::gicr_igroupr0: return this->write_group(at, value);
      case reg::gicr_isenabler0: return this->set_enabled(at, value);
      case reg::gicr_icenabler0: return this->clear_enabled(v, at, value);
      case reg::gicr_ispendr0: return this->set_pending(at, value);
      case reg::gicr_icpendr0: return this->clear_latches(at, value);
      case reg::gicr_isactiver0: return this->set_active(at, value);
      case reg::gicr_icactiver0: return this->clear_active(at, value);
      case reg::gicr_ipriorityr: return this->write_own_priorities(of, word, value, bytes);
      case reg::gicr_icfgr:
        if (word % 2 != 0) write_icfgr1(of, value);  // SGIs are edge-triggered
        return;
      case reg::reserved: return this->record(vcpu(of).statusr, this->wrd);
      case reg::gicr_typer:
      case reg::gicr_iidr:
      case reg::gicr_id: return this->record(vcpu(of).statusr, this->wrod);
      default: return;
    }
  }

  /// The registers that may be accessed in part; `word` holds the part.
  [[nodiscard]] u32 gicr_read_part(owner& o, u32 word) { return atomics::load(o.priorities[word % 8]); }

  /// The registers of 64 bits: TYPER, and those of LPIs, which there are none of.
  [[nodiscard]] static u64 gicr_read_double(const owner& o, reg what) { return what == reg::gicr_typer ? o.typer : 0; }

  /// ICC_SGI1R_EL1, ICC_ASGI1R_EL1, ICC_SGI0R_EL1: SGI [27:24] to the vCPUs of cluster Aff3.Aff2.Aff1 whose Aff0 is
  /// 16 * RS + i for each bit i of TargetList; IRM = 1: to all but the writer. Of the three only SGI1R reaches an SGI
  /// that its target has in group 1, and it reaches those in group 0 too (DS = 1).
  template <reg What>
  [[gnu::always_inline]] inline void write_sgi_register(vcpu_id v, u64 value) {
    constexpr bool any_group = What == reg::icc_sgi1r;
    if constexpr (one_cluster && any_group) {
      // What guests do most: to one vCPU. Its bit and those below are more than those below only if it is alone.
      const u32 list = static_cast<u32>(value & 0xffff);
      const u32 to_lowest = list ^ (list - 1);
      if ((value & (irm | other_clusters)) == 0 && to_lowest > list - 1) [[likely]] {
        if (const u32 t = highest(to_lowest); t < st_.vcpus)
          this->send_sgi(v, vcpu_id{static_cast<u16>(t)}, static_cast<u32>(value >> 24) & 0xf);
        return;
      }
    }
    send_to_many(v, value, any_group ? groups::any : groups::zero);
  }

  /// ICC_DIR_EL1, for a host that traps it (ICH_HCR_EL2.TDIR): ends an interrupt wherever it is active.
  void deactivate_interrupt(vcpu_id v, u32 i) {
    if (i < 32 || this->is_spi(intid{i})) this->clear_active(this->bank_at(v, i / 32), u32{1} << (i % 32));
  }

  /// GICR_TYPER: affinity, processor number, DPGS, Last.
  [[nodiscard]] u64 make_typer(vcpu_id of) const {
    const u32 n = raw(of);
    return u64{raw(s::affinity::of(of))} << 32 | u64{n} << 8 | (s::has_one_of_n ? 1u << 5 : 0) |
           (is_last(n) ? 1u << 4 : 0);
  }

  /// The highest redistributor of a region: of its last one in use, or of one that is full.
  [[nodiscard]] bool is_last(u32 n) const {
    if (n + 1 == st_.vcpus) return true;
    bool last = false;
    placement<C>::each_region([&](u64 first, u64 capacity, layout::range) { return last = n + 1 == first + capacity; });
    return last;
  }

 private:
  static constexpr u64 irm = u64{1} << 40;
  /// Aff3, RS, Aff2 and Aff1 of an SGI register.
  static constexpr u64 other_clusters = u64{0xff} << 48 | u64{0xf} << 44 | u64{0xff} << 32 | u64{0xff} << 16;
  /// All vCPUs are in cluster 0.0.0, and vCPU n has Aff0 n.
  static constexpr bool one_cluster = s::affinity_is_index && s::max.vcpus <= 16;

  /// Which SGIs a register reaches: all, or those that their target has in group 0.
  enum class groups : u8 { any, zero };

  [[gnu::noinline]] void send_to_many(vcpu_id v, u64 value, groups g) {
    const u32 n = static_cast<u32>(value >> 24) & 0xf;
    if ((value & irm) != 0) [[unlikely]] {
      for (u32 t = 0; t < st_.vcpus; ++t)
        if (t != raw(v)) sgi_to(v, vcpu_id{static_cast<u16>(t)}, g, n);
      return;
    }
    const u32 cluster = static_cast<u32>(value >> 48 & 0xff) << 24 | static_cast<u32>(value >> 32 & 0xff) << 16 |
                        static_cast<u32>(value >> 16 & 0xff) << 8 | static_cast<u32>(value >> 44 & 0xf) << 4;
    for (u32 list = static_cast<u32>(value & 0xffff); list != 0; list &= list - 1) {
      const vcpu_id t = this->vcpu_at(cluster | lowest(list));
      if (t != no_vcpu) sgi_to(v, t, g, n);
    }
  }
  void sgi_to(vcpu_id from, vcpu_id to, groups g, u32 n) {
    if (g == groups::zero && (atomics::load(vcpu(to).priv.group) >> n & 1) != 0) return;
    this->send_sgi(from, to, n);
  }

  /// GICR_CTLR: DPG0 [24], DPG1NS [25], RWP [3].
  [[nodiscard, gnu::always_inline]] inline u64 read_ctlr(u64 n) {
    const u32 dpg = atomics::load(st_.vcpu[n].dpg);
    if ((atomics::load(st_.vcpu[n].mine) & 1) == 0) [[likely]]  // nothing of it is in a list register
      return dpg;
    return dpg | rwp(vcpu_id{static_cast<u16>(n)});
  }

  [[nodiscard, gnu::noinline]] u32 rwp(vcpu_id of) {
    return this->still_takeable(this->private_bank(of)) ? 1u << 3 : 0;
  }

  /// The word that reads follow the plane: whoever writes last makes them agree.
  void write_icfgr1(vcpu_id of, u32 value) {
    place at = this->private_bank(of);
    this->write_triggers(at, 1, value);
    for (u32 tries = 0; tries < 4; ++tries) {
      atomics::exchange(vcpu(of).icfgr1, this->read_triggers(at, 1));
      atomics::order();
      if (atomics::load(vcpu(of).icfgr1) == this->read_triggers(at, 1)) return;
    }
  }

  void write_ctlr(vcpu_id of, u32 value) {
    if constexpr (s::has_one_of_n) {
      const u32 dpg = value & 3u << 24;
      if (atomics::exchange(vcpu(of).dpg, dpg) != dpg) this->taking_changed(of);
    }
  }

  /// ProcessorSleep [1]; ChildrenAsleep [2] follows at once. A sleeping vCPU is sent nothing, and woken (kicked) when
  /// something arrives for it.
  void write_waker(vcpu_id of, u32 value) {
    const u32 asleep = value >> 1 & 1;
    if (atomics::exchange(vcpu(of).asleep, asleep) == asleep) return;
    atomics::order();
    this->poke(of, this->all_banks());
    this->taking_changed(of);
  }
};

}  // namespace vgic::detail
