// SPDX-License-Identifier: BSL-1.0
/// \file
/// The interrupts of a round.
#include "rounds.hpp"

#include "books.hpp"
#include "console.hpp"
#include "jobs.hpp"

namespace guest::rounds {
namespace {

using namespace books;

u32 cpu_count() { return static_cast<u32>(machine::given().cpus); }

void add(u32 intid, bool edge) {
  for (u32 slot = 0; slot < source_count; ++slot)
    if (sources[slot].intid == intid) return;
  sources[source_count++] = {intid, devices::is_device(intid), edge};
}

/// Registers of an interrupt at the beginning. Its own CPU writes those of a private one.
void program(u32 slot, u32 owner) {
  const source& s = sources[slot];
  status& st = of(slot, owner);
  const u32 group = draw.below(2);
  if (s.is_private() && owner != 0)
    st = of(slot, 0);
  else
    st = {.enabled = !draw.one_in(4),
          .line = false,
          .edge_up = false,
          .forced = false,
          .unordered = false,
          .latch = 0,
          .holder = nobody,
          .group = group,
          .priority = st.priority,
          .route = draw.below(cpu_count())};
  if (!s.is_sgi()) cpus::run(owner, jobs::set_trigger, owner, s.intid, s.edge ? 1 : 0);
  cpus::run(owner, jobs::set_group, owner, s.intid, st.group);
  cpus::run(owner, jobs::set_priority, owner, s.intid, st.priority);
  if (!s.is_private() && cpu_count() > 1) cpus::run(owner, jobs::set_route, s.intid, st.route);
  if (!is_v3 && s.is_sgi()) st.enabled = true;  // always
  if (st.enabled) cpus::run(owner, jobs::set_bit, gic::offset::isenabler, owner, s.intid);
}

}  // namespace

void begin() {
  source_count = 0;
  while (source_count < 8) add(draw.below(16), true);
  add(machine::virtual_timer, false);
  add(machine::physical_timer, false);
  add(machine::uart_spi, draw.one_in(2));
  add(machine::clock_spi, draw.one_in(2));
  while (source_count < 14) add(48 + draw.below(32), false);  // virtio's: linked to physical ones under the hypervisor
  while (source_count < most_sources) add(80 + draw.below(208), draw.one_in(2));

  // Each another priority: which of two equal ones comes first is the implementation's choice.
  u32 levels[31];
  for (u32 i = 0; i < 31; ++i) levels[i] = i * 8;
  for (u32 slot = 0; slot < source_count; ++slot) {
    const u32 other = slot + draw.below(31 - slot);
    const u32 level = levels[other];
    levels[other] = levels[slot];
    for (u32 cpu = 0; cpu < cpu_count(); ++cpu) of(slot, cpu).priority = level;
  }

  gates = 3;
  for (u32 slot = 0; slot < source_count; ++slot)
    for (u32 cpu = 0; cpu < (sources[slot].is_private() ? cpu_count() : 1); ++cpu) program(slot, cpu);
  for (u32 cpu = 0; cpu < cpu_count(); ++cpu) {
    interface& i = interfaces[cpu];
    i = {};
    i.s = {.mask = 0xf8, .binary = {2, 3}, .groups = 3, .common_binary = 0, .separate_end = draw.below(2)};
    cpus::run(cpu, jobs::configure, reinterpret_cast<u64>(&i.s));
  }
  cpus::run(0, jobs::set_gates, 3);
  cpus::settle();

  for (u32 slot = 0; slot < source_count; ++slot) {
    const status& st = of(slot, 0);
    print(slot == 0 ? "  " : ", ", sources[slot].intid, sources[slot].edge ? " edge" : " level");
    print(" group ", st.group, " priority ", hex{st.priority});
    if (!sources[slot].is_private()) print(" to ", st.route);
    if (!st.enabled) print(" off");
  }
  print("\n");
}

void end() {
  for (u32 slot = 0; slot < source_count; ++slot) {
    const source& s = sources[slot];
    for (u32 cpu = 0; cpu < (s.is_private() ? cpu_count() : 1); ++cpu) {
      if (s.device) cpus::run(cpu, jobs::lower, s.intid);
      cpus::run(cpu, jobs::set_bit, gic::offset::icenabler, cpu, s.intid);
      if (is_v3 || !s.is_sgi()) cpus::run(cpu, jobs::set_bit, gic::offset::icpendr, cpu, s.intid);
      cpus::run(cpu, jobs::set_bit, gic::offset::icactiver, cpu, s.intid);
    }
  }
  cpus::run(0, jobs::set_gates, 0);
  cpus::settle();
}

}  // namespace guest::rounds
