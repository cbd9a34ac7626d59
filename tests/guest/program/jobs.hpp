// SPDX-License-Identifier: BSL-1.0
/// \file
/// What CPUs are told to do: one access to the GIC, or a few that belong together.
#pragma once

#include "cpus.hpp"
#include "devices.hpp"
#include "gic.hpp"

namespace guest::jobs {

// In each: `owner` is the CPU whose private interrupt it is.

inline u64 set_bit(u64 reg, u64 owner, u64 intid) {
  const auto cpu = static_cast<u32>(owner), i = static_cast<u32>(intid);
  gic::set_bit(static_cast<u32>(reg), cpu, i);
  if (reg == gic::offset::icenabler) gic::wait_for_writes(cpu, i);
  return 0;
}
inline u64 get_bit(u64 reg, u64 owner, u64 intid) {
  return gic::get_bit(static_cast<u32>(reg), static_cast<u32>(owner), static_cast<u32>(intid));
}
inline u64 set_priority(u64 owner, u64 intid, u64 priority) {
  gic::set_priority(static_cast<u32>(owner), static_cast<u32>(intid), static_cast<u32>(priority));
  return 0;
}
inline u64 get_priority(u64 owner, u64 intid, u64) {
  return gic::get_priority(static_cast<u32>(owner), static_cast<u32>(intid));
}
inline u64 set_group(u64 owner, u64 intid, u64 group) {
  gic::set_group(static_cast<u32>(owner), static_cast<u32>(intid), static_cast<u32>(group));
  return 0;
}
inline u64 set_trigger(u64 owner, u64 intid, u64 edge) {
  gic::set_trigger(static_cast<u32>(owner), static_cast<u32>(intid), static_cast<gic::trigger>(edge));
  return 0;
}
inline u64 set_route(u64 intid, u64 cpu, u64) {
  gic::set_route(static_cast<u32>(intid), static_cast<u32>(cpu));
  return 0;
}
inline u64 get_route(u64 intid, u64, u64) { return gic::get_route(static_cast<u32>(intid)); }
inline u64 set_gates(u64 groups, u64, u64) {
  gic::set_gates(static_cast<u32>(groups));
  return 0;
}
/// A GICv2's SGI from `sender`, by SPENDSGIR or CPENDSGIR.
inline u64 set_sender(u64 reg, u64 intid, u64 sender) {
  write_byte(machine::gicd + reg + intid, static_cast<u8>(1u << sender));
  return 0;
}
inline u64 get_senders(u64, u64 intid, u64) { return read_byte(machine::gicd + gic::offset::spendsgir + intid); }

enum class recipients : u32 { listed, others, self };
/// `list`: CPUs, and the group in bit 31.
inline u64 send_sgi(u64 sgi, u64 list, u64 to) {
  const auto i = static_cast<u32>(sgi);
  const u32 group = static_cast<u32>(list) >> 31;
  switch (static_cast<recipients>(to)) {
    case recipients::listed: gic::send_sgi(i, static_cast<u32>(list) & 0xff, group); break;
    case recipients::others: gic::send_sgi_to_others(i, group); break;
    case recipients::self: gic::send_sgi_to_self(i, group); break;
  }
  barrier();
  return 0;
}

/// The interface of the CPU itself.
inline u64 configure(u64 settings, u64, u64) {
  gic::configure(*reinterpret_cast<const gic::settings*>(settings));
  return 0;
}
inline u64 acknowledge(u64 group, u64, u64) { return gic::acknowledge(static_cast<u32>(group)); }
inline u64 end(u64 group, u64 acknowledged, u64) {
  gic::end(static_cast<u32>(group), static_cast<u32>(acknowledged));
  barrier();
  return 0;
}
inline u64 deactivate(u64 acknowledged, u64, u64) {
  gic::deactivate(static_cast<u32>(acknowledged));
  barrier();
  return 0;
}
inline u64 signalled(u64, u64, u64) { return gic::signalled(); }
inline u64 running_priority(u64, u64, u64) { return gic::running_priority(); }
inline u64 highest_pending(u64 group, u64, u64) { return gic::highest_pending(static_cast<u32>(group)); }

inline u64 raise(u64 intid, u64, u64) {
  devices::raise(static_cast<u32>(intid));
  return 0;
}
inline u64 lower(u64 intid, u64, u64) {
  devices::lower(static_cast<u32>(intid));
  return 0;
}

}  // namespace guest::jobs
