// SPDX-License-Identifier: BSL-1.0
/// \file
/// The handler, and what it did.
#include "taking.hpp"

#include "console.hpp"
#include "cpus.hpp"
#include "devices.hpp"

namespace guest::taking {
namespace {

constinit record records[max_cpus]{};

struct window_state {
  nesting may_nest;
  u32 depth;
  bool separate_end;
};
constinit window_state windows[max_cpus]{};

void note(happening what, gic::line by, u32 acknowledged) {
  record& r = records[this_cpu()];
  if (r.count < most_events) r.events[r.count] = {what, by, acknowledged, gic::running_priority()};
  ++r.count;
}

}  // namespace

const record& of(u32 cpu) { return records[cpu]; }

u64 window(u64 may_nest, u64 depth, u64 separate_end) {
  const u32 cpu = this_cpu();
  records[cpu].count = 0;
  windows[cpu] = {may_nest != 0 ? nesting::yes : nesting::no, static_cast<u32>(depth), separate_end != 0};
  unmask_interrupts();
  cpus::pass_time();
  mask_interrupts();
  return records[cpu].count;
}

extern "C" void on_interrupt(u64 which) {
  const u32 cpu = this_cpu();
  window_state& w = windows[cpu];
  const auto by = static_cast<gic::line>(which);
  const u32 group = by == gic::line::fiq ? 0 : 1;
  const u32 a = gic::acknowledge(group);
  const u32 intid = gic::intid_of(a);
  if (intid > gic::last_interrupt) return note(happening::nothing_there, by, a);
  note(happening::taken, by, a);
  ++w.depth;
  if (w.may_nest == nesting::yes && w.depth < 3) {
    unmask_interrupts();
    cpus::pass_time();
    mask_interrupts();
  }
  if (devices::is_device(intid)) {
    devices::lower(intid);
    barrier();
    note(happening::lowered, by, a);
  }
  gic::end(group, a);
  if (w.separate_end) gic::deactivate(a);
  barrier();
  --w.depth;
  note(happening::ended, by, a);
  if (records[cpu].count > 10 * most_events) {
    print("FAULT interrupts without end on cpu ", cpu, "\n");
    power_off();
  }
}

extern "C" [[noreturn]] void on_fault(u64 esr, u64 elr) {
  print("FAULT exception on cpu ", this_cpu(), ": ESR ", hex{esr}, " ELR ", hex{elr}, "\n");
  power_off();
}

}  // namespace guest::taking
