/* SPDX-License-Identifier: MIT
 *
 * Libraries of the host that are not linked but loaded when they are first needed: loading one takes longer than a small guest
 * takes to run from its start to its end.
 *
 * Who needs one has a structure of pointers to its functions (with the types of the library's own header, which is there at
 * build time) and the table of their names, in the same order:
 *
 *	struct png { int (*write)(...); void (*free)(...); };
 *	static const char *const names[] = { "png_image_write_to_stdio", "png_image_free" };
 *	static const struct library libpng = { "libpng16.so.16", "libpng16-16", names, 2 };
 *	err = library_load(&libpng, &png, sizeof png, why);
 *
 * Or both of one list, which declares nothing twice; objects of the library's can be in it as well:
 *
 *	#define FUNCTIONS(F) F(slirp_new) F(slirp_cleanup)
 *	struct slirp { LIBRARY_POINTERS(FUNCTIONS) };
 *	static const char *const names[] = { LIBRARY_NAMES(FUNCTIONS) };
 *
 * What has been loaded stays until the process ends; loading it again is cheap.
 */
#ifndef EMU_HOST_LIBRARY_H
#define EMU_HOST_LIBRARY_H

#include <stddef.h>

#define LIBRARY_WHY 200

#define LIBRARY_POINTER(name) __typeof__(name) *name;
#define LIBRARY_NAME(name) #name,
#define LIBRARY_POINTERS(list) list(LIBRARY_POINTER)
#define LIBRARY_NAMES(list) list(LIBRARY_NAME)

struct library {
	const char *file;		/* as the dynamic linker knows it: "libpng16.so.16" */
	const char *package;		/* of Debian's, that has it: for the message */
	const char *const *names;
	unsigned count;
};

/*
 * Fills `functions`, a structure of so many function pointers. 0; -ENOENT: there is no such library; -ENOSYS: it lacks one of
 * the functions. why[] says so in a sentence.
 */
int library_load(const struct library *l, void *functions, size_t size, char why[LIBRARY_WHY]);

#endif
