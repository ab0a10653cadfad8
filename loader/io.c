/* SPDX-License-Identifier: MIT */
#include "loader/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_UNINITIALIZED
#define MAP_UNINITIALIZED 0x4000000
#endif

int loader_read(const struct loader_file *file, void *dst, uint32_t len, uint64_t offset)
{
	uint8_t *p = dst;

	while (len > 0) {
		int64_t n = file->read(file->owner, p, len, offset);

		if (n < 0)
			return (int)n;
		if (n == 0 || n > len)
			return -EIO;
		p += n;
		offset += (uint64_t)n;
		len -= (uint32_t)n;
	}
	return 0;
}

int loader_read_guest(const struct loader *l, const struct loader_file *file, uint32_t addr,
		      uint32_t len, uint64_t offset)
{
	void *dst = flat_span_write(l->flat, addr, len);

	return dst ? loader_read(file, dst, len, offset) : -EFAULT;
}

int loader_read_head(const struct loader_file *file, struct loader_head *head)
{
	memset(head, 0, sizeof(*head));
	while (head->have < LOADER_HEAD) {
		int64_t n = file->read(file->owner, head->bytes + head->have,
				       LOADER_HEAD - head->have, head->have);

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		head->have += (uint32_t)n;
	}
	return 0;
}

void loader_close(struct loader_file *file)
{
	if (file->close)
		file->close(file->owner);
	file->close = NULL;
}

int loader_clear(const struct loader *l, uint32_t addr, uint32_t len)
{
	uint64_t end = (uint64_t)addr + len;
	uint64_t first = ((uint64_t)addr + FLAT_PAGE_SIZE - 1) & ~(uint64_t)(FLAT_PAGE_SIZE - 1);
	uint64_t last = end & ~(uint64_t)(FLAT_PAGE_SIZE - 1);
	int err;

	if (first >= last)
		return flat_clear(l->flat, addr, len);
	err = flat_clear(l->flat, addr, first - addr);
	if (!err)
		err = flat_zero_pages(l->flat, (uint32_t)first, last - first);
	if (!err)
		err = flat_clear(l->flat, (uint32_t)last, end - last);
	return err;
}

int loader_map(const struct loader *l, uint64_t len, uint32_t prot, uint32_t *addr)
{
	struct mm_map map = {
		.len = (uint32_t)len,
		.prot = prot,
		.flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_UNINITIALIZED,
	};

	if (len > UINT32_MAX - FLAT_PAGE_SIZE)
		return -ENOMEM;
	return mm_mmap(l->space, &map, addr);
}
