// SPDX-License-Identifier: BSL-1.0
/// \file
/// Plays the steps of an input on a virtual machine and its model: registers, traps, devices, power; what the guest
/// does at its CPU interface is in guest.hpp.
#pragma once

#include "fuzz/accesses.hpp"
#include "fuzz/guest.hpp"

#include "support/invariants.hpp"

namespace tests::fuzz {

template <class Config>
class player : public guest_side<Config> {
  using base = guest_side<Config>;
  using base::judge_;
  using base::m_;
  using base::ref_;
  using base::vm_;
  using typename base::vm_type;
  using machine = typename vm_type::machine;
  static constexpr bool is_v2 = machine::v2;

 public:
  explicit player(vm_type& v) : base(v), typer_(v.m.g.inspect().typer) {}

  void play(const history& h) {
    vm_.settle();
    judge_.look();
    for (std::size_t k = 0; k < h.steps(); ++k) {
      one(h.at(k));
      vm_.settle();
      judge_.look();
    }
    // The invariants are of a moment when every vCPU has passed since its guest acted.
    for (u32 v = 0; v < ref_.n; ++v)
      if (ref_.cpus[v].on) vm_.pass(v);
    vm_.settle();
    whole_state();
    every_register();
  }

 private:
  void one(step s) {
    const u32 kind = s.kind & 0x1f;
    if (kind >= 28) return power(s);
    if (kind == 27) return lines(s);  // has a meaning without any vCPU
    u32 v = s.who & 3;
    for (u32 k = 0; k < 4 && (v >= ref_.n || !ref_.cpus[v].on); ++k) v = (v + 1) & 3;
    if (v >= ref_.n || !ref_.cpus[v].on) return;
    if (kind < 7) {
      const access a = usual_access(m_, s, ref_.n, ref_.last);
      return vm_.write(v, a.address, a.size, a.value);
    }
    if (kind < 9) {
      const access a = usual_access(m_, s, ref_.n, ref_.last);
      return vm_.read(v, a.address, a.size);
    }
    if (kind < 11) {
      const access a = any_access<Config>(s);
      return (s.kind & 0x80) != 0 ? vm_.read(v, a.address, a.size) : vm_.write(v, a.address, a.size, a.value);
    }
    switch (kind) {
      case 11: return data_abort(v, s);
      case 12:
      case 13: return system_register(v, s);
      case 14:
      case 15:
      case 16: return lines(s);
      case 17:
      case 18:
      case 19: return this->acknowledge(v, s);
      case 20:
      case 21: return this->end(v, s);
      case 22: return this->deactivate(v, s);
      case 23: return this->interface(v, s);
      case 24: return this->any_list_registers(v, s);
      case 25: return reschedule(v, s);
      default: return vm_.pass(v);
    }
  }

  void data_abort(u32 v, step s) {
    const u64 esr = any_syndrome(s);
    const access a = any_access<Config>(s);
    const abort_syndrome trap{esr, (a.address >> 12 << 4) | (u64{s.kind} >> 7 << 63), a.address};
    // Arm ARM, ESR_ELx for EC 0x24: ISV, SAS, SSE, SRT, SF, CM, S1PTW, WnR.
    const bool described = esr >> 26 == 0x24 && (esr >> 24 & 1) != 0 && (esr >> 7 & 3) == 0;
    const u32 rt = static_cast<u32>(esr >> 16) & 31;
    const u32 bytes = 1u << (esr >> 22 & 3);
    u64 x[31];
    u64 then[31];
    for (u32 k = 0; k < 31; ++k) x[k] = then[k] = 0x0101'0101'0101'0101u * k + s.value;
    const bool owned = model<Config>::locate(a.address, ref_.n).in != model<Config>::frame::none;
    trap_status expected = trap_status::handled;
    if (!owned)
      expected = trap_status::not_gic;
    else if (!described)
      expected = trap_status::undecodable;
    else if ((esr >> 6 & 1) != 0)
      ref_.write(v, a.address, width{static_cast<u8>(bytes)}, rt == 31 ? 0 : x[rt]);
    else if (const u64 item = ref_.read(v, a.address, width{static_cast<u8>(bytes)}); rt != 31) {
      const u32 unused = 64 - 8 * bytes;
      then[rt] = (esr >> 21 & 1) != 0 ? static_cast<u64>(static_cast<std::int64_t>(item << unused) >> unused) : item;
      if ((esr >> 15 & 1) == 0) then[rt] &= 0xffff'ffff;
    }
    story::say(
        "m.between(vcpu(%u), [&] { m.g.data_abort(vcpu(%u), {0x%llx, 0x%llx, 0x%llx}, x); });  // x[k] = "
        "0x101010101010101 * k + 0x%x",
        v, v, ull(trap.esr), ull(trap.hpfar), ull(trap.far), s.value);
    trap_status answer{};
    m_.between(vcpu(v), [&] { answer = m_.g.data_abort(vcpu(v), trap, x); });
    if (answer != expected) fail("the data abort comes to %d, and should to %d", int(answer), int(expected));
    for (u32 k = 0; k < 31; ++k)
      if (x[k] != then[k]) fail("x%u is 0x%llx after the data abort, and should be 0x%llx", k, ull(x[k]), ull(then[k]));
  }

  void system_register(u32 v, step s) {
    const u64 esr = any_system_register(s);
    u64 x[31] = {};
    x[3] = (s.a & 0x400) != 0 && (s.a & 7) == 4 ? u64{s.value} : sgi_value(s);
    if ((s.a & 7) == 4 && (s.a & 0x400) == 0) x[3] = s.value % ref_.last;
    const u64 value = (esr >> 5 & 31) == 31 ? 0 : x[esr >> 5 & 31];
    const u32 op2 = static_cast<u32>(esr >> 17) & 7;
    // Op0 3, Op1 0, CRn 12, CRm 11, a write: Op2 5 is SGI1R, 6 ASGI1R, 7 SGI0R, 1 DIR.
    const bool ours = !is_v2 && (esr & 0x31'fc1f) == 0x30'3016 && (op2 == 1 || op2 >= 5);
    if (ours && op2 == 1) {
      const u32 i = static_cast<u32>(value & 0xff'ffff);
      if (i < ref_.last) ref_.set_active(v, i, false);
    } else if (ours) {
      ref_.sgi_register(v, value, op2 == 5 ? model<Config>::sgi_groups::any : model<Config>::sgi_groups::zero);
    }
    story::say("m.between(vcpu(%u), [&] { m.g.system_register(vcpu(%u), 0x%llx, x); });  // x[3] = 0x%llx", v, v,
               ull(esr), ull(x[3]));
    trap_status answer{};
    m_.between(vcpu(v), [&] { answer = m_.g.system_register(vcpu(v), esr, x); });
    if (answer != (ours ? trap_status::handled : trap_status::not_gic))
      fail("the system register 0x%llx comes to %d", ull(esr), int(answer));
  }

  /// Devices: `a` [8:0] INTID, [11:9] what; `who` [7]: on the CPU of a vCPU, between its exit and its entry.
  void lines(step s) {
    const u32 i = 16 + (s.a & 0x1ff) % (ref_.last - 16);
    const u32 of = (s.who >> 2 & 3) % ref_.n;
    auto& extra = ref_.extra(of, i);
    u32 what = (s.a >> 9 & 7) % 6;
    if (extra.linked) {  // a physical interrupt comes once it is not active
      if (extra.physical) return;
      what = 6;
    }
    constexpr const char* names[] = {"raise", "lower", "pulse", "raise", "lower", "pulse", "forward"};
    const auto call = [&] {
      auto& g = m_.g;
      const vcpu_id v = vcpu(of);
      const intid n{i};
      result r{};
      switch (what) {
        case 0:
        case 3: r = i < 32 ? g.raise(v, n) : g.raise(n); break;
        case 1:
        case 4: r = i < 32 ? g.lower(v, n) : g.lower(n); break;
        case 6: r = i < 32 ? g.forward(v, n) : g.forward(n); break;
        default: r = i < 32 ? g.pulse(v, n) : g.pulse(n);
      }
      if (r != result::ok) fail("an interrupt that is there is refused: INTID %u", i);
    };
    const u32 on = s.who & 3;
    const bool there = (s.who & 0x80) != 0 && on < ref_.n && ref_.cpus[on].on;
    const std::string place = i < 32 ? "vcpu(" + std::to_string(of) + "), " : "";
    story::say(there ? "m.between(vcpu(%u), [&] { (void)m.g.%s(%sintid{%u}); });" : "%.0u(void)m.g.%s(%sintid{%u});",
               there ? on : 0, names[what], place.c_str(), i);
    switch (what) {
      case 0:
      case 3: ref_.line_high(of, i); break;
      case 1:
      case 4: ref_.line_low(of, i); break;
      case 6:
        ref_.pend(of, i);
        extra.physical = true;
        break;
      default: ref_.line_pulse(of, i);
    }
    if (there)
      m_.between(vcpu(on), call);
    else
      call();
  }

  /// PSCI: off if the vCPU is on, and the other way around.
  void power(step s) {
    const u32 v = s.who & 3;
    if (v >= ref_.n) return;
    if (ref_.cpus[v].on) {
      if ((s.a & 3) != 0) return;
      story::say("m.turn_off(vcpu(%u));", v);
      m_.turn_off(vcpu(v));
      ref_.turn_off(v);
      vm_.late &= ~(1u << v);
      this->forgets(v);
      return;
    }
    story::say("m.turn_on(vcpu(%u));", v);
    m_.turn_on(vcpu(v));
    vm_.turned_on(v, 3, 0xf8);
    if ((s.a & 4) != 0) this->interface(v, {0, 0, 0, s.value});
  }

  /// Another vCPU uses the CPU meanwhile: what `v` had in its virtual interface is gone when it comes back.
  void reschedule(u32 v, step s) {
    story::say("m.on_cpu_of(vcpu(%u), [&] { m.g.exit(vcpu(%u)); m.g.put(vcpu(%u)); });", v, v, v);
    story::say("m.hardware().at(vcpu(%u)) = {};", v);
    story::say("m.on_cpu_of(vcpu(%u), [&] { m.g.load(vcpu(%u)); m.g.entry(vcpu(%u)); });", v, v, v);
    m_.on_cpu_of(vcpu(v), [&] {
      m_.g.exit(vcpu(v));
      if ((s.a & 1) != 0 && m_.hardware().maintenance(vcpu(v))) m_.g.maintenance(vcpu(v));
      m_.g.put(vcpu(v));
      auto& c = m_.hardware().at(vcpu(v));
      if ((c.hcr & hcr::en) != 0) fail("`put` leaves the virtual interface of vCPU %u on", v);
      for (u32 r = 0; r < vm_.lrs; ++r) c.lr[r] = static_cast<typename vm_type::word>(~u64{0} / 3);
      c.vmcr = 0x5500'0001;
      c.apr[0] = c.apr[1] = 0xff;
      m_.g.load(vcpu(v));
      m_.g.entry(vcpu(v));
    });
    vm_.late &= ~(1u << v);
  }

  void whole_state() {
    if (const std::string broken = broken_invariants(m_.g, typer_); !broken.empty()) fail("%.300s", broken.c_str());
    for (u32 v = 0; v < ref_.n; ++v) {
      if (!ref_.cpus[v].on) continue;
      const u32 vmcr = m_.hardware().at(vcpu(v)).vmcr;
      if ((vmcr & 3) != ref_.cpus[v].groups || vmcr >> 24 != ref_.cpus[v].mask)
        fail("vCPU %u has another priority mask, or other groups on, than it set", v);
    }
  }

  /// Every register of one, two, eight or 64 bits an interrupt, as the model has it.
  void every_register() {
    u32 v = 0;
    while (v < ref_.n && !ref_.cpus[v].on) ++v;
    if (v == ref_.n) return;
    constexpr u32 arrays[] = {0x80, 0x100, 0x200, 0x300};
    for (u32 i = 0; i < ref_.last; i += 32)
      for (u32 of = 0; of < (i == 0 ? ref_.n : 1); ++of) {
        if (is_v2 && i == 0 && !ref_.cpus[of].on) continue;
        const u32 by = is_v2 && i == 0 ? of : v;
        for (const u32 a : arrays) vm_.read(by, m_.bits(a, i, of), width::word);
        for (u32 k = 0; k < 32; k += 4) vm_.read(by, m_.bytes(0x400, i + k, of), width::word);
        const u64 near = !is_v2 && i == 0 ? m_.sgi_frame(of) : m_.gicd;
        for (u32 k = 0; k < 32; k += 16) vm_.read(by, near + 0xc00 + (i + k) / 4, width::word);
        if (is_v2 && i == 0)
          for (u32 k = 0; k < 16; k += 4) vm_.read(by, m_.gicd + 0xf20 + k, width::word);
        for (u32 k = 0; k < 32 && i != 0; k += is_v2 ? 4 : 1)
          vm_.read(by, m_.gicd + (is_v2 ? 0x800 + i + k : 0x6000 + 8 * (i + k)), is_v2 ? width::word : width::dword);
      }
    for (u32 of = 0; of < ref_.n && !is_v2; ++of) {
      vm_.read(v, m_.rd(of), width::word);
      vm_.read(v, m_.rd(of) + 0x14, width::word);
      if (Config::features::template has<status_registers>) vm_.read(v, m_.rd(of) + 0x10, width::word);
    }
    vm_.read(v, m_.gicd, width::word);
    vm_.settle();
    judge_.look();
  }

  static unsigned long long ull(u64 x) { return x; }

  u32 typer_;
};

}  // namespace tests::fuzz
