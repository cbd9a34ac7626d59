// SPDX-License-Identifier: BSL-1.0
/// \file
/// More waits than there are list registers: what is less urgent gives way, and what has to call the hypervisor back for
/// the rest.
#pragma once

#include <vgic/delivery/listing.hpp>

namespace vgic::detail {

template <configuration C>
class displacing : public listing<C> {
 protected:
  using base = listing<C>;
  using base::backend_;
  using base::gates;
  using base::st_;
  using typename base::atomics;
  using typename base::format;
  using typename base::owner;
  using typename base::place;
  using typename base::s;
  using typename base::taking;

  /// Whether all that should give way did, or so much that the rest is better left for another entry.
  enum class progress_made : u8 { all, part };

  /// What may be listed of a bank.
  [[nodiscard]] u32 ready(vcpu_id v, place at) {
    const u32 d = deliverable(at.b.read(), gates());
    return at.index == 0 ? d : d & this->routed_here(v, at.index, at.b);
  }

  /// Something changed, something waits, and no list register is free. A group that the guest has off at its CPU
  /// interface comes after one that is on, however urgent: the guest would not take it, and it would keep the other from
  /// coming.
  [[gnu::noinline]] progress_made make_way(vcpu_id v, owner& o) {
    const u32 closed = closed_groups(v);
    if (closed == 0 && o.left.top != 0 && victim(v, o, o.left.priority + 1, all_groups) == none)
      return progress_made::all;
    candidates c;
    gather(v, o.left.banks, c);
    u32 allowed = most_displaced;
    if (closed == 0) {
      displace(v, o, c, no_group, all_groups, allowed);
    } else {
      displace(v, o, restricted(v, c, all_groups & ~closed), closed, all_groups, allowed);
      displace(v, o, restricted(v, c, closed), no_group, closed, allowed);
    }
    return allowed != 0 ? progress_made::all : progress_made::part;
  }

  /// While something waits: call back when few list registers are in use, when none is pending any more, and, if all
  /// hold active interrupts, when one of these ends; and when the guest turns on a group that came second. None of
  /// these holds at the time it is armed, or it would never let the guest run.
  /// List registers beside `held` hold what is only pending.
  [[nodiscard]] u32 refill_triggers(vcpu_id v, owner& o, u32 held) {
    u32 triggers = o.strays != 0 ? hcr::lrenpie : 0;
    if (this->free_list_registers(o) == 0) {
      const u32 closed = closed_groups(v);
      triggers |= ((closed & 1) != 0 ? hcr::vgrp0eie : 0) | ((closed & 2) != 0 ? hcr::vgrp1eie : 0);
    }
    if ((o.used & (o.used - 1)) != 0) triggers |= hcr::uie;
    u32 only_pending = o.used & ~held;
    u32 both = 0;
    for (u32 rest = o.used & held; rest != 0; rest &= rest - 1) {
      const u32 r = lowest(rest);
      const lr_state is = format::state(o.lr[r]);
      if (is == lr_state::pending) only_pending = 1;
      if (is == lr_state::active_and_pending) both |= u32{1} << r;
    }
    if (only_pending != 0)
      triggers |= hcr::npie;
    else
      both = o.used;
    for (u32 rest = both; rest != 0; rest &= rest - 1) notice_end(v, o, lowest(rest));
    return triggers;
  }

 private:
  static constexpr u32 none = 32;
  static constexpr u32 no_group = 0;
  static constexpr u32 all_groups = 3;
  static constexpr u32 most_displaced = 4;

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
  };

  void gather(vcpu_id v, u32 banks, candidates& c) {
    for (; banks != 0; banks &= banks - 1) {
      candidate& k = c.bank[c.count];
      k.index = lowest(banks);
      place at = this->bank_at(v, k.index);
      k.all = ready(v, at);
      if (k.all == 0) continue;
      rank(v, at, k);
      ++c.count;
    }
  }
  void rank(vcpu_id v, place at, candidate& k) {
    k.top = at.b.urgent(k.all);
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
  [[nodiscard]] candidates restricted(vcpu_id v, const candidates& all, u32 groups) {
    candidates c = all;
    for (u32 i = 0; i < c.count; ++i) {
      candidate& k = c.bank[i];
      place at = this->bank_at(v, k.index);
      k.all &= gated(atomics::load(at.b.group), gates_of(groups));
      if (k.all != 0) rank(v, at, k);
    }
    return c;
  }

  /// Lists candidates for as long as a list register can be had for one: that of a group in `before_all`, or a less
  /// urgent one of a group in `less_urgent`. `allowed` counts down.
  void displace(vcpu_id v, owner& o, candidates c, u32 before_all, u32 less_urgent, u32& allowed) {
    candidate* k = nullptr;
    for (; allowed != 0 && (k = best(c)) != nullptr; --allowed) {
      if (this->free_list_registers(o) == 0) {
        u32 r = victim(v, o, 0, before_all);
        if (r == none) r = victim(v, o, k->top_priority + 1, less_urgent);
        if (r == none) return;
        this->withdraw(v, o, r);
      }
      const u32 n = lowest(k->top);
      place at = this->bank_at(v, k->index);
      this->list(v, o, at, n, taking::latch);
      k->all &= ~(u32{1} << n);
      k->top &= ~(u32{1} << n);
      if (k->top == 0 && k->all != 0) rank(v, at, *k);
    }
  }

  /// The least urgent list register that is only pending and of a group in `groups`, of priority `from` or less urgent.
  [[nodiscard]] u32 victim(vcpu_id v, const owner& o, u32 from, u32 groups) {
    u32 worst = from;
    u32 found = none;
    for (u32 rest = o.used; rest != 0; rest &= rest - 1) {
      const u32 r = lowest(rest);
      const u32 group = (o.lr[r] & format::group1) != 0 ? 2 : 1;
      if (format::state(o.lr[r]) != lr_state::pending || (groups & group) == 0) continue;
      const u32 i = raw(format::id(o.lr[r]));
      if (const u32 q = this->priority_of(v, i / 32, i % 32); q >= worst) {
        worst = q;
        found = r;
      }
    }
    return found;
  }

  /// Bit g: group g is off at the CPU interface; 0 if both are, because then neither is in the other's way.
  [[nodiscard]] u32 closed_groups(vcpu_id v) {
    const u32 closed = ~backend_.read_vmcr(v) & (vmcr::veng0 | vmcr::veng1);
    return closed == (vmcr::veng0 | vmcr::veng1) ? 0 : closed;
  }
  [[nodiscard]] static constexpr group_gates gates_of(u32 groups) {
    return {.zero = (groups & 1) != 0 ? ~u32{0} : 0, .one = (groups & 2) != 0 ? ~u32{0} : 0};
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
};

}  // namespace vgic::detail
