/* SPDX-License-Identifier: MIT
 *
 * What syscalls.def says of a call besides its handler. No tables: their pointers would have to be relocated each time the
 * emulator is started, by the host's loader, page by page, and hardly a run looks at them.
 */
#include "emu/sys/syscall.h"

#define SYSCALL_NONE SYSCALL

#define SYSCALL(nr, name, args, ret) _Static_assert(nr < SYSCALL_MAX, #name);
#include "emu/sys/syscalls.def"
#undef SYSCALL

const char *syscall_name(uint32_t nr)
{
	switch (nr) {
#define SYSCALL(nr, name, args, ret) case nr: return #name;
#include "emu/sys/syscalls.def"
#undef SYSCALL
	}
	return NULL;
}

const char *syscall_args(uint32_t nr)
{
	switch (nr) {
#define SYSCALL(nr, name, args, ret) case nr: return args;
#include "emu/sys/syscalls.def"
#undef SYSCALL
	}
	return NULL;
}

const char *syscall_ret(uint32_t nr)
{
	switch (nr) {
#define SYSCALL(nr, name, args, ret) case nr: return ret;
#include "emu/sys/syscalls.def"
#undef SYSCALL
	}
	return NULL;
}
