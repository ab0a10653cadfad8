/* SPDX-License-Identifier: MIT */
#ifndef ASM_BITSPERLONG_H
#define ASM_BITSPERLONG_H
#define __BITS_PER_LONG 32
#include <asm-generic/bitsperlong.h>
#endif
