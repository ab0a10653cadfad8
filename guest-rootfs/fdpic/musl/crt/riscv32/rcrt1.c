/* SPDX-License-Identifier: MIT */
/* FDPIC programs have one start for all: crt1.o finds out whether there is a dynamic linker. */
#include "../crt1.c"
