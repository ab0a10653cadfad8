/* SPDX-License-Identifier: MIT
 *
 * process_vm_readv(2), process_vm_writev(2) (mm/process_vm_access.c).  Linux has them with an MMU only; without one
 * they are as easily had, and debuggers ask for them first.  --compat: ENOSYS.
 */
#include <errno.h>
#include <string.h>
#include "emu/ptrace/ptrace.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

enum { VECTOR_MAX = 1024 };		/* UIO_MAXIOV */
#define MAX_RW_COUNT 0x7ffff000u
#define PROT_READ_ 1u
#define PROT_WRITE_ 2u

struct guest_iovec { uint32_t base, len; };
struct vector { struct guest_iovec seg[VECTOR_MAX]; uint32_t count; uint64_t total; };

/* copy_iovec_from_user() */
static int get_vector(struct task *t, uint32_t addr, uint32_t count, struct vector *v)
{
	if (count > VECTOR_MAX)
		return -EINVAL;
	if (user_read(t, v->seg, addr, (uint64_t)count * sizeof *v->seg))
		return -EFAULT;
	v->count = count;
	v->total = 0;
	for (uint32_t i = 0; i < count; i++) {
		if ((int32_t)v->seg[i].len < 0)
			return -EINVAL;
		v->total += v->seg[i].len;
	}
	return 0;
}

/* Our side, of which there may be too much for one call (__import_iovec()). */
static int get_local(struct task *t, uint32_t addr, uint32_t count, struct vector *v)
{
	uint64_t total = 0;
	int err = get_vector(t, addr, count, v);

	if (err)
		return err;
	for (uint32_t i = 0; i < v->count; i++) {
		if (v->seg[i].len > MAX_RW_COUNT - total)
			v->seg[i].len = (uint32_t)(MAX_RW_COUNT - total);
		total += v->seg[i].len;
	}
	v->total = total;
	return 0;
}

/* Where we are on our side. */
struct place { struct vector *v; uint32_t i; };

/*
 * Between `len` bytes at addr of the other process, all of them its, and what comes next on our side.  How many; fewer
 * when our side ends, in memory or in the vector.
 */
static uint32_t move_segment(struct task *t, struct place *at, uint32_t addr, uint32_t len, bool write)
{
	uint32_t done = 0;

	while (done < len && at->i < at->v->count) {
		struct guest_iovec *seg = &at->v->seg[at->i];
		uint32_t n = seg->len < len - done ? seg->len : len - done, page = FLAT_PAGE_SIZE - seg->base % FLAT_PAGE_SIZE;
		const void *from;
		void *to;

		if (!seg->len) {
			at->i++;
			continue;
		}
		/* Up to where our memory ends. */
		if (!(write ? user_span(t, seg->base, n) : user_span_write(t, seg->base, n)))
			n = n < page ? n : page;
		from = user_span(t, write ? seg->base : addr + done, n);
		to = user_span_write(t, write ? addr + done : seg->base, n);
		if (!from || !to)
			break;
		memmove(to, from, n);
		seg->base += n;
		seg->len -= n;
		done += n;
	}
	return done;
}

static int64_t transfer(struct task *t, struct task *other, struct vector *local, const struct vector *remote, bool write)
{
	struct place at = { local, 0 };
	int64_t done = 0;

	for (uint32_t i = 0; i < remote->count && (uint64_t)done < local->total; i++) {
		const struct guest_iovec *seg = &remote->seg[i];
		uint64_t left = local->total - (uint64_t)done;
		uint32_t want = seg->len < left ? seg->len : (uint32_t)left, n;

		n = mm_reach(other->space, seg->base, want, write ? PROT_WRITE_ : PROT_READ_);
		n = move_segment(t, &at, seg->base, n, write);
		if (write)
			hart_flush(&t->machine->hart, seg->base, n);
		done += n;
		if (n < want)
			return done ? done : -EFAULT;
	}
	return done;
}

static int64_t process_vm(struct task *t, const uint32_t a[6], bool write)
{
	struct vector local, remote;
	struct task *other;
	int err;

	if (t->machine->options.compat_linux)
		return -ENOSYS;
	if (a[5])
		return -EINVAL;
	err = get_local(t, a[1], a[2], &local);
	if (err)
		return err;
	if (!local.total)
		return 0;
	err = get_vector(t, a[3], a[4], &remote);
	if (err)
		return err;
	if (!remote.total)
		return 0;
	other = task_find(t->machine, (int)a[0]);
	if (!other)
		return -ESRCH;
	if (ptrace_may_access(t, other, PTRACE_REALCREDS))
		return -EPERM;
	if (!other->space)
		return -ESRCH;
	return transfer(t, other, &local, &remote, write);
}

int64_t sys_process_vm_readv(struct task *t, const uint32_t a[6]) { return process_vm(t, a, false); }
int64_t sys_process_vm_writev(struct task *t, const uint32_t a[6]) { return process_vm(t, a, true); }
