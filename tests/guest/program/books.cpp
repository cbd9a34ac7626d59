// SPDX-License-Identifier: BSL-1.0
/// \file
/// The rules that say what has to come next.
#include "books.hpp"

#include "console.hpp"

namespace guest::books {
namespace {

constinit status states[most_sources][max_cpus]{};
constinit u32 fault_count = 0;

}  // namespace

status& of(u32 slot, u32 cpu) { return states[slot][sources[slot].is_private() ? cpu : 0]; }

u32 group_priority(const gic::settings& s, u32 group, u32 priority) {
  const u32 shift = group == 0 || s.common_binary != 0 ? s.binary[0] + 1 : s.binary[1];
  return priority >> shift << shift;
}

bool preempts(const interface& i, u32 group, u32 priority) {
  if (i.depth == 0) return true;
  // A GICv3 compares the bits of both that count for the pending one, a GICv2 the running priority as it is.
  const u32 running = i.stack[i.depth - 1].priority;
  return group_priority(i.s, group, priority) < (is_v3 ? group_priority(i.s, group, running) : running);
}

u32 best(u32 cpu) {
  u32 found = none;
  for (u32 slot = 0; slot < source_count; ++slot) {
    const status& st = of(slot, cpu);
    if (!st.pending() || !st.enabled || st.active() || (gates >> st.group & 1) == 0) continue;
    if (!sources[slot].is_private() && st.route != cpu) continue;
    if (found == none || st.priority < of(found, cpu).priority) found = slot;
  }
  return found;
}

u32 signalled(u32 cpu) {
  const u32 slot = best(cpu);
  if (slot == none) return none;
  const interface& i = interfaces[cpu];
  const status& st = of(slot, cpu);
  const bool passes = (i.s.groups >> st.group & 1) != 0 && st.priority < i.s.mask && preempts(i, st.group, st.priority);
  return passes ? slot : none;
}

u32 active_on(u32 cpu) {
  u32 n = 0;
  for (u32 slot = 0; slot < source_count; ++slot) {
    const status& st = of(slot, cpu);
    n += st.forced || st.holder == cpu ? 1 : 0;
  }
  return n;
}

u32 taken(u32 cpu, u32 acknowledged) {
  const u32 intid = gic::intid_of(acknowledged);
  const u32 expected = signalled(cpu);
  if (intid > gic::last_interrupt) {
    if (expected != none) fault(cpu, "had nothing to acknowledge, but should have", sources[expected].intid);
    return none;
  }
  if (expected == none || sources[expected].intid != intid) fault(cpu, "acknowledged what should not be there", intid);
  for (u32 slot = 0; slot < source_count; ++slot) {
    if (sources[slot].intid != intid) continue;
    status& st = of(slot, cpu);
    interface& i = interfaces[cpu];
    const u32 sender = u32{1} << gic::sender_of(acknowledged);
    const bool unordered = st.unordered;
    if (sources[slot].is_sgi() && (st.latch & sender) == 0) fault(cpu, "acknowledged an SGI that nobody sent", intid);
    st.latch &= sources[slot].is_sgi() ? ~sender : 0;
    if (st.latch == 0) st.unordered = false;
    st.holder = cpu;
    if (i.depth < 8)
      i.stack[i.depth++] = {slot, acknowledged, st.group, group_priority(i.s, st.group, st.priority), unordered};
    return slot;
  }
  return none;
}

held ended(u32 cpu) {
  interface& i = interfaces[cpu];
  const held h = i.stack[--i.depth];
  if (i.s.separate_end != 0)
    i.dropped[i.drops++] = h;
  else
    of(h.slot, cpu).holder = nobody;
  return h;
}

void deactivated(const held& h, u32 cpu) { of(h.slot, cpu).holder = nobody; }

bool priority_is_free(u32 slot, u32 cpu, u32 priority) {
  for (u32 other = 0; other < source_count; ++other) {
    if (other == slot) continue;
    const bool same_cpu_only = sources[slot].is_private() && sources[other].is_private();
    for (u32 c = 0; c < machine::given().cpus; ++c) {
      if (same_cpu_only && c != cpu) continue;
      if (of(other, c).priority == priority) return false;
    }
  }
  return true;
}

void fault(u32 cpu, const char* sentence, u32 intid) {
  ++fault_count;
  print("FAULT cpu ", cpu, " ", sentence, ": ", intid, "\n");
}
u32 faults() { return fault_count; }

}  // namespace guest::books
