// SPDX-License-Identifier: BSL-1.0
/// \file
/// Themes: how often each step comes.
#include "steps.hpp"

#include "changes.hpp"
#include "choose.hpp"
#include "console.hpp"
#include "interfaces.hpp"
#include "jobs.hpp"

namespace guest::steps {
namespace {

using step = bool (*)();
constexpr step all_steps[] = {toggle_enable,   set_pending,   clear_pending, set_active,   clear_active,
                              change_priority, change_route,  change_group,  change_gates, send_sgi,
                              raise_line,      read_back,     look,          take,         end,
                              deactivate,      end_elsewhere, finish_line,   change_mask,  change_binary_point,
                              change_mode,     open_window,   change_power};
constexpr u32 step_count = sizeof all_steps / sizeof all_steps[0];

using weights = u8[step_count];
// In the order of all_steps:
//                            en pe cl sa ca pr ro gr ga sg li rd  lo ta en de ee fi  ma bp mo wi po
constexpr weights ends = {2, 6, 1, 0, 0, 1, 1, 1, 0, 6, 3, 3, 6, 12, 10, 10, 0, 4, 1, 1, 4, 2, 0};
constexpr weights preempts = {1, 8, 1, 0, 0, 4, 1, 1, 0, 8, 1, 2, 8, 14, 6, 4, 0, 2, 4, 4, 2, 3, 0};
constexpr weights windows = {2, 9, 1, 0, 0, 2, 2, 2, 0, 9, 4, 2, 2, 0, 0, 0, 0, 2, 1, 1, 2, 9, 0};
constexpr weights groups = {1, 7, 1, 0, 0, 1, 1, 8, 6, 7, 2, 3, 6, 6, 6, 4, 0, 2, 1, 1, 3, 4, 0};
constexpr weights sgis = {1, 1, 2, 0, 0, 1, 0, 1, 0, 14, 0, 4, 4, 8, 8, 5, 0, 0, 1, 0, 1, 4, 0};
constexpr weights lines = {2, 2, 1, 0, 0, 2, 5, 1, 1, 1, 12, 5, 4, 8, 8, 5, 0, 6, 1, 0, 1, 4, 0};
constexpr weights routes = {2, 9, 2, 0, 0, 1, 12, 1, 0, 1, 3, 5, 3, 6, 6, 4, 0, 2, 1, 0, 1, 3, 0};
constexpr weights states = {5, 8, 6, 6, 6, 4, 2, 1, 1, 4, 2, 12, 4, 4, 4, 3, 4, 2, 1, 0, 1, 2, 0};
constexpr weights spill = {3, 20, 2, 0, 0, 5, 3, 2, 1, 8, 3, 4, 4, 5, 5, 3, 1, 2, 3, 1, 1, 1, 0};
constexpr weights power = {2, 7, 1, 0, 0, 1, 4, 1, 1, 8, 2, 4, 3, 5, 6, 5, 0, 3, 1, 0, 1, 3, 9};
constexpr weights all = {3, 8, 2, 2, 2, 3, 4, 2, 1, 7, 4, 5, 5, 8, 7, 5, 2, 3, 2, 2, 2, 3, 2};

constexpr theme themes[] = {{"ends", ends},   {"preemption", preempts}, {"windows", windows}, {"groups", groups},
                            {"SGIs", sgis},   {"lines", lines},         {"routes", routes},   {"states", states},
                            {"spill", spill}, {"power", power},         {"everything", all}};

[[nodiscard]] u32 choose(const weights& w) {
  u32 sum = 0;
  for (const u8 n : w) sum += n;
  u32 at = draw.below(sum);
  for (u32 n = 0;; ++n) {
    if (at < w[n]) return n;
    at -= w[n];
  }
}

}  // namespace

u32 theme_count() { return sizeof themes / sizeof themes[0]; }
const theme& theme_at(u32 n) { return themes[n % theme_count()]; }

void one(const theme& t, u32 number) {
  print("  ", number, ": ");
  const auto& w = *reinterpret_cast<const weights*>(t.weights);
  bool done = false;
  for (u32 tries = 0; tries < 100 && !done; ++tries) done = all_steps[choose(w)]();
  print(done ? "\n" : "nothing is possible\n");
  cpus::settle();
}

void drain() {
  print("  all:");
  for (u32 cpu = 0; cpu < cpu_count(); ++cpu) {
    if (!cpus::is_on(cpu)) switch_on(cpu);
    books::interface& i = books::interfaces[cpu];
    while (i.depth != 0) {
      print("\n  ");
      end_on(cpu);
    }
    while (i.drops != 0) {
      print("\n  ");
      deactivate_on(cpu);
    }
  }
  print("\n");
  cpus::run(0, jobs::set_gates, 3);
  books::gates = 3;
  for (u32 slot = 0; slot < books::source_count; ++slot) {
    const books::source& s = books::sources[slot];
    for (u32 cpu = 0; cpu < (s.is_private() ? cpu_count() : 1); ++cpu) {
      books::status& st = books::of(slot, cpu);
      if (st.forced) cpus::run(cpu, jobs::set_bit, gic::offset::icactiver, cpu, s.intid);
      if (!st.enabled) cpus::run(cpu, jobs::set_bit, gic::offset::isenabler, cpu, s.intid);
      st.forced = false;
      st.enabled = true;
    }
  }
  cpus::settle();
  for (u32 cpu = 0; cpu < cpu_count(); ++cpu) {
    gic::settings& s = books::interfaces[cpu].s;
    s.mask = 0xf8;
    s.groups = 3;
    cpus::run(cpu, jobs::configure, reinterpret_cast<u64>(&s));
    cpus::settle();
    do {
      print("  ");
    } while (window_on(cpu, 0) != 0 && (print("\n"), true));
    print("\n");
  }
  for (u32 slot = 0; slot < books::source_count; ++slot)
    for (u32 cpu = 0; cpu < cpu_count(); ++cpu)
      if (books::of(slot, cpu).pending()) books::fault(cpu, "never took", books::sources[slot].intid);
}

}  // namespace guest::steps
