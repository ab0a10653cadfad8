/* SPDX-License-Identifier: MIT
 *
 * The device tree in /sys (drivers/of/kobj.c): a directory for each node, a file for each property, with its bytes as they are in
 * the blob. /proc/device-tree leads here.
 */
#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "emu/board.h"
#include "emu/fs/internal.h"
#include "emu/sysfs/internal.h"

enum { PATH_SIZE = 256 };
#define BASE "firmware/devicetree/base"

static int add_property(struct fs_super *s, const char *where, const char *name, const void *value, int len)
{
	char path[2 * PATH_SIZE];

	snprintf(path, sizeof path, "%s/%s", where, name);
	return sysfs_add_data(s, path, S_IFREG | 0444, value, (size_t)len);
}

/* __of_attach_node_sysfs(): each node has its name as a property, too; the root's is empty. */
static int add_name(struct fs_super *s, const void *blob, int node, const char *where)
{
	int len;
	const char *name = fdt_get_name(blob, node, &len);
	char text[PATH_SIZE];

	for (int i = 0; i < len; i++)
		if (name[i] == '@')
			len = i;
	return add_property(s, where, "name", text, snprintf(text, sizeof text, "%.*s", len, name) + 1);
}

static int add_node(struct fs_super *s, const void *blob, int node)
{
	char path[PATH_SIZE] = BASE;
	int p, err;

	if (node && fdt_get_path(blob, node, path + sizeof BASE - 1, (int)(sizeof path - sizeof BASE)))
		return -ENAMETOOLONG;
	err = sysfs_add_data(s, path, S_IFDIR | 0755, NULL, 0);
	if (err && err != -EEXIST)
		return err;
	err = add_name(s, blob, node, path);
	fdt_for_each_property_offset(p, blob, node) {
		const char *name;
		int len;
		const void *value = fdt_getprop_by_offset(blob, p, &name, &len);

		if (!err && value)
			err = add_property(s, path, name, value, len);
	}
	return err;
}

int sysfs_add_device_tree(struct fs_super *s)
{
	void *blob;
	size_t size;
	int err = board_tree(s->machine, &blob, &size);

	if (err)
		return err;
	err = sysfs_add_data(s, "firmware/fdt", S_IFREG | 0400, blob, size);
	for (int node = 0; !err && node >= 0; node = fdt_next_node(blob, node, NULL))
		err = add_node(s, blob, node);
	free(blob);
	return err;
}
