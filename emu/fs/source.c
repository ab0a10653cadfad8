/* SPDX-License-Identifier: MIT
 *
 * Inodes as mapping sources: what is the same for every file system.
 */
#include "emu/fs/internal.h"

#include <stdio.h>
#include <string.h>

/* While it is mapped a file keeps its name, for /proc/PID/maps. */
void inode_source_get(struct mm_source *s)
{
	struct inode *i = inode_get(inode_of_source(s));

	i->super->regions++;
	if (i->regions++ == 0 && i->alias)
		i->map_alias = dentry_get(i->alias);
}

void inode_source_put(struct mm_source *s)
{
	struct inode *i = inode_of_source(s);

	i->super->regions--;
	if (--i->regions == 0 && i->map_alias) {
		struct dentry *d = i->map_alias;

		i->map_alias = NULL;
		dentry_put(d);
	}
	inode_put(i);
}

/* Some mount in which the dentry is seen. */
static struct mount *mount_of(struct vfs *v, struct dentry *d)
{
	for (struct mount *m = v->root; m; m = m->next)
		if (m->super == d->inode->super && dentry_is_ancestor(m->root, d))
			return m;
	return NULL;
}

void inode_source_identify(struct mm_source *s, uint32_t *major, uint32_t *minor, uint64_t *ino, char *path,
			   size_t size)
{
	struct inode *i = inode_of_source(s);
	struct vfs *v = i->super->machine->vfs;
	struct dentry *d = i->map_alias ? i->map_alias : i->alias;
	struct path_ref p = { .dentry = d };

	*major = vfs_major(i->super->dev);
	*minor = vfs_minor(i->super->dev);
	*ino = i->ino;
	if (size)
		*path = 0;
	if (!d)
		return;
	p.mnt = i->super == v->anon ? v->anon_mount : mount_of(v, d);
	if (p.mnt)
		vfs_path_name(&p, NULL, path, size);
	else
		snprintf(path, size, "/%s (deleted)", d->name);
}
