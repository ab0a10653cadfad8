/* SPDX-License-Identifier: MIT */
#include "devices/tree.h"

#include <errno.h>
#include <libfdt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 4096 };

struct device_tree {
	void *blob;
	int size;
	int open;	/* nodes, the root included: libfdt does not count them */
	int err;	/* of libfdt; 0 */
};

/* The blob is full: twice the room. False: no memory. */
static bool grow(struct device_tree *t)
{
	void *larger = malloc((size_t)t->size * 2);

	if (!larger)
		return false;
	t->err = fdt_resize(t->blob, larger, t->size * 2);
	if (t->err) {
		free(larger);
		return false;
	}
	free(t->blob);
	t->blob = larger;
	t->size *= 2;
	return true;
}

/* Does what a libfdt call does, in as much room as that takes. */
#define WRITE(t, call) \
	do { \
		if ((t)->err) \
			break; \
		while (((t)->err = (call)) == -FDT_ERR_NOSPACE && grow(t)) \
			; \
	} while (0)

struct device_tree *tree_new(void)
{
	struct device_tree *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->size = FIRST_SIZE;
	t->blob = malloc(FIRST_SIZE);
	if (!t->blob) {
		free(t);
		return NULL;
	}
	t->err = fdt_create(t->blob, t->size);
	WRITE(t, fdt_finish_reservemap(t->blob));
	tree_node(t, "");
	return t;
}

int tree_finish(struct device_tree *t, void **blob, size_t *size)
{
	int err;

	tree_end(t);
	if (!t->err && t->open)
		t->err = -FDT_ERR_BADSTATE;
	WRITE(t, fdt_finish(t->blob));
	err = !t->err ? 0 : t->err == -FDT_ERR_NOSPACE ? -ENOMEM : -EINVAL;
	if (err) {
		free(t->blob);
	} else {
		*blob = t->blob;
		*size = fdt_totalsize(t->blob);
	}
	free(t);
	return err;
}

void tree_node(struct device_tree *t, const char *name)
{
	WRITE(t, fdt_begin_node(t->blob, name));
	t->open++;
}

void tree_node_at(struct device_tree *t, const char *name, uint32_t addr)
{
	char text[64];

	snprintf(text, sizeof text, "%s@%x", name, addr);
	tree_node(t, text);
}

void tree_end(struct device_tree *t)
{
	if (!t->err && !t->open)
		t->err = -FDT_ERR_BADSTATE;
	WRITE(t, fdt_end_node(t->blob));
	t->open--;
}

static void property(struct device_tree *t, const char *name, const void *value, size_t size)
{
	WRITE(t, fdt_property(t->blob, name, value, (int)size));
}

void tree_flag(struct device_tree *t, const char *name)
{
	property(t, name, NULL, 0);
}

void tree_cells(struct device_tree *t, const char *name, const uint32_t *cells, unsigned n)
{
	void *value = NULL;

	WRITE(t, fdt_property_placeholder(t->blob, name, (int)(n * sizeof *cells), &value));
	for (unsigned i = 0; !t->err && i < n; i++)
		fdt32_st((char *)value + i * sizeof *cells, cells[i]);
}

void tree_cell(struct device_tree *t, const char *name, uint32_t value)
{
	tree_cells(t, name, &value, 1);
}

void tree_string(struct device_tree *t, const char *name, const char *text)
{
	property(t, name, text, strlen(text) + 1);
}

void tree_strings(struct device_tree *t, const char *name, const char *texts, size_t size)
{
	property(t, name, texts, size);
}
