# SPDX-License-Identifier: BSL-1.0
# Toolchain: AArch64 bare metal with Debian's cross compiler (g++-aarch64-linux-gnu), no C or C++ library linked.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR aarch64)

set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc CACHE STRING "C compiler")
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++ CACHE STRING "C++ compiler")
set(CMAKE_ASM_COMPILER "${CMAKE_CXX_COMPILER}" CACHE STRING "assembler, with the preprocessor")
set(CMAKE_OBJCOPY aarch64-linux-gnu-objcopy CACHE STRING "objcopy")

# A hypervisor leaves the FP registers to its guests; outline atomics would need libgcc.
set(vgic_freestanding "-ffreestanding -mgeneral-regs-only -mno-outline-atomics -fno-stack-protector")
set(CMAKE_C_FLAGS_INIT "${vgic_freestanding}")
set(CMAKE_CXX_FLAGS_INIT "${vgic_freestanding} -fno-exceptions -fno-rtti -fno-threadsafe-statics")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib")

# Nothing that a compiler check builds could run, and without a C library nothing links.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
