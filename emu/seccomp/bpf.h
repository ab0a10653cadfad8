/* SPDX-License-Identifier: MIT
 *
 * Classic BPF as seccomp(2) has it: a program of at most 4096 instructions that jumps only forwards, an accumulator A, an index X,
 * sixteen words of memory, and 64 bytes of data to look at (net/core/filter.c, kernel/seccomp.c).
 */
#ifndef EMU_SECCOMP_BPF_H
#define EMU_SECCOMP_BPF_H

#include <stdbool.h>
#include <stdint.h>

enum { BPF_MAX_LEN = 4096, BPF_DATA_WORDS = 16 };

/* struct sock_filter: as the guest has it. */
struct bpf_insn {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

/*
 * May it run?  Every instruction is one seccomp knows, jumps stay inside, the last one returns, memory is stored before it is
 * loaded, data is asked for in whole words of the 64 bytes, and no constant divides by 0 or shifts by 32 or more.
 */
bool bpf_valid(const struct bpf_insn *prog, unsigned len);

/* What a valid program returns for the data (struct seccomp_data in words, little-endian). */
uint32_t bpf_run(const struct bpf_insn *prog, const uint32_t data[BPF_DATA_WORDS]);

#endif
