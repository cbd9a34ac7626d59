// SPDX-License-Identifier: BSL-1.0
/// \file
/// What a history is made of: accesses, changes of lines, and what a guest does at its CPU interface.
#pragma once

#include <vgic/types.hpp>

#include <string>
#include <vector>

namespace differential {

using vgic::u16;
using vgic::u32;
using vgic::u64;
using vgic::u8;

/// The machine that both sides are.
struct setup {
  u32 version = 3;
  u32 vcpus = 1;
  u32 list_registers = 16;  ///< of the library's side
  u32 priority_bits = 8;    ///< of the library's side, and of QEMU's GICv2 (QEMU's GICv3 has eight)

  [[nodiscard]] bool is_v2() const { return version == 2; }
  [[nodiscard]] std::string name() const;
};

/// SPIs of QEMU's `virt` machine.
inline constexpr u32 spis = 256;
inline constexpr u32 intids = 32 + spis;

/// Where QEMU's `virt` machine has its frames.
inline constexpr u64 gicd = 0x0800'0000;
inline constexpr u64 gicc = 0x0801'0000;
inline constexpr u64 gicr = 0x080a'0000;
inline constexpr u64 gicr_stride = 0x2'0000;
[[nodiscard]] constexpr u64 redistributor(u32 v) { return gicr + v * gicr_stride; }

enum class act : u8 {
  read,
  write,
  line,         ///< INTID `id` goes to level `value`; a PPI is that of vCPU `about`
  settle,       ///< every vCPU that was kicked leaves the guest and enters it again
  acknowledge,  ///< GICv3: `vcpu` acknowledges in group `value`. (A GICv2's guest reads GICC_IAR.)
  end,          ///< `vcpu` ends what it acknowledged last
  deactivate,   ///< GICv2, EOImode 1: GICC_DIR of the `value`th of those whose priority was dropped
  sgi,          ///< GICv3: `vcpu` writes `value` to ICC_SGI1R_EL1
};

/// "On no vCPU's CPU": a device elsewhere moves a line.
inline constexpr u16 elsewhere = 0xffff;

/// One step of a history. A step that depends on what came before (`end`) is resolved when it is played, so that a part
/// of a history is a history too.
struct operation {
  act what = act::settle;
  u16 vcpu = 0;  ///< who acts; for a line: on whose CPU it moves
  vgic::width size = vgic::width::word;
  u64 address = 0;
  u64 value = 0;
  u32 id = 0;
  u16 about = 0;

  friend bool operator==(const operation&, const operation&) = default;
};

using history = std::vector<operation>;

/// A request to QEMU, and what the library answered if it is a read.
struct request {
  enum class kind : u8 { read, write, line } what = kind::read;
  vgic::width size = vgic::width::word;
  u64 address = 0;         ///< of a line: its number among QEMU's inputs
  u64 value = 0;           ///< written, or the level
  u64 ours = 0;            ///< the library's answer
  bool in_flight = false;  ///< a vCPU was kicked and has not passed yet
};

/// A step as it was played.
struct played {
  static constexpr int no_row = -1;
  int skipped = no_row;  ///< row of `differences` that says why it was not played
  std::vector<request> requests{};
  u32 id = 1023;  ///< what was acknowledged, ended or deactivated
};

}  // namespace differential
