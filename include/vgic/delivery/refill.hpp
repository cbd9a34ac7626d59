// SPDX-License-Identifier: BSL-1.0
/// \file
/// Filling list registers on entry to the guest, most urgent first, whatever waits and however much of it.
///
/// What waits is found bank by bank: `left` remembers which banks hold the most urgent of it, so that a refill looks at
/// one bank, not at all that wait. Banks that changed have a maybe bit, and are compared anew.
#pragma once

#include <vgic/delivery/displace.hpp>

namespace vgic::detail {

template <configuration C>
class refilling : public displacing<C> {
 protected:
  using base = displacing<C>;
  using base::backend_;
  using base::gates;
  using base::host_;
  using base::st_;
  using base::vcpu;
  using typename base::atomics;
  using typename base::bank_type;
  using typename base::format;
  using typename base::lr_word;
  using typename base::owner;
  using typename base::place;
  using typename base::s;
  using typename base::taking;

  /// What is offered back to this vCPU meanwhile (another CPU changes it under us) takes another round. The time to
  /// enter the guest stays bounded: what is left after a few rounds, or after so much effort, is left for another
  /// entry, which the host is asked for.
  [[gnu::noinline]] void refill(vcpu_id v, owner& o, u32 seen) {
    look l{.effort = o.spent < effort::most - effort::least ? effort::most - o.spent : effort::least,
           .to_compare = atomics::load(o.comparing)};
    o.spent = 0;
    for (u32 round = 0; round < 4 && l.effort != 0; ++round) {
      if (atomics::load(o.maybe) != 0) {
        // Whoever waits for list registers to be compared (RWP) sees one or the other.
        if (o.used != 0) atomics::store(o.comparing, o.used);
        seen |= atomics::exchange(o.maybe, u32{0});
        atomics::order();
      }
      refill_once(v, o, seen, l);
      seen = 0;
      if (l.effort != 0 && (atomics::load(o.maybe) | o.unlisted) == 0) return;
    }
    o.unlisted = not_done;
    host_.kick(v);
  }

  void trace_refill(vcpu_id v, const owner& o) {
    if constexpr (traces_refills<typename s::host>)
      if ((o.armed & (hcr::uie | hcr::npie | hcr::lrenpie)) != 0) host_.on_refill(v);
  }

  /// Looks which banks hold the most urgent that waits, if that is not known; what that costs.
  [[nodiscard]] static u32 find_top(owner& o) {
    return o.left.top != 0 ? 0 : o.left.find_top() / effort::banks_found_at_once;
  }

  /// The half of a bank that is listed first of what is equally urgent, and of it the lowest INTIDs, as many as there
  /// is room for.
  [[nodiscard]] static constexpr u32 half_of(u32 top) { return (top & 0xffff) != 0 ? 0 : 1; }
  [[nodiscard, gnu::always_inline]] static constexpr u32 some_of(u32 top, u32 half, u32 room) {
    const u32 from = half != 0 ? top : top & 0xffff;
    u32 rest = from;
    for (; room != 0; room &= room - 1) rest &= rest - 1;
    return from ^ rest;
  }

  /// Writes claimed interrupts of bank `w` that stand into list registers of `free`, which has one for each; how many.
  [[gnu::always_inline]] inline u32 put_claimed(vcpu_id v, owner& o, u32 w, u32 claimed, u32 free, u32 group,
                                                u32 edge) {
    u32 many = 0;
    for (; claimed != 0; claimed &= claimed - 1, free &= free - 1, ++many) {
      const u32 n = lowest(claimed);
      this->put(v, o, lowest(free), this->compose(o, w, n, group, edge, lr_state::pending));
      if constexpr (traces_listing<typename s::host>) host_.on_listed(v, intid{w * 32 + n});
    }
    o.used = st_.all_list_registers & ~free;
    return many;
  }

  /// Bank `w` holds nothing of this vCPU.
  static void forget_bank(owner& o, u32 w) {
    if (const u32 mine = atomics::load(o.mine); (mine >> w & 1) != 0) atomics::store(o.mine, mine & ~(u32{1} << w));
  }

  /// Writes the hypervisor control register if it has to differ from what it holds.
  void arm(vcpu_id v, owner& o) {
    const u32 closed = this->closed_groups(v);
    if ((o.passed_over & ~closed) != 0) o.unlisted = 1;
    arm(v, o, o.used, closed);
  }
  /// The same; list registers that are in use beside `held` hold what is only pending, and something may wait for a
  /// group of `closed` to be turned on.
  void arm(vcpu_id v, owner& o, u32 held, u32 closed) {
    u32 h =
        hcr::en | group_events(o) | ((closed & 1) != 0 ? hcr::vgrp0eie : 0) | ((closed & 2) != 0 ? hcr::vgrp1eie : 0);
    o.refills = (o.left.banks | o.strays) != 0 ? 1 : 0;
    if (o.refills != 0) h |= this->refill_triggers(v, o, held) | group_changes(v, closed);
    if (h == o.armed) return;
    o.armed = h;
    backend_.write_hcr(v, h);
  }

 private:
  /// `unlisted` after an entry that ran out of effort: what is less urgent may still have to give way.
  static constexpr u32 not_done = 2;

  /// How one look at what waits goes on.
  struct look {
    u32 effort;           ///< left
    u32 to_compare;       ///< list registers that an earlier entry left
    u32 closed = 0;       ///< groups that the guest has off at its CPU interface, while the other is on
    group_gates gates{};  ///< without these

    void spend(u32 much) { effort = effort > much ? effort - much : 0; }
  };

  [[gnu::always_inline]] inline void refill_once(vcpu_id v, owner& o, u32 seen, look& l) {
    const bool goes_on = o.unlisted == not_done;
    o.unlisted = 0;
    l.closed = this->closed_groups(v);
    if ((o.passed_over & ~l.closed) != 0) o.left.add(this->all_banks());
    o.passed_over = static_cast<u8>(l.closed);
    l.gates = gates();
    if ((l.closed & 1) != 0) l.gates.zero = 0;
    if ((l.closed & 2) != 0) l.gates.one = 0;
    if (((seen & atomics::load(o.mine)) | l.to_compare) != 0) look_at_listed(v, o, seen, l);
    if (atomics::load(o.comparing) != l.to_compare) atomics::store(o.comparing, l.to_compare);
    trace_refill(v, o);
    u32 held = o.used;
    o.left.add(seen);
    if (!this->sleeps(o)) {  // one that sleeps is sent nothing, but what is active is its own to end
      const bool news = goes_on || o.left.unknown != 0;
      fill(v, o, l);
      if (o.left.banks != 0 && news && this->free_list_registers(o) == 0) make_way(v, o, l);
    }
    if (atomics::load(st_.strays) != 0) [[unlikely]] {
      o.strays |= seen;
      place_actives(v, o, l);
      held = o.used;
    }
    // What waits for room, or for its vCPU to wake up, is not for another round.
    if (this->free_list_registers(o) == 0 || this->sleeps(o)) o.unlisted = 0;
    arm(v, o, held, l.closed);
  }

  /// The changed banks may be those of interrupts that are listed here: all of these are compared with the planes,
  /// because the guest must not take what is not to be taken any more. Where many differ the rest is for another entry.
  void look_at_listed(vcpu_id v, owner& o, u32 seen, look& l) {
    u32 later = 0;
    for (u32 rest = o.used; rest != 0; rest &= rest - 1) {
      const u32 r = lowest(rest);
      const u32 i = raw(format::id(o.lr[r]));
      if ((seen >> (i / 32) & 1) == 0 && (l.to_compare >> r & 1) == 0) continue;
      if (l.effort == 0) {
        later |= u32{1} << r;
        continue;
      }
      const auto was = this->revalidate_one(v, o, r, this->bank_at(v, i / 32), i % 32);
      l.spend(was == base::compared::written ? effort::to_rewrite : effort::to_revalidate);
    }
    l.to_compare = later;
    u32 held = 0;
    for (u32 used = o.used; used != 0; used &= used - 1) held |= u32{1} << (raw(format::id(o.lr[lowest(used)])) / 32);
    atomics::store(o.mine, atomics::load(o.mine) & (held | ~seen));
  }

  /// Looks how urgent is what waits in the banks that are not known.
  void compare(vcpu_id v, owner& o, look& l) {
    for (; o.left.unknown != 0 && l.effort != 0; l.spend(effort::to_look)) {
      const u32 w = lowest(o.left.unknown);
      place at = this->bank_at(v, w);
      if (!this->stirs(at.b)) {
        o.left.drop(w);
        continue;
      }
      l.spend(effort::to_compare_bank);
      if (const u32 d = this->ready(v, at, l.gates); d != 0)
        o.left.note(w, this->priority_of(o, w, lowest(at.b.urgent(d))));
      else
        o.left.drop(w);
    }
  }

  /// Fills the list registers that are free. Each step lists something, or finds a bank changed under us.
  [[gnu::noinline]] void fill(vcpu_id v, owner& o, look& l) {
    if (o.left.unknown != 0) {
      // A single bank is looked at below.
      if ((o.left.banks & (o.left.banks - 1)) == 0 && this->free_list_registers(o) != 0)
        o.left.note(lowest(o.left.banks), 0);
      else
        compare(v, o, l);
    }
    for (; o.left.banks != 0 && this->free_list_registers(o) != 0; l.spend(effort::to_step)) {
      if (l.effort == 0 || !step(v, o, l)) {
        o.unlisted = 1;
        return;
      }
    }
  }

  /// Lists what is most urgent of the known banks, as much of it as one bank has. False if there is none.
  [[nodiscard, gnu::always_inline]] inline bool step(vcpu_id v, owner& o, look& l) {
    l.spend(find_top(o));
    if (o.left.top == 0) return false;
    const u32 w = lowest(o.left.top);
    place at = this->bank_at(v, w);
    u32 d = this->ready(v, at, l.gates);
    if (d == 0) {
      o.left.drop(w);
      return true;
    }
    const u32 top = at.b.urgent(d);
    if (const u32 p = this->priority_of(o, w, lowest(top)); p != o.left.priority) {
      o.left.note(w, p);
      if (o.left.banks != u32{1} << w) return true;
    }
    if (list_some(v, o, at, top, l) != 0) return true;  // there is more of it
    if ((o.left.unknown >> w & 1) != 0) return true;    // one of them came back, and waits
    d &= ~top;
    if (d == 0)
      o.left.drop(w);
    else
      o.left.note(w, this->priority_of(o, w, lowest(at.b.urgent(d))));
    return true;
  }

  /// Something changed, something waits, and no list register is free: what is less urgent gives way, and what is in a
  /// group that is off.
  [[gnu::noinline]] void make_way(vcpu_id v, owner& o, look& l) {
    while (l.effort != 0) {
      l.spend(find_top(o));
      if (o.left.top == 0) return;
      u32 r = l.closed != 0 ? this->victim(v, o, 0, l.closed) : this->none;
      if (r == this->none) r = this->victim(v, o, o.left.priority + 1, this->all_groups);
      if (r == this->none) return;
      this->withdraw(v, o, r);
      l.spend(effort::to_make_way);
      fill(v, o, l);  // its bank is compared anew
    }
  }

  /// Lists interrupts of one half of `top`, the lowest INTIDs first, as many as there is room for; those that are left.
  [[nodiscard, gnu::always_inline]] inline u32 list_some(vcpu_id v, owner& o, place at, u32 top, look& l) {
    this->remember_bank(o, at.index);
    const u32 half = half_of(top);
    u32 chosen = some_of(top, half, this->free_list_registers(o));
    top &= ~chosen;
    if (s::is_v2 && at.index == 0 && half == 0) {  // each with its source
      for (; chosen != 0; chosen &= chosen - 1, l.spend(effort::to_list_alone)) {
        if (l.effort == 0) return top | chosen;
        this->list(v, o, at, lowest(chosen), taking::latch);
      }
    } else {
      claim_and_list(v, o, at, half, chosen >> (16 * half), l);
    }
    return top;
  }

  /// Interrupts `of16` of a half, which are not many more than there is room for.
  [[gnu::always_inline]] inline void claim_and_list(vcpu_id v, owner& o, place at, u32 half, u64 of16, look& l) {
    auto& word = at.b.moving[half];
    u64 now = atomics::load(word);
    u64 won;
    do {
      won = of16 & ~u64{lanes::of(now, lane::listed)};
      if (won == 0) return;
    } while (!atomics::compare_exchange(word, now, lanes::claimed(now, won)));
    atomics::order();
    bank_type& b = this->based(at.b);  // compilers would keep the address of each plane since before the claim
    // Latches were claimed in the act; what becomes of one afterwards, its owner is told.
    u32 stands = static_cast<u32>(now & won) << (16 * half) | b.template asserted<base::message_lines>();
    const u32 group = atomics::load(b.group);
    stands &= atomics::load(b.enabled) & gated(group, gates()) & ~atomics::load(b.active);
    if (at.index != 0) stands &= this->routed_here(v, at.index, b);
    u32 rest = static_cast<u32>(won) << (16 * half);
    if ((rest & ~stands) != 0 || (now & lanes::bits(lane::linked, won)) != 0) [[unlikely]] {
      for (; rest != 0; rest &= rest - 1, l.spend(effort::to_list_alone))
        (void)this->finish_listing(v, o, at, lowest(rest), taking::latch);
      return;
    }
    l.spend(effort::to_list_one *
            put_claimed(v, o, at.index, rest, this->free_list_registers(o), group, atomics::load(b.edge)));
  }

  /// An active interrupt that is in no list register (ISACTIVER, or the vCPU was off) gets one last, so that the
  /// guest's EOI or DIR finds it; but not one that the guest has ended already.
  [[gnu::noinline]] void place_actives(vcpu_id v, owner& o, look& l) {
    while (o.ends_owed != 0) {
      if (l.effort < effort::to_count_end) return stop(o, l);
      l.spend(effort::to_count_end);
      this->carry_out_end(v, o);
    }
    for (u32 looks = 8; o.strays != 0 && this->free_list_registers(o) != 0; --looks) {
      if (looks == 0 || (l.effort == 0 && o.used != 0)) return stop(o, l);
      const u32 w = lowest(o.strays);
      place at = this->bank_at(v, w);
      l.spend(effort::to_compare_bank);
      u32 rest = this->unlisted_actives(v, at);
      for (; rest != 0 && this->free_list_registers(o) != 0; rest &= rest - 1, l.spend(effort::to_list_alone)) {
        // One at least: its list register is what has the exit look for ends.
        if (l.effort == 0 && o.used != 0) return stop(o, l);
        this->list(v, o, at, lowest(rest), taking::active);
      }
      if (rest == 0) o.strays &= ~(u32{1} << w);
    }
  }
  /// The rest is for another entry.
  static void stop(owner& o, look& l) {
    l.effort = 0;
    o.unlisted = 1;
  }

  /// While something waits and both groups are on, or both off: that one changes may leave list registers with what the
  /// guest does not take, and in the way of what it would. (1-of-N asks for these events always.)
  [[nodiscard]] u32 group_changes(vcpu_id v, u32 closed) {
    if (s::has_one_of_n || closed != 0) return 0;
    return (backend_.read_vmcr(v) & vmcr::veng0) != 0 ? hcr::vgrp0die | hcr::vgrp1die : hcr::vgrp0eie | hcr::vgrp1eie;
  }

  /// 1-of-N needs to know when the guest turns a group on or off at its CPU interface, which it does without a trap:
  /// always one of the two maintenance events of a group is armed, the one that has not happened.
  [[nodiscard]] static u32 group_events(const owner& o) {
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
