// SPDX-License-Identifier: BSL-1.0
/// \file
/// Mailboxes, one a CPU, each word with one writer.
#include "cpus.hpp"

#include "console.hpp"
#include "gic.hpp"

namespace guest::cpus {
namespace {

struct alignas(64) mailbox {
  volatile u32 asked;  ///< by CPU 0
  volatile u32 done;
  volatile u32 passes;  ///< through the owner's loop
  volatile u32 on;
  job what;
  u64 a, b, c;
  volatile u64 answer;
};
constinit mailbox boxes[max_cpus]{};

extern "C" void secondary_start();

[[noreturn]] void stuck(u32 cpu, const char* where) {
  print("FAULT cpu ", cpu, " is stuck: ", where, "\n");
  power_off();
}

/// Gives up after far more turns than anything takes.
template <class Condition>
void wait_until(u32 cpu, const char* where, Condition reached) {
  for (u32 turns = 0; !reached(); ++turns) {
    if (turns == 100'000'000) stuck(cpu, where);
    yield();
  }
}

}  // namespace

bool is_on(u32 cpu) { return cpu == 0 || boxes[cpu].on != 0; }

u32 on_count() {
  u32 n = 0;
  for (u32 cpu = 0; cpu < machine::given().cpus; ++cpu) n += is_on(cpu) ? 1 : 0;
  return n;
}

u64 run(u32 cpu, job what, u64 a, u64 b, u64 c) {
  if (cpu == 0) return what(a, b, c);
  mailbox& m = boxes[cpu];
  m.what = what;
  m.a = a;
  m.b = b;
  m.c = c;
  barrier();
  m.asked = m.asked + 1;
  wait_until(cpu, "it does not answer", [&m] { return m.done == m.asked; });
  barrier();
  return m.answer;
}

void settle() {
  for (u32 round = 0; round < 4; ++round) {
    u32 before[max_cpus];
    for (u32 cpu = 1; cpu < machine::given().cpus; ++cpu) before[cpu] = boxes[cpu].passes;
    for (u32 cpu = 1; cpu < machine::given().cpus; ++cpu) {
      if (is_on(cpu))
        wait_until(cpu, "it does not pass", [cpu, &before] { return boxes[cpu].passes - before[cpu] >= 2; });
    }
    yield();
    yield();
  }
}

void pass_time() {
  for (u32 i = 0; i < 8; ++i) {
    boxes[this_cpu()].passes = boxes[this_cpu()].passes + 1;
    yield();
  }
}

void turn_on(u32 cpu) {
  if (const u64 error = psci::call(psci::cpu_on, cpu, reinterpret_cast<u64>(&secondary_start), cpu); error != 0)
    stuck(cpu, "PSCI CPU_ON refuses");
  wait_until(cpu, "it does not start", [cpu] { return boxes[cpu].on != 0; });
}

void turn_off(u32 cpu) {
  mailbox& m = boxes[cpu];
  m.what = nullptr;
  barrier();
  m.asked = m.asked + 1;
  wait_until(cpu, "it does not go off", [cpu] { return psci::call(psci::affinity_info, cpu) == 1; });
}

void serve(u32 cpu) {
  mailbox& m = boxes[cpu];
  gic::start_cpu(cpu);
  u32 last = m.asked;
  m.done = last;
  barrier();
  m.on = 1;
  for (;;) {
    m.passes = m.passes + 1;
    yield();
    if (m.asked == last) continue;
    barrier();
    last = m.asked;
    if (m.what == nullptr) {
      m.on = 0;
      m.done = last;
      barrier();
      (void)psci::call(psci::cpu_off);
    }
    m.answer = m.what(m.a, m.b, m.c);
    barrier();
    m.done = last;
  }
}

}  // namespace guest::cpus
