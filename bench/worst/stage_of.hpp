// SPDX-License-Identifier: BSL-1.0
/// \file
/// The stage of a configuration. A meter makes the library's calls and counts them:
///
///   R Meter::call(part, R (Base::*)(A...), Gic&, A...)   counts
///   Meter::pause(), Meter::resume(state)                 around what other CPUs do inside of a call
///   spent Meter::take()                                  what was counted since the last take
///   Meter::counted = parts                               which parts count
#pragma once

#include <bench/suites/list_registers_in_memory.hpp>
#include <bench/worst/stage.hpp>
#include <layout/xen.hpp>
#include <vgic/vgic.hpp>

#include <optional>

namespace bench::worst {

/// The host of a stage. What other CPUs do meanwhile is the stage's business.
struct host {
  void kick(vgic::vcpu_id v) { on_kick(v); }
  [[nodiscard]] vgic::vcpu_id current() const { return running; }
  void deactivate(vgic::vcpu_id v, vgic::physical_intid p) { asm volatile("" : : "r"(raw(v)), "r"(raw(p))); }
  void sync(vgic::vcpu_id v) { on_sync(v); }

  static inline constinit vgic::vcpu_id running = vgic::no_vcpu;
  static inline void (*on_kick)(vgic::vcpu_id) = [](vgic::vcpu_id) {};
  static inline void (*on_sync)(vgic::vcpu_id) = [](vgic::vcpu_id) {};
};

template <class Version, u32 Vcpus, u32 ListRegisters>
struct configuration {
  using version = Version;
  using layout = ::layout::xen_4_5;
  using features = vgic::features<vgic::message_spis, vgic::status_registers, vgic::one_of_n>;
  using list_registers =
      list_registers_in_memory<Vcpus, ListRegisters,
                               std::conditional_t<Version::number == 2, vgic::gich_format, vgic::ich_format>>;
  using host = worst::host;
  using atomics = vgic::builtin_atomics;
  using affinity = vgic::flat_affinity;
  static constexpr vgic::limits limits{
      .vcpus = Vcpus, .spis = 960, .list_registers = ListRegisters, .priority_bits = 5};
};

template <vgic::configuration C, class Meter>
class stage_of final : public stage {
 public:
  explicit stage_of(const char* name) : name_(name) {}

  [[nodiscard]] const char* name() const override { return name_; }
  [[nodiscard]] u32 version() const override { return C::version::number; }
  [[nodiscard]] u32 vcpus() const override { return C::limits.vcpus; }
  [[nodiscard]] u32 spis() const override { return C::limits.spis; }

  [[nodiscard]] std::vector<registers> all_registers() const override {
    std::vector<registers> all;
    const auto add = [&](frame where, u32 base, const auto& rows) {
      for (const vgic::row& r : rows.items) all.push_back({where, base, r});
    };
    add(frame::distributor, 0, distributor_map::rows);
    if constexpr (v3) {
      add(frame::own, 0, rd_map::rows);
      add(frame::own, sgi_frame, sgi_map::rows);
    }
    return all;
  }

  [[nodiscard]] std::optional<target> call_of(const step& s, u32 j) const override {
    const auto call = [](act what, vgic::reg group) { return target{measure::call, what, group}; };
    switch (s.what) {
      case act::read:
      case act::write: return call(s.what, group_at(s.where, s.at + j * s.size));
      case act::sgi1r: return call(act::write, vgic::reg::icc_sgi1r);
      case act::asgi1r: return call(act::write, vgic::reg::icc_asgi1r);
      case act::sgi0r: return call(act::write, vgic::reg::icc_sgi0r);
      case act::dir: return call(act::write, vgic::reg::icc_dir);
      case act::acknowledge:
      case act::take:
      case act::end:
      case act::deactivate:
      case act::mask:
      case act::groups:
      case act::split:
      case act::link:
      case act::link_private:
      case act::neighbours: return std::nullopt;
      default: return call(s.what, vgic::reg::reserved);
    }
  }

  void begin() override {
    backend::forget();
    g_.emplace();
    here_ = this;
    answers_ = answer::later;
    may_link_ = true;
    inside_ = false;
    for (auto& v : guests_) v = {};
    host::on_kick = [](vgic::vcpu_id v) { here_->kicked(v); };
    host::on_sync = [](vgic::vcpu_id v) { here_->synchronised(v); };
    (void)g_->start({.vcpus = C::limits.vcpus, .spis = C::limits.spis, .list_registers = C::limits.list_registers});
    for (u32 v = 0; v < C::limits.vcpus; ++v) turn_on(v);
  }

  spent play(const step& s, u32 i, u32 j, u32 counted_parts) override {
    Meter::counted = counted_parts;
    const bool link = s.what == act::link || s.what == act::link_private;
    if (!link) may_link_ = false;
    if (s.what == act::neighbours) {
      answers_ = answer{static_cast<u8>(s.value % 3)};
    } else if (s.first == nobody || link) {
      host::running = vgic::no_vcpu;
      if (link ? may_link_ : s.what >= act::raise && s.what <= act::forward_private) device(s, s.first + i, j);
    } else if (const u32 v = (s.first + i) % C::limits.vcpus; guests_[v].on || s.what == act::on) {
      run(v);
      trap_or_guest(s, v, j);
    }
    Meter::counted = 0;
    return Meter::take();
  }

 private:
  using gic_type = vgic::gic<C>;
  using backend = typename C::list_registers;
  using features = typename C::features;
  using distributor_map = typename C::version::template distributor_map<features>;
  using rd_map = vgic::detail::gicr_rd_map<features>;
  using sgi_map = vgic::detail::gicr_sgi_map<features>;
  static constexpr bool v3 = C::version::number == 3;
  static constexpr u32 sgi_frame = 0x1'0000;
  static constexpr vgic::vcpu_id only = backend::only;
  /// So long the maintenance interrupt may take to arrive, in actions of the guest: more than EOIcount can count.
  static constexpr u32 latest = 33;

  struct guest {
    bool on = false;
    u32 late = 0;                              ///< how often it has acted since the maintenance interrupt was asserted
    std::vector<std::pair<u32, u32>> taken{};  ///< group and ID of what it has taken and not ended
  };

  [[nodiscard]] static vgic::vcpu_id id(u32 v) { return vgic::vcpu_id{static_cast<u16>(v)}; }

  [[nodiscard]] static vgic::reg group_at(frame where, u32 offset) {
    if (where == frame::distributor) return distributor_map::find(offset % distributor_map::frame_size);
    if constexpr (v3) {
      offset %= 2 * sgi_frame;
      return offset < sgi_frame ? rd_map::find(offset) : sgi_map::find(offset - sgi_frame);
    }
    return vgic::reg::reserved;
  }
  [[nodiscard]] static vgic::guest_address address_of(const step& s, u32 v, u32 j) {
    const u32 offset = s.at + j * s.size;
    if constexpr (v3) {
      if (s.where != frame::distributor) {
        const u32 of = (s.where == frame::own ? v : s.of) % C::limits.vcpus;
        return vgic::guest_address{C::layout::v3.redistributors[0].base + of * C::layout::v3.stride +
                                   offset % (2 * sgi_frame)};
      }
      return vgic::guest_address{C::layout::v3.distributor.base + offset % distributor_map::frame_size};
    }
    return vgic::guest_address{C::layout::v2.distributor.base + offset % distributor_map::frame_size};
  }

  void run(u32 v) {
    g_->list_registers().run(id(v));
    host::running = id(v);
  }

  template <class F, class... A>
  void call(part p, F f, A... arguments) {
    static_cast<void>(Meter::call(p, f, *g_, arguments...));
  }
  void leave(u32 v) { call(part::exit, &gic_type::exit, id(v)); }
  void enter(u32 v) { call(part::entry, &gic_type::entry, id(v)); }

  void turn_on(u32 v) {
    guests_[v] = {};
    guests_[v].on = true;
    (void)g_->vcpu_on(id(v));
    run(v);
    g_->load(id(v));
    backend::guest().set_priority_mask(only, 0xff);
    backend::guest().enable_groups(only, 3);
    for (u32 twice = 0; twice < 2; ++twice) {
      g_->entry(id(v));
      g_->exit(id(v));
      if (backend::maintenance()) g_->maintenance(id(v));
    }
    g_->entry(id(v));
  }

  void trap_or_guest(const step& s, u32 v, u32 j) {
    guest& me = guests_[v];
    switch (s.what) {
      case act::acknowledge: {
        const auto group = s.value % 2 != 0 ? vgic::group::one : vgic::group::zero;
        const u32 taken = backend::guest().acknowledge(only, group);
        if (taken != backend::hardware::spurious) me.taken.emplace_back(static_cast<u32>(s.value % 2), taken);
        break;
      }
      case act::take: {
        const auto group = s.value % 2 != 0 ? vgic::group::one : vgic::group::zero;
        backend::guest().end(only, group, backend::guest().acknowledge(only, group));
        break;
      }
      case act::end:
        if (me.taken.empty()) break;
        backend::guest().end(only, vgic::group{static_cast<u8>(me.taken.back().first)}, me.taken.back().second);
        me.taken.pop_back();
        break;
      case act::deactivate: backend::guest().deactivate(only, (s.at + j) % 1020); break;
      case act::mask: backend::guest().set_priority_mask(only, static_cast<u32>(s.value) & 0xff); break;
      case act::groups: backend::guest().enable_groups(only, static_cast<u32>(s.value) & 3); break;
      case act::split:
        if (s.value % 2 != 0) backend::guest().split_end(only);
        break;
      default:
        trap(s, v, j);
        if (s.what != act::pass) Meter::counted = 0;  // the maintenance interrupt is the next trap
        break;
    }
    if (!me.on || !backend::maintenance()) {
      me.late = 0;
    } else if (s.what == act::pass || ++me.late > latest) {
      me.late = 0;
      take_maintenance(v);
    }
  }

  void take_maintenance(u32 v) {
    leave(v);
    call(part::maintenance, &gic_type::maintenance, id(v));
    enter(v);
  }

  void trap(const step& s, u32 v, u32 j) {
    if (s.what == act::pass && backend::maintenance()) return;  // the maintenance interrupt is what comes
    if (s.what == act::on) {
      if (guests_[v].on) return;
      guests_[v] = {};
      guests_[v].on = true;
      call(part::call, &gic_type::vcpu_on, id(v));
      call(part::call, &gic_type::load, id(v));
      return enter(v);
    }
    leave(v);
    switch (s.what) {
      case act::read: call(part::call, &gic_type::read, id(v), address_of(s, v, j), vgic::width{s.size}); break;
      case act::write:
        call(part::call, &gic_type::write, id(v), address_of(s, v, j), vgic::width{s.size},
             cut(value_of(s, j), s.size));
        break;
      case act::sgi1r: system_register(v, vgic::syndrome::key_icc_sgi1r, value_of(s, j)); break;
      case act::asgi1r: system_register(v, vgic::syndrome::key_icc_asgi1r, value_of(s, j)); break;
      case act::sgi0r: system_register(v, vgic::syndrome::key_icc_sgi0r, value_of(s, j)); break;
      case act::dir: system_register(v, vgic::syndrome::key_icc_dir, s.at + j); break;
      case act::pass: break;
      case act::off:
        call(part::call, &gic_type::vcpu_off, id(v));
        guests_[v].on = false;
        return;
      case act::reschedule:
        call(part::call, &gic_type::put, id(v));
        call(part::call, &gic_type::load, id(v));
        break;
      default: device(s, v, j); break;
    }
    enter(v);
  }

  [[nodiscard]] static u64 cut(u64 value, u32 size) { return size == 8 ? value : value & ((u64{1} << (8 * size)) - 1); }

  void system_register(u32 v, u32 key, u64 value) {
    if constexpr (v3) {
      registers_[0] = value;
      const u64 esr = u64{vgic::syndrome::ec_system_register} << 26 | 1u << 25 | key;
      call(part::call, &gic_type::system_register, id(v), esr, static_cast<const u64*>(registers_));
    }
  }

  void device(const step& s, u32 v, u32 j) {
    using vgic::intid;
    using vgic::result;
    using vgic::vcpu_id;
    using spi_call = result (gic_type::*)(intid);
    using ppi_call = result (gic_type::*)(vcpu_id, intid);
    const intid spi{32 + (s.at + j) % C::limits.spis};
    const intid ppi{16 + (s.at + j) % 16};
    const vcpu_id to = id(v % C::limits.vcpus);
    switch (s.what) {
      case act::raise: return call(part::call, static_cast<spi_call>(&gic_type::raise), spi);
      case act::lower: return call(part::call, static_cast<spi_call>(&gic_type::lower), spi);
      case act::pulse: return call(part::call, static_cast<spi_call>(&gic_type::pulse), spi);
      case act::forward: return call(part::call, static_cast<spi_call>(&gic_type::forward), spi);
      case act::link: (void)g_->link(spi); return;
      case act::raise_private: return call(part::call, static_cast<ppi_call>(&gic_type::raise), to, ppi);
      case act::lower_private: return call(part::call, static_cast<ppi_call>(&gic_type::lower), to, ppi);
      case act::pulse_private: return call(part::call, static_cast<ppi_call>(&gic_type::pulse), to, ppi);
      case act::forward_private: return call(part::call, static_cast<ppi_call>(&gic_type::forward), to, ppi);
      case act::link_private: (void)g_->link(to, ppi); return;
      default: return;
    }
  }

  // --- other CPUs, in the middle of a call ---

  void kicked(vgic::vcpu_id v) {
    const auto state = Meter::pause();
    if (answers_ != answer::later && v != host::running) elsewhere(v, answers_);
    Meter::resume(state);
  }
  void synchronised(vgic::vcpu_id v) {
    const auto state = Meter::pause();
    if (v != host::running) elsewhere(v, answer::pass);
    Meter::resume(state);
  }
  /// What other CPUs do is not answered by others in turn.
  void elsewhere(vgic::vcpu_id v, answer how) {
    if (inside_ || !guests_[raw(v)].on) return;
    inside_ = true;
    const vgic::vcpu_id was = host::running;
    run(raw(v));
    g_->exit(v);
    if (backend::maintenance()) g_->maintenance(v);
    g_->entry(v);
    if (how == answer::take) {
      for (const auto group : {vgic::group::one, vgic::group::zero})
        backend::guest().end(only, group, backend::guest().acknowledge(only, group));
      g_->exit(v);
      g_->entry(v);
    }
    if (was != vgic::no_vcpu) g_->list_registers().run(was);
    host::running = was;
    inside_ = false;
  }

  static inline stage_of* here_ = nullptr;

  const char* name_;
  std::optional<gic_type> g_{};
  std::vector<guest> guests_ = std::vector<guest>(C::limits.vcpus);
  u64 registers_[31] = {};
  answer answers_ = answer::later;
  bool may_link_ = true;
  bool inside_ = false;
};

/// All stages, with their calls counted by `Meter`.
template <class Meter>
[[nodiscard]] stages make_stages() {
  stages all;
  all.push_back(std::make_unique<stage_of<configuration<vgic::gicv3, 16, 4>, Meter>>("gicv3-4"));
  all.push_back(std::make_unique<stage_of<configuration<vgic::gicv3, 16, 16>, Meter>>("gicv3-16"));
  all.push_back(std::make_unique<stage_of<configuration<vgic::gicv2, 8, 4>, Meter>>("gicv2-4"));
  all.push_back(std::make_unique<stage_of<configuration<vgic::gicv2, 8, 16>, Meter>>("gicv2-16"));
  return all;
}

}  // namespace bench::worst
