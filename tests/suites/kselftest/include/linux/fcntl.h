/* SPDX-License-Identifier: MIT
 *
 * The kernel's numbers beside libc's structures of the same name.
 */
#pragma once
#include <fcntl.h>
#define flock kernel_flock
#define flock64 kernel_flock64
#define f_owner_ex kernel_f_owner_ex
#include_next <linux/fcntl.h>
#undef flock
#undef flock64
#undef f_owner_ex
