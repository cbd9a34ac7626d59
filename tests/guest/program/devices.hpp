// SPDX-License-Identifier: BSL-1.0
/// \file
/// Devices whose interrupt lines the guest drives: level-sensitive, and high until it says otherwise.
#pragma once

#include "machine.hpp"

namespace guest::devices {

namespace uart {  // PL011: its transmit interrupt is asserted since the first character; the mask drives the line
inline constexpr u64 imsc = machine::pl011 + 0x38;
inline void raise() { write(imsc, 1u << 5); }
inline void lower() { write(imsc, 0); }
}  // namespace uart

namespace clock {  // PL031: an alarm at the present second
inline constexpr u64 data = machine::pl031, match = machine::pl031 + 0x04, imsc = machine::pl031 + 0x10,
                     ris = machine::pl031 + 0x14, icr = machine::pl031 + 0x1c;
inline void raise() {
  write(imsc, 1);
  // The second may end between the two accesses.
  do write(match, read(data));
  while ((read(ris) & 1) == 0);
}
inline void lower() {
  write(imsc, 0);
  write(icr, 1);
}
}  // namespace clock

/// Of the calling CPU if the interrupt is private.
inline void raise(u32 intid) {
  switch (intid) {
    case machine::uart_spi: return uart::raise();
    case machine::clock_spi: return clock::raise();
    case machine::virtual_timer:
      GUEST_MSR(cntv_cval_el0, 0);
      GUEST_MSR(cntv_ctl_el0, 1);
      return;
    case machine::physical_timer:
      GUEST_MSR(cntp_cval_el0, 0);
      GUEST_MSR(cntp_ctl_el0, 1);
      return;
    default: return;
  }
}
inline void lower(u32 intid) {
  switch (intid) {
    case machine::uart_spi: return uart::lower();
    case machine::clock_spi: return clock::lower();
    case machine::virtual_timer: GUEST_MSR(cntv_ctl_el0, 0); return;
    case machine::physical_timer: GUEST_MSR(cntp_ctl_el0, 0); return;
    default: return;
  }
}
[[nodiscard]] inline bool is_device(u32 intid) {
  return intid == machine::uart_spi || intid == machine::clock_spi || intid == machine::virtual_timer ||
         intid == machine::physical_timer;
}

}  // namespace guest::devices
