// SPDX-License-Identifier: BSL-1.0
/// \file
/// What the worst is looked for of: a register group's reads or writes, entry, exit, a whole trap.
#pragma once

#include <bench/worst/step.hpp>
#include <vgic/registers/names.hpp>

#include <optional>

namespace bench::worst {

/// The parts of a trap, in their order.
enum class part : u8 { exit, maintenance, call, entry };
inline constexpr u32 parts = 4;
inline constexpr u32 all_parts = (1u << parts) - 1;

/// Instructions (or a guess at them) of each part of one trap.
struct spent {
  u32 of[parts] = {};
  [[nodiscard]] u32 total() const { return of[0] + of[1] + of[2] + of[3]; }
};

/// What is counted of a trap.
enum class measure : u8 {
  call,         ///< the access, the event, the host's call
  trap,         ///< exit, call and entry, of any call of a kind
  exit,         ///< `exit` of any trap
  entry,        ///< `entry` of any trap
  maintenance,  ///< `maintenance` of any trap
};

/// `what` and `group` say which calls count; of whole traps there are five kinds (`whole`).
struct target {
  measure how = measure::call;
  act what = act::pass;
  vgic::reg group = vgic::reg::reserved;

  friend bool operator==(const target&, const target&) = default;
  friend auto operator<=>(const target&, const target&) = default;
};

/// The whole trap around a call: of a read, a write, a system register, a device's event, a host's interrupt; none
/// around what a host does on its own account.
[[nodiscard]] std::optional<target> whole(const target& call);

/// "write GICD_CTLR", "trap: a write", "entry".
[[nodiscard]] std::string name_of(const target& t);
[[nodiscard]] std::optional<target> target_named(const std::string& name);

/// The parts that count, as bits.
[[nodiscard]] u32 parts_of(const target& t);
[[nodiscard]] u32 cost_of(const target& t, const spent& s);

/// Is it something that a guest or a device can bring about at any time? What else there is, a host calls for on its
/// own account: CPU_ON, CPU_OFF, another vCPU for this CPU.
[[nodiscard]] bool is_limited(const target& t);

}  // namespace bench::worst
