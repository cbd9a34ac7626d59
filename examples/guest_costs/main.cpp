// SPDX-License-Identifier: BSL-1.0
// What its GIC costs a guest, in instructions from EL1 to EL2 and back.
#include "measure.hpp"

namespace guest {
extern "C" const char interrupt_vectors[], timer_vectors[];  // start.S

namespace {

constexpr uint64_t psci_version = 0x8400'0000, psci_system_off = 0x8400'0008;

void power_off() {
  register uint64_t x0 asm("x0") = psci_system_off;
  asm volatile("hvc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
}

// Values are in x9, as if by a compiler: the hypervisor has some more to store for an instruction on x20 to x30.

[[gnu::always_inline]] inline void load(meter& m, const char* name, uint64_t address) {
  m.measure(name, 0, [=] { return SAMPLE("", "ldr w9, [%[address]]", "", [address] "r"(address) : "x9"); });
}
[[gnu::always_inline]] inline void load_double(meter& m, const char* name, uint64_t address) {
  m.measure(name, 0, [=] { return SAMPLE("", "ldr x9, [%[address]]", "", [address] "r"(address) : "x9"); });
}
/// `prepare` is stored before, unmeasured.
[[gnu::always_inline]] inline void store(meter& m, const char* name, uint64_t address, uint32_t value,
                                         uint64_t prepare_at, uint32_t prepare) {
  m.measure(
      name, 0, [=] { write(prepare_at, prepare); },
      [=] {
        return SAMPLE("mov w9, %w[value]", "str w9, [%[address]]", "", [address] "r"(address), [value] "r"(value)
                      : "x9");
      });
}

#if VGIC_GUEST_GIC == 3
#define SEND_SGI "msr icc_sgi1r_el1, x9"
constexpr uint64_t sgi_to_self = uint64_t{sgi} << 24 | 1;
#else
#define SEND_SGI "str w9, [%[sgir]]"
constexpr uint64_t sgi_to_self = 2u << 24 | sgi;
#endif
#define SGI_VALUE "mov x9, %[value]"
#define TAKE_INTERRUPTS "msr daifclr, #2\n isb\n msr daifset, #2"

void interrupts(meter& m) {
  m.measure("SGI to itself, sent", 1, [] {
    return SAMPLE(SGI_VALUE, SEND_SGI, TAKE_INTERRUPTS, [value] "r"(sgi_to_self), [sgir] "r"(gicd + sgir) : "x9");
  });
  m.measure("SGI to itself, sent while it is pending", 1, [] {
    return SAMPLE(SGI_VALUE "\n" SEND_SGI, SEND_SGI, TAKE_INTERRUPTS, [value] "r"(sgi_to_self), [sgir] "r"(gicd + sgir)
                  : "x9");
  });
  m.measure("SGI to itself, sent, taken and ended", 1, [] {
    return SAMPLE("msr daifclr, #2\n" SGI_VALUE, SEND_SGI,
                  "msr daifset, #2", [value] "r"(sgi_to_self), [sgir] "r"(gicd + sgir)
                  : "x9");
  });

  const auto take_by = [](uint64_t vectors) { asm volatile("msr vbar_el1, %0\n isb" : : "r"(vectors) : "memory"); };
  asm volatile("msr cntv_cval_el0, xzr");
  take_by(reinterpret_cast<uint64_t>(timer_vectors));
  m.measure("virtual timer's PPI, fired, taken and ended", 1, [] {
    return SAMPLE("msr daifclr, #2", "msr cntv_ctl_el0, %[enable]\n isb", "msr daifset, #2", [enable] "r"(uint64_t{1})
                  : "x9");
  });
  take_by(reinterpret_cast<uint64_t>(interrupt_vectors));
}

void registers(meter& m) {
  constexpr uint32_t one_spi = 1u << 5;  // INTID 37
  load(m, "GICD_TYPER read", gicd + 0x4);
  load(m, "GICD reserved read", gicd + 0xe0);
  load(m, "GICD_ISENABLER1 read", gicd + isenabler + 4);
  load(m, "GICD_ISPENDR1 read", gicd + ispendr + 4);
  load(m, "GICD_IPRIORITYR8 read", gicd + ipriorityr + 32);
  if constexpr (is_v3) {
    load_double(m, "GICR_TYPER read", gicr + 0x8);
    load(m, "GICR_ISENABLER0 read", sgi_frame + isenabler);
  }
  store(m, "GICD_ICENABLER1 write, masks one SPI", gicd + icenabler + 4, one_spi, gicd + isenabler + 4, one_spi);
  store(m, "GICD_ISENABLER1 write, unmasks one SPI", gicd + isenabler + 4, one_spi, gicd + icenabler + 4, one_spi);
  store(m, "GICD_IPRIORITYR8 write, unchanged", gicd + ipriorityr + 32, 0xa0a0'a0a0, gicd + ipriorityr + 32,
        0xa0a0'a0a0);
  store(m, "GICD_IPRIORITYR8 write, one changed", gicd + ipriorityr + 32, 0xa0a0'a0a0, gicd + ipriorityr + 32,
        0xa0a0'a080);
}

void calls(meter& m) {
  m.measure("PSCI_VERSION by HVC", 0, [] {
    return SAMPLE("mov x0, %[function]", "hvc #0", "", [function] "r"(psci_version) : "x0", "x1", "x2", "x3");
  });
  m.measure("PSCI_VERSION by SMC", 0, [] {
    return SAMPLE("mov x0, %[function]", "smc #0", "", [function] "r"(psci_version) : "x0", "x1", "x2", "x3");
  });
}

[[nodiscard]] uint64_t exception_level() {
  uint64_t el;
  asm("mrs %0, CurrentEL" : "=r"(el));
  return el >> 2;
}

}  // namespace

extern "C" {

void guest_main() {
  uint64_t frequency;
  asm("mrs %0, cntfrq_el0" : "=r"(frequency));
  start_gic();
  print("costs: GICv", is_v3 ? '3' : '2', ", layout ", guest_layout::name, ", at EL", exception_level(),
        ", ticks of a counter of ", frequency, " Hz\n");
  meter m;
  calls(m);
  registers(m);
  interrupts(m);
  print("costs: operations ", m.operations(), ", each ", meter::times, " times, not alike ", m.faults(), "\n");
  power_off();
}

void guest_fault(uint64_t esr, uint64_t elr) {
  print("costs: FAILED: exception at EL1, ESR ");
  print_hex(esr);
  print(", ELR ");
  print_hex(elr);
  print('\n');
  power_off();
}
}

}  // namespace guest
