// SPDX-License-Identifier: BSL-1.0
/// \file
/// Filling list registers on entry to the guest, most urgent first, and direct listing.
#pragma once

#include <vgic/delivery/quick.hpp>

namespace vgic::detail {

template <configuration C>
class entering : public quick<C> {
 protected:
  using base = quick<C>;
  using base::backend_;
  using base::gates;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::format;
  using typename base::outcome;
  using typename base::owner;
  using typename base::place;
  using typename base::s;
  using typename base::taking;

  /// Entry with something to do: see what changed, list what is deliverable, arm what has to call us back. What is
  /// offered back to this vCPU meanwhile (another CPU changes it under us) takes another round; after a few it goes
  /// through the host, so that the time to enter the guest stays bounded.
  [[gnu::noinline]] void flush(vcpu_id v) {
    owner& o = vcpu(v);
    if ((o.used | o.left) == 0 && !this->sleeps(o)) [[likely]] {
      const u32 seen = atomics::exchange(o.maybe, u32{0});
      atomics::order();
      if ((seen & (seen - 1)) == 0 && this->list_all_of(v, o, lowest(seen))) [[likely]] {
        if (o.refills != 0) arm(v, o);
        if ((atomics::load(o.maybe) | o.left) == 0) [[likely]]
          return;
      } else {
        o.left = seen;
      }
    }
    flush_in_order(v, o);
  }

  /// May an interrupt for `v` be listed at once, on its own CPU? Only if nothing else waits.
  [[nodiscard]] bool lists_directly(vcpu_id v) {
    const owner& o = vcpu(v);
    return (atomics::load(o.maybe) | o.left) == 0 && this->free_list_registers(o) != 0 && !this->sleeps(o);
  }
  /// Does it: no maybe word, no second look. False if another vCPU has it.
  [[nodiscard]] bool list_directly(vcpu_id v, place at, u32 n, taking t) {
    return this->list(v, vcpu(v), at, n, t) != outcome::lost;
  }

  /// Writes the hypervisor control register if it has to differ from what it holds.
  void arm(vcpu_id v, owner& o) {
    u32 h = hcr::en | group_events(o);
    if (o.left != 0) h |= refill_triggers(v, o);
    o.refills = o.left != 0 ? 1 : 0;
    if (h == o.armed) return;
    o.armed = h;
    backend_.write_hcr(v, h);
  }

 private:
  /// By priority, in rounds.
  [[gnu::noinline]] void flush_in_order(vcpu_id v, owner& o) {
    for (u32 round = 0; round < 4; ++round) {
      flush_once(v, o);
      if (atomics::load(o.maybe) == 0 && (o.left == 0 || this->sleeps(o) || this->free_list_registers(o) == 0)) return;
    }
    host_.kick(v);
  }

  void flush_once(vcpu_id v, owner& o) {
    u32 seen = 0;
    if (atomics::load(o.maybe) != 0) {
      seen = atomics::exchange(o.maybe, u32{0});
      atomics::order();
      if (o.used != 0) this->revalidate(v, o, seen);
    }
    const u32 work = seen | o.left;
    if (seen != 0 || this->free_list_registers(o) != 0) {
      if constexpr (traces_refills<typename s::host>)
        if ((o.armed & (hcr::uie | hcr::npie | hcr::lrenpie)) != 0) host_.on_refill(v);
      // One that sleeps is sent nothing, but what is active is its own to end.
      const bool asleep = this->sleeps(o);
      o.left = asleep ? work : 0;
      candidates c;
      gather(v, work, asleep ? group_gates{} : gates(), c);
      place_candidates(v, o, c);
    }
    remember_banks(o);
    arm(v, o);
  }

  /// What may be listed, bank by bank: all of it, and the most urgent of it.
  struct candidate {
    u32 index;
    u32 all;
    u32 top;
    u32 top_priority;
  };
  struct candidates {
    candidate bank[s::spi_banks + 1];
    u32 count = 0;
    u32 actives = 0;  ///< banks with active interrupts that are in no list register
  };

  void gather(vcpu_id v, u32 work, group_gates g, candidates& c) {
    for (; work != 0; work &= work - 1) {
      const u32 w = lowest(work);
      place at = this->bank_at(v, w);
      const planes p = at.b.read();
      const u32 here = w == 0 ? ~u32{0} : this->routed_here(v, w, p.group, at.b);
      if ((p.active & ~p.listed & here) != 0) c.actives |= u32{1} << w;
      const u32 d = deliverable(p, g) & here;
      if (d == 0) continue;
      candidate& k = c.bank[c.count++];
      k.index = w;
      k.all = d;
      rank(v, at, k);
    }
  }

  void rank(vcpu_id v, place at, candidate& k) {
    k.top = (k.all & (k.all - 1)) == 0 ? k.all : at.b.urgent(k.all);
    k.top_priority = this->priority_of(v, k.index, lowest(k.top));
  }

  /// The bank with the most urgent candidate; of equals the one with the lowest INTIDs.
  [[nodiscard]] static candidate* best(candidates& c) {
    candidate* b = nullptr;
    for (u32 i = 0; i < c.count; ++i) {
      candidate& k = c.bank[i];
      if (k.all != 0 && (b == nullptr || k.top_priority < b->top_priority)) b = &k;
    }
    return b;
  }

  void place_candidates(vcpu_id v, owner& o, candidates& c) {
    while (this->free_list_registers(o) != 0) {
      candidate* k = best(c);
      if (k == nullptr) break;
      place_top(v, o, *k);
    }
    if (best(c) != nullptr) displace(v, o, c);
    for (u32 i = 0; i < c.count; ++i)
      if (c.bank[i].all != 0) o.left |= u32{1} << c.bank[i].index;
    place_actives(v, o, c.actives);
  }

  /// Lists the lowest INTID among the most urgent of a bank.
  void place_top(vcpu_id v, owner& o, candidate& k) {
    const u32 n = lowest(k.top);
    const u32 bit = u32{1} << n;
    place at = this->bank_at(v, k.index);
    k.all &= ~bit;
    k.top &= ~bit;
    if (k.index != 0 && !this->may_take(v, k.index, n, atomics::load(at.b.group)))
      this->forget_stale_route(v, k.index, n, bit);
    else
      this->list(v, o, at, n, taking::latch);
    if (k.top == 0 && k.all != 0) rank(v, at, k);
  }

  /// No list register is free: what is less urgent gives way. A group that the guest has off at its CPU interface comes
  /// after one that is on, however urgent: the guest would not take it, and it would keep the other from coming.
  void displace(vcpu_id v, owner& o, candidates& c) {
    const u32 closed = closed_groups(v);
    if (closed == 0) return displace_by(v, o, c, gates_of(0), gates_of(3));
    candidates part = c;
    restrict_to(v, part, gates_of(3 & ~closed));
    displace_by(v, o, part, gates_of(closed), gates_of(3));
    part = c;
    restrict_to(v, part, gates_of(closed));
    displace_by(v, o, part, gates_of(0), gates_of(closed));
    // What was placed is listed; the rest still waits.
    for (u32 i = 0; i < c.count; ++i) c.bank[i].all &= ~this->bank_at(v, c.bank[i].index).b.listed();
  }

  /// Lists candidates for as long as a list register can be had: one of a group in `before_all`, or a less urgent one
  /// of a group in `less_urgent`.
  void displace_by(vcpu_id v, owner& o, candidates& c, group_gates before_all, group_gates less_urgent) {
    while (candidate* k = best(c)) {
      if (this->free_list_registers(o) == 0 && !make_room(v, o, 0, before_all) &&
          !make_room(v, o, k->top_priority + 1, less_urgent))
        return;
      place_top(v, o, *k);
    }
  }

  void restrict_to(vcpu_id v, candidates& c, group_gates g) {
    for (u32 i = 0; i < c.count; ++i) {
      candidate& k = c.bank[i];
      place at = this->bank_at(v, k.index);
      k.all &= gated(atomics::load(at.b.group), g);
      if (k.all != 0) rank(v, at, k);
    }
  }

  /// Bit g: group g is off at the CPU interface; 0 if both are, because then neither is in the other's way.
  [[nodiscard]] u32 closed_groups(vcpu_id v) {
    const u32 closed = ~backend_.read_vmcr(v) & (vmcr::veng0 | vmcr::veng1);
    return closed == (vmcr::veng0 | vmcr::veng1) ? 0 : closed;
  }
  [[nodiscard]] static constexpr group_gates gates_of(u32 groups) {
    return {.zero = (groups & 1) != 0 ? ~u32{0} : 0, .one = (groups & 2) != 0 ? ~u32{0} : 0};
  }

  /// An active interrupt that is in no list register (ISACTIVER, or the vCPU was off) gets one last, so that the
  /// guest's EOI or DIR finds it.
  void place_actives(vcpu_id v, owner& o, u32 in_banks) {
    for (; in_banks != 0; in_banks &= in_banks - 1) {
      const u32 w = lowest(in_banks);
      place at = this->bank_at(v, w);
      const planes p = at.b.read();
      u32 rest = p.active & ~p.listed & (w == 0 ? ~u32{0} : this->routed_here(v, w, p.group, at.b));
      for (; rest != 0 && this->free_list_registers(o) != 0; rest &= rest - 1)
        this->list(v, o, at, lowest(rest), taking::active);
      if (rest != 0) o.left |= u32{1} << w;
    }
  }

  /// Gives up the least urgent list register that is only pending and of a group in `of`, if its priority is `from` or
  /// less urgent.
  [[nodiscard]] bool make_room(vcpu_id v, owner& o, u32 from, group_gates of) {
    u32 worst = from;
    u32 victim = 32;
    for (u32 rest = o.used; rest != 0; rest &= rest - 1) {
      const u32 r = lowest(rest);
      const u32 in_group_one = (o.lr[r] & format::group1) != 0 ? 1 : 0;
      if (format::state(o.lr[r]) != lr_state::pending || (gated(in_group_one, of) & 1) == 0) continue;
      const u32 i = raw(format::id(o.lr[r]));
      if (const u32 q = this->priority_of(v, i / 32, i % 32); q >= worst) {
        worst = q;
        victim = r;
      }
    }
    if (victim == 32) return false;
    o.left |= u32{1} << (raw(format::id(o.lr[victim])) / 32);
    this->withdraw(v, o, victim);
    return true;
  }

  void remember_banks(owner& o) {
    u32 banks = 0;
    for (u32 rest = o.used; rest != 0; rest &= rest - 1) banks |= u32{1} << (raw(format::id(o.lr[lowest(rest)])) / 32);
    if (banks != atomics::load(o.mine)) atomics::store(o.mine, banks);
  }

  /// While something waits: call back when few list registers are in use, when none is pending any more, and, if all
  /// hold active interrupts, when one of these ends; and when the guest turns on a group that came second. None of
  /// these holds at the time it is armed, or it would never let the guest run.
  [[nodiscard]] u32 refill_triggers(vcpu_id v, owner& o) {
    u32 triggers = 0;
    if (this->free_list_registers(o) == 0) {
      const u32 closed = closed_groups(v);
      triggers |= ((closed & 1) != 0 ? hcr::vgrp0eie : 0) | ((closed & 2) != 0 ? hcr::vgrp1eie : 0);
    }
    if ((o.used & (o.used - 1)) != 0) triggers |= hcr::uie;
    bool any_pending = false;
    for (u32 rest = o.used; rest != 0; rest &= rest - 1)
      any_pending |= format::state(o.lr[lowest(rest)]) == lr_state::pending;
    if (any_pending) triggers |= hcr::npie;
    for (u32 rest = o.used; rest != 0; rest &= rest - 1)
      if (const u32 r = lowest(rest); !any_pending || format::state(o.lr[r]) == lr_state::active_and_pending)
        notice_end(v, o, r);
    for (u32 rest = o.left; rest != 0; rest &= rest - 1) {
      const u32 w = lowest(rest);
      place at = this->bank_at(v, w);
      const planes p = at.b.read();
      const u32 here = w == 0 ? ~u32{0} : this->routed_here(v, w, p.group, at.b);
      if ((p.active & ~p.listed & here) != 0) triggers |= hcr::lrenpie;
    }
    return triggers;
  }

  /// Makes the end of list register `r`'s interrupt raise the maintenance interrupt. A linked one ends by software
  /// from now on, because LR.HW and LR.EOI are one bit. The end of one that is pending as well raises nothing, and it
  /// might be less urgent than what waits: its pending part waits too (its latch is still there).
  void notice_end(vcpu_id v, owner& o, u32 r) {
    auto w = o.lr[r];
    if ((w & format::hw) != 0)
      this->end_by_software(o, r, w);
    else
      w |= format::eoi;
    if (format::state(w) == lr_state::active_and_pending) w = format::state(w, lr_state::active);
    if (w != o.lr[r]) this->put(v, o, r, w);
  }

  /// 1-of-N needs to know when the guest turns a group on or off at its CPU interface, which it does without a trap:
  /// always one of the two maintenance events of a group is armed, the one that has not happened.
  [[nodiscard]] u32 group_events(const owner& o) const {
    if constexpr (!s::has_one_of_n) {
      return 0;
    } else {
      const u32 on = atomics::load(o.groups_enabled);
      const u32 zero = (on & 1) != 0 ? hcr::vgrp0die : hcr::vgrp0eie;
      const u32 one = (on & 2) != 0 ? hcr::vgrp1die : hcr::vgrp1eie;
      return ((o.group_events & 1) != 0 ? zero : 0) | ((o.group_events & 2) != 0 ? one : 0);
    }
  }
};

}  // namespace vgic::detail
