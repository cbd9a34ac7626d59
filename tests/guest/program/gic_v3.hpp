// SPDX-License-Identifier: BSL-1.0
/// \file
/// CPU interface and SGIs of a GICv3: system registers. One security state: group 0 comes as FIQ, group 1 as IRQ.
#pragma once

#include "gic.hpp"

namespace guest::gic {

/// Of the calling CPU.
inline void configure(const settings& s) {
  GUEST_MSR(icc_pmr_el1, s.mask);
  GUEST_MSR(icc_ctlr_el1, s.common_binary | s.separate_end << 1);
  GUEST_MSR(icc_bpr0_el1, s.binary[0]);
  if (s.common_binary == 0) GUEST_MSR(icc_bpr1_el1, s.binary[1]);
  GUEST_MSR(icc_igrpen0_el1, s.groups & 1);
  GUEST_MSR(icc_igrpen1_el1, s.groups >> 1);
}
inline void start_cpu(u32 cpu) {
  const u64 waker = machine::gicr + cpu * machine::gicr_stride + 0x14;
  write(waker, read(waker) & ~2u);
  while ((read(waker) & 4) != 0) yield();
  GUEST_MSR(icc_sre_el1, 7);
}

[[nodiscard]] inline u32 acknowledge(u32 group) {
  const u64 a = group == 0 ? GUEST_MRS(icc_iar0_el1) : GUEST_MRS(icc_iar1_el1);
  barrier();
  return static_cast<u32>(a);
}
[[nodiscard]] inline u32 highest_pending(u32 group) {
  return static_cast<u32>(group == 0 ? GUEST_MRS(icc_hppir0_el1) : GUEST_MRS(icc_hppir1_el1));
}
[[nodiscard]] inline u32 running_priority() { return static_cast<u32>(GUEST_MRS(icc_rpr_el1)); }
inline void end(u32 group, u32 acknowledged) {
  if (group == 0)
    GUEST_MSR(icc_eoir0_el1, acknowledged);
  else
    GUEST_MSR(icc_eoir1_el1, acknowledged);
}
inline void deactivate(u32 acknowledged) { GUEST_MSR(icc_dir_el1, acknowledged); }

/// Which interrupt an acknowledge was of, and for a GICv2's SGI who sent it.
[[nodiscard]] inline u32 intid_of(u32 acknowledged) { return acknowledged & 0xff'ffff; }
[[nodiscard]] inline u32 sender_of(u32) { return 0; }

/// To the CPUs of `targets`.
inline void send_sgi(u32 sgi, u32 targets, u32 group) {
  const u64 value = u64{sgi} << 24 | targets;
  if (group == 0)
    GUEST_MSR(icc_sgi0r_el1, value);
  else
    GUEST_MSR(icc_sgi1r_el1, value);
}
/// To all but the sender.
inline void send_sgi_to_others(u32 sgi, u32 group) {
  const u64 value = u64{sgi} << 24 | u64{1} << 40;
  if (group == 0)
    GUEST_MSR(icc_sgi0r_el1, value);
  else
    GUEST_MSR(icc_sgi1r_el1, value);
}
inline void send_sgi_to_self(u32 sgi, u32 group) { send_sgi(sgi, u32{1} << this_cpu(), group); }

}  // namespace guest::gic
