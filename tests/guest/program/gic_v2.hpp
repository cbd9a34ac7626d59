// SPDX-License-Identifier: BSL-1.0
/// \file
/// CPU interface and SGIs of a GICv2: memory. FIQEn sends group 0 as FIQ; with AckCtl one register acknowledges and
/// ends both groups (difference: no-aliased-acknowledge).
#pragma once

#include "gic.hpp"

namespace guest::gic {

namespace interface {
inline constexpr u64 ctlr = machine::gicc, pmr = machine::gicc + 0x04, bpr = machine::gicc + 0x08,
                     iar = machine::gicc + 0x0c, eoir = machine::gicc + 0x10, rpr = machine::gicc + 0x14,
                     hppir = machine::gicc + 0x18, abpr = machine::gicc + 0x1c, dir = machine::gicc + 0x1000;
}

/// Of the calling CPU.
inline void configure(const settings& s) {
  constexpr u32 ack_control = 1 << 2, fiq_enable = 1 << 3;
  write(interface::pmr, s.mask);
  write(interface::ctlr, s.groups | ack_control | fiq_enable | s.common_binary << 4 | s.separate_end << 9);
  write(interface::bpr, s.binary[0]);
  write(interface::abpr, s.binary[1]);
}
inline void start_cpu(u32) {}

[[nodiscard]] inline u32 acknowledge(u32) {
  const u32 a = read(interface::iar);
  barrier();
  return a;
}
[[nodiscard]] inline u32 highest_pending(u32) { return read(interface::hppir); }
[[nodiscard]] inline u32 running_priority() { return read(interface::rpr); }
inline void end(u32, u32 acknowledged) { write(interface::eoir, acknowledged); }
inline void deactivate(u32 acknowledged) { write(interface::dir, acknowledged); }

/// Which interrupt an acknowledge was of, and who sent it if it is an SGI.
[[nodiscard]] inline u32 intid_of(u32 acknowledged) { return acknowledged & 0x3ff; }
[[nodiscard]] inline u32 sender_of(u32 acknowledged) { return acknowledged >> 10 & 7; }

/// To the CPUs of `targets`.
inline void send_sgi(u32 sgi, u32 targets, u32) { write(machine::gicd + offset::sgir, targets << 16 | sgi); }
/// To all but the sender.
inline void send_sgi_to_others(u32 sgi, u32) { write(machine::gicd + offset::sgir, 1u << 24 | sgi); }
inline void send_sgi_to_self(u32 sgi, u32) { write(machine::gicd + offset::sgir, 2u << 24 | sgi); }

}  // namespace guest::gic
