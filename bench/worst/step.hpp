// SPDX-License-Identifier: BSL-1.0
/// \file
/// What can happen to a VM, one step a line of text.
#pragma once

#include <vgic/types.hpp>

#include <string>
#include <vector>

namespace bench::worst {

using vgic::u16;
using vgic::u32;
using vgic::u64;
using vgic::u8;

/// What a step does.
enum class act : u8 {
  read,             ///< guest: a load from a frame
  write,            ///< guest: a store to a frame
  sgi1r,            ///< guest: ICC_SGI1R_EL1
  asgi1r,           ///< guest: ICC_ASGI1R_EL1
  sgi0r,            ///< guest: ICC_SGI0R_EL1
  dir,              ///< guest: ICC_DIR_EL1 where the host traps it
  raise,            ///< device: an SPI's line, on the CPU of that vCPU
  lower,            ///< device
  pulse,            ///< device
  forward,          ///< host: a linked SPI's physical interrupt came
  raise_private,    ///< device: a PPI's line
  lower_private,    ///< device
  pulse_private,    ///< device
  forward_private,  ///< host
  pass,             ///< host: an interrupt of its own; takes the maintenance interrupt if that is asserted
  on,               ///< host: CPU_ON and load
  off,              ///< host: CPU_OFF
  reschedule,       ///< host: puts the vCPU away and loads it again
  acknowledge,      ///< guest, no trap: takes an interrupt of group VALUE
  take,             ///< guest, no trap: takes one and ends it
  end,              ///< guest, no trap: ends what it took last
  deactivate,       ///< guest, no trap: ICC_DIR_EL1 of an INTID
  mask,             ///< guest, no trap: ICC_PMR_EL1
  groups,           ///< guest, no trap: ICC_IGRPEN0/1
  split,            ///< guest, no trap: EOImode
  link,             ///< host, before all else: an SPI stands for a physical one
  link_private,     ///< host, before all else
  neighbours,       ///< how other CPUs answer kicks: VALUE is one of `answer`
  count
};

/// What another CPU does while this one kicks its vCPU.
enum class answer : u8 {
  later,  ///< nothing yet
  pass,   ///< its vCPU leaves the guest and enters it again
  take,   ///< and takes and ends what it was given
};

/// Which frame an access is to.
enum class frame : u8 { distributor, own, redistributor };

/// How the value changes from one access of a step to the next.
enum class pattern : u8 {
  same,
  scatter,  ///< a hash of value and number
  ramp,     ///< each byte 8 more than the one before
  slope,    ///< each byte 8 less
  walk,     ///< rotated left by one more bit
};

inline constexpr u8 nobody = 0xff;

/// `vcpus` vCPUs from `first` on (0xff: a CPU that runs none) do the same `times` times, at one place after the other.
struct step {
  act what = act::pass;
  u8 first = 0;
  u8 vcpus = 1;
  frame where = frame::distributor;
  u8 of = 0;    ///< whose redistributor
  u8 size = 4;  ///< bytes of an access
  u32 at = 0;   ///< offset in the frame, or an INTID
  u16 times = 1;
  u64 value = 0;
  pattern changing = pattern::same;

  friend bool operator==(const step&, const step&) = default;
};

using steps = std::vector<step>;

/// The value of access number `n` of a step.
[[nodiscard]] u64 value_of(const step& s, u32 n);

/// One line without its end.
[[nodiscard]] std::string text_of(const step& s);
/// Reads a line; false if it is none of a step.
[[nodiscard]] bool read_step(const std::string& line, step& s);

/// The steps such that call `j` of vCPU `i` of the last one is the last call of all.
[[nodiscard]] steps until(const steps& all, std::size_t last, u32 i, u32 j);

}  // namespace bench::worst
