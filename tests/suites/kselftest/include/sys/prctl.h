/* SPDX-License-Identifier: MIT
 *
 * prctl(2) with the kernel's own numbers, as in glibc. musl's repeats them, and a structure.
 */
#pragma once
#include <linux/prctl.h>

int prctl(int, ...);
