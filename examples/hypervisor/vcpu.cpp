// SPDX-License-Identifier: BSL-1.0
#include "vcpu.hpp"

#include "memory.hpp"
#include "report.hpp"
#include "vm.hpp"

namespace hv {

extern "C" [[noreturn]] void enter_guest(cpu& self);

namespace {

// HCR_EL2. What the ID registers announce works without a trap: they are the machine's own.
constexpr u64 stage2 = 1 << 0, swio = 1 << 1, ptw = 1 << 2;
constexpr u64 interrupts_to_el2 = 1 << 3 | 1 << 4 | 1 << 5;  // FMO, IMO, AMO: they also make ICC_* at EL1 virtual
constexpr u64 trap_smc = 1 << 19;                            // or the guest's PSCI calls would reach the firmware
constexpr u64 trap_impdef = 1 << 20;                         // TIDCP
constexpr u64 aarch64 = u64{1} << 31;
constexpr u64 pointer_keys = u64{3} << 40, scxtnum = u64{1} << 53, tags = u64{1} << 56;
constexpr u64 guest_hcr =
    stage2 | swio | ptw | interrupts_to_el2 | trap_smc | trap_impdef | aarch64 | pointer_keys | scxtnum | tags;

[[nodiscard]] u64 id_field(u64 id_register, u32 lowest_bit) { return id_register >> lowest_bit & 0xf; }

/// Registers that reset to an unknown value, or to a trap, on CPUs that have them.
void prepare_extensions() {
  const u64 sve = id_field(MRS(ID_AA64PFR0_EL1), 32);
  const u64 sme = id_field(MRS(S3_0_C0_C4_1), 24);  // ID_AA64PFR1_EL1
  MSR(CPTR_EL2, sme != 0 ? 0x22ff : 0x32ff);        // E2H = 0: RES1 bits; bit 12 traps SME where that is there
  isb();
  if (sve != 0) MSR(S3_4_C1_C2_0, 0xf);             // ZCR_EL2: any vector length
  if (sme != 0) MSR(S3_4_C1_C2_6, 1u << 31 | 0xf);  // SMCR_EL2
  if (id_field(MRS(ID_AA64MMFR0_EL1), 56) != 0) {   // fine-grained traps: none; two bits trap when 0
    const u64 no_sme_traps = sme != 0 ? u64{3} << 54 : 0;
    MSR(S3_4_C1_C1_4, no_sme_traps);  // HFGRTR_EL2
    MSR(S3_4_C1_C1_5, no_sme_traps);  // HFGWTR_EL2
    MSR(S3_4_C1_C1_6, 0);             // HFGITR_EL2
    MSR(S3_4_C3_C1_4, 0);             // HDFGRTR_EL2
    MSR(S3_4_C3_C1_5, 0);             // HDFGWTR_EL2
  }
  if (id_field(MRS(ID_AA64MMFR1_EL1), 40) != 0) MSR(S3_4_C1_C2_2, 0);  // HCRX_EL2

  const u64 pmu = id_field(MRS(ID_AA64DFR0_EL1), 8);
  MSR(MDCR_EL2, pmu != 0 && pmu != 0xf ? MRS(PMCR_EL0) >> 11 & 0x1f : 0);  // HPMN: all counters are the guest's
}

void stop_timers() {
  MSR(CNTV_CTL_EL0, 0);
  MSR(CNTP_CTL_EL0, 0);
}

}  // namespace

void prepare_cpu(cpu& self) {
  prepare_extensions();
  MSR(HSTR_EL2, 0);
  MSR(CNTHCTL_EL2, 3);  // the guest has the counter and the physical timer; EL2 uses no timer
  MSR(CNTHP_CTL_EL2, 0);
  MSR(CNTVOFF_EL2, 0);
  stop_timers();
  MSR(VPIDR_EL2, MRS(MIDR_EL1));
  MSR(VMPIDR_EL2, u64{1} << 31 | vgic::raw(vm_config::affinity::of(self.vcpu)));
  use_guest_map();
  MSR(HCR_EL2, guest_hcr);
  isb();
  physical_gic::start_cpu(vgic::raw(self.vcpu));
}

void run_vcpu(cpu& self) {
  // What PSCI promises a started CPU: MMU and caches off, interrupts masked, x0 = context.
  MSR(SCTLR_EL1, 0x30d0'0800);
  MSR(TCR_EL1, 0);
  MSR(CPACR_EL1, 0);
  MSR(VBAR_EL1, 0);
  MSR(CNTKCTL_EL1, 0);
  MSR(MDSCR_EL1, 0);
  MSR(CONTEXTIDR_EL1, 0);
  MSR(ELR_EL2, self.entry);
  MSR(SPSR_EL2, 0x3c5);  // EL1h, DAIF masked
  for (u64& x : self.x) x = 0;
  self.x[0] = self.context;
  asm volatile("tlbi vmalls12e1\n ic iallu\n dsb nsh\n isb" : : : "memory");

  if (vm.vcpu_on(self.vcpu) != vgic::result::ok) finish("a vCPU does not exist");
  vm.load(self.vcpu);
  self.current = self.vcpu;
  self.state.store(power::on, std::memory_order_release);
  vm.entry(self.vcpu);
  enter_guest(self);
}

void park(cpu& self) {
  stop_timers();
  isb();
  while (!self.start.exchange(false, std::memory_order_acquire)) {
    wait_for_interrupt();  // interrupts are masked: they end the wait and stay pending
    take_interrupt(self);
  }
  run_vcpu(self);
}

void take_interrupt(cpu& self) {
  const acknowledged a = physical_gic::acknowledge();
  const u32 intid = physical_gic::intid(a);
  if (intid >= 1020) return;  // it went away again
  physical_gic::drop(a);
  if (intid == machine::kick_sgi || intid == machine::maintenance_ppi) {
    physical_gic::deactivate(a);
    if (intid == machine::kick_sgi) host::answer(self);
    if (intid == machine::maintenance_ppi && self.current == self.vcpu) vm.maintenance(self.vcpu);
    stop_if_finishing();
    return;  // to have left the guest is all that the SGI is for
  }
  const vgic::intid i{intid};
  const vgic::result forwarded = intid < 32 ? vm.forward(self.vcpu, i) : vm.forward(i);
  if (forwarded != vgic::result::ok) {
    physical_gic::deactivate(a);
    report_unexpected(self, "physical interrupt", intid);
  }
}

}  // namespace hv
