/* SPDX-License-Identifier: MIT
 *
 * What a machine is doing, for somebody outside of it: SIGUSR2 to `flat32 boot` (as SysRq-T and SysRq-M on a real console).
 */
#ifndef EMU_DEBUG_TASK_LIST_H
#define EMU_DEBUG_TASK_LIST_H

#include <stdio.h>

struct machine;

/* Load and memory in two lines, then one for each task.  Only the emulator's own records are read, none of the guest's memory. */
void task_list_print(struct machine *m, FILE *to);

#endif
