/* SPDX-License-Identifier: MIT
 *
 * What every part of the link tool needs: memory that is never given back (the tool lives for one link), text, lists,
 * and the one way to give up.
 */
#ifndef FDPIC_UTIL_H
#define FDPIC_UTIL_H

#include <stddef.h>
#include <stdint.h>

/* Prints "flat32-ld-fdpic: error: ..." and exits with 1; temporary files go. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As die(), but goes on, so that a link tells all that is wrong with it; errors_stop() exits if there was any. After
 * twenty it gives up. */
void error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void errors_stop(void);

void *alloc(size_t size);			/* zeroed */
void *grow(void *old, size_t size);
char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Room for one more element of *array, which holds n: doubles it each time it is full. */
#define ROOM(array, n) \
	do { \
		if (!((n) & ((n) - 1))) \
			(array) = grow(array, sizeof(*(array)) * ((n) ? 2 * (size_t)(n) : 1)); \
	} while (0)

/* A list of texts, NULL at its end. */
struct texts {
	char **v;
	size_t n;
};
void texts_add(struct texts *t, const char *s);
void texts_join(struct texts *t, const struct texts *more);

/* What follows prefix in s; NULL if s does not begin so. */
const char *after(const char *s, const char *prefix);

/* A table from names to numbers. Names are not copied. */
struct names {
	struct name_slot {
		const char *name;
		uint32_t value;
	} *slots;
	size_t used, size;
};
#define NO_NAME UINT32_MAX
uint32_t names_find(const struct names *t, const char *name);
void names_set(struct names *t, const char *name, uint32_t value);

#endif
