/* SPDX-License-Identifier: MIT */
#include "emu/fs/notify.h"

#include <sys/stat.h>
#include "emu/fs/internal.h"

void notify_watch_add(struct inode_watch *w, struct inode *i)
{
	struct fs_super *s = i->super;

	w->inode = inode_get(i);
	w->inode_next = i->watches;
	w->inode_link = &i->watches;
	if (w->inode_next)
		w->inode_next->inode_link = &w->inode_next;
	i->watches = w;
	w->super_next = s->watches;
	w->super_link = &s->watches;
	if (w->super_next)
		w->super_next->super_link = &w->super_next;
	s->watches = w;
}

void notify_watch_remove(struct inode_watch *w)
{
	*w->inode_link = w->inode_next;
	if (w->inode_next)
		w->inode_next->inode_link = w->inode_link;
	*w->super_link = w->super_next;
	if (w->super_next)
		w->super_next->super_link = w->super_link;
	inode_put(w->inode);
}

static uint32_t is_dir(const struct inode *i)
{
	return S_ISDIR(i->mode) ? NOTIFY_ISDIR : 0;
}

/* A watch may go while it is told, none of the others. The caller holds the inode. */
static void tell(struct inode *i, uint32_t mask, const char *name, uint32_t cookie, bool unlinked)
{
	struct inode_watch *next;

	for (struct inode_watch *w = i->watches; w; w = next) {
		next = w->inode_next;
		if ((mask & w->mask & NOTIFY_EVENTS) && !(unlinked && w->excl_unlink))
			w->event(w, mask, name, cookie);
	}
}

void notify_inode_slow(struct inode *i, uint32_t mask)
{
	tell(i, mask | is_dir(i), NULL, 0, false);
}

void notify_name_slow(struct inode *dir, uint32_t mask, const char *name, uint32_t cookie)
{
	tell(dir, mask, name, cookie, false);
}

/* What devices and pipes read and write is not a matter of the directory their node is in. */
static bool is_special(const struct inode *i)
{
	return !S_ISREG(i->mode) && !S_ISDIR(i->mode) && !S_ISLNK(i->mode);
}

/* __fsnotify_parent(), fsnotify_handle_event(): the directory's watchers first. */
void notify_dentry_slow(struct dentry *d, uint32_t mask, bool by_file)
{
	bool unlinked = by_file && d->unlinked;

	mask |= is_dir(d->inode);
	if (d->parent != d && !(by_file && is_special(d->inode) && (mask & (NOTIFY_ACCESS | NOTIFY_MODIFY))))
		tell(d->parent->inode, mask, d->name, 0, unlinked);
	tell(d->inode, mask, NULL, 0, unlinked);
}

static void end_all(struct inode_watch *first, uint32_t mask)
{
	struct inode_watch *next;

	for (struct inode_watch *w = first; w; w = next) {
		next = w->inode_next;
		if (mask & (w->mask | NOTIFY_UNMOUNT))
			w->event(w, mask | is_dir(w->inode), NULL, 0);
	}
}

void notify_gone_slow(struct inode *i)
{
	inode_get(i);
	end_all(i->watches, NOTIFY_DELETE_SELF);
	while (i->watches)
		i->watches->gone(i->watches);
	inode_put(i);
}

void notify_unmount(struct fs_super *s)
{
	while (s->watches) {
		struct inode *i = inode_get(s->watches->inode);

		end_all(i->watches, NOTIFY_UNMOUNT);
		while (i->watches)
			i->watches->gone(i->watches);
		inode_put(i);
	}
}

/* fsnotify_move(): both halves have the same number, by which a reader finds that they belong together. */
void notify_move_slow(struct inode *from, const char *old, struct inode *to, struct dentry *moved, struct inode *replaced)
{
	uint32_t cookie = ++from->super->machine->vfs->moves, dir = is_dir(moved->inode);

	tell(from, NOTIFY_MOVED_FROM | dir, old, cookie, false);
	tell(to, NOTIFY_MOVED_TO | dir, moved->name, cookie, false);
	if (replaced)
		notify_inode_slow(replaced, NOTIFY_ATTRIB);
	notify_inode_slow(moved->inode, NOTIFY_MOVE_SELF);
}
