/* SPDX-License-Identifier: MIT
 *
 * A segment is a mapping source: contiguous pages that are shown directly, so that mm_mmap() does
 * the rest: every attach finds the one region, and the count of mappings is nattch.
 *
 * Ids are the kernel's (ipc/util.c, ipc_idr_alloc()): index plus a sequence number that moves on
 * each time the indices start over, so that a stale id is not taken for a new segment.
 */
#include "mm/shm.h"

#include <errno.h>
#include <stdlib.h>

#include "mm/internal.h"
#include "mm/request.h"

#define IPC_CREAT 01000u
#define IPC_EXCL 02000u
#define IPC_PRIVATE 0
#define SHM_HUGETLB 04000u
#define SHM_DEST 01000u
#define SHM_RDONLY 010000u
#define SHM_RND 020000u
#define SHM_REMAP 040000u
#define SHM_EXEC 0100000u

#define SHM_MAX_IDS 4096	/* SHMMNI */
#define SHM_CYCLE 64		/* IPCMNI_MIN_CYCLE: indices that are used before they start over */
#define SHM_SEQ_SHIFT 15
#define SHM_SEQ_MAX 0xffffu
#define SHM_SIZE_MAX (UINT32_MAX - (1u << 24))	/* SHMMAX */

struct segment {
	struct mm_source source;
	struct mm *mm;
	struct tree_node by_key;	/* while it has a key */
	uint32_t refs;			/* the table's, and one for each region */
	struct mm_shm_info info;	/* nattch is filled in when asked for */
};

struct shm_table {
	struct segment **slots;		/* by index */
	int room, used, last;		/* last: the index given out last */
	uint32_t seq;
	uint64_t total_pages;
	struct tree keys;
};

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

/* The calls below stamp by their caller's clock; exec, exit and munmap() have the machine's. */
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

/* Takes it out of the table; its pages go with the last region. */
static void destroy(struct segment *seg)
{
	struct shm_table *t = seg->mm->shm;

	if (seg->info.key != IPC_PRIVATE)
		tree_remove(&t->keys, &seg->by_key);
	t->slots[seg->info.id & ((1 << SHM_SEQ_SHIFT) - 1)] = NULL;
	t->used--;
	t->total_pages -= seg->info.pages;
	segment_put(&seg->source);
}

static void segment_unmapped(struct mm_source *s)
{
	struct segment *seg = of_source(s);

	if (seg->info.mode & SHM_DEST)
		destroy(seg);
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
		key[i] = "0123456789abcdef"[(uint32_t)seg->info.key >> (28 - 4 * i) & 15];
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

/* --- The table --- */

static int table(struct mm *mm, struct shm_table **out)
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
			destroy(t->slots[i]);
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

/* Gives seg an id, cyclically. */
static int enter(struct shm_table *t, struct segment *seg)
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
	seg->info.seq = t->seq;
	seg->info.id = (int)(t->seq << SHM_SEQ_SHIFT) + at;
	if (seg->info.key != IPC_PRIVATE)
		tree_insert(&t->keys, &seg->by_key);
	return 0;
}

static struct segment *find_key(const struct shm_table *t, int32_t key)
{
	struct tree_node *n = t->keys.root;

	while (n && of_key(n)->info.key != key)
		n = key < of_key(n)->info.key ? n->left : n->right;
	return n ? of_key(n) : NULL;
}

static struct segment *find_id(struct mm *mm, int id)
{
	struct shm_table *t = mm->shm;
	int at = id & ((1 << SHM_SEQ_SHIFT) - 1);

	if (!t || id < 0 || at >= t->room || !t->slots[at] || t->slots[at]->info.id != id)
		return NULL;
	return t->slots[at];
}

/* ipc/util.c ipcperms(). */
static bool permitted(const struct mm_shm_info *i, uint32_t mode, const struct mm_shm_cred *c)
{
	uint32_t asked = (mode >> 6) | (mode >> 3) | mode, granted = i->mode;

	if (c->uid == i->cuid || c->uid == i->uid)
		granted >>= 6;
	else if (c->gid == i->cgid || c->gid == i->gid)
		granted >>= 3;
	return !(asked & ~granted & 7) || c->privileged;
}

static bool owns(const struct mm_shm_info *i, const struct mm_shm_cred *c)
{
	return c->uid == i->cuid || c->uid == i->uid || c->privileged;
}

/* --- The calls --- */

static int create(struct mm *mm, struct shm_table *t, int32_t key, uint32_t size, uint32_t flags,
		  const struct mm_shm_cred *c)
{
	uint64_t len = page_up(size);
	uint32_t pages = (uint32_t)(len / FLAT_PAGE_SIZE);
	struct segment *seg;
	int err;

	/* The kernel is built without huge pages here. */
	if (size == 0 || size > SHM_SIZE_MAX || (flags & SHM_HUGETLB))
		return -EINVAL;
	if (mm->config.compat_linux && page_order(pages) > mm->pages.max_order)
		return -EFBIG;
	seg = calloc(1, sizeof(*seg));
	if (!seg)
		return -ENOMEM;
	seg->source.ops = &segment_ops;
	seg->source.kind = MM_REGULAR;
	seg->mm = mm;
	seg->refs = 1;
	seg->info = (struct mm_shm_info){
		.key = key, .size = size, .uid = c->uid, .gid = c->gid, .cuid = c->uid, .cgid = c->gid,
		.mode = flags & 0777, .ctime = c->now, .cpid = c->pid, .pages = pages,
	};
	err = mm_pages_get(mm, pages, &seg->info.addr);
	if (err)
		goto free_segment;
	err = flat_zero_pages(mm->flat, seg->info.addr, len);
	if (!err)
		err = enter(t, seg);
	if (err)
		goto put_pages;
	return seg->info.id;
put_pages:
	mm_pages_put(mm, seg->info.addr, pages);
free_segment:
	free(seg);
	return err;
}

int mm_shm_get(struct mm *mm, int32_t key, uint32_t size, uint32_t flags, const struct mm_shm_cred *c)
{
	struct segment *seg = NULL;
	struct shm_table *t;
	int err = table(mm, &t);

	if (err)
		return err;
	if (key != IPC_PRIVATE)
		seg = find_key(t, key);
	if (!seg)
		return key == IPC_PRIVATE || (flags & IPC_CREAT) ? create(mm, t, key, size, flags, c) : -ENOENT;
	if ((flags & IPC_CREAT) && (flags & IPC_EXCL))
		return -EEXIST;
	if (seg->info.size < size)
		return -EINVAL;
	return permitted(&seg->info, flags, c) ? seg->info.id : -EACCES;
}

int mm_shm_at(struct mm_space *s, int id, uint32_t addr, uint32_t flags, const struct mm_shm_cred *c,
	      uint32_t *out)
{
	bool rdonly = flags & SHM_RDONLY, exec = flags & SHM_EXEC;
	struct segment *seg = find_id(s->mm, id);
	uint32_t access = (rdonly ? 0444 : 0666) | (exec ? 0111 : 0);
	struct mm_map m = {
		.flags = LX_MAP_SHARED, .readable = true, .writable = !rdonly,
		.prot = LX_PROT_READ | (rdonly ? 0 : LX_PROT_WRITE) | (exec ? LX_PROT_EXEC : 0),
	};
	int err;

	/* An address is a wish for MAP_FIXED, which there is not; SHM_REMAP wants an address. */
	if (!seg || (!addr && (flags & SHM_REMAP)))
		return -EINVAL;
	if (addr && !page_aligned(addr) && !(flags & SHM_RND))
		return -EINVAL;
	if (!permitted(&seg->info, access, c))
		return -EACCES;
	if (addr)
		return -EINVAL;
	m.len = seg->info.size;
	m.source = &seg->source;
	err = mm_mmap(s, &m, out);
	if (err)
		return err;
	seg->info.atime = c->now;
	seg->info.lpid = c->pid;
	return 0;
}

int mm_shm_dt(struct mm_space *s, uint32_t addr, const struct mm_shm_cred *c)
{
	struct mm_vma *v = vma_overlapping(s, addr, (uint64_t)addr + 1);
	struct segment *seg;

	if (!page_aligned(addr))
		return -EINVAL;
	while (v && v->start <= addr) {
		if (v->start == addr && v->region->source && v->region->source->ops == &segment_ops)
			break;
		v = vma_next(v);
	}
	if (!v || v->start != addr)
		return -EINVAL;
	seg = of_source(v->region->source);
	segment_get(&seg->source);
	vma_delete(s, v);
	seg->info.dtime = c->now;
	seg->info.lpid = c->pid;
	segment_put(&seg->source);
	return 0;
}

static void fill(const struct segment *seg, struct mm_shm_info *out)
{
	*out = seg->info;
	out->nattch = seg->source.mappings;
}

int mm_shm_stat(struct mm *mm, int id, bool by_index, const struct mm_shm_cred *c,
		struct mm_shm_info *out)
{
	struct shm_table *t = mm->shm;
	struct segment *seg;

	if (by_index)
		seg = t && id >= 0 && id < t->room ? t->slots[id] : NULL;
	else
		seg = find_id(mm, id);
	if (!seg)
		return -EINVAL;
	if (!permitted(&seg->info, 0444, c))
		return -EACCES;
	fill(seg, out);
	return by_index ? seg->info.id : 0;
}

int mm_shm_set(struct mm *mm, int id, uint32_t uid, uint32_t gid, uint32_t mode,
	       const struct mm_shm_cred *c)
{
	struct segment *seg = find_id(mm, id);

	if (!seg)
		return -EINVAL;
	if (!owns(&seg->info, c))
		return -EPERM;
	seg->info.uid = uid;
	seg->info.gid = gid;
	seg->info.mode = (seg->info.mode & ~0777u) | (mode & 0777);
	seg->info.ctime = c->now;
	return 0;
}

int mm_shm_rmid(struct mm *mm, int id, const struct mm_shm_cred *c)
{
	struct segment *seg = find_id(mm, id);

	if (!seg)
		return -EINVAL;
	if (!owns(&seg->info, c))
		return -EPERM;
	if (seg->source.mappings == 0) {
		destroy(seg);
		return 0;
	}
	/* It lives on without a key until the last one lets go. */
	if (seg->info.key != IPC_PRIVATE)
		tree_remove(&mm->shm->keys, &seg->by_key);
	seg->info.key = IPC_PRIVATE;
	seg->info.mode |= SHM_DEST;
	return 0;
}

void mm_shm_totals(struct mm *mm, struct mm_shm_totals *out)
{
	struct shm_table *t = mm->shm;

	*out = (struct mm_shm_totals){ 0 };
	if (!t)
		return;
	out->used_ids = t->used;
	out->total_pages = t->total_pages;
	for (int i = t->room - 1; i > 0; i--) {
		if (t->slots[i]) {
			out->max_index = i;
			break;
		}
	}
}

int mm_shm_walk(struct mm *mm, mm_shm_walk_fn fn, void *ctx)
{
	struct shm_table *t = mm->shm;

	for (int i = 0; t && i < t->room; i++) {
		struct mm_shm_info info;
		int stop;

		if (!t->slots[i])
			continue;
		fill(t->slots[i], &info);
		stop = fn(ctx, &info);
		if (stop)
			return stop;
	}
	return 0;
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
		keyed += seg->info.key != IPC_PRIVATE;
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
