/* SPDX-License-Identifier: MIT
 *
 * A device tree, written from front to back (Devicetree Specification 0.4): the blob is libfdt's, for whoever reads trees.
 *
 * Nothing returns an error: after the first one (no memory) all calls do nothing, and tree_finish() tells.
 */
#ifndef DEVICES_TREE_H
#define DEVICES_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct device_tree;

/* One in its root node. NULL: no memory. */
struct device_tree *tree_new(void);
/*
 * Ends the root node and frees the tree. 0 and the blob, which is the caller's to free(), or -ENOMEM; -EINVAL: nodes were not ended as
 * they were begun.
 */
int tree_finish(struct device_tree *t, void **blob, size_t *size);

/* A node in the one that is open. Properties come before nodes. */
void tree_node(struct device_tree *t, const char *name);
void tree_node_at(struct device_tree *t, const char *name, uint32_t addr);	/* "name@addr" */
void tree_end(struct device_tree *t);

/* Properties of the open node. */
void tree_flag(struct device_tree *t, const char *name);			/* without a value: it is true */
void tree_cells(struct device_tree *t, const char *name, const uint32_t *cells, unsigned n);
void tree_cell(struct device_tree *t, const char *name, uint32_t value);
void tree_string(struct device_tree *t, const char *name, const char *text);
void tree_strings(struct device_tree *t, const char *name, const char *texts, size_t size);	/* each with its NUL, size bytes */

/* A blob as source text, as dtc(1) would take it. 0, or -EINVAL: it is none. */
int tree_print(const void *blob, size_t size, FILE *out);

#endif
