/* SPDX-License-Identifier: MIT */
/* riscv32 system call numbers: the generic table, 64-bit time only, and riscv's own calls (from 244 on). */
#ifndef ASM_UNISTD_H
#define ASM_UNISTD_H
#define __ARCH_WANT_SYS_CLONE3
#define __ARCH_WANT_MEMFD_SECRET
#include <asm-generic/unistd.h>
#define __NR_riscv_hwprobe		(__NR_arch_specific_syscall + 14)
#define __NR_riscv_flush_icache		(__NR_arch_specific_syscall + 15)
#endif
