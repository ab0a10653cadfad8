/* SPDX-License-Identifier: MIT */
#include "emu/fs/file_caps.h"

#include <errno.h>

enum { REVISION_1 = 0x01000000, REVISION_2 = 0x02000000, REVISION_3 = 0x03000000, EFFECTIVE = 1 };
#define REVISION(magic) ((magic) & 0xff000000u)
#define VALID ((UINT64_C(1) << 41) - 1)

/* struct vfs_ns_cap_data; revision 1 has one pair of words, only 3 the last one. */
struct on_disk {
	uint32_t magic;
	struct { uint32_t permitted, inheritable; } word[2];
	uint32_t root;
};

bool file_caps_valid(const void *value, size_t size)
{
	const struct on_disk *d = value;

	return (size == 20 && REVISION(d->magic) == REVISION_2) || (size == 24 && REVISION(d->magic) == REVISION_3);
}

int file_caps_get(struct inode *i, struct file_caps *out)
{
	struct on_disk d = { 0 };
	int64_t n;

	if (i->no_caps || !i->ops->getxattr)
		return -ENODATA;
	n = i->ops->getxattr(i, FILE_CAPS_NAME, &d, sizeof d);
	if (n == -ENODATA || n == -EOPNOTSUPP) {
		i->no_caps = true;
		return -ENODATA;
	}
	if (n < 0)
		return n == -ERANGE ? -EINVAL : (int)n;
	if (!file_caps_valid(&d, (size_t)n) && !(n == 12 && REVISION(d.magic) == REVISION_1))
		return -EINVAL;
	if (d.root)
		return -ENODATA;
	out->effective = d.magic & EFFECTIVE;
	out->permitted = ((uint64_t)d.word[1].permitted << 32 | d.word[0].permitted) & VALID;
	out->inheritable = ((uint64_t)d.word[1].inheritable << 32 | d.word[0].inheritable) & VALID;
	return 0;
}

void file_caps_remove(struct inode *i)
{
	int err = i->ops->removexattr(i, FILE_CAPS_NAME);

	i->no_caps = !err || err == -ENODATA || err == -EOPNOTSUPP;
}
