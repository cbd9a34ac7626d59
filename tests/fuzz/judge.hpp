// SPDX-License-Identifier: BSL-1.0
/// \file
/// What has to be true of list registers, as the model has it, whenever nobody has anything left to do.
#pragma once

#include "fuzz/vm.hpp"

namespace tests::fuzz {

template <class Config>
class judge {
  using vm_type = vm<Config>;
  using format = typename vm_type::format;
  using word = typename vm_type::word;

 public:
  explicit judge(vm_type& v) : vm_(v), m_(v.m), ref_(v.ref) {}

  void look() {
    find_listed();
    for (u32 v = 0; v < ref_.n; ++v) {
      if (!ref_.cpus[v].on) {
        if ((m_.hardware().at(vcpu(v)).hcr & hcr::en) != 0) fail("vCPU %u is off, and its interface is on", v);
        continue;
      }
      for (u32 r = 0; r < Config::limits.list_registers; ++r) list_register(v, r);
      nothing_is_missing(v);
    }
    for (u32 i = 32; i < ref_.last; ++i)
      if (ref_.at(0, i).shared && ref_.is_pending(0, i)) shared_comes_somewhere(i);
    for (u32 v = 0; v < ref_.n; ++v)
      for (u32 i = 16; i < (v == 0 ? ref_.last : 32); ++i)
        if (ref_.extra(v, i).linked) physical_interrupt(v, i);
  }

  /// What `v` may take next, of a group that is on at its interface, as the model has it: the most urgent priority,
  /// and which groups have it. Nothing: priority 0x100.
  struct expectation {
    u32 priority = 0x100;
    u32 groups = 0;
  };
  [[nodiscard]] expectation next(u32 v) {
    find_listed();
    expectation e;
    for (u32 i = 0; i < ref_.last; ++i) {
      const interrupt& x = ref_.at(v, i);
      if (!must_come(v, i) || x.priority > e.priority) continue;
      if (x.priority < e.priority) e.groups = 0;
      e.priority = x.priority;
      e.groups |= 1u << x.group;
    }
    if (e.priority >= ref_.cpus[v].mask || e.priority >= running(v)) e = {};
    return e;
  }
  /// Priority that runs on `v`, 0x100 if none does.
  [[nodiscard]] u32 running(u32 v) {
    const auto& c = m_.hardware().at(vcpu(v));
    const u32 all = c.apr[0] | c.apr[1];
    return all == 0 ? 0x100 : lowest(all) << 3;
  }
  /// Is there a list register of `v` without an active interrupt?
  [[nodiscard]] bool has_room(u32 v) const { return actives_[v] < vm_.lrs; }

 private:
  static constexpr u32 all_intids = 32 + most_spis;

  void find_listed() {
    for (u32 v = 0; v < ref_.n; ++v) {
      for (u8& s : states_[v]) s = 0;
      actives_[v] = 0;
      if (!ref_.cpus[v].on) continue;
      for (const word w : m_.hardware().at(vcpu(v)).lr) {
        const u32 i = vm_type::id_in(w);
        if (format::state(w) == lr_state::invalid || i >= ref_.last) continue;
        states_[v][i] = static_cast<u8>(format::state(w));
        if (has_active(format::state(w))) ++actives_[v];
      }
    }
  }
  [[nodiscard]] bool listed_elsewhere(u32 v, u32 i) const {
    for (u32 w = 0; w < ref_.n && i >= 32; ++w)
      if (w != v && states_[w][i] != 0) return true;
    return false;
  }
  /// Pending, forwarded to `v`, of a group that it has on, not active. Which vCPU a 1-of-N interrupt goes to is not the
  /// model's to say: it has to be there already.
  [[nodiscard]] bool must_come(u32 v, u32 i) const {
    return may_come(v, i) && (!ref_.at(v, i).shared || states_[v][i] != 0);
  }
  [[nodiscard]] bool may_come(u32 v, u32 i) const {
    const interrupt& x = ref_.at(v, i);
    return x.enabled && ref_.is_pending(v, i) && !ref_.is_active(v, i) && ref_.forwarded(v, i) &&
           (ref_.cpus[v].groups >> x.group & 1) != 0;
  }

  void list_register(u32 v, u32 r) {
    const word w = m_.hardware().at(vcpu(v)).lr[r];
    const lr_state state = format::state(w);
    if (state == lr_state::invalid) return;
    const u32 i = vm_type::id_in(w);
    if (r >= vm_.lrs) fail("vCPU %u uses list register %u, which is not there", v, r);
    if (i >= ref_.last) fail("vCPU %u has INTID %u in a list register, which does not exist", v, i);
    for (u32 k = 0; k < r; ++k)
      if (const word o = m_.hardware().at(vcpu(v)).lr[k];
          format::state(o) != lr_state::invalid && vm_type::id_in(o) == i)
        fail("vCPU %u has INTID %u in two list registers", v, i);
    if (listed_elsewhere(v, i)) fail("INTID %u is in list registers of two vCPUs, one is %u", i, v);
    const interrupt& x = ref_.at(v, i);
    if (has_active(state) != ref_.is_active(v, i))
      fail("INTID %u: active in the list register of vCPU %u: %d, in the model: %d", i, v, has_active(state),
           ref_.is_active(v, i));
    if (!has_pending(state)) return;
    if (state == lr_state::active_and_pending && (w & format::hw) != 0) fail("INTID %u has LR.HW and state 3", i);
    if (!ref_.asserted(x) && !x.latch[vm_type::source_in(w)].surely())
      fail("INTID %u is pending in a list register of vCPU %u, and not in the model", i, v);
    if (!ref_.forwarded(v, i)) fail("INTID %u is pending in a list register of vCPU %u, which it is not for", i, v);
    if (format::priority_of(w) != x.priority || ((w & format::group1) != 0) != (x.group != 0))
      fail("INTID %u has another priority or group in the list register of vCPU %u", i, v);
  }

  /// Where there is room, what has to come is there, and nothing that is not is more urgent than what is.
  void nothing_is_missing(u32 v) {
    u32 waiting = 0x100;
    u32 who = 0;
    u32 least = 0;
    u32 pending = 0;
    for (u32 i = 0; i < ref_.last; ++i) {
      if (ref_.at(v, i).handler == static_cast<int>(v) && !has_active(lr_state{states_[v][i]}))
        fail("vCPU %u has acknowledged INTID %u, and no list register says so", v, i);
      if (!must_come(v, i)) continue;
      const u32 p = ref_.at(v, i).priority;
      if (states_[v][i] != 0) {
        ++pending;
        if (p > least) least = p;
      } else if (p < waiting) {
        waiting = p;
        who = i;
      }
    }
    least_[v] = pending == 0 ? 0x100 : least;
    if (waiting == 0x100 || !has_room(v)) return;
    if (pending == 0) fail("INTID %u is to come to vCPU %u, and nothing does", who, v);
    if (waiting < least) fail("INTID %u waits for a list register of vCPU %u behind less urgent ones", who, v);
  }

  /// A 1-of-N interrupt waits at one of the vCPUs that take part, whichever: one has no room, or has more urgent ones.
  void shared_comes_somewhere(u32 i) {
    bool wanted = false;
    for (u32 v = 0; v < ref_.n; ++v) {
      if (states_[v][i] != 0) return;
      if (!ref_.cpus[v].on || !may_come(v, i)) continue;
      wanted = true;
      if (!has_room(v) || least_[v] <= ref_.at(v, i).priority) return;
    }
    if (wanted) fail("INTID %u is to come to one of several vCPUs, and to none it does", i);
  }

  /// A physical interrupt ends when its virtual one is over, not before and not never.
  void physical_interrupt(u32 v, u32 i) {
    auto& x = ref_.extra(v, i);
    const bool busy = ref_.is_pending(v, i) || ref_.is_active(v, i);
    if (!busy && !x.physical) x.tainted = false;
    if (x.tainted) return;
    if (x.physical && !busy) fail("nobody ended the physical interrupt of INTID %u", i);
    if (!x.physical && busy) fail("the physical interrupt of INTID %u ended too early", i);
  }

  vm_type& vm_;
  typename vm_type::machine& m_;
  model<Config>& ref_;
  u8 states_[most_vcpus][all_intids];
  u32 actives_[most_vcpus] = {};
  u32 least_[most_vcpus] = {};  ///< priority of the least urgent that waits in a list register; 0x100: none does
};

}  // namespace tests::fuzz
