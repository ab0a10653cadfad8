/* SPDX-License-Identifier: MIT
 *
 * The calls: shmget(), shmat(), shmdt(), shmctl().
 */
#include "mm/shm.h"

#include <errno.h>
#include <stdlib.h>

#include "mm/request.h"
#include "mm/shm_internal.h"

#define SHM_HUGETLB 04000u
#define SHM_RDONLY 010000u
#define SHM_RND 020000u
#define SHM_REMAP 040000u
#define SHM_EXEC 0100000u

#define SHM_SIZE_MAX (UINT32_MAX - (1u << 24))	/* SHMMAX */

static struct ipc_cred who(const struct mm_shm_cred *c)
{
	return (struct ipc_cred){
		.uid = c->uid, .gid = c->gid, .ngroups = c->ngroups, .groups = c->groups, .privileged = c->privileged,
	};
}

static bool permitted(const struct segment *seg, uint32_t mode, const struct mm_shm_cred *c)
{
	struct ipc_cred w = who(c);

	return ipc_permitted(&seg->perm, mode, &w);
}

static bool owns(const struct segment *seg, const struct mm_shm_cred *c)
{
	struct ipc_cred w = who(c);

	return ipc_owns(&seg->perm, &w);
}

static int create(struct mm *mm, struct shm_table *t, int32_t key, uint32_t size, uint32_t flags,
		  const struct mm_shm_cred *c)
{
	uint64_t len = page_up(size);
	uint32_t pages = (uint32_t)(len / FLAT_PAGE_SIZE);
	struct ipc_cred w = who(c);
	struct segment *seg;
	int err;

	/* The kernel is built without huge pages here. */
	if (size == 0 || size > SHM_SIZE_MAX || (flags & SHM_HUGETLB))
		return -EINVAL;
	seg = segment_new(mm);
	if (!seg)
		return -ENOMEM;
	seg->perm = (struct ipc_perm){ .key = key, .mode = flags & 0777 };
	seg->info = (struct mm_shm_info){ .size = size, .ctime = c->now, .cpid = c->pid, .pages = pages };
	err = mm_pages_get(mm, pages, &seg->info.addr);
	if (err) {
		mm_pages_missed(mm, pages);
		goto free_segment;
	}
	err = flat_zero_pages(mm->flat, seg->info.addr, len);
	if (!err)
		err = segment_enter(t, seg, &w);
	if (err)
		goto put_pages;
	return seg->perm.id;
put_pages:
	mm_pages_put(mm, seg->info.addr, pages);
free_segment:
	free(seg);
	return err;
}

int mm_shm_get(struct mm *mm, int32_t key, uint32_t size, uint32_t flags, const struct mm_shm_cred *c)
{
	MM_OPERATION(mm, "shmget");
	struct segment *seg = NULL;
	struct shm_table *t;
	int err = shm_table(mm, &t);

	if (err)
		return err;
	if (key != IPC_KEY_PRIVATE)
		seg = segment_by_key(t, key);
	if (!seg)
		return key == IPC_KEY_PRIVATE || (flags & IPC_FLAG_CREAT) ? create(mm, t, key, size, flags, c) : -ENOENT;
	if ((flags & IPC_FLAG_CREAT) && (flags & IPC_FLAG_EXCL))
		return -EEXIST;
	if (seg->info.size < size)
		return -EINVAL;
	return permitted(seg, flags, c) ? seg->perm.id : -EACCES;
}

int mm_shm_at(struct mm_space *s, int id, uint32_t addr, uint32_t flags, const struct mm_shm_cred *c,
	      uint32_t *out)
{
	MM_OPERATION(s->mm, "shmat");
	bool rdonly = flags & SHM_RDONLY, exec = flags & SHM_EXEC;
	struct segment *seg = segment_by_id(s->mm, id);
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
	if (!permitted(seg, access, c))
		return -EACCES;
	if (addr)
		return -EINVAL;
	/* Stock 6.12 lost the capabilities of a segment's file, and can attach none (ipc/shm.c). */
	if (s->mm->config.compat_linux)
		return -ENODEV;
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
	MM_OPERATION(s->mm, "shmdt");
	struct mm_vma *v = vma_from(s, addr);
	struct segment *seg;

	if (!page_aligned(addr))
		return -EINVAL;
	/* Others may start at the same place (/dev/mem's). */
	while (v && v->start == addr && !segment_of_vma(v))
		v = vma_next(v);
	if (!v || v->start != addr)
		return -EINVAL;
	seg = segment_of_vma(v);
	segment_hold(seg);
	vma_delete(s, v);
	seg->info.dtime = c->now;
	seg->info.lpid = c->pid;
	segment_drop(seg);
	return 0;
}

static void fill(const struct segment *seg, struct mm_shm_info *out)
{
	const struct ipc_perm *p = &seg->perm;

	*out = seg->info;
	out->key = p->key;
	out->id = p->id;
	out->seq = p->seq;
	out->uid = p->uid;
	out->gid = p->gid;
	out->cuid = p->cuid;
	out->cgid = p->cgid;
	out->mode = p->mode;
	out->nattch = seg->source.mappings;
}

int mm_shm_stat(struct mm *mm, int id, bool by_index, const struct mm_shm_cred *c,
		struct mm_shm_info *out)
{
	struct segment *seg = by_index ? segment_by_index(mm, id) : segment_by_id(mm, id);

	if (!seg)
		return -EINVAL;
	if (!permitted(seg, 0444, c))
		return -EACCES;
	fill(seg, out);
	return by_index ? out->id : 0;
}

int mm_shm_set(struct mm *mm, int id, uint32_t uid, uint32_t gid, uint32_t mode,
	       const struct mm_shm_cred *c)
{
	struct segment *seg = segment_by_id(mm, id);
	int err;

	if (!seg)
		return -EINVAL;
	if (!owns(seg, c))
		return -EPERM;
	err = ipc_set_perm(&seg->perm, uid, gid, mode);
	if (!err)
		seg->info.ctime = c->now;
	return err;
}

int mm_shm_lock(struct mm *mm, int id, bool lock, bool limited, const struct mm_shm_cred *c)
{
	struct segment *seg = segment_by_id(mm, id);

	if (!seg)
		return -EINVAL;
	if (!owns(seg, c) || (lock && limited && !c->privileged))
		return -EPERM;
	seg->perm.mode = lock ? seg->perm.mode | SHM_LOCKED : seg->perm.mode & ~SHM_LOCKED;
	return 0;
}

int mm_shm_rmid(struct mm *mm, int id, const struct mm_shm_cred *c)
{
	MM_OPERATION(mm, "shmctl");
	struct segment *seg = segment_by_id(mm, id);

	if (!seg)
		return -EINVAL;
	if (!owns(seg, c))
		return -EPERM;
	if (seg->source.mappings == 0) {
		segment_destroy(seg);
		return 0;
	}
	/* It lives on without a key until the last one lets go. */
	segment_forget_key(seg);
	seg->perm.mode |= SHM_DEST;
	return 0;
}

void mm_shm_totals(struct mm *mm, struct mm_shm_totals *out)
{
	struct shm_table *t = mm->shm;

	*out = (struct mm_shm_totals){ 0 };
	if (!t)
		return;
	out->used_ids = t->ids.used;
	out->total_pages = t->total_pages;
	out->max_index = ipc_ids_highest(&t->ids);
}

int mm_shm_walk(struct mm *mm, mm_shm_walk_fn fn, void *ctx)
{
	struct segment *seg;

	for (int i = 0; (seg = segment_from_index(mm, i)); i = ipc_index(&seg->perm) + 1) {
		struct mm_shm_info info;
		int stop;

		fill(seg, &info);
		stop = fn(ctx, &info);
		if (stop)
			return stop;
	}
	return 0;
}
