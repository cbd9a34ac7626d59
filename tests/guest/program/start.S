// SPDX-License-Identifier: BSL-1.0
// Entry at EL1 with the MMU off, of CPU 0 and of those that it starts, and the way to and from the handler.
  .section .text.start, "ax"
  .global start
start:
  msr   daifset, #0xf
  ldr   x1, =bss_start
  ldr   x2, =bss_end
1:cmp   x1, x2
  b.hs  2f
  stp   xzr, xzr, [x1], #16
  b     1b
2:mov   x0, xzr
  .global secondary_start
secondary_start:                    // x0: number of the CPU
  msr   daifset, #0xf
  ldr   x1, =stacks
  add   x2, x0, #1
  add   x1, x1, x2, lsl #14
  mov   sp, x1
  msr   tpidr_el1, x0
  ldr   x1, =vectors
  msr   vbar_el1, x1
  isb
  bl    cpu_main
0:b     0b

.macro unexpected
  .balign 128
  mrs   x0, esr_el1
  mrs   x1, elr_el1
  bl    on_fault
.endm

// What was interrupted and where is kept on the stack, so that the handler may be interrupted itself.
.macro interrupt line
  .balign 128
  stp   x29, x30, [sp, #-192]!
  stp   x0, x1, [sp, #16]
  mov   x0, #\line
  b     take
.endm

  .text
  .balign 2048
vectors:
  .rept 5                           // from SP_EL0; then a synchronous one at EL1
  unexpected
  .endr
  interrupt 0                       // IRQ
  interrupt 1                       // FIQ
  .rept 9
  unexpected
  .endr

take:
  stp   x2, x3, [sp, #32]
  stp   x4, x5, [sp, #48]
  stp   x6, x7, [sp, #64]
  stp   x8, x9, [sp, #80]
  stp   x10, x11, [sp, #96]
  stp   x12, x13, [sp, #112]
  stp   x14, x15, [sp, #128]
  stp   x16, x17, [sp, #144]
  mrs   x1, elr_el1
  mrs   x2, spsr_el1
  stp   x18, x1, [sp, #160]
  str   x2, [sp, #176]
  bl    on_interrupt
  msr   daifset, #0xf
  ldr   x2, [sp, #176]
  ldp   x18, x1, [sp, #160]
  msr   spsr_el1, x2
  msr   elr_el1, x1
  ldp   x16, x17, [sp, #144]
  ldp   x14, x15, [sp, #128]
  ldp   x12, x13, [sp, #112]
  ldp   x10, x11, [sp, #96]
  ldp   x8, x9, [sp, #80]
  ldp   x6, x7, [sp, #64]
  ldp   x4, x5, [sp, #48]
  ldp   x2, x3, [sp, #32]
  ldp   x0, x1, [sp, #16]
  ldp   x29, x30, [sp], #192
  eret
