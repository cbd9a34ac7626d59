// SPDX-License-Identifier: BSL-1.0
/// \file
/// More waits than there are list registers: what is less urgent gives way, and what has to call the hypervisor back
/// for the rest.
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

  /// What may be listed of a bank, of groups that `g` lets pass: `deliverable`, and routed here. (A latch that was
  /// taken is listed.) In most banks nothing waits.
  [[nodiscard]] u32 ready(vcpu_id v, place at, group_gates g) {
    const u64 low = atomics::load(at.b.moving[0]);
    const u64 high = atomics::load(at.b.moving[1]);
    u32 d = (lanes::plane(low, high, lane::fresh) | at.b.template asserted<base::message_lines>()) &
            atomics::load(at.b.enabled) & ~lanes::plane(low, high, lane::listed);
    if (d == 0) return 0;
    d &= gated(atomics::load(at.b.group), g) & ~atomics::load(at.b.active);
    return at.index == 0 || d == 0 ? d : d & this->routed_here(v, at.index, at.b);
  }

  static constexpr u32 none = 32;
  static constexpr u32 all_groups = 3;

  /// Bit g: group g is off at the CPU interface; 0 if both are, because then neither is in the other's way. What is in
  /// a group that is off while the other is on waits until the guest turns it on: the guest would not take it, and it
  /// would keep the other from coming.
  [[nodiscard]] u32 closed_groups(vcpu_id v) {
    const u32 closed = ~backend_.read_vmcr(v) & (vmcr::veng0 | vmcr::veng1);
    return closed == (vmcr::veng0 | vmcr::veng1) ? 0 : closed;
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

  /// While something waits: call back when few list registers are in use, when none is pending any more, and, if all
  /// hold active interrupts, when one of these ends. None of these holds at the time it is armed, or it would never let
  /// the guest run. List registers beside `held` hold what is only pending.
  [[nodiscard]] u32 refill_triggers(vcpu_id v, owner& o, u32 held) {
    u32 triggers = o.strays != 0 ? hcr::lrenpie : 0;
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
