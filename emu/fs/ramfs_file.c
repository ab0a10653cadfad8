/* SPDX-License-Identifier: MIT
 *
 * Memory files: reading, writing, sizes, and mappings.
 *
 * What lies behind the end of a file in its last page is zero, so that a mapping of that page and a later
 * growth of the file both find it so.
 */
#include "emu/fs/ramfs.h"

#include <errno.h>
#include <string.h>
#include "emu/fs/internal.h"
#include "emu/kernel/machine.h"

static void account(struct inode *i)
{
	struct ramfs_data *d = i->private;

	i->blocks = (uint64_t)d->pages * (FLAT_PAGE_SIZE / 512);
}

/* Mappings may have decoded code in it. */
static void changed(struct inode *i, const uint8_t *p, uint64_t len)
{
	struct machine *m = i->super->machine;

	if (i->source.mappings && m->hart.engine)
		hart_flush(&m->hart, (uint32_t)(p - flat_base(m->flat)), (uint32_t)len);
}

/* Clears [from, end of its page), if there is such a page. */
static void clear_tail(struct inode *i, uint64_t from)
{
	uint64_t len = -from % FLAT_PAGE_SIZE, got;
	uint8_t *p = len ? data_span(i->private, from, len, false, &got) : NULL;

	if (p)
		memset(p, 0, len);
}

static int64_t read_at(struct inode *i, void *buf, uint64_t len, uint64_t off)
{
	uint64_t got;

	if (off >= i->size)
		return 0;
	if (len > i->size - off)
		len = i->size - off;
	for (uint64_t done = 0; done < len; done += got) {
		const uint8_t *p = data_span(i->private, off + done, len - done, false, &got);

		if (p)
			memmove((uint8_t *)buf + done, p, got);
		else
			memset((uint8_t *)buf + done, 0, got);
	}
	return (int64_t)len;
}

static int64_t ramfs_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	int64_t n = read_at(f->inode, buf, len, *pos);

	*pos += (uint64_t)n;
	return n;
}

void *ramfs_fill(struct inode *i, uint64_t off, uint64_t want, uint64_t *got)
{
	uint8_t *p;

	if (off > i->size)
		clear_tail(i, i->size);
	p = data_span(i->private, off, want, true, got);
	if (!p)
		return NULL;
	if (off + *got > i->size)
		i->size = off + *got;
	account(i);
	return p;
}

static int64_t ramfs_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct inode *i = f->inode;
	uint64_t done = 0, got;

	if (*pos >= RAMFS_SIZE_LIMIT)
		return -EFBIG;
	if (len > RAMFS_SIZE_LIMIT - *pos)
		len = RAMFS_SIZE_LIMIT - *pos;
	while (done < len) {
		uint8_t *p = ramfs_fill(i, *pos + done, len - done, &got);

		if (!p)
			break;
		memmove(p, (const uint8_t *)buf + done, got);
		changed(i, p, got);
		done += got;
	}
	*pos += done;
	return done || !len ? (int64_t)done : -ENOSPC;
}

/*
 * An empty file is made longer: enough pages in one run to honour a mapping.  Where there are none it is a hole, which
 * is all that most who call ftruncate() want; the kernel says so (ramfs_nommu_expand_for_mapping()).
 */
static int gather_all(struct inode *i, uint64_t pages)
{
	const struct machine_options *o = &i->super->machine->options;
	int err;

	if (!o->compat_linux && pages * FLAT_PAGE_SIZE > o->ram_size)
		return 0;
	if (pages > UINT32_MAX / FLAT_PAGE_SIZE)
		return -EFBIG;
	err = data_gather(i->private, 0, (uint32_t)pages);
	if (o->compat_linux && err == -ENOMEM)
		mm_pages_missed(i->super->machine->mm, (uint32_t)pages);
	return o->compat_linux ? err : 0;
}

int ramfs_truncate(struct inode *i, uint64_t size)
{
	struct ramfs_data *d = i->private;
	uint64_t pages = (size + FLAT_PAGE_SIZE - 1) / FLAT_PAGE_SIZE;

	if (size > RAMFS_SIZE_LIMIT)
		return -EFBIG;
	if (size < i->size) {
		/* Nobody must be left with a shared view of memory that is not the file's any more. */
		if (i->source.shared_mappings && size / FLAT_PAGE_SIZE < i->source.shared_end)
			return -ETXTBSY;
		data_cut(d, pages);
		clear_tail(i, size);
		mm_source_moved(&i->source);	/* what is mapped stays as it is, but is not the file any more */
	} else if (size > i->size) {
		int err = d->pages ? 0 : gather_all(i, pages);

		if (err)
			return err;
		clear_tail(i, i->size);
	}
	i->size = size;
	account(i);
	return 0;
}

const struct file_ops ramfs_file_ops = { .read = ramfs_read, .write = ramfs_write };

/* --- As a mapping source --- */

static unsigned capabilities(struct mm_source *s)
{
	(void)s;
	return MM_CAN_COPY | MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE | MM_CAN_EXEC;
}

static int direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	struct inode *i = inode_of_source(s);
	struct ramfs_data *d = i->private;
	uint64_t first = offset / FLAT_PAGE_SIZE, n = ((uint64_t)len + FLAT_PAGE_SIZE - 1) / FLAT_PAGE_SIZE;
	uint64_t all = (i->size + FLAT_PAGE_SIZE - 1) / FLAT_PAGE_SIZE;

	if (offset % FLAT_PAGE_SIZE)
		return -EINVAL;
	if (!n || first >= all || n > all - first)
		return -ENOSYS;
	*addr = data_run(d, (uint32_t)first, (uint32_t)n);
	if (!*addr) {
		if (i->super->machine->options.compat_linux || mm_source_shown(s, first, first + n))
			return -ENOSYS;
		if (data_gather(d, (uint32_t)first, (uint32_t)n)) {
			if (!shared)
				return -ENOSYS;
			mm_pages_missed(i->super->machine->mm, (uint32_t)n);
			return -ENOMEM;
		}
		account(i);
		*addr = data_run(d, (uint32_t)first, (uint32_t)n);
	}
	return 0;
}

static int64_t source_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	return read_at(inode_of_source(s), dst, len, offset);
}

const struct mm_source_ops ramfs_source_ops = {
	.capabilities = capabilities, .direct = direct, .read = source_read,
	.get = inode_source_get, .put = inode_source_put, .identify = inode_source_identify,
};
