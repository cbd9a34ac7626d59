// SPDX-License-Identifier: BSL-1.0
/// \file
/// The library's side: a virtual GIC with the same vCPUs and interrupts as QEMU's machine, and a guest that plays
/// histories.
#pragma once

#include "differences.hpp"
#include "support/vm.hpp"
#include "virtual_interface.hpp"

#include <memory>

namespace differential {

using tests::vcpu;

/// Where the register with one bit an interrupt is that has `id`'s, as vCPU `v` reaches it.
[[nodiscard]] constexpr u64 bit_register(bool v2, u32 reg, u32 v, u32 id) {
  return !v2 && id < 32 ? gicr + v * gicr_stride + 0x1'0000 + reg : gicd + reg + id / 32 * 4;
}

class subject : public situation {
 public:
  virtual ~subject() = default;
  /// As after power-on, with all vCPUs on.
  virtual void reset() = 0;
  [[nodiscard]] virtual played play(const operation& op) = 0;
};

template <u32 Bits>
struct gicv3_configuration : tests::config<vgic::gicv3, vgic::features<>, 16, 8, spis, layout::qemu_virt,
                                           vgic::builtin_atomics, vgic::flat_affinity, Bits> {};
struct gicv2_configuration : tests::config<vgic::gicv2, vgic::features<>, 16, 8, spis, layout::qemu_virt> {
  using list_registers = virtual_interface<8, 16>;
};

template <class C>
class machine final : public subject {
  static constexpr bool v2 = C::version::number == 2;

 public:
  explicit machine(const setup& s = {.version = v2 ? 2u : 3u}) : setup_(s) { reset(); }

  void reset() override {
    g_ = std::make_unique<vgic::gic<C>>();
    taken_.assign(setup_.vcpus, {});
    if (g_->start({.vcpus = setup_.vcpus, .spis = spis, .list_registers = setup_.list_registers}) != vgic::result::ok)
      throw std::runtime_error("the library refuses this machine");
    for (u32 v = 0; v < setup_.vcpus; ++v) {
      on_cpu_of(v, [&] {
        (void)g_->vcpu_on(vcpu(v));
        g_->load(vcpu(v));
        if constexpr (!v2) {
          hardware().set_priority_mask(vcpu(v), 0xff);
          hardware().enable_groups(vcpu(v), 3);
        }
        g_->entry(vcpu(v));
      });
      serve(v);
    }
    settle();
  }

  [[nodiscard]] played play(const operation& op) override {
    if (at_interface(op)) settle();
    played p{.skipped = avoided(op, *this)};
    if (p.skipped != played::no_row) return p;
    switch (op.what) {
      case act::read:
        p.requests.push_back({.what = request::kind::read, .size = op.size, .address = op.address});
        p.requests[0].ours = read(op.vcpu, op.address, op.size);
        p.requests[0].in_flight = !g_->host().kicks.empty();
        break;
      case act::write:
        write(op.vcpu, op.address, op.value, op.size);
        p.requests.push_back({request::kind::write, op.size, op.address, op.value});
        break;
      case act::line:
        line(op.vcpu, op.about, op.id, op.value != 0);
        p.requests.push_back({.what = request::kind::line,
                              .address = op.id >= 32 ? op.id - 32 : spis + 32 * op.about + op.id,
                              .value = op.value});
        break;
      case act::settle: settle(); break;
      case act::acknowledge: take(op.vcpu, op.value != 0 ? vgic::group::one : vgic::group::zero, p); break;
      case act::end: end(op.vcpu, p); break;
      case act::deactivate: deactivate(op.vcpu, static_cast<u32>(op.value), p); break;
      case act::sgi: send(op.vcpu, op.value, p); break;
    }
    return p;
  }

  // --- the same, for tests ---

  [[nodiscard]] u64 read(u32 v, u64 address, vgic::width w = vgic::width::word) {
    if (v2 && address - gicc < 0x2000) return read_interface(v, static_cast<u32>(address - gicc), w);
    u64 value = 0;
    trap(v, [&] { value = g_->read(vcpu(v), vgic::guest_address{address}, w); });
    return value;
  }
  void write(u32 v, u64 address, u64 value, vgic::width w = vgic::width::word) {
    if (v2 && address - gicc < 0x2000) return write_interface(v, static_cast<u32>(address - gicc), value, w);
    trap(v, [&] { g_->write(vcpu(v), vgic::guest_address{address}, w, value); });
  }
  /// INTID `id` (a PPI: of vCPU `of`) goes to a level; on the CPU of `by`, or elsewhere.
  void line(u32 by, u32 of, u32 id, bool level) {
    const auto move = [&] {
      if (id >= 32)
        (void)(level ? g_->raise(vgic::intid{id}) : g_->lower(vgic::intid{id}));
      else
        (void)(level ? g_->raise(vcpu(of), vgic::intid{id}) : g_->lower(vcpu(of), vgic::intid{id}));
    };
    if (by == elsewhere)
      move();
    else
      trap(by, move);
  }
  void settle() {
    for (u32 rounds = 0; !g_->host().kicks.empty(); ++rounds) {
      if (rounds > 1000) throw std::runtime_error("vCPUs are kicked without end");
      const auto kicked = std::exchange(g_->host().kicks, {});
      for (const vgic::vcpu_id v : kicked) pass(raw(v));
    }
  }
  /// GICv3: what ICC_IAR<g>_EL1 reads.
  u32 acknowledge(u32 v, vgic::group in) requires(!v2) {
    settle();
    const u32 id = hardware().acknowledge(vcpu(v), in);
    if (id != 1023) note(v, {.id = id, .name = id, .in = in});
    pass(v);
    serve(v);
    return id;
  }
  /// Ends what `v` acknowledged last and has not ended; it, or nothing.
  taken end(u32 v) {
    settle();
    auto& all = taken_[v];
    for (auto t = all.rbegin(); t != all.rend(); ++t) {
      if (t->dropped) continue;
      const taken ended = *t;
      if constexpr (v2) {
        const bool split = (hardware().at(vcpu(v)).vmcr & 1u << 9) != 0;
        hardware().write_register(vcpu(v), 0x10, t->name);
        t->dropped = split;
      } else {
        if (t->stale) hardware().split_end(vcpu(v));  // only its priority is left
        hardware().end(vcpu(v), t->in, t->id);
        hardware().at(vcpu(v)).vmcr &= ~(1u << 9);
      }
      if (!t->dropped) all.erase(std::next(t).base());
      if (!v2) pass(v);  // so that other vCPUs see it
      serve(v);
      return ended;
    }
    return {.id = 1023, .name = 1023, .in = vgic::group::zero};
  }
  void sgi(u32 v, u64 value) requires(!v2) {
    trap(v, [&] { g_->sgi1r(vcpu(v), value); });
  }

 private:
  [[nodiscard]] auto& hardware() const { return g_->list_registers(); }

  /// Does the guest look at its CPU interface? Whoever was kicked has passed by then.
  [[nodiscard]] static bool at_interface(const operation& op) {
    if (op.what == act::read || op.what == act::write) return v2 && op.address - gicc < 0x2000;
    return op.what == act::acknowledge || op.what == act::end || op.what == act::deactivate;
  }

  template <class F>
  void on_cpu_of(u32 v, F&& f) {
    g_->host().current_vcpu = vcpu(v);
    f();
    g_->host().current_vcpu = vgic::no_vcpu;
  }
  /// What the hypervisor does between an exit of `v` and its next entry.
  template <class F>
  void trap(u32 v, F&& f) {
    on_cpu_of(v, [&] {
      g_->exit(vcpu(v));
      f();
      g_->entry(vcpu(v));
    });
  }
  void pass(u32 v) {
    on_cpu_of(v, [&] {
      g_->exit(vcpu(v));
      if (hardware().maintenance(vcpu(v))) g_->maintenance(vcpu(v));
      g_->entry(vcpu(v));
    });
  }
  /// Takes maintenance interrupts for as long as there are any.
  void serve(u32 v) {
    for (u32 rounds = 0; hardware().maintenance(vcpu(v)); ++rounds) {
      if (rounds > 1000) throw std::runtime_error("maintenance interrupts without end");
      pass(v);
    }
    settle();
  }

  [[nodiscard]] u32 read_interface(u32 v, u32 offset, vgic::width w) {
    if constexpr (v2) {
      settle();
      const u32 value = w == vgic::width::word ? hardware().read_register(vcpu(v), offset) : 0;
      if (offset == 0xc && (value & 0x3ff) < 1020) {
        const u32 id = value & 0x3ff;
        note(v, {.id = id, .name = value, .in = group_of(v, id)});
      }
      serve(v);
      return value;
    }
    return 0;
  }
  void write_interface(u32 v, u32 offset, u64 value, vgic::width w) {
    if constexpr (v2) {
      settle();
      if (w == vgic::width::word) hardware().write_register(vcpu(v), offset, static_cast<u32>(value));
      serve(v);
    }
  }

  void note(u32 v, taken t) {
    for (auto& one : taken_)
      for (taken& old : one)
        if (old.id == t.id && (t.id >= 32 || &one == &taken_[v])) old.stale = true;
    taken_[v].push_back(t);
  }

  void take(u32 v, vgic::group in, played& p) {
    if constexpr (!v2) {
      p.id = acknowledge(v, in);
      if (p.id == 1023) return;
      // Pending goes, active comes: a level that is still high stays pending.
      for (const u32 reg : {0x280u, 0x300u})
        p.requests.push_back(
            {.what = request::kind::write, .address = bit_register(v2, reg, v, p.id), .value = u64{1} << p.id % 32});
    }
  }
  void end(u32 v, played& p) {
    const taken t = end(v);
    p.id = t.id;
    if (t.id == 1023) return;
    if constexpr (v2)
      p.requests.push_back({.what = request::kind::write, .address = gicc + 0x10, .value = t.name});
    else if (!t.stale)
      p.requests.push_back(
          {.what = request::kind::write, .address = bit_register(v2, 0x380, v, t.id), .value = u64{1} << t.id % 32});
  }
  void deactivate(u32 v, u32 which, played& p) {
    if constexpr (v2) {
      settle();
      auto& all = taken_[v];
      std::vector<std::size_t> dropped;
      for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].dropped) dropped.push_back(i);
      if (dropped.empty()) return;
      const std::size_t i = dropped[which % dropped.size()];
      p.id = all[i].id;
      p.requests.push_back({.what = request::kind::write, .address = gicc + 0x1000, .value = all[i].name});
      hardware().write_register(vcpu(v), 0x1000, all[i].name);
      if ((hardware().at(vcpu(v)).vmcr & 1u << 9) != 0) all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
      serve(v);
    }
  }
  /// ICC_SGI1R_EL1 cannot be reached in QEMU; what it does to its targets can.
  void send(u32 v, u64 value, played& p) {
    if constexpr (!v2) {
      sgi(v, value);
      const bool to_others = (value >> 40 & 1) != 0;
      const bool cluster_zero = (value & 0x00ff'f0ff'00ff'0000) == 0;
      for (u32 t = 0; t < setup_.vcpus; ++t)
        if (to_others ? t != v : cluster_zero && (value >> t & 1) != 0)
          p.requests.push_back({.what = request::kind::write,
                                .address = gicr + t * gicr_stride + 0x1'0200,
                                .value = u64{1} << (value >> 24 & 0xf)});
    }
  }

  [[nodiscard]] vgic::group group_of(u32 v, u32 id) const {
    return (planes_of(v, id / 32).group >> id % 32 & 1) != 0 ? vgic::group::one : vgic::group::zero;
  }

  // --- situation ---
  [[nodiscard]] const setup& machine_of() const override { return setup_; }
  [[nodiscard]] vgic::planes planes_of(u32 v, u32 w) const override {
    const auto& st = g_->inspect();
    vgic::planes p = w == 0 ? st.vcpu[v].priv.read() : st.spi[w - 1].read();
    // What the guest did since its last exit shows in its list registers alone.
    using format = typename C::list_registers::format;
    for (u32 rest = st.vcpu[v].used; rest != 0; rest &= rest - 1) {
      const u32 n = vgic::lowest(rest);
      const auto before = st.vcpu[v].lr[n];
      const auto now = hardware().at(vcpu(v)).lr[n];
      const u32 id = raw(format::id(before));
      if (before == now || id / 32 != w) continue;
      const u32 bit = 1u << id % 32;
      p.active = has_active(format::state(now)) ? p.active | bit : p.active & ~bit;
      if (!has_pending(format::state(now))) p.latch &= p.fresh | ~bit;
    }
    return p;
  }
  [[nodiscard]] u32 priority_of(u32 v, u32 id) const override {
    const auto& st = g_->inspect();
    const auto& word = id < 32 ? st.vcpu[v].priorities[id / 4] : st.priorities[id / 4 - 8];
    return C::atomics::load(word) >> 8 * (id % 4) & 0xff;
  }
  [[nodiscard]] u32 gates() const override {
    const auto& st = g_->inspect();
    return (C::atomics::load(st.gate[0]) & 1) | (C::atomics::load(st.gate[1]) & 2);
  }
  [[nodiscard]] u32 interface_control(u32 v) const override { return hardware().at(vcpu(v)).vmcr & (v2 ? 0x21f : 3); }
  [[nodiscard]] bool is_active_in_list_register(u32 v, u32 id) const override {
    using format = typename C::list_registers::format;
    for (const auto w : hardware().at(vcpu(v)).lr)
      if (has_active(format::state(w)) && raw(format::id(w)) == id) return true;
    return false;
  }
  [[nodiscard]] bool only_sub_priority_is_higher(u32 v) const override {
    if constexpr (v2)
      return hardware().only_sub_priority_is_higher(vcpu(v));
    else
      return false;
  }
  [[nodiscard]] u32 highest(u32 v) const override {
    if constexpr (v2)
      return hardware().highest(vcpu(v));
    else
      return 1023;
  }
  [[nodiscard]] bool list_registers_are_active(u32 v) const override {
    for (u32 n = 0; n < setup_.list_registers; ++n)
      if (!has_active(C::list_registers::format::state(hardware().at(vcpu(v)).lr[n]))) return false;
    return true;
  }
  [[nodiscard]] const std::vector<taken>& taken_by(u32 v) const override { return taken_[v]; }

  setup setup_;
  std::unique_ptr<vgic::gic<C>> g_;
  std::vector<std::vector<taken>> taken_;
};

[[nodiscard]] std::unique_ptr<subject> make_machine(const setup& s);

}  // namespace differential
