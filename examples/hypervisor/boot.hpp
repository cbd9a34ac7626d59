// SPDX-License-Identifier: BSL-1.0
// Constants that boot.S and the C++ share. Preprocessor only: the assembler reads this too.
#pragma once

#define STACK_SIZE 0x2000  // bytes of a CPU's stack at EL2; its `struct cpu` follows
