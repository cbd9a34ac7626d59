// SPDX-License-Identifier: BSL-1.0
#include "report.hpp"

#include "console.hpp"
#include "memory.hpp"
#include "psci.hpp"
#include "vm.hpp"

namespace hv {
namespace {

constinit std::atomic<cpu*> finishing{nullptr};
constinit std::atomic<u32> stopped{0};

[[noreturn]] void stop() {
  stopped.fetch_add(1);
  for (;;) wait_for_interrupt();
}

[[noreturn]] void power_off() {
  static_cast<void>(firmware_call(psci::system_off));
  for (;;) wait_for_interrupt();
}

/// Makes every other CPU leave its guest and stop; a CPU that does not in 0.1 s is given up.
void stop_others(const cpu& self) {
  const u32 others = static_cast<u32>(boot.vcpus) - 1;
  for (u32 n = 0; n <= others; ++n) {
    if (n != vgic::raw(self.vcpu)) physical_gic::kick(n);
  }
  const u64 until = MRS(CNTPCT_EL0) + MRS(CNTFRQ_EL0) / 10;
  while (stopped.load() < others && MRS(CNTPCT_EL0) < until) {
  }
  console::unlock();
}

void add(u32* sum, const u32* part, u32 count) {
  for (u32 i = 0; i < count; ++i) sum[i] += part[i];
}

[[nodiscard]] statistics total() {
  statistics sum{};
  for (u32 n = 0; n < boot.vcpus; ++n) {
    const statistics& s = cpus[n].self.counted;
    sum.traps += s.traps;
    sum.interrupts += s.interrupts;
    sum.hypercalls += s.hypercalls;
    sum.unexpected += s.unexpected;
    sum.refills += s.refills;
    sum.list_register_reads += s.list_register_reads;
    sum.list_register_writes += s.list_register_writes;
    if (s.longest_trap > sum.longest_trap) {
      sum.longest_trap = s.longest_trap;
      sum.longest_esr = s.longest_esr;
    }
    add(sum.reads, s.reads, statistics::registers);
    add(sum.writes, s.writes, statistics::registers);
    add(sum.sgis, s.sgis, 16);
    add(sum.listed, s.listed, machine::interrupts);
  }
  return sum;
}

[[nodiscard]] u64 injected(const statistics& s) {
  u64 sum = 0;
  for (const u32 n : s.listed) sum += n;
  return sum;
}

void print_table(const statistics& s) {
  console::print("\n  register", column{24}, "reads", column{36}, "writes\n");
  for (u32 i = 0; i < statistics::registers; ++i) {
    if (s.reads[i] + s.writes[i] == 0) continue;
    console::print("  ", vgic::name(vgic::reg{static_cast<u8>(i)}), column{24}, s.reads[i], column{36}, s.writes[i],
                   "\n");
  }
  console::print("\n  INTID", column{24}, "injected", column{36}, "sent (SGI)\n");
  for (u32 i = 0; i < machine::interrupts; ++i) {
    const u32 sent = i < 16 ? s.sgis[i] : 0;
    if (s.listed[i] + sent == 0) continue;
    console::print("  ", i, column{24}, s.listed[i], column{36});
    if (i < 16) console::print(sent);
    console::print("\n");
  }
  console::print("\n  HVC and SMC", column{24}, s.hypercalls,                                                  //
                 "\n  other traps", column{24}, s.traps, "\n  physical interrupts", column{24}, s.interrupts,  //
                 "\n  list-register refills", column{24}, s.refills,                                           //
                 "\n  list-register reads", column{24}, s.list_register_reads,                                 //
                 "\n  list-register writes", column{24}, s.list_register_writes,                               //
                 "\n  longest trap", column{24}, s.longest_trap,
                 (boot.flags & machine::boot_parameters::instruction_counter) != 0 ? " instructions" : " counter ticks",
                 " (CNTVCT_EL0, ", MRS(CNTFRQ_EL0), " Hz), ESR ", hex{s.longest_esr}, "\n");
}

}  // namespace

void report_unexpected(cpu& self, const char* what, u64 syndrome) {
  constexpr u64 printed = 16;
  if (++self.counted.unexpected > printed) return;
  console::print("vgic-demo: vCPU ", vgic::raw(self.vcpu), ": unexpected ", what, " ", hex{syndrome},  //
                 " ELR ", hex{MRS(ELR_EL2)}, " FAR ", hex{MRS(FAR_EL2)}, " HPFAR ", hex{MRS(HPFAR_EL2)}, "\n");
}

void stop_if_finishing() {
  if (finishing.load(std::memory_order_acquire) != nullptr) stop();
}

void finish(const char* failure) {
  cpu& self = this_cpu();
  cpu* first = nullptr;
  if (!finishing.compare_exchange_strong(first, &self)) {
    if (first != &self) stop();
    console::unlock();
    console::print("\nvgic-demo: FAIL ", failure, " (while reporting)\n");
    power_off();
  }
  stop_others(self);

  const statistics sum = total();
  if constexpr (counts) print_table(sum);
  if (failure != nullptr) {
    console::print("vgic-demo: FAIL ", failure, "\n");
  } else if (sum.unexpected != 0) {
    console::print("vgic-demo: FAIL unexpected=", sum.unexpected, "\n");
  } else if constexpr (counts) {
    console::print("vgic-demo: PASS gic=", u32{gic_version}, " vcpus=", boot.vcpus,
                   " traps=", sum.hypercalls + sum.traps, " injected=", injected(sum), " unexpected=0\n");
  } else {
    console::print("vgic-demo: PASS gic=", u32{gic_version}, " vcpus=", boot.vcpus, " unexpected=0\n");
  }
  power_off();
}

}  // namespace hv
