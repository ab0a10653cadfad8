/* SPDX-License-Identifier: MIT */
/* dl_iterate_phdr of static FDPIC programs: one module. The dynamic linker has its own (ldso/dynlink.c). */
#include <elf.h>
#include <link.h>
#include "dynlink.h"
#include "pthread_impl.h"
#include "libc.h"

hidden const struct fdpic_loadmap *__static_loadmap;	/* set at the start */

static int static_dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data)
{
	struct dl_phdr_info info = { .dlpi_name = "/proc/self/exe" };
	const size_t *aux;

	for (aux = libc.auxv; aux[0]; aux += 2) {
		if (aux[0] == AT_PHDR)
			info.dlpi_phdr = (void *)aux[1];
		if (aux[0] == AT_PHNUM)
			info.dlpi_phnum = aux[1];
	}
	for (size_t i = 0; i < info.dlpi_phnum; i++) {
		if (info.dlpi_phdr[i].p_type == PT_PHDR)
			info.dlpi_addr = (uintptr_t)info.dlpi_phdr - info.dlpi_phdr[i].p_vaddr;
		if (info.dlpi_phdr[i].p_type == PT_TLS) {
			info.dlpi_tls_modid = 1;
			info.dlpi_tls_data = __tls_get_addr((tls_mod_off_t[]){ 1, 0 });
		}
	}
	info.dlpi_loadmap = __static_loadmap;
	return callback(&info, sizeof info, data);
}
weak_alias(static_dl_iterate_phdr, dl_iterate_phdr);
