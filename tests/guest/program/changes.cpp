// SPDX-License-Identifier: BSL-1.0
/// \file
/// Registers of interrupts, from any CPU.
#include "changes.hpp"

#include "choose.hpp"
#include "console.hpp"
#include "jobs.hpp"

namespace guest::steps {
namespace {

using books::nobody;

void say(const choice& c, const char* what) {
  print("cpu ", c.actor, " ", what, " ", c.source().intid);
  if (c.source().is_private()) print(" of cpu ", c.owner);
}
void write_bit(const choice& c, u32 reg) { cpus::run(c.actor, jobs::set_bit, reg, c.owner, c.source().intid); }
/// A GICv2's SGIs are pending by sender, and have registers of their own for it.
bool pends_by_sender(const choice& c) { return !is_v3 && c.source().is_sgi(); }

/// An SGI from a CPU (difference: order-of-senders).
void pend_from(books::status& st, u32 sender) {
  st.latch |= 1u << sender;
  st.unordered = (st.latch & (st.latch - 1)) != 0;
}

}  // namespace

bool toggle_enable() {
  const choice c = any_interrupt();
  if (pends_by_sender(c)) return false;
  books::status& st = c.status();
  st.enabled = !st.enabled;
  say(c, st.enabled ? "enables" : "disables");
  write_bit(c, st.enabled ? gic::offset::isenabler : gic::offset::icenabler);
  return true;
}

bool set_pending() {
  const choice c = any_interrupt();
  if (c.status().unordered) return false;
  if (!is_v3 && c.source().is_private() && !c.source().is_sgi()) return false;  // difference: gicv2-software-pended-ppi
  say(c, "sets pending");
  if (pends_by_sender(c)) {
    const u32 sender = draw.below(cpu_count());
    print(" from ", sender);
    cpus::run(c.actor, jobs::set_sender, gic::offset::spendsgir, c.source().intid, sender);
    pend_from(c.status(), sender);
  } else {
    write_bit(c, gic::offset::ispendr);
    c.status().latch = 1;
  }
  return true;
}

bool clear_pending() {
  const choice c = any_interrupt();
  if (c.status().unordered || c.status().edge_up) return false;  // difference: edges-of-devices-are-levels-outside
  if (!is_v3 && c.source().is_private() && !c.source().is_sgi()) return false;  // difference: gicv2-software-pended-ppi
  say(c, "clears pending");
  if (pends_by_sender(c)) {
    const u32 sender = draw.below(cpu_count());
    print(" from ", sender);
    cpus::run(c.actor, jobs::set_sender, gic::offset::cpendsgir, c.source().intid, sender);
    c.status().latch &= ~(1u << sender);
  } else {
    write_bit(c, gic::offset::icpendr);
    c.status().latch = 0;
  }
  return true;
}

bool set_active() {
  const choice c = any_interrupt();
  if (c.status().active()) return false;
  for (u32 cpu = 0; cpu < cpu_count(); ++cpu)
    if (books::active_on(cpu) > 1) return false;  // difference: active-interrupts-keep-list-registers
  say(c, "sets active");
  write_bit(c, gic::offset::isactiver);
  c.status().forced = true;
  return true;
}

bool clear_active() {
  const choice c = any_interrupt();
  if (!c.status().forced) return false;
  say(c, "clears active");
  write_bit(c, gic::offset::icactiver);
  c.status().forced = false;
  return true;
}

bool change_priority() {
  const choice c = any_interrupt();
  const u32 priority = draw.below(31) * 8;
  if (!books::priority_is_free(c.slot, c.owner, priority)) return false;
  say(c, "gives a priority to");
  print(": ", hex{priority});
  cpus::run(c.actor, jobs::set_priority, c.owner, c.source().intid, priority);
  c.status().priority = priority;
  return true;
}

bool change_route() {
  const choice c = any_interrupt();
  if (c.source().is_private() || cpu_count() == 1) return false;
  // difference: gicv2-banked-active, gicv2-pending-does-not-move
  if (!is_v3 && (c.status().active() || c.status().pending())) return false;
  const u32 cpu = draw.below(cpu_count());
  say(c, "routes");
  print(" to cpu ", cpu);
  cpus::run(c.actor, jobs::set_route, c.source().intid, cpu);
  c.status().route = cpu;
  return true;
}

/// Of an SGI on all CPUs at once: which register sends it depends on its group.
bool change_group() {
  choice c = any_interrupt();
  const u32 group = c.status().group ^ 1;
  const u32 first = c.source().is_sgi() ? 0 : c.owner, last = c.source().is_sgi() ? cpu_count() - 1 : c.owner;
  for (u32 cpu = first; cpu <= last; ++cpu)
    // difference: group-of-an-active-interrupt
    if (books::of(c.slot, cpu).active() || (!is_v3 && !cpus::is_on(cpu))) return false;
  say(c, "changes the group of");
  print(" to ", group);
  for (u32 cpu = first; cpu <= last; ++cpu) {
    cpus::run(is_v3 || !c.source().is_private() ? c.actor : cpu, jobs::set_group, cpu, c.source().intid, group);
    books::of(c.slot, cpu).group = group;
  }
  return true;
}

bool change_gates() {
  // difference: gicv2-group-off-hides-the-other
  const u32 groups = is_v3 ? (draw.one_in(2) ? 3 : draw.below(4)) : (books::gates == 3 ? 0 : 3);
  const u32 actor = any_cpu();
  print("cpu ", actor, " forwards groups ", groups);
  cpus::run(actor, jobs::set_gates, groups);
  books::gates = groups;
  return true;
}

bool send_sgi() {
  const choice c = any_interrupt();
  if (!c.source().is_sgi()) return false;
  const u32 sender = any_cpu();
  const u32 group = c.status().group;
  const auto to = static_cast<jobs::recipients>(draw.below(3));
  u32 targets = draw.below(1u << cpu_count());
  for (u32 cpu = 0; cpu < cpu_count(); ++cpu)
    if (books::of(c.slot, cpu).unordered) return false;
  print("cpu ", sender, " sends SGI ", c.source().intid);
  switch (to) {
    case jobs::recipients::listed: print(" to ", hex{targets}); break;
    case jobs::recipients::others:
      print(" to the others");
      targets = ((1u << cpu_count()) - 1) & ~(1u << sender);
      break;
    case jobs::recipients::self:
      print(" to itself");
      targets = 1u << sender;
      break;
  }
  // difference: sgi1r-reaches-group-0: each is sent by its own group's register, or group 1's by the other one, which
  // has to reach nobody.
  const u32 by = is_v3 && group == 1 && draw.one_in(8) ? 0 : group;
  if (by != group) print(" by SGI0R");
  cpus::run(sender, jobs::send_sgi, c.source().intid, targets | by << 31, static_cast<u64>(to));
  if (by != group) return true;
  for (u32 cpu = 0; cpu < cpu_count(); ++cpu)
    if ((targets >> cpu & 1) != 0) pend_from(books::of(c.slot, cpu), is_v3 ? 0 : sender);
  return true;
}

bool raise_line() {
  const choice c = any_interrupt();
  if (!c.source().device || c.status().line || c.status().edge_up || c.status().active()) return false;
  const u32 actor = c.source().is_private() ? c.owner : c.actor;
  if (!cpus::is_on(actor)) return false;
  print("cpu ", actor, " raises the line of ", c.source().intid);
  cpus::run(actor, jobs::raise, c.source().intid);
  if (c.source().edge) {
    c.status().latch = 1;
    c.status().edge_up = true;
  } else {
    c.status().line = true;
  }
  return true;
}

bool read_back() {
  const choice c = any_interrupt();
  say(c, "reads of");
  const auto bit = [&c](u32 reg) { return cpus::run(c.actor, jobs::get_bit, reg, c.owner, c.source().intid); };
  print(": enabled ", bit(gic::offset::isenabler), " group ", bit(gic::offset::igroupr));
  print(" priority ", hex{cpus::run(c.actor, jobs::get_priority, c.owner, c.source().intid)});
  if (!c.source().is_private() && cpu_count() > 1)
    print(" route ", cpus::run(c.actor, jobs::get_route, c.source().intid));
  print(" active ", bit(gic::offset::isactiver));
  const u64 pending = bit(gic::offset::ispendr);
  // difference: linked-interrupts-are-not-pending-while-active
  if (!(c.source().device && c.status().active())) print(" pending ", pending);
  if (pends_by_sender(c) && !c.status().unordered)
    print(" from ", hex{cpus::run(c.actor, jobs::get_senders, 0, c.source().intid)});
  const books::status& st = c.status();
  if ((pending != 0) != st.pending() && !(c.source().device && st.active()))
    books::fault(c.actor, "reads a wrong pending bit", c.source().intid);
  return true;
}

}  // namespace guest::steps
