/* SPDX-License-Identifier: MIT
 *
 * The disassembler: one instruction to text in the syntax of binutils' objdump, with
 * its pseudo-instructions (mv, ret, beqz...).  Compressed instructions show as what they
 * expand to, as objdump does.  What does not decode is shown as .2byte or .4byte.
 */
#ifndef CPU_DISASM_H
#define CPU_DISASM_H

#include <stddef.h>
#include <stdint.h>

/* Enough for any instruction and its NUL. */
#define DISASM_MAX 64

/*
 * Writes "mnemonic\toperands" for the instruction at pc (its address decides how branch
 * targets read).  Returns its length in bytes: 2 or 4.
 */
unsigned disasm(char *out, size_t size, uint32_t pc, uint32_t bits);

/* ABI names of the integer and floating-point registers; n below 32. */
const char *disasm_xreg(unsigned n);
const char *disasm_freg(unsigned n);

#endif
