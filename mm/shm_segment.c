/* SPDX-License-Identifier: MIT
 *
 * A segment is a mapping source: contiguous pages that are shown directly, so that mm_mmap() does
 * the rest: every attach finds the one region, and the count of mappings is nattch.
 */
#include "mm/shm_internal.h"

#include <errno.h>
#include <stdlib.h>

#define SHM_MAX_IDS 4096	/* SHMMNI */

static struct segment *of_perm(struct ipc_perm *p)
{
	return p ? tree_entry(p, struct segment, perm) : NULL;
}

static struct segment *of_source(struct mm_source *s)
{
	return (struct segment *)(void *)((char *)s - offsetof(struct segment, source));
}

/* --- The segment as a source --- */

static unsigned segment_capabilities(struct mm_source *s)
{
	(void)s;
	return MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE | MM_CAN_EXEC;
}

static int segment_direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	struct segment *seg = of_source(s);

	(void)shared;
	if (offset + len > (uint64_t)seg->info.pages * FLAT_PAGE_SIZE)
		return -EINVAL;
	*addr = seg->info.addr + (uint32_t)offset;
	return 0;
}

static void segment_get(struct mm_source *s)
{
	of_source(s)->refs++;
}

static void segment_put(struct mm_source *s)
{
	struct segment *seg = of_source(s);

	if (--seg->refs)
		return;
	mm_pages_put(seg->mm, seg->info.addr, seg->info.pages);
	free(seg);
}

/* shm.c stamps by its caller's clock; exec, exit and munmap() have the machine's. */
static void stamp(struct segment *seg, int64_t *when, int pid)
{
	const struct mm_config *c = &seg->mm->config;

	if (c->now)
		*when = c->now(c->owner);
	seg->info.lpid = pid;
}

static void segment_opened(struct mm_source *s, int pid)
{
	struct segment *seg = of_source(s);

	stamp(seg, &seg->info.atime, pid);
}

static void segment_closed(struct mm_source *s, int pid)
{
	struct segment *seg = of_source(s);

	stamp(seg, &seg->info.dtime, pid);
}

void segment_forget_key(struct segment *seg)
{
	ipc_ids_forget_key(&seg->mm->shm->ids, &seg->perm);
}

void segment_destroy(struct segment *seg)
{
	struct shm_table *t = seg->mm->shm;

	ipc_ids_remove(&t->ids, &seg->perm);
	t->total_pages -= seg->info.pages;
	segment_put(&seg->source);
}

static void segment_unmapped(struct mm_source *s)
{
	struct segment *seg = of_source(s);

	if (seg->perm.mode & SHM_DEST)
		segment_destroy(seg);
}

static void put_text(char *path, size_t size, size_t *at, const char *text)
{
	while (*text && *at + 1 < size)
		path[(*at)++] = *text++;
	path[*at] = '\0';
}

static void segment_identify(struct mm_source *s, uint32_t *major, uint32_t *minor, uint64_t *inode,
			     char *path, size_t size)
{
	struct segment *seg = of_source(s);
	char key[9];
	size_t at = 0;

	*major = 0;
	*minor = 1;
	*inode = (uint64_t)seg->perm.id;
	for (int i = 0; i < 8; i++)
		key[i] = "0123456789abcdef"[(uint32_t)seg->name >> (28 - 4 * i) & 15];
	key[8] = '\0';
	put_text(path, size, &at, "/SYSV");
	put_text(path, size, &at, key);
	put_text(path, size, &at, " (deleted)");
}

static const struct mm_source_ops segment_ops = {
	.capabilities = segment_capabilities,
	.direct = segment_direct,
	.get = segment_get,
	.put = segment_put,
	.opened = segment_opened,
	.closed = segment_closed,
	.unmapped = segment_unmapped,
	.identify = segment_identify,
};

struct segment *segment_new(struct mm *mm)
{
	struct segment *seg = calloc(1, sizeof(*seg));

	if (!seg)
		return NULL;
	seg->source.ops = &segment_ops;
	seg->source.kind = MM_REGULAR;
	seg->mm = mm;
	seg->refs = 1;
	return seg;
}

void segment_hold(struct segment *seg)
{
	segment_get(&seg->source);
}

void segment_drop(struct segment *seg)
{
	segment_put(&seg->source);
}

struct segment *segment_of_vma(const struct mm_vma *v)
{
	struct mm_source *s = v->region->source;

	return s && s->ops == &segment_ops ? of_source(s) : NULL;
}

/* --- The table --- */

int shm_table(struct mm *mm, struct shm_table **out)
{
	if (!mm->shm) {
		mm->shm = calloc(1, sizeof(*mm->shm));
		if (!mm->shm)
			return -ENOMEM;
		ipc_ids_init(&mm->shm->ids);
	}
	*out = mm->shm;
	return 0;
}

void shm_fini(struct mm *mm)
{
	struct shm_table *t = mm->shm;
	struct ipc_perm *p;

	if (!t)
		return;
	while ((p = ipc_ids_next(&t->ids, 0)))
		segment_destroy(of_perm(p));
	ipc_ids_fini(&t->ids);
	free(t);
	mm->shm = NULL;
}

int segment_enter(struct shm_table *t, struct segment *seg, const struct ipc_cred *c)
{
	int err = ipc_ids_add(&t->ids, &seg->perm, SHM_MAX_IDS, c);

	if (err)
		return err;
	t->total_pages += seg->info.pages;
	seg->name = seg->perm.key;
	return 0;
}

struct segment *segment_by_key(const struct shm_table *t, int32_t key)
{
	return of_perm(ipc_ids_by_key(&t->ids, key));
}

struct segment *segment_by_id(struct mm *mm, int id)
{
	return mm->shm ? of_perm(ipc_ids_by_id(&mm->shm->ids, id)) : NULL;
}

struct segment *segment_by_index(struct mm *mm, int index)
{
	return mm->shm ? of_perm(ipc_ids_by_index(&mm->shm->ids, index)) : NULL;
}

struct segment *segment_from_index(struct mm *mm, int index)
{
	return mm->shm ? of_perm(ipc_ids_next(&mm->shm->ids, index)) : NULL;
}

const char *shm_check(struct mm *mm)
{
	struct shm_table *t = mm->shm;
	uint64_t pages = 0;

	if (!t)
		return NULL;
	for (struct ipc_perm *p = ipc_ids_next(&t->ids, 0); p; p = ipc_ids_next(&t->ids, ipc_index(p) + 1)) {
		struct segment *seg = of_perm(p);

		pages += seg->info.pages;
		if ((p->mode & SHM_DEST) && seg->source.mappings == 0)
			return "shm: a destroyed segment without attachments is still there";
	}
	if (pages != t->total_pages)
		return "shm: the count of pages is wrong";
	return ipc_ids_check(&t->ids);
}
