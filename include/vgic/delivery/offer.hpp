// SPDX-License-Identifier: BSL-1.0
/// \file
/// The publishing side of delivery: who changes an interrupt tells the vCPU that has to look.
///
/// Invariant: if an interrupt of bank w is deliverable and vCPU v may take it, then maybe[v] or left[v] has bit w, or
/// somebody is about to set it. (A 1-of-N interrupt: for one vCPU that may take it.) A bit may be stale, never missing.
///
/// Publisher: change a plane (RMW); order(); evaluate; set maybe.  Owner: empty maybe (RMW); order(); evaluate.
/// Whichever comes second in the single order sees the other's change. The same shape covers a change to an
/// interrupt that a list register holds: publisher: change a plane; order(); read *listed*.  Owner: set *listed*
/// (RMW); order(); read the planes again.
#pragma once

#include <vgic/delivery/routing.hpp>

namespace vgic::detail {

template <configuration C>
class offering : public routing<C> {
 protected:
  using base = routing<C>;
  using base::gates;
  using base::host_;
  using base::poke;
  using base::st_;
  using base::target_of;
  using base::vcpu;
  using typename base::atomics;
  using typename base::place;
  using typename base::s;

  /// Tells the targets of those interrupts of `mask` that are deliverable in `p`.
  void offer(place at, const planes& p, u32 mask) {
    const u32 d = deliverable(p, gates()) & mask;
    if (d != 0) tell(at, d, p.group);
  }

  /// Tells the targets of interrupts `d` of a bank, each once: who is told sees all of the bank that it may take.
  [[gnu::noinline]] void tell(place at, u32 d, u32 group_plane) {
    if (at.index == 0) {
      poke(at.owner, 1);
      return;
    }
    while (d != 0) {
      const u32 n = lowest(d);
      d &= d - 1;
      const u32 in_group = group_plane >> n & 1;
      const vcpu_id v = target_of(at.index, n, in_group);
      if (v == no_vcpu) {
        if constexpr (s::has_one_of_n)  // nor does it for the others of its group that nobody takes now
          if (const u32 any = atomics::load(at.b.any); (any >> n & 1) != 0)
            d &= ~any | (in_group != 0 ? ~group_plane : group_plane) | this->taken_by_some(in_group, at);
        continue;
      }
      poke(v, u32{1} << at.index);
      if (d != 0) d &= ~this->routed_here(v, at.index, at.b);
    }
  }

  /// Tells the vCPUs that may hold interrupts of this bank in list registers to compare them with the planes.
  [[gnu::noinline]] void recheck(place at) {
    atomics::order();  // *listed* was seen: the owner's `mine`, stored before its claim, is to be seen too
    if (at.index == 0) {
      poke(at.owner, 1);
      return;
    }
    const u32 bank_bit = u32{1} << at.index;
    for (u32 v = 0; v < st_.vcpus; ++v) {
      const vcpu_id id{static_cast<u16>(v)};
      if ((atomics::load(vcpu(id).mine) & bank_bit) != 0) poke(id, bank_bit);
    }
  }

  /// After a change to the interrupts of `mask` was stored: if none of their bank is pending or in a list register,
  /// which is the rule, nothing follows from it.
  [[gnu::always_inline]] inline void changed(place at, u32 mask) {
    if (published(at.b)) changed_now(at, mask);
  }
  /// After a change to interrupts of a bank was stored: may anything follow from it?
  [[nodiscard, gnu::always_inline]] static inline bool published(const typename base::bank_type& b) {
    atomics::order();
    return stirs(b);
  }

  /// Is any interrupt of the bank on its way? It costs half of what the look at some of them does.
  [[nodiscard, gnu::always_inline]] static inline bool stirs(const typename base::bank_type& b) {
    // The links of sixteen interrupts are the highest lane, and say nothing here.
    static_assert(static_cast<u32>(lane::linked) == 3);
    return ((atomics::load(b.moving[0]) | atomics::load(b.moving[1])) << 16 |
            b.template inputs<base::message_lines>()) != 0;
  }

  /// Is any interrupt of `mask` on its way? (A latch that was taken is in a list register.)
  [[nodiscard]] static bool concerns(const typename base::bank_type& b, u32 mask) {
    const u64 low = atomics::load(b.moving[0]);
    const u64 high = atomics::load(b.moving[1]);
    const u32 moving = lanes::plane(low | low >> 32, high | high >> 32, lane::fresh);
    return ((moving | b.template inputs<base::message_lines>()) & mask) != 0;
  }

  /// Offers what became deliverable, has rechecked what is listed.
  [[gnu::noinline]] void changed_now(place at, u32 mask) {
    if (!concerns(at.b, mask)) return;
    const planes p = at.b.read();
    offer(at, p, mask);
    if ((p.listed & mask) != 0) recheck(at);
  }

  /// After a group was turned on or off: every vCPU looks at everything.
  [[gnu::noinline]] void everything_changed() {
    for (u32 v = 0; v < st_.vcpus; ++v) poke(vcpu_id{static_cast<u16>(v)}, this->all_banks());
  }

  /// vCPU `v` takes other 1-of-N interrupts than before: it looks again itself, and what it no longer takes is offered
  /// to others, bank by bank: one that takes a group's interrupts sees all that wait in a bank.
  [[gnu::noinline]] void taking_changed(vcpu_id v) {
    if constexpr (s::has_one_of_n) {
      this->update_takes(v);
      u32 may_wait[2] = {0, 0};
      for (u32 w = 1; w < this->banks(); ++w) {
        const auto& b = this->spi_bank(w).b;
        const u32 any = atomics::load(b.any);
        if (any == 0 || !stirs(b)) continue;
        const u32 group = atomics::load(b.group);
        if ((any & ~group) != 0) may_wait[0] |= u32{1} << w;
        if ((any & group) != 0) may_wait[1] |= u32{1} << w;
      }
      poke(v, atomics::load(vcpu(v).mine) | may_wait[0] | may_wait[1] | 1);
      for (u32 group = 0; group < 2; ++group)
        if (may_wait[group] != 0) offer_group(group, may_wait[group]);
    }
  }

 private:
  /// 1-of-N interrupts of a group may wait in these banks.
  void offer_group(u32 group, u32 banks) {
    if constexpr (s::is_v3) {
      if (const vcpu_id to = this->pick(group, ~u32{0}); to != no_vcpu) poke(to, banks);
    } else {  // which may take which differs
      for (u32 v = 0; v < st_.vcpus; ++v)
        if (const vcpu_id to{static_cast<u16>(v)}; this->takes(to, group)) poke(to, banks);
    }
  }
};

}  // namespace vgic::detail
