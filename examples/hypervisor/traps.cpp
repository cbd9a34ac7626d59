// SPDX-License-Identifier: BSL-1.0
// Exits from the guest, called by the vectors of boot.S with interrupts masked. Each goes
//   vm.exit -> what happened -> vm.entry -> ERET
// so that the virtual GIC sees the list registers after every exit and fills them before every entry.
#include "console.hpp"
#include "psci.hpp"
#include "report.hpp"
#include "vcpu.hpp"
#include "vm.hpp"

namespace hv {
namespace {

enum exception_class : u32 {  // ESR_EL2.EC
  ec_unknown = 0x00,
  ec_smc = 0x17,
  ec_instruction_abort = 0x20,
  ec_data_abort = 0x24,  // as on_guest_data_abort injects it
};
constexpr u64 instruction_length_32 = 1 << 25;  // ESR.IL

/// The instruction was emulated: the guest goes on behind it.
void skip_instruction() {
  constexpr u64 single_step = 1 << 21, branch_type = 3 << 10;
  MSR(ELR_EL2, MRS(ELR_EL2) + 4);
  MSR(SPSR_EL2, MRS(SPSR_EL2) & ~(single_step | branch_type));
}

/// The guest's EL1 takes an exception at the instruction that trapped, as hardware would have it take one.
void inject(u32 ec, u64 iss) {
  const u64 spsr = MRS(SPSR_EL2);
  constexpr u64 el_and_sp = 0xf, el0 = 0x0, el1h = 0x5, flags = u64{0xf} << 28, pan = 1 << 22, dit = 1 << 24;
  constexpr u64 daif = 0xf << 6, span = 1 << 23;
  const u64 from = spsr & el_and_sp;
  const u64 vector = from == el0 ? 0x400 : from == el1h ? 0x200 : 0x000;
  const u64 panned = (MRS(SCTLR_EL1) & span) == 0 && (MRS(ID_AA64MMFR1_EL1) >> 20 & 0xf) != 0 ? pan : 0;
  MSR(ELR_EL1, MRS(ELR_EL2));
  MSR(SPSR_EL1, spsr);
  MSR(ESR_EL1, u64{ec} << 26 | instruction_length_32 | iss);
  MSR(ELR_EL2, MRS(VBAR_EL1) + vector);
  MSR(SPSR_EL2, (spsr & (flags | pan | dit)) | panned | daif | el1h);
}

void inject_undefined() { inject(ec_unknown, 0); }

void inject_external_abort(u32 lower_el_class) {
  constexpr u64 synchronous_external = 0x10;
  const bool at_el0 = (MRS(SPSR_EL2) & 0xf) == 0;
  MSR(FAR_EL1, MRS(FAR_EL2));
  inject(at_el0 ? lower_el_class : lower_el_class + 1, synchronous_external);
}

// What the guest is refused. Apart, so that what it is not pays nothing for them.

[[gnu::cold, gnu::noinline]] void refuse_access(cpu& self, vgic::trap_status status, u64 esr) {
  const bool not_gic = status == vgic::trap_status::not_gic;
  report_unexpected(self, not_gic ? "access outside RAM and devices, ESR" : "instruction on a GIC register, ESR", esr);
  inject_external_abort(ec_data_abort);
}

[[gnu::cold, gnu::noinline]] void refuse_system_register(cpu& self, u64 esr) {
  report_unexpected(self, "system register access, ESR", esr);
  inject_undefined();
}

}  // namespace

extern "C" {

// Flattened: the library's functions that are not its rare cases become part of these two.

[[gnu::flatten]] void on_guest_data_abort(cpu& self, u64 esr) {
  auto& gic = current_vm();
  const vgic::vcpu_id v = self.vcpu;
  const trap_timer timer(self.counted, esr);
  count(self.counted.traps);
  gic.exit(v);
  const vgic::abort_syndrome syndrome{.esr = esr, .hpfar = MRS(HPFAR_EL2), .far = MRS(FAR_EL2)};
  const vgic::trap_status status = gic.data_abort(v, syndrome, self.x);
  if (status == vgic::trap_status::handled) [[likely]] {
    skip_instruction();
  } else {
    refuse_access(self, status, esr);
  }
  gic.entry(v);
}

[[gnu::flatten]] void on_guest_system_register(cpu& self, u64 esr) {
  auto& gic = current_vm();
  const vgic::vcpu_id v = self.vcpu;
  const trap_timer timer(self.counted, esr);
  count(self.counted.traps);
  gic.exit(v);
  if (gic.system_register(v, esr, self.x) == vgic::trap_status::handled) [[likely]] {
    skip_instruction();
  } else {
    refuse_system_register(self, esr);
  }
  gic.entry(v);
}

/// Any other instruction but HVC, which comes to psci.cpp.
void on_guest_trap(cpu& self, u64 esr) {
  const u64 ec = esr >> 26 & 0x3f;
  if (ec == ec_smc) {
    skip_instruction();  // an SMC traps before it executes; an HVC has executed
    return on_guest_hypercall(self, esr);
  }
  auto& gic = current_vm();
  const vgic::vcpu_id v = self.vcpu;
  const trap_timer timer(self.counted, esr);
  count(self.counted.traps);
  gic.exit(v);
  if (ec == ec_instruction_abort) {
    report_unexpected(self, "instruction fetch outside RAM, ESR", esr);
    inject_external_abort(ec_instruction_abort);
  } else {
    report_unexpected(self, "trap, ESR", esr);
    inject_undefined();
  }
  gic.entry(v);
}

void on_guest_interrupt(cpu& self) {
  auto& gic = current_vm();
  count(self.counted.interrupts);
  gic.exit(self.vcpu);
  take_interrupt(self);
  gic.entry(self.vcpu);
}

[[noreturn]] void on_guest_serror(cpu& self) {
  vm.exit(self.vcpu);
  report_unexpected(self, "SError, ESR", MRS(ESR_EL2));
  finish("SError");
}

[[noreturn]] void on_hypervisor_fault(u64 link_register) {
  console::print("\nvgic-demo: exception at EL2: ESR ", hex{MRS(ESR_EL2)}, " ELR ", hex{MRS(ELR_EL2)}, " FAR ",
                 hex{MRS(FAR_EL2)}, " SPSR ", hex{MRS(SPSR_EL2)}, " x30 ", hex{link_register}, "\n");
  finish("exception in the hypervisor");
}
}

}  // namespace hv
