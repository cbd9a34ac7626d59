// SPDX-License-Identifier: BSL-1.0
/// \file
/// Acknowledge, end, deactivate, mask, preempt.
#include "interfaces.hpp"

#include "choose.hpp"
#include "console.hpp"
#include "jobs.hpp"
#include "taking.hpp"

namespace guest::steps {
namespace {

using books::interface;
using books::none;

void configure(u32 cpu) { cpus::run(cpu, jobs::configure, reinterpret_cast<u64>(&books::interfaces[cpu].s)); }
void print_running(u32 cpu) { print(" running ", hex{cpus::run(cpu, jobs::running_priority)}); }
void print_acknowledged(u32 value, bool unordered) {
  print(gic::intid_of(value));
  if (gic::intid_of(value) >= 16 || is_v3) return;
  if (unordered)
    print(" from one");
  else
    print(" from ", gic::sender_of(value));
}
/// The last one that `cpu` acknowledged.
void print_last(u32 cpu) {
  const interface& i = books::interfaces[cpu];
  print_acknowledged(i.stack[i.depth - 1].value, i.stack[i.depth - 1].unordered);
}

void lower(u32 cpu, u32 slot) {
  cpus::run(cpu, jobs::lower, books::sources[slot].intid);
  books::of(slot, cpu).line = false;
  books::of(slot, cpu).edge_up = false;
}

}  // namespace

bool look() {
  const u32 cpu = any_cpu();
  const u64 lines = cpus::run(cpu, jobs::signalled);
  print("cpu ", cpu, " sees", (lines & 1) != 0 ? " IRQ" : "", (lines & 2) != 0 ? " FIQ" : "");
  print_running(cpu);
  print(" highest ", cpus::run(cpu, jobs::highest_pending, 0) & 0x3ff);
  if (is_v3) print("/", cpus::run(cpu, jobs::highest_pending, 1));
  const u32 slot = books::signalled(cpu);
  if (lines != (slot == none ? 0u : books::of(slot, cpu).group == 0 ? 2u : 1u))
    books::fault(cpu, "sees the wrong lines; most urgent should be", slot == none ? 0 : books::sources[slot].intid);
  return true;
}

bool take() {
  const u32 cpu = any_cpu();
  if (books::active_on(cpu) > 2) return false;  // difference: active-interrupts-keep-list-registers
  const u64 lines = cpus::run(cpu, jobs::signalled);
  if (lines == 0 && !draw.one_in(8)) return false;
  const u32 group = (lines & 2) != 0 ? 0 : 1;
  const auto a = static_cast<u32>(cpus::run(cpu, jobs::acknowledge, group));
  print("cpu ", cpu, " acknowledges ");
  const u32 slot = books::taken(cpu, a);
  if (slot != none)
    print_last(cpu);
  else
    print(gic::intid_of(a));
  print_running(cpu);
  if (slot != none && books::sources[slot].device && (books::of(slot, cpu).edge_up || draw.one_in(2))) {
    lower(cpu, slot);
    print(", lowers its line");
  }
  return true;
}

void end_on(u32 cpu) {
  const books::held h = books::ended(cpu);
  cpus::run(cpu, jobs::end, h.group, h.value);
  print("cpu ", cpu, " ends ");
  print_acknowledged(h.value, h.unordered);
  print_running(cpu);
}
bool end() {
  const u32 cpu = any_cpu();
  if (books::interfaces[cpu].depth == 0) return false;
  end_on(cpu);
  return true;
}

void deactivate_on(u32 cpu) {
  interface& i = books::interfaces[cpu];
  const u32 n = draw.below(i.drops);
  const books::held h = i.dropped[n];
  i.dropped[n] = i.dropped[--i.drops];
  cpus::run(cpu, jobs::deactivate, h.value);
  books::deactivated(h, cpu);
  print("cpu ", cpu, " deactivates ");
  print_acknowledged(h.value, h.unordered);
}
bool deactivate() {
  const u32 cpu = any_cpu();
  if (books::interfaces[cpu].drops == 0) return false;
  deactivate_on(cpu);
  return true;
}

/// Another CPU takes the active state away, and the one that holds it ends it all the same.
bool end_elsewhere() {
  const u32 holder = any_cpu();
  interface& i = books::interfaces[holder];
  if (i.depth == 0) return false;
  const books::held h = i.stack[i.depth - 1];
  const books::source& s = books::sources[h.slot];
  const u32 actor = s.is_private() && !is_v3 ? holder : any_cpu();
  for (u32 slot = 0; slot < books::source_count; ++slot)
    if (books::of(slot, holder).forced) return false;  // difference: an-end-carries-no-number
  print("cpu ", actor, " clears active ", s.intid, " of cpu ", holder);
  cpus::run(actor, jobs::set_bit, gic::offset::icactiver, holder, s.intid);
  cpus::settle();
  print(", reads active ", cpus::run(actor, jobs::get_bit, gic::offset::isactiver, holder, s.intid), "; ");
  --i.depth;
  cpus::run(holder, jobs::end, h.group, h.value);
  books::deactivated(h, holder);
  print("cpu ", holder, " ends it");
  print_running(holder);
  return true;
}

/// The device is seen to while its interrupt is active, as drivers do (difference: linked-lines-fall-while-active).
bool finish_line() {
  for (u32 slot = 0; slot < books::source_count; ++slot) {
    if (!books::sources[slot].device) continue;
    for (u32 cpu = 0; cpu < cpu_count(); ++cpu) {
      const books::status& st = books::of(slot, cpu);
      if (!st.line || st.holder != cpu) continue;
      print("cpu ", cpu, " lowers the line of ", books::sources[slot].intid);
      lower(cpu, slot);
      return true;
    }
  }
  return false;
}

bool change_mask() {
  const u32 cpu = any_cpu();
  u32& mask = books::interfaces[cpu].s.mask;
  mask = draw.one_in(2) ? 0xf8 : draw.below(32) * 8;
  print("cpu ", cpu, " masks from ", hex{mask});
  configure(cpu);
  return true;
}

bool change_binary_point() {
  const u32 cpu = any_cpu();
  if (books::interfaces[cpu].depth != 0) return false;  // difference: binary-point-of-the-acknowledge
  gic::settings& s = books::interfaces[cpu].s;
  s.binary[0] = 2 + draw.below(is_v3 ? 6 : 5);
  s.binary[1] = is_v3 ? 3 + draw.below(5) : s.binary[0] + 1;  // difference: gicv2-binary-points-of-both-groups
  print("cpu ", cpu, " binary points ", s.binary[0], " ", s.binary[1]);
  configure(cpu);
  return true;
}

/// Only with nothing active there: what is, was acknowledged by the other rules.
bool change_mode() {
  const u32 cpu = any_cpu();
  interface& i = books::interfaces[cpu];
  if (i.depth + i.drops != 0) return false;
  i.s.separate_end = draw.below(2);
  i.s.common_binary = draw.below(2);
  i.s.groups = draw.one_in(4) ? 0 : 3;  // difference: one-group-off-at-the-interface
  print("cpu ", cpu, " EOImode ", i.s.separate_end, " CBPR ", i.s.common_binary, " groups ", i.s.groups);
  configure(cpu);
  return true;
}

u32 window_on(u32 cpu, u32 may_nest) {
  interface& i = books::interfaces[cpu];
  const u64 count = cpus::run(cpu, taking::window, may_nest, books::active_on(cpu), i.s.separate_end);
  print("cpu ", cpu, may_nest != 0 ? " takes, nested:" : " takes:");
  if (count > taking::most_events) books::fault(cpu, "took too many interrupts", static_cast<u32>(count));
  for (u32 n = 0; n < count && n < taking::most_events; ++n) {
    const taking::event& e = taking::of(cpu).events[n];
    print(' ');
    switch (e.what) {
      case taking::happening::taken: {
        const u32 slot = books::taken(cpu, e.acknowledged);
        print(e.by == gic::line::fiq ? "F" : "I");
        if (slot != none) print_last(cpu);
        if (slot != none && books::of(slot, cpu).group != (e.by == gic::line::fiq ? 0u : 1u))
          books::fault(cpu, "took it by the wrong exception", gic::intid_of(e.acknowledged));
        break;
      }
      case taking::happening::nothing_there: print("nothing"); break;
      case taking::happening::lowered:
        if (i.depth != 0) {
          books::status& st = books::of(i.stack[i.depth - 1].slot, cpu);
          st.line = st.edge_up = false;
        }
        print("low");
        break;
      case taking::happening::ended:
        if (i.depth != 0) {
          const books::held h = books::ended(cpu);
          if (i.s.separate_end != 0) --i.drops;
          books::deactivated(h, cpu);
        }
        print("end");
        break;
    }
    print('@', hex{e.running});
  }
  if (const u32 slot = books::signalled(cpu); slot != none && count < taking::most_events)
    books::fault(cpu, "did not take what was signalled", books::sources[slot].intid);
  return static_cast<u32>(count);
}
bool open_window() {
  const u32 cpu = any_cpu();
  if (books::active_on(cpu) > 2) return false;
  window_on(cpu, draw.below(2));
  return true;
}

void switch_on(u32 cpu) {
  cpus::turn_on(cpu);
  books::interfaces[cpu].depth = 0;
  configure(cpu);  // difference: cpu-off-keeps-the-interface
}
bool change_power() {
  if (cpu_count() == 1) return false;
  const u32 cpu = 1 + draw.below(cpu_count() - 1);
  if (!cpus::is_on(cpu)) {
    print("cpu ", cpu, " goes on");
    switch_on(cpu);
    return true;
  }
  interface& i = books::interfaces[cpu];
  if (i.depth + i.drops != 0) return false;
  for (u32 slot = 0; slot < books::source_count; ++slot) {
    const books::status& st = books::of(slot, cpu);
    if (books::sources[slot].is_private() && (st.line || st.active())) return false;
  }
  print("cpu ", cpu, " goes off");
  gic::settings closed = i.s;
  closed.groups = 0;
  cpus::run(cpu, jobs::configure, reinterpret_cast<u64>(&closed));
  cpus::turn_off(cpu);
  return true;
}

}  // namespace guest::steps
