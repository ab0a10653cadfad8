/* SPDX-License-Identifier: MIT */
#include "emu/host/library.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

int library_load(const struct library *l, void *functions, size_t size, char why[LIBRARY_WHY])
{
	void *handle, *function;

	assert(size == l->count * sizeof function);
	handle = dlopen(l->file, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		snprintf(why, LIBRARY_WHY, "%s cannot be loaded (Debian has it in the package %s)", l->file, l->package);
		return -ENOENT;
	}
	for (unsigned i = 0; i < l->count; i++) {
		function = dlsym(handle, l->names[i]);
		if (!function) {
			snprintf(why, LIBRARY_WHY, "%s has no %s: it is too old", l->file, l->names[i]);
			return -ENOSYS;
		}
		memcpy((char *)functions + i * sizeof function, &function, sizeof function);
	}
	return 0;
}
