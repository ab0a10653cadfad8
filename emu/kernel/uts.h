/* SPDX-License-Identifier: MIT
 *
 * What uname(2) and /proc/version say.
 */
#ifndef EMU_KERNEL_UTS_H
#define EMU_KERNEL_UTS_H

#define UTS_SYSNAME "Linux"
#define UTS_RELEASE "6.12.0-flat32"
#define UTS_VERSION "#1 no-MMU"
#define UTS_MACHINE "riscv32"

#endif
