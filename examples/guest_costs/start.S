// SPDX-License-Identifier: BSL-1.0
// Entry at EL1 with the MMU off, and what takes the guest's interrupts.
  .section .text.start, "ax"
  .global start
start:
  msr   daifset, #0xf
  ldr   x1, =stack_end
  mov   sp, x1
  ldr   x1, =bss_start
  ldr   x2, =bss_end
1:cmp   x1, x2
  b.hs  2f
  stp   xzr, xzr, [x1], #16
  b     1b
2:ldr   x1, =interrupt_vectors
  msr   vbar_el1, x1
  isb
  bl    guest_main
0:b     0b

// What measures keeps x15 to x17 free for this: x15 counts interrupts, x16 is changed, x17 is the GICv2's CPU interface.
.macro take_and_end stop_timer
#if VGIC_GUEST_GIC == 2
  ldr   w16, [x17, #0x0c]           // GICC_IAR
#else
  mrs   x16, icc_iar1_el1
#endif
  \stop_timer
#if VGIC_GUEST_GIC == 2
  str   w16, [x17, #0x10]           // GICC_EOIR
#else
  msr   icc_eoir1_el1, x16
#endif
  add   x15, x15, #1
  eret
.endm

.macro nothing
.endm
.macro stop_virtual_timer
  msr   cntv_ctl_el0, xzr
  isb
.endm

.macro vectors name, stop_timer
  .balign 2048
  .global \name
\name:
  .rept 5                           // from SP_EL0; then a synchronous one at EL1
  .balign 128
  b     fault
  .endr
  .balign 128                       // IRQ at EL1 with SP_EL1
  take_and_end \stop_timer
  .rept 10
  .balign 128
  b     fault
  .endr
.endm

  .text
  vectors interrupt_vectors, nothing
  vectors timer_vectors, stop_virtual_timer

fault:
  mrs   x0, esr_el1
  mrs   x1, elr_el1
  bl    guest_fault
0:b     0b
