// SPDX-License-Identifier: BSL-1.0
// Entry at EL2, exception vectors, and the way into the guest.
//
// SP_EL2 always points to the CPU's `struct cpu` (cpu.hpp) while the guest runs. Its first member is the place of the
// guest's x0..x30, the stack lies below it: a trap stores the registers without computing an address, and TPIDR_EL2
// holds the same pointer for code that is not given it.
#include "boot.hpp"

.macro address register, symbol
  adrp  \register, \symbol
  add   \register, \register, :lo12:\symbol
.endm

.macro constant register, value  // 32 bits, as instructions: literals in memory would do, but not before relocation
  movz  \register, #((\value) & 0xffff)
  movk  \register, #((\value) >> 16 & 0xffff), lsl #16
.endm

// HCR_EL2: no guest yet, EL1 is AArch64, E2H = 0. SCTLR_EL2: the RES1 bits alone, so MMU and caches off.
.macro known_state
  msr   daifset, #0xf
  mov   x1, #1 << 31
  msr   hcr_el2, x1
  constant x1, 0x30c50830
  msr   sctlr_el2, x1
  isb
.endm

  .section .text.start, "ax"
  .global start
start:                              // CPU 0, from the loader: MMU off, image anywhere (2 MiB aligned)
  mrs   x0, CurrentEL
  cmp   x0, #2 << 2
0:b.ne  0b                          // nothing can be said or done at another exception level
  known_state

  address x0, image_start           // linked at 0: this is what relocations add
  address x1, rela_start
  address x2, rela_end
1:cmp   x1, x2
  b.hs  2f
  ldp   x3, x4, [x1], #16           // offset, type: link.lds and -static-pie leave R_AARCH64_RELATIVE only
  ldr   x5, [x1], #8
  add   x5, x5, x0
  str   x5, [x3, x0]
  b     1b

2:address x1, bss_start
  address x2, bss_end
3:stp   xzr, xzr, [x1], #16
  cmp   x1, x2
  b.lo  3b

  address x19, cpus + STACK_SIZE
  mov   sp, x19
  bl    build_hypervisor_map

  // What was written so far went past the caches; stale lines must not hide it once they are on.
  address x1, image_start
  address x2, image_end
  mrs   x3, ctr_el0
  ubfx  x3, x3, #16, #4
  mov   x4, #4
  lsl   x4, x4, x3                  // bytes of the smallest data cache line
4:dc    ivac, x1
  add   x1, x1, x4
  cmp   x1, x2
  b.lo  4b
  dsb   sy

  bl    enable_mmu
  mov   x0, x19
  msr   tpidr_el2, x0
  bl    boot_cpu_main

  .global secondary_start
secondary_start:                    // other CPUs, from PSCI CPU_ON: x0 = their struct cpu
  known_state
  bl    enable_mmu                  // touches no data: memory is not coherent with CPU 0's caches before
  mov   sp, x0
  msr   tpidr_el2, x0
  bl    secondary_cpu_main

// EL2 stage 1: 4 KiB granule, 39-bit addresses, tables as memory.cpp made them. Changes x1..x3.
enable_mmu:
  mov   x1, #0x04ff                 // attribute 0: Normal write-back, 1: Device-nGnRE
  msr   mair_el2, x1
  constant x1, 0x80803519           // RES1, inner shareable, write-back walks, T0SZ = 25
  mrs   x2, id_aa64mmfr0_el1
  and   x2, x2, #0xf
  mov   x3, #5                      // 48 bits: as many as a descriptor of this granule holds
  cmp   x2, x3
  csel  x2, x2, x3, lo
  bfi   x1, x2, #16, #3
  msr   tcr_el2, x1
  address x1, hypervisor_root
  msr   ttbr0_el2, x1
  address x1, vectors
  msr   vbar_el2, x1
  tlbi  alle2
  tlbi  alle1
  ic    iallu
  dsb   nsh
  isb
  constant x1, 0x30cd183d           // RES1, WXN, I, SA, C, M
  msr   sctlr_el2, x1
  isb
  ret

// To or from the struct cpu at SP, all but x0 and x1. C++ functions keep x19..x29 themselves: these are stored only
// when an emulated access may name one.
.macro changed_registers pair, single
  \pair   x2, x3, [sp, #16]
  \pair   x4, x5, [sp, #32]
  \pair   x6, x7, [sp, #48]
  \pair   x8, x9, [sp, #64]
  \pair   x10, x11, [sp, #80]
  \pair   x12, x13, [sp, #96]
  \pair   x14, x15, [sp, #112]
  \pair   x16, x17, [sp, #128]
  \pair   x18, x19, [sp, #144]
  \single x30, [sp, #240]
.endm
.macro kept_registers pair
  \pair   x20, x21, [sp, #160]
  \pair   x22, x23, [sp, #176]
  \pair   x24, x25, [sp, #192]
  \pair   x26, x27, [sp, #208]
  \pair   x28, x29, [sp, #224]
.endm

.macro guest_exit
  .balign 128
  stp   x0, x1, [sp, #0]
  changed_registers stp, str
  mov   x0, sp
.endm

// An instruction that a C++ function does for the guest. ESR, in x1, has the number of its register at bit \lsb.
.macro emulate function, lsb
  ubfx  x2, x1, #\lsb, #5
  cmp   x2, #19
  b.hi  \function\()_with_kept
  bl    \function
  b     resume
.endm
.macro emulate_with_kept function
\function\()_with_kept:
  kept_registers stp
  bl    \function
  b     resume_all
.endm

.macro hypervisor_fault             // taken at EL2 itself, or nothing that this hypervisor lets happen
  .balign 128
  mov   x0, x30
  bl    on_hypervisor_fault
.endm

  .text
  .balign 2048
vectors:
  .rept 8                           // from EL2: a defect of the hypervisor; interrupts are masked at EL2
  hypervisor_fault
  .endr
  guest_exit                        // synchronous; ESR_EL2.EC, the most frequent first
  mrs   x1, esr_el2
  ubfx  x2, x1, #26, #6
  cmp   x2, #0x18                   // MSR or MRS: an SGI is sent
  b.ne  1f
  emulate on_guest_system_register, 5
1:cmp   x2, #0x24                   // data abort: a GIC register
  b.ne  2f
  emulate on_guest_data_abort, 16
2:cmp   x2, #0x16                   // HVC
  b.ne  other_trap
  bl    on_guest_hypercall
  b     resume
  guest_exit                        // IRQ
  bl    on_guest_interrupt
  b     resume
  hypervisor_fault                  // FIQ: physical_gic.hpp configures none
  guest_exit                        // SError
  bl    on_guest_serror
  .rept 4                           // AArch32 guest
  hypervisor_fault
  .endr

other_trap:
  kept_registers stp
  bl    on_guest_trap
  b     resume_all

  emulate_with_kept on_guest_data_abort
  emulate_with_kept on_guest_system_register

  .global enter_guest
enter_guest:                        // x0: struct cpu of this CPU; ELR_EL2 and SPSR_EL2 are set. The stack starts anew
  mov   sp, x0
resume_all:
  kept_registers ldp
resume:
  changed_registers ldp, ldr
  ldp   x0, x1, [sp, #0]
  eret
  dsb   nsh                         // no speculation past the ERET with guest registers
  isb
