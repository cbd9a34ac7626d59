// SPDX-License-Identifier: BSL-1.0
/// \file
/// Plays a boot on a VM.
#pragma once

#include <bench/suites/boot.hpp>
#include <bench/suites/machine.hpp>
#include <bench/suites/replay_differences.hpp>
#include <bench/suites/trap_operations.hpp>

#include <array>
#include <memory>

namespace bench {

/// List registers that the traces need.
inline constexpr u32 least_list_registers = 4;

/// The host `H`, which remembers whom it kicked.
template <vgic::host_policy H>
struct noting_kicks : H {
  void kick(vgic::vcpu_id v) {
    H::kick(v);
    kicked |= u64{1} << raw(v);
  }
  static inline constinit thread_local u64 kicked = 0;
};

/// Configuration `C` as a boot is played on it.
template <vgic::configuration C>
struct replayed : C {
  using host = noting_kicks<typename C::host>;
};

/// What came of a boot.
struct outcome {
  /// What should not be, a sentence each.
  std::vector<std::string> problems;
  /// How many reads each deliberate difference explained.
  std::array<u32, difference_count> explained{};
  u32 compared = 0;   ///< reads that were compared with QEMU's answer
  u32 taken = 0;      ///< interrupts that the guest took
  u32 reordered = 0;  ///< of these, SGIs that several CPUs had sent, and another's than in the trace came first
};

/// Plays a boot from reset to its end. `TrapMeter` makes the calls that handle traps, `OtherMeter` all others. One
/// thread is all CPUs in turn; a vCPU that is kicked leaves the guest and enters it again at once.
///
/// Where a trace says that a guest took an interrupt, it must have been given to it by then. Which of equally urgent
/// interrupts comes first is not the architecture's: the guest takes the one that it took in the trace, so that there
/// must be list registers for all that are pending at a time.
template <vgic::configuration C, class TrapMeter, class OtherMeter>
class player {
  using config = replayed<C>;
  using gic_type = vgic::gic<config>;
  using call = calls<gic_type>;
  using layout = typename C::layout;
  using backend = typename C::list_registers;
  using host = typename config::host;
  static constexpr bool v3 = C::version::number == 3;
  static constexpr u32 version = v3 ? 3 : 2;
  static constexpr vgic::group normal = v3 ? vgic::group::one : vgic::group::zero;

 public:
  player(const boot& b, TrapMeter& traps, OtherMeter& others) : boot_(b), traps_(traps), others_(others) {
    backend::forget();
    host::kicked = 0;
    const u32 spis = b.spis < C::limits.spis ? b.spis : C::limits.spis / 32 * 32;
    must(g_->start({.vcpus = b.vcpus, .spis = spis, .list_registers = C::limits.list_registers}) == vgic::result::ok,
         "start() refused what the trace's guest saw");
  }
  ~player() {
    backend::forget();
    g_->host().running = vgic::no_vcpu;
  }
  player(const player&) = delete;
  player& operator=(const player&) = delete;

  [[nodiscard]] outcome play() {
    for (const step& s : boot_.steps) {
      now_ = &s.from;
      play(s);
      answer_kicks();
    }
    return std::move(outcome_);
  }

 private:
  static constexpr u32 spurious = 1023;

  void play(const step& s) {
    const event& e = s.from;
    const vgic::vcpu_id v = vcpu(e.vcpu);
    auto& hardware = backend::guest();
    switch (s.what) {
      case act::power_on: return power_on(v);
      case act::power_off: return power_off(v);
      case act::access: return access(v, e);
      case act::send: return send(v, e);
      case act::acknowledge: return acknowledge(v, e);
      case act::end: return end(v, e);
      case act::raise:
      case act::lower: return e.about == subject::private_line ? private_line(v, e) : shared_line(e);
      case act::set_mask: on(v); return hardware.set_priority_mask(backend::only, static_cast<u32>(e.value));
      case act::set_groups:
        on(v);
        hardware.enable_groups(backend::only, static_cast<u32>(e.value) << (v3 ? 1 : 0));
        return maintain(v);
    }
  }

  // --- the hypervisor ---

  void on(vgic::vcpu_id v) {
    g_->list_registers().run(v);
    g_->host().running = v;
  }
  void leave(vgic::vcpu_id v) {
    others_(call::exit, *g_, v);
    if (backend::maintenance()) others_(call::maintenance, *g_, v);
  }
  void enter(vgic::vcpu_id v) { others_(call::entry, *g_, v); }
  /// Takes the maintenance interrupt, if there is one.
  void maintain(vgic::vcpu_id v) {
    if (!backend::maintenance()) return;
    leave(v);
    enter(v);
  }
  void answer_kicks() {
    for (u32 rounds = 0; host::kicked != 0; ++rounds) {
      must(rounds < 1000, "vCPUs are kicked without end");
      const u32 n = static_cast<u32>(__builtin_ctzll(host::kicked));
      host::kicked &= host::kicked - 1;
      if (!on_[n]) continue;
      on(vcpu(n));
      leave(vcpu(n));
      enter(vcpu(n));
    }
  }

  void power_on(vgic::vcpu_id v) {
    if (g_->vcpu_on(v) != vgic::result::ok) return wrong("vcpu_on() refused a vCPU");
    on(v);
    g_->load(v);
    enter(v);
    on_[raw(v)] = true;
  }
  void power_off(vgic::vcpu_id v) {
    on(v);
    leave(v);
    if (g_->vcpu_off(v) != vgic::result::ok) return wrong("vcpu_off() refused a vCPU");
    on_[raw(v)] = false;
  }

  // --- traps ---

  [[nodiscard]] static u64 address_of(const event& e) {
    if constexpr (v3) {
      if (e.about == subject::distributor) return layout::v3.distributor.base + e.at;
      return machine<C>::redistributor(e.at / 0x2'0000) + in_redistributor(e.at);
    } else {
      return layout::v2.distributor.base + e.at;
    }
  }

  void access(vgic::vcpu_id v, const event& e) {
    u64 x[31] = {0, 0, e.value};
    const bool reads = e.dir == vgic::direction::read;
    const vgic::abort_syndrome a = syndrome_of({.name = {}, .address = address_of(e), .size = e.size}, e.dir);
    on(v);
    leave(v);
    if (traps_(call::data_abort, *g_, v, a, x) != vgic::trap_status::handled) wrong("the access was not emulated");
    enter(v);
    if (reads) compare(e, x[2]);
  }

  void compare(const event& e, u64 answer) {
    ++outcome_.compared;
    u64 unexplained = answer ^ e.value;
    for (std::size_t i = 0; i < difference_count && unexplained != 0; ++i) {
      if (!is_about(differences[i], version, e) || (unexplained & differences[i].bits) == 0) continue;
      unexplained &= ~differences[i].bits;
      ++outcome_.explained[i];
    }
    if (unexplained == 0) return;
    char text[64];
    std::snprintf(text, sizeof text, "the answer was 0x%llx", static_cast<unsigned long long>(answer));
    wrong(text);
  }

  void send(vgic::vcpu_id v, const event& e) {
    const u64 x[31] = {e.value};
    constexpr u64 esr = u64{vgic::syndrome::ec_system_register} << 26 | 1u << 25 | vgic::syndrome::key_icc_sgi1r;
    on(v);
    leave(v);
    if (traps_(call::system_register, *g_, v, esr, x) != vgic::trap_status::handled) wrong("the SGI was not emulated");
    enter(v);
  }

  // --- devices ---

  /// A vCPU's timer: its CPU's hypervisor learns of a change between an exit and an entry.
  void private_line(vgic::vcpu_id v, const event& e) {
    const vgic::intid i{e.at};
    on(v);
    if (on_[raw(v)]) leave(v);
    const auto r = e.value != 0 ? others_(call::raise_private, *g_, v, i) : others_(call::lower_private, *g_, v, i);
    if (r != vgic::result::ok) wrong("raise() or lower() refused a PPI");
    if (on_[raw(v)]) enter(v);
  }
  /// A device that another thread emulates.
  void shared_line(const event& e) {
    g_->host().running = vgic::no_vcpu;
    const vgic::intid i{e.at};
    const auto r = e.value != 0 ? others_(call::raise, *g_, i) : others_(call::lower, *g_, i);
    if (r != vgic::result::ok) wrong("raise() or lower() refused an SPI");
  }

  // --- the guest's CPU interface ---

  void acknowledge(vgic::vcpu_id v, const event& e) {
    const u32 wanted = static_cast<u32>(e.value);
    on(v);
    if ((wanted & 0x3ff) == spurious) {
      if (backend::guest().signals(backend::only, normal)) wrong("an interrupt is signalled, and QEMU had none");
      return;
    }
    const u32 id = take(wanted);
    if (id == spurious) return wrong("the guest was not given the interrupt that it took");
    if (id != wanted) ++outcome_.reordered;
    ++outcome_.taken;
    active_[e.vcpu].push_back({wanted, id});
    maintain(v);
  }

  /// The guest takes `wanted`, or one of the same INTID: from among the most urgent. What is as urgent is hidden from
  /// the virtual interface meanwhile.
  u32 take(u32 wanted) {
    auto& hardware = backend::guest();
    auto& registers = hardware.at(backend::only).lr;
    using format = typename backend::format;
    using word = typename backend::word;
    constexpr u32 count = C::limits.list_registers;
    u32 best = 0x100;
    u32 chosen = count;
    for (const word w : registers)
      if (format::state(w) == vgic::lr_state::pending && format::priority_of(w) < best) best = format::priority_of(w);
    for (u32 r = 0; r < count; ++r) {
      const word w = registers[r];
      if (format::state(w) != vgic::lr_state::pending || format::priority_of(w) != best) continue;
      if ((static_cast<u32>(w & format::id_mask) & 0x3ff) != (wanted & 0x3ff)) continue;
      if (chosen == count || static_cast<u32>(w & 0x1fff) == wanted) chosen = r;
    }
    if (chosen == count) return spurious;
    word hidden[count];
    for (u32 r = 0; r < count; ++r) {
      hidden[r] = registers[r];
      if (r != chosen && format::state(registers[r]) == vgic::lr_state::pending)
        registers[r] = format::state(registers[r], vgic::lr_state::invalid);
    }
    const u32 id = hardware.acknowledge(backend::only, normal);
    for (u32 r = 0; r < count; ++r)
      if (r != chosen) registers[r] = hidden[r];
    return id;
  }

  void end(vgic::vcpu_id v, const event& e) {
    auto& active = active_[e.vcpu];
    if (active.empty() || active.back().in_trace != static_cast<u32>(e.value))
      return wrong("the guest ends what it did not take last");
    on(v);
    backend::guest().end(backend::only, normal, active.back().here);
    active.pop_back();
    maintain(v);
  }

  void wrong(const std::string& what) {
    constexpr std::size_t enough = 20;
    if (outcome_.problems.size() < enough) outcome_.problems.push_back(what + ": " + description_of(*now_));
  }

  /// What the guest read from the acknowledge register, in the trace and here.
  struct taken {
    u32 in_trace, here;
  };

  const boot& boot_;
  TrapMeter& traps_;
  OtherMeter& others_;
  std::unique_ptr<gic_type> g_ = std::make_unique<gic_type>();
  std::array<bool, 64> on_{};
  std::array<std::vector<taken>, 64> active_;
  const event* now_ = nullptr;
  outcome outcome_;
};

/// Plays a boot without counting anything.
template <vgic::configuration C>
[[nodiscard]] outcome play_boot(const boot& b) {
  clocked meter;
  return player<on_memory<C>, clocked, clocked>(b, meter, meter).play();
}

}  // namespace bench
