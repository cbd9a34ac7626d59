// SPDX-License-Identifier: BSL-1.0
/// \file
/// Registers of 32 (or 16, or 4) interrupts of one bank, the same in a GICv2 distributor, a GICv3 distributor and a
/// redistributor's SGI frame. Each is a load, an OR or an AND-NOT of a plane, and what follows from the change.
#pragma once

#include <vgic/delivery/lines.hpp>

namespace vgic::detail {

/// PIDR4..7, PIDR0..3, CIDR0..3 of an Arm GIC; PIDR4 says how large a frame is: 4 KiB of a GICv2, 64 KiB of a GICv3.
template <u8 Architecture, u8 Part>
inline constexpr u8 id_registers[12] = {
    Architecture >= 0x30 ? 0x44 : 0x04, 0, 0, 0, Part, 0xb4, Architecture, 0, 0x0d, 0xf0, 0x05, 0xb1};

template <configuration C>
class common_registers : public lines<C> {
 protected:
  using base = lines<C>;
  using base::gates;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::bank_type;
  using typename base::place;
  using typename base::s;

  static constexpr u32 priority_byte = (0xffu << (8 - s::max.priority_bits)) & 0xff;
  static constexpr u32 priority_bytes = priority_byte * 0x0101'0101u;

  // Reads. Pending and active state in a list register is what its vCPU had at its last exit, or, if the host can
  // synchronise, what it has now.

  template <messages M = s::has_message_spis ? messages::possible : messages::none>
  [[nodiscard, gnu::always_inline]] inline u64 read_pending(place at) {
    if constexpr (host_can_sync<typename s::host>)
      if (at.b.any_listed()) return pending_now<M>(at.b, at.index, at.owner);
    return at.b.template pending_word<M>();
  }
  [[nodiscard, gnu::always_inline]] inline u64 read_active(place at) {
    if constexpr (host_can_sync<typename s::host>)
      if (at.b.any_listed()) return active_now(at.b, at.index, at.owner);
    return atomics::load(at.b.active);
  }
  [[nodiscard]] u32 read_triggers(place at, u32 half) {
    return spread_to_icfgr(atomics::load(at.b.edge) >> (16 * half));
  }

  // Writes. A bit that changes nothing costs a load; what changes is published, then offered (delivery/offer.hpp).

  [[gnu::always_inline]] inline void set_enabled(place at, u32 value) {
    const u32 m = value & this->implemented(at.index) & ~atomics::load(at.b.enabled);
    if (m == 0) return;
    atomics::fetch_or(at.b.enabled, m);
    if (this->published(at.b)) [[unlikely]]
      changed_in(at.b, at.owner, m);
  }
  /// `changed_now` for callers that have nothing of their own to keep: the place is made where it is needed.
  [[gnu::noinline]] void changed_in(bank_type& b, vcpu_id of, u32 m) {
    this->changed_now({b, this->index_of(b, of), of}, m);
  }

  /// `v` disables interrupts.
  [[gnu::always_inline]] inline void clear_enabled(vcpu_id v, place at, u32 value) {
    const u32 m = value & atomics::load(at.b.enabled);
    if (m == 0) return;
    atomics::fetch_and(at.b.enabled, ~m);
    atomics::order();
    if (at.b.any_listed()) [[unlikely]]
      disabled_listed(v, at.b, at.owner, m);
  }
  /// One of an SPI bank may be taken until its vCPU has looked: GICD_CTLR.RWP (a redistributor's looks at its own
  /// bank).
  [[gnu::noinline]] void disabled_listed(vcpu_id v, bank_type& b, vcpu_id of, u32 m) {
    if (!b.any_listed(m)) return;
    const u32 index = this->index_of(b, of);
    this->recheck({b, index, of});
    if (s::is_v2 || index != 0) vcpu(v).write_pending |= u32{1} << index;
  }

  void set_pending(place at, u32 value) {
    const u32 m = value & this->implemented(at.index) & ~at.b.fresh();
    if (m == 0) return;
    at.b.latch_all(m);
    this->changed(at, m);
  }

  void clear_latches(place at, u32 value) {
    synchronise(at);
    const planes p = at.b.read();
    if ((p.latch & value) != 0) this->clear_pending(at, value);
  }

  void set_active(place at, u32 value) {
    synchronise(at);
    const u32 m = value & this->implemented(at.index) & ~atomics::load(at.b.active);
    if (m == 0) return;
    atomics::store(st_.strays, u32{1});
    at.b.set_active(m);
    atomics::order();
    const planes p = at.b.read();
    if ((p.listed & m) != 0) this->recheck(at);
    // One that is in no list register gets one, so that its end is seen.
    if (const u32 rest = m & ~p.listed; rest != 0) this->tell(at, rest, p.group);
  }

  void clear_active(place at, u32 value) {
    synchronise(at);
    if (const u32 m = value & atomics::load(at.b.active); m != 0) end_active(at.b, at.owner, m);
  }
  /// Interrupts `m` of a bank are active no more, and not by the guest's end.
  [[gnu::noinline]] void end_active(bank_type& b, vcpu_id of, u32 m) {
    const place at{b, this->index_of(b, of), of};
    b.clear_active(m);
    atomics::order();
    const planes p = b.read();
    for (u32 rest = m & ~p.listed & ~pending(p) & b.linked(); rest != 0; rest &= rest - 1)
      this->end_physical(at.index == 0 ? of : host_.current(), at, lowest(rest));
    this->changed(at, m);
  }

  void write_group(place at, u32 value) { write_plane(at, at.b.group, value, this->implemented(at.index)); }

  void write_triggers(place at, u32 half, u32 value) {
    write_plane(at, at.b.edge, gather_from_icfgr(value) << (16 * half),
                (u32{0xffff} << (16 * half)) & this->implemented(at.index));
  }

  /// Four priorities at a time; `bytes` has ones where the write reaches. The word is the truth, the slices mirror it:
  /// whoever changes it applies the difference that it made, by exclusive or, so that writers may finish in any order.
  /// `word` counts words of the bank.
  template <class Cell>
  [[nodiscard, gnu::always_inline]] static inline bool differs(const Cell& cell, u32 value, u32 bytes) {
    return ((atomics::load(cell) ^ value) & bytes & priority_bytes) != 0;
  }
  template <class Cell>
  [[gnu::always_inline]] inline void change_priorities(Cell& cell, bank_type& b, vcpu_id of, u32 word, u32 value,
                                                       u32 bytes) {
    u32 old = atomics::load(cell);
    u32 now;
    do {
      now = (old & ~bytes) | (value & bytes & priority_bytes);
    } while (!atomics::compare_exchange(cell, old, now));
    priorities_changed(b, of, word * 4, old ^ now);
  }
  [[gnu::always_inline]] inline void write_own_priorities(vcpu_id of, u32 word, u32 value, u32 bytes) {
    if (differs(vcpu(of).priorities[word % 8], value, bytes)) change_own_priorities(of, word % 8, value, bytes);
  }

  /// With a host that can: waits until vCPUs on other CPUs have folded what their list registers hold of this bank.
  void synchronise(place at) {
    if constexpr (host_can_sync<typename s::host>) {
      if (!at.b.any_listed()) return;
      if (at.index == 0) {
        if (at.owner != host_.current()) host_.sync(at.owner);
        return;
      }
      for (u32 v = 0; v < st_.vcpus; ++v) {
        const vcpu_id id{static_cast<u16>(v)};
        if (id != host_.current() && (atomics::load(vcpu(id).mine) >> at.index & 1) != 0) host_.sync(id);
      }
    }
  }

  /// GICD_CTLR's group enables. Turning one on or off concerns every vCPU.
  [[gnu::noinline]] void write_gates(vcpu_id v, u32 value) {
    const group_gates now{.zero = (value & 1) != 0 ? ~u32{0} : 0, .one = (value & 2) != 0 ? ~u32{0} : 0};
    const group_gates old = gates();
    if (now.zero == old.zero && now.one == old.one) return;
    if (now.zero != old.zero) atomics::exchange(st_.gate[0], now.zero);
    if (now.one != old.one) atomics::exchange(st_.gate[1], now.one);
    atomics::order();
    this->everything_changed();
    if (((old.zero & ~now.zero) | (old.one & ~now.one)) != 0) vcpu(v).write_pending = this->all_banks();
  }
  [[nodiscard]] u32 read_gates() const {
    const group_gates g = gates();
    return (g.zero & 1) | (g.one & 2);
  }

  /// GICD_CTLR.RWP for `v`: something that `v` disabled is still in a list register where it may be acknowledged.
  [[nodiscard]] bool write_in_flight(vcpu_id v) { return vcpu(v).write_pending != 0 && still_in_flight(v); }

  /// May an interrupt of this private bank that is not forwarded any more still be acknowledged from a list register?
  [[nodiscard]] bool still_takeable(place at) {
    return at.b.any_listed() && (not_compared(vcpu(at.owner)) & 1) != 0 && takeable(at);
  }

  /// Identification registers at 0xfd0 (GICv2) or 0xffd0 (GICv3): PIDR4..7, PIDR0..3, CIDR0..3; the architecture
  /// revision in PIDR2 is what software reads.
  template <u8 Part>
  [[nodiscard]] static u32 read_id(u32 offset) {
    return id_registers < s::is_v2 ? 0x2b : 0x3b, Part > [((offset & 0x3f) - 0x10) / 4];
  }

  /// GICD_IIDR, GICR_IIDR: ProductID 0x56 ('V'), variant 0, revision 0, implementer Arm (JEP106 0x43b).
  static constexpr u32 iidr = 0x5600'043b;

  /// STATUSR bits (IHI 0069, GICD_STATUSR).
  enum status : u32 { rrd = 1, wrd = 2, rwod = 4, wrod = 8 };

  /// A read of the distributor that its register does not define: recorded, and 0. The same of other frames.
  [[nodiscard, gnu::always_inline]] inline u64 refuse_distributor_read(status bit) {
    if constexpr (s::has_status_registers && s::is_v3)
      if ((atomics::load(st_.statusr) & bit) == 0) [[unlikely]]
        return recorded(bit);
    return 0;
  }
  template <class Cell>
  [[nodiscard, gnu::always_inline]] static inline u64 refuse_read(Cell& statusr, status bit) {
    if constexpr (s::has_status_registers && s::is_v3)
      if ((atomics::load(statusr) & bit) == 0) [[unlikely]]
        return recorded(statusr, bit);
    return 0;
  }
  [[nodiscard, gnu::noinline]] u64 recorded(status bit) {
    record(st_.statusr, bit);
    return 0;
  }
  template <class Cell>
  [[nodiscard, gnu::noinline]] static u64 recorded(Cell& statusr, status bit) {
    record(statusr, bit);
    return 0;
  }

  /// Remembers an access that its register does not define.
  template <class Cell>
  [[gnu::noinline]] static void record(Cell& statusr, status bit) {
    if constexpr (s::has_status_registers && s::is_v3)
      if ((atomics::load(statusr) & bit) == 0) atomics::fetch_or(statusr, u32{bit});
  }

 private:
  template <messages M>
  [[nodiscard, gnu::noinline]] u64 pending_now(bank_type& b, u32 index, vcpu_id of) {
    synchronise({b, index, of});
    return b.template pending_word<M>();
  }
  [[nodiscard, gnu::noinline]] u64 active_now(bank_type& b, u32 index, vcpu_id of) {
    synchronise({b, index, of});
    return atomics::load(b.active);
  }

  [[gnu::noinline]] void change_own_priorities(vcpu_id of, u32 word, u32 value, u32 bytes) {
    auto& o = vcpu(of);
    change_priorities(o.priorities[word], o.priv, of, word, value, bytes);
  }
  [[gnu::noinline]] void priorities_changed(bank_type& b, vcpu_id of, u32 first, u32 bits) {
    flip_slices<0>(b, bits, first);
    if (this->published(b)) [[unlikely]]
      changed_in(b, of, u32{0xf} << first);
  }
  /// Unrolled: most slices do not change, which is a compare with a constant then.
  template <u32 K>
  [[gnu::always_inline]] static inline void flip_slices(bank_type& b, u32 changed, u32 first) {
    if constexpr (K < s::max.priority_bits) {
      constexpr u32 bit = K + 8 - s::max.priority_bits;
      if ((changed & 0x0101'0101u << bit) != 0) atomics::fetch_xor(b.slices[K], bit_of_bytes(changed, bit) << first);
      flip_slices<K + 1>(b, changed, first);
    }
  }

  /// Banks of which a vCPU has list registers that it has not compared with the planes since they were changed.
  [[nodiscard]] static u32 not_compared(const vcpu_state<C>& o) {
    const u32 maybe = atomics::load(o.maybe);
    atomics::order();  // who empties it has said in `comparing` before that it will look
    return atomics::load(o.mine) & (atomics::load(o.comparing) != 0 ? ~u32{0} : maybe);
  }

  [[nodiscard, gnu::noinline]] bool still_in_flight(vcpu_id v) {
    u32& in_flight = vcpu(v).write_pending;
    // A vCPU that has looked since the change has nothing of it left; one that has not still has its maybe bit.
    u32 not_seen = 0;
    for (u32 k = 0; k < st_.vcpus; ++k) {
      const vcpu_id id{static_cast<u16>(k)};
      const u32 its = not_compared(vcpu(id));
      not_seen |= its;
      // A group was turned off, which concerns everybody's private interrupts.
      if ((its & in_flight & 1) != 0 && takeable(this->private_bank(id))) return true;
    }
    in_flight &= not_seen & ~u32{1};
    for (; in_flight != 0; in_flight &= in_flight - 1)
      if (takeable(this->spi_bank(lowest(in_flight)))) return true;
    return false;
  }
  /// Does a list register hold one of this bank that is not forwarded any more and may be pending? (An active one may
  /// be pending beside it.)
  [[nodiscard, gnu::noinline]] bool takeable(place at) {
    const planes p = at.b.read();
    return (p.listed & (~p.active | p.latch) & ~forwarded(p, gates())) != 0;
  }

  template <class Cell>
  void write_plane(place at, Cell& plane, u32 value, u32 mask) {
    const u32 diff = (atomics::load(plane) ^ value) & mask;
    if (diff == 0) return;
    if ((diff & value) != 0) atomics::fetch_or(plane, diff & value);
    if ((diff & ~value) != 0) atomics::fetch_and(plane, ~(diff & ~value));
    this->changed(at, diff);
  }
};

}  // namespace vgic::detail
