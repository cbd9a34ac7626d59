// SPDX-License-Identifier: BSL-1.0
/// \file
/// The guest at its CPU interface. What a list register shows before and after is what the guest did; whether it was
/// to be, the model says.
#pragma once

#include "fuzz/judge.hpp"

namespace tests::fuzz {

template <class Config>
class guest_side {
 protected:
  using vm_type = vm<Config>;
  using machine = typename vm_type::machine;
  using format = typename vm_type::format;
  using word = typename vm_type::word;
  static constexpr u32 lr_count = Config::limits.list_registers;

  explicit guest_side(vm_type& v) : vm_(v), m_(v.m), ref_(v.ref), judge_(v) {}

  /// Reads ICC_IAR<g>_EL1 (GICC_IAR, GICC_AIAR).
  void acknowledge(u32 v, step s) {
    const u32 g = s.a & 1;
    const auto e = judge_.next(v);
    const bool room = judge_.has_room(v);
    u32 iar = 0;
    story::say("m.ack(vcpu(%u), group{%u});", v, g);
    observe(
        v, [&] { iar = m_.ack(vcpu(v), group{static_cast<u8>(g)}); },
        [&](u32 i, u32 source) {
          story::say("// = %u", iar);
          if ((iar & 0x3ff) != i || source != iar >> 10) fail("vCPU %u acknowledged %u and was told %u", v, i, iar);
          if (ref_.at(v, i).priority != e.priority || (e.groups >> g & 1) == 0 || ref_.at(v, i).group != g)
            fail("vCPU %u acknowledged INTID %u, and one of priority 0x%x was to come", v, i, e.priority);
        });
    if (iar != 1023)
      stack_[v].push(iar, g);
    else if (room && e.groups == 1u << g)
      fail("vCPU %u acknowledged nothing of group %u, and one of priority 0x%x was to come", v, g, e.priority);
  }

  /// Writes ICC_EOIR<g>_EL1: mostly of what it acknowledged last, or else of any number.
  void end(u32 v, step s) {
    auto& k = stack_[v];
    const bool any = (s.a & 7) == 7;
    if (!any && k.size == 0) return;
    const u32 id = any ? s.value & 0x1fff : k.id[k.size - 1];
    const u32 g = any ? s.a >> 3 & 1 : k.group[k.size - 1];
    if (!any) --k.size;
    if (!any && split_[v] && dropped_[v].size < handled::most) dropped_[v].push(id, g);
    const bool acts = !any && !split_[v];
    const bool ours = acts && ref_.at(v, id & 0x3ff).handler == static_cast<int>(v);
    story::say("m.hardware().end(vcpu(%u), group{%u}, %u);", v, g, id);
    observe(
        v, [&] { m_.hardware().end(vcpu(v), group{static_cast<u8>(g)}, id); }, never);
    if (ours && runs_[v] && ref_.is_active(v, id & 0x3ff) && same_group(v, id & 0x3ff, g))
      fail("vCPU %u ended INTID %u, which stays active", v, id & 0x3ff);
  }

  /// Writes ICC_DIR_EL1.
  void deactivate(u32 v, step s) {
    auto& k = dropped_[v];
    const bool any = (s.a & 7) == 7;
    if (!any && k.size == 0) return;
    u32 id = s.value & 0x1fff;
    if (!any) {
      const u32 n = s.value % k.size;
      id = k.id[n];
      k.id[n] = k.id[--k.size];
    }
    const bool ours = !any && split_[v] && ref_.at(v, id & 0x3ff).handler == static_cast<int>(v);
    story::say("m.hardware().deactivate(vcpu(%u), %u);", v, id);
    observe(
        v, [&] { m_.hardware().deactivate(vcpu(v), id); }, never);
    if (ours && ref_.is_active(v, id & 0x3ff)) fail("vCPU %u deactivated INTID %u, which stays active", v, id & 0x3ff);
  }

  /// ICC_IGRPEN<g>_EL1, ICC_PMR_EL1, ICC_CTLR_EL1.EOImode.
  void interface(u32 v, step s) {
    const u32 groups = s.value & 0x100 ? s.value & 3 : 3;
    const u32 mask = s.value & 0x200 ? s.value >> 16 & 0xf8 : 0xf8;
    story::say("m.hardware().enable_groups(vcpu(%u), %u);", v, groups);
    story::say("m.hardware().set_priority_mask(vcpu(%u), 0x%x);", v, mask);
    m_.hardware().enable_groups(vcpu(v), groups);
    m_.hardware().set_priority_mask(vcpu(v), mask);
    ref_.cpus[v].groups = groups;
    ref_.cpus[v].mask = mask;
    if ((s.value & 0x400) != 0 && !split_[v]) {
      story::say("m.split_end(vcpu(%u));", v);
      m_.split_end(vcpu(v));
      split_[v] = true;
    }
  }

  /// The guest ran, and left its list registers in some state that they can be in: whatever was pending was
  /// acknowledged or came and went, what was active ended; it ended what no list register has. Two bits of `value`
  /// each.
  void any_list_registers(u32 v, step s) {
    auto& c = m_.hardware().at(vcpu(v));
    observe(
        v,
        [&] {
          u32 bits = s.value;
          for (word& w : c.lr) {
            if (format::state(w) == lr_state::invalid) continue;
            const u32 what = bits & 3;
            bits >>= 2;
            if (what == 0) continue;
            const bool open = (ref_.cpus[v].groups >> ((w & format::group1) != 0 ? 1 : 0) & 1) != 0;
            if (format::state(w) == lr_state::pending && !open) continue;
            const lr_state was = format::state(w);
            const lr_state is = was == lr_state::pending
                                    ? (what == 1 ? lr_state::active : lr_state::invalid)
                                    : without_active(was);  // A pending part is not acknowledged before the end
            story::say("m.hardware().at(vcpu(%u)).lr[%u] = 0x%llx;", v, static_cast<u32>(&w - c.lr),
                       static_cast<unsigned long long>(format::state(w, is)));
            w = format::state(w, is);
            const bool ended = has_active(was) ? !has_active(is) : is == lr_state::invalid;
            if (ended && (w & format::hw) != 0)
              c.physical_ends[c.physical_end_count++ % 16] = raw(format::physical_of(w));
          }
          if (const u32 ends = s.a & 3; (s.a & 0x10) != 0 && ends != 0) {
            story::say("m.hardware().at(vcpu(%u)).hcr += %u << 27;", v, ends);
            c.hcr += ends << hcr::eoicount_shift;
          }
        },
        [](u32, u32) {});
  }

  /// A vCPU that was off begins anew.
  void forgets(u32 v) {
    stack_[v] = dropped_[v] = {};
    split_[v] = false;
  }

 private:
  struct handled {
    static constexpr u32 most = 24;
    u32 size = 0;
    u32 id[most] = {};
    u32 group[most] = {};
    void push(u32 i, u32 g) {
      if (size == most) return;
      id[size] = i;
      group[size++] = g;
    }
  };

  static void never(u32 i, u32) { fail("the end of an interrupt acknowledged INTID %u", i); }

  [[nodiscard]] bool same_group(u32 v, u32 i, u32 g) {
    for (const word w : m_.hardware().at(vcpu(v)).lr)
      if (format::state(w) != lr_state::invalid && vm_type::id_in(w) == i)
        return ((w & format::group1) != 0) == (g != 0);
    return false;
  }

  /// Runs the guest on `v`, and tells the model what it did: `acknowledged(intid, source)` first, then itself.
  template <class Act, class Acknowledged>
  void observe(u32 v, Act&& act, Acknowledged&& acknowledged) {
    auto& c = m_.hardware().at(vcpu(v));
    word before[lr_count];
    for (u32 r = 0; r < lr_count; ++r) before[r] = c.lr[r];
    const u32 ends = c.hcr >> hcr::eoicount_shift;
    runs_[v] = (c.apr[0] | c.apr[1]) != 0;
    act();
    vm_.counted += ((c.hcr >> hcr::eoicount_shift) - ends) & 31;
    for (u32 r = 0; r < lr_count; ++r) {
      const lr_state was = format::state(before[r]);
      const lr_state is = format::state(c.lr[r]);
      if (was == is) continue;
      const u32 i = vm_type::id_in(before[r]);
      if (was == lr_state::pending) {
        acknowledged(i, vm_type::source_in(before[r]));
        ref_.acknowledge(v, i, vm_type::source_in(before[r]));
      }
      if (!has_active(is)) ref_.end(v, i);
    }
  }

 protected:
  vm_type& vm_;
  machine& m_;
  model<Config>& ref_;
  judge<Config> judge_;

 private:
  handled stack_[most_vcpus];
  handled dropped_[most_vcpus];
  bool split_[most_vcpus] = {};
  bool runs_[most_vcpus] = {};
};

}  // namespace tests::fuzz
