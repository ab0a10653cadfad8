/* SPDX-License-Identifier: MIT
 *
 * --self-check: what must hold of the kernel's own records whenever no system call is being served.
 */
#ifndef EMU_KERNEL_CHECK_H
#define EMU_KERNEL_CHECK_H

struct machine;

/* NULL: all is well.  Otherwise what is not, a text that stays until the next call.  Costs O(everything there is). */
const char *kernel_check(struct machine *m);

#endif
