// SPDX-License-Identifier: BSL-1.0
/// \file
/// Rounds of random steps, printed.
#include "books.hpp"
#include "console.hpp"
#include "cpus.hpp"
#include "rounds.hpp"
#include "steps.hpp"

namespace guest {

extern "C" [[noreturn]] void cpu_main(u32 cpu) {
  if (cpu != 0) cpus::serve(cpu);

  const machine::parameters& p = machine::given();
  if (p.magic != machine::parameters::expected_magic || p.cpus == 0 || p.cpus > max_cpus) {
    print("FAULT no parameters in front of the program\n");
    power_off();
  }
  print("guest: GICv", VGIC_GUEST_GIC + 0u, ", ", p.cpus, " CPUs, seed ", p.seed, ", ", p.rounds, " rounds of ");
  print(p.steps, " steps\n");
  gic::start_cpu(0);
  for (u32 n = 1; n < p.cpus; ++n) cpus::turn_on(n);
  cpus::settle();

  for (u32 round = 0; round < p.rounds; ++round) {
    const u32 which = p.theme != 0 ? static_cast<u32>(p.theme) - 1 : round % steps::theme_count();
    draw.seed(p.seed * 1'000'003 + round);
    print("round ", round, ", theme ", steps::theme_at(which).name, "\n");
    rounds::begin();
    for (u32 n = 0; n < p.steps; ++n) steps::one(steps::theme_at(which), n);
    steps::drain();
    rounds::end();
  }
  print("guest: done, faults ", books::faults(), "\n");
  power_off();
}

}  // namespace guest
