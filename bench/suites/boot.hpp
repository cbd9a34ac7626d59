// SPDX-License-Identifier: BSL-1.0
/// \file
/// From a trace to what a hypervisor with list registers, its guest and its devices do.
///
/// Played are: accesses to distributor and redistributors and the SGIs sent, which trap; changes of lines; and what the
/// guest does to its CPU interface without a trap: it takes and ends interrupts, sets its priority mask and its groups.
/// A trace does not have, and this adds: PSCI's CPU_ON before what Linux does first on a CPU that came up, CPU_OFF
/// after the last that it did before; and in the trace of the GICv2 the lines, which rise just before the guest takes
/// the interrupt and fall just before it ends it. Left out, and counted, is what such a hypervisor gives the guest
/// elsewhere or not at all: the ITS, identification, binary point and active priorities of the CPU interface.
#pragma once

#include <bench/suites/trace.hpp>

#include <algorithm>
#include <fstream>

namespace bench {

/// What a step does.
enum class act : vgic::u8 {
  power_on,
  power_off,
  access,       ///< to the distributor or a redistributor
  send,         ///< ICC_SGI1R_EL1
  acknowledge,  ///< the guest reads the acknowledge register
  end,
  set_mask,
  set_groups,
  raise,
  lower,
};

/// One step: an event of a trace, or what was added to it.
struct step {
  act what = act::access;
  event from{};
};

/// A boot, ready to be played.
struct boot {
  std::vector<step> steps;
  vgic::u32 vcpus = 0;
  vgic::u32 spis = 0;         ///< that GICD_TYPER told the guest of
  vgic::u32 highest_spi = 0;  ///< INTID of the highest that came
  vgic::u32 accesses = 0;     ///< to distributor and redistributors, SGIR included
  vgic::u32 sent = 0;         ///< writes of ICC_SGI1R_EL1
  vgic::u32 taken = 0;        ///< interrupts that the guest acknowledged
  vgic::u32 left_out = 0;     ///< events that are not played

  /// How many of the steps trap.
  [[nodiscard]] vgic::u32 traps() const { return accesses + sent; }
};

/// Makes a boot of a trace.
class boot_maker {
  using u32 = vgic::u32;
  using u64 = vgic::u64;

 public:
  explicit boot_maker(vgic::u32 version) : v3_(version == 3) {}

  /// What cannot have happened, if something cannot.
  [[nodiscard]] std::optional<trace_error> make(const std::vector<event>& events, boot& b) {
    const std::vector<u32> last_of_life = find_power_off(events);
    bool on[64] = {};
    u32 outstanding[64] = {};
    for (u32 i = 0; i < events.size(); ++i) {
      const event& e = events[i];
      if (is_line(e)) {
        add(b, e.value != 0 ? act::raise : act::lower, e);
        continue;
      }
      b.vcpus = std::max(b.vcpus, e.vcpu + 1u);
      if (comes_up(e, on[0])) {
        if (on[e.vcpu] && e.vcpu != 0) return trace_error{e.line, "a CPU that is on comes up"};
        if (!on[e.vcpu]) add(b, act::power_on, e);
        on[e.vcpu] = true;
      }
      if (!on[e.vcpu]) return trace_error{e.line, "a CPU that is off makes an access"};
      add_guests(b, e, outstanding[e.vcpu]);
      if (std::binary_search(last_of_life.begin(), last_of_life.end(), i)) {
        add(b, act::power_off, e);
        on[e.vcpu] = false;
      }
    }
    if (b.spis == 0) return trace_error{0, "the guest never read GICD_TYPER"};
    return std::nullopt;
  }

 private:
  static constexpr u32 spurious = 1023;

  static bool is_line(const event& e) { return e.about == subject::private_line || e.about == subject::shared_line; }
  /// Linux looks for its redistributor first (GICv3), or for its number (GICv2); CPU 0 is on from the start.
  [[nodiscard]] bool comes_up(const event& e, bool started) const {
    if (e.vcpu == 0) return !started;
    if (e.dir != vgic::direction::read) return false;
    return v3_ ? e.about == subject::redistributors && e.at == 0xffe8
               : e.about == subject::distributor && e.at == 0x800;
  }

  /// Events after which a CPU was off, in their order.
  [[nodiscard]] std::vector<u32> find_power_off(const std::vector<event>& events) const {
    std::vector<u32> found;
    u32 last[64];
    std::fill(std::begin(last), std::end(last), ~u32{0});
    for (u32 i = 0; i < events.size(); ++i) {
      const event& e = events[i];
      if (is_line(e)) continue;
      if (e.vcpu != 0 && last[e.vcpu] != ~u32{0} && comes_up(e, true)) found.push_back(last[e.vcpu]);
      last[e.vcpu] = i;
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  void add(boot& b, act what, const event& e) const {
    b.steps.push_back({what, e});
    if (e.about == subject::shared_line) b.highest_spi = std::max(b.highest_spi, e.at);
  }

  /// What the guest does; `outstanding`: the lines that rose for the interrupt that it took last.
  void add_guests(boot& b, const event& e, u32& outstanding) const {
    const bool reads = e.dir == vgic::direction::read;
    if (e.about == subject::distributor || e.about == subject::redistributors) {
      if (e.about == subject::distributor && e.at == 4 && reads) b.spis = 32 * (static_cast<u32>(e.value) & 31);
      ++b.accesses;
      return add(b, act::access, e);
    }
    if (e.about == subject::system_register) {
      if (e.which == icc::iar1 && reads) return add_acknowledge(b, e, outstanding);
      if (e.which == icc::eoir1 && !reads) return add(b, act::end, e);
      if (e.which == icc::pmr && !reads) return add(b, act::set_mask, e);
      if (e.which == icc::igrpen1 && !reads) return add(b, act::set_groups, e);
      if (e.which == icc::sgi1r && !reads) {
        ++b.sent;
        return add(b, act::send, e);
      }
    } else if (e.about == subject::cpu_interface) {
      if (e.at == 0xc && reads) return add_acknowledge(b, e, outstanding);
      if (e.at == 0x10 && !reads) {
        if (outstanding != 0) add_line(b, act::lower, e, outstanding);
        outstanding = 0;
        return add(b, act::end, e);
      }
      if (e.at == 0x4 && !reads) return add(b, act::set_mask, e);
      if (e.at == 0x0 && !reads) return add(b, act::set_groups, e);
    }
    ++b.left_out;
  }

  void add_acknowledge(boot& b, const event& e, u32& outstanding) const {
    const u32 id = static_cast<u32>(e.value) & 0x3ff;
    if (id != spurious) ++b.taken;
    if (!v3_ && id >= 16 && id != spurious) {
      add_line(b, act::raise, e, id);
      outstanding = id;
    }
    add(b, act::acknowledge, e);
  }

  void add_line(boot& b, act what, event e, u32 id) const {
    e.about = id < 32 ? subject::private_line : subject::shared_line;
    e.at = id;
    e.value = what == act::raise ? 1 : 0;
    add(b, what, e);
  }

  bool v3_;
};

/// Reads a file of a trace and makes a boot of it; what is wrong, as a sentence with the place, if something is.
[[nodiscard]] inline std::optional<std::string> load_boot(const std::string& file, vgic::u32 version, boot& b) {
  std::ifstream in(file);
  if (!in) return file + " cannot be opened: build the target vgic-bench-unpack, which makes it";
  std::vector<event> events;
  auto problem = read_trace(in, events);
  if (!problem.has_value()) problem = boot_maker(version).make(events, b);
  if (!problem.has_value()) return std::nullopt;
  return file + ":" + std::to_string(problem->line) + ": " + problem->why;
}

}  // namespace bench
