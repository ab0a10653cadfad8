/* SPDX-License-Identifier: MIT */
#include "shared.h"

#include <stdio.h>

static int began;

/* one's constructors are first, since we need it */
__attribute__((constructor)) static void begin(void) { began = one_ctors(); }
__attribute__((destructor)) static void end(void) { printf("# two ends after %d\n", began); }

binary *two_pointer = one_add;
int *two_data = &one_counter;

int two_next(int n) { return one_next(n + began - 2); }
binary *two_add(void) { return one_add; }
struct pair two_pair(int n) { return (struct pair){ n, began }; }
int two_tls(void) { return one_tls; }
