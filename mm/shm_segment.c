/* SPDX-License-Identifier: MIT
 *
 * A segment is a mapping source: contiguous pages that are shown directly, so that mm_mmap() does
 * the rest: every attach finds the one region, and the count of mappings is nattch.
 *
 * Ids are the kernel's (ipc/util.c, ipc_idr_alloc()): index plus a sequence number that moves on
 * each time the indices start over, so that a stale id is not taken for a new segment.
 */
#include "mm/shm_internal.h"

#include <errno.h>
#include <stdlib.h>

#define SHM_MAX_IDS 4096	/* SHMMNI */
#define SHM_CYCLE 64		/* IPCMNI_MIN_CYCLE: indices that are used before they start over */
#define SHM_SEQ_SHIFT 15
#define SHM_SEQ_MAX 0xffffu

static struct segment *of_key(const struct tree_node *n)
{
	return tree_entry(n, struct segment, by_key);
}

static int compare_keys(const struct tree_node *a, const struct tree_node *b)
{
	int32_t ka = of_key(a)->info.key, kb = of_key(b)->info.key;

	return ka < kb ? -1 : ka > kb;
}

static const struct tree_ops key_ops = { compare_keys, NULL };

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
	if (seg->info.key != SHM_KEY_PRIVATE)
		tree_remove(&seg->mm->shm->keys, &seg->by_key);
	seg->info.key = SHM_KEY_PRIVATE;
}

void segment_destroy(struct segment *seg)
{
	struct shm_table *t = seg->mm->shm;

	segment_forget_key(seg);
	t->slots[seg->info.id & ((1 << SHM_SEQ_SHIFT) - 1)] = NULL;
	t->used--;
	t->total_pages -= seg->info.pages;
	segment_put(&seg->source);
}

static void segment_unmapped(struct mm_source *s)
{
	struct segment *seg = of_source(s);

	if (seg->info.mode & SHM_DEST)
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
	*inode = (uint64_t)seg->info.id;
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
		mm->shm->last = -1;
		tree_init(&mm->shm->keys, &key_ops);
	}
	*out = mm->shm;
	return 0;
}

void shm_fini(struct mm *mm)
{
	struct shm_table *t = mm->shm;

	if (!t)
		return;
	for (int i = 0; i < t->room; i++)
		if (t->slots[i])
			segment_destroy(t->slots[i]);
	free(t->slots);
	free(t);
	mm->shm = NULL;
}

static int find_slot(struct shm_table *t, int limit)
{
	int from = t->last + 1 < limit ? t->last + 1 : 0;

	for (int i = 0; i < limit; i++) {
		int at = (from + i) % limit;

		if (at >= t->room || !t->slots[at])
			return at;
	}
	return -ENOSPC;
}

int segment_enter(struct shm_table *t, struct segment *seg)
{
	int limit = t->used * 3 / 2, at;

	if (t->used >= SHM_MAX_IDS)
		return -ENOSPC;
	limit = limit < SHM_CYCLE ? SHM_CYCLE : limit;
	limit = limit > SHM_MAX_IDS ? SHM_MAX_IDS : limit;
	at = find_slot(t, limit);
	if (at < 0)
		return at;
	if (at >= t->room) {
		int room = t->room ? t->room * 2 : SHM_CYCLE;
		struct segment **slots;

		while (room <= at)
			room *= 2;
		slots = realloc(t->slots, (size_t)room * sizeof(struct segment *));
		if (!slots)
			return -ENOMEM;
		for (int i = t->room; i < room; i++)
			slots[i] = NULL;
		t->slots = slots;
		t->room = room;
	}
	if (at <= t->last)
		t->seq = t->seq == SHM_SEQ_MAX ? 0 : t->seq + 1;
	t->last = at;
	t->slots[at] = seg;
	t->used++;
	t->total_pages += seg->info.pages;
	seg->name = seg->info.key;
	seg->info.seq = t->seq;
	seg->info.id = (int)(t->seq << SHM_SEQ_SHIFT) + at;
	if (seg->info.key != SHM_KEY_PRIVATE)
		tree_insert(&t->keys, &seg->by_key);
	return 0;
}

struct segment *segment_by_key(const struct shm_table *t, int32_t key)
{
	struct tree_node *n = t->keys.root;

	while (n && of_key(n)->info.key != key)
		n = key < of_key(n)->info.key ? n->left : n->right;
	return n ? of_key(n) : NULL;
}

struct segment *segment_by_id(struct mm *mm, int id)
{
	struct shm_table *t = mm->shm;
	int at = id & ((1 << SHM_SEQ_SHIFT) - 1);

	if (!t || id < 0 || at >= t->room || !t->slots[at] || t->slots[at]->info.id != id)
		return NULL;
	return t->slots[at];
}

const char *shm_check(struct mm *mm)
{
	struct shm_table *t = mm->shm;
	size_t keyed = 0;
	uint64_t pages = 0;
	int used = 0;

	if (!t)
		return NULL;
	for (int i = 0; i < t->room; i++) {
		struct segment *seg = t->slots[i];

		if (!seg)
			continue;
		used++;
		pages += seg->info.pages;
		keyed += seg->info.key != SHM_KEY_PRIVATE;
		if ((seg->info.id & ((1 << SHM_SEQ_SHIFT) - 1)) != i)
			return "shm: a segment is not where its id says";
		if ((seg->info.mode & SHM_DEST) && seg->source.mappings == 0)
			return "shm: a destroyed segment without attachments is still there";
	}
	if (used != t->used || pages != t->total_pages)
		return "shm: the counts of segments and pages are wrong";
	if (!tree_check(&t->keys) || t->keys.count != keyed)
		return "shm: the tree of keys is damaged";
	return NULL;
}
