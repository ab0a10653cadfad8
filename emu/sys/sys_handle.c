/* SPDX-License-Identifier: MIT
 *
 * File handles (fs/fhandle.c).  Memory file systems cannot find a file by one, so there are only those that tell files apart
 * (AT_HANDLE_FID: number and generation), and nothing can be opened by them.
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include <string.h>

enum {
	HANDLE_LIMIT = 128, HANDLE_INO64_GEN = 0x81, AT_HANDLE_FID_ = 0x200, AT_HANDLE_MNT_ID_UNIQUE_ = 1,
};
struct guest_handle { uint32_t bytes; int32_t type; };
struct handle_body { uint32_t ino, ino_high, generation; };

/* name_to_handle_at(dirfd, path, handle, mount id, flags) */
int64_t sys_name_to_handle_at(struct task *t, const uint32_t a[6])
{
	const uint32_t known = G_AT_SYMLINK_FOLLOW | G_AT_EMPTY_PATH | AT_HANDLE_FID_ | AT_HANDLE_MNT_ID_UNIQUE_;
	struct guest_handle h, out = { sizeof(struct handle_body), HANDLE_INO64_GEN };
	struct handle_body body;
	struct at_target what;
	uint64_t mount_id;
	int64_t r;

	if (a[4] & ~known)
		return -EINVAL;
	r = files_at(t, (int32_t)a[0], a[1], (a[4] & G_AT_EMPTY_PATH) |
		     (a[4] & G_AT_SYMLINK_FOLLOW ? 0 : G_AT_SYMLINK_NOFOLLOW), &what);
	if (r)
		return r;
	body = (struct handle_body){ (uint32_t)what.inode->ino, (uint32_t)(what.inode->ino >> 32), 0 };
	mount_id = what.path.mnt ? (uint64_t)what.path.mnt->id : 0;
	files_at_put(&what);
	if (!(a[4] & AT_HANDLE_FID_))
		return -EOPNOTSUPP;
	if (user_read(t, &h, a[2], sizeof h))
		return -EFAULT;
	if (h.bytes > HANDLE_LIMIT)
		return -EINVAL;
	r = h.bytes < sizeof body ? -EOVERFLOW : 0;
	if (r)		/* the size it should have, and no type (FILEID_INVALID) */
		out.type = 255;
	if (user_write(t, a[3], &mount_id, a[4] & AT_HANDLE_MNT_ID_UNIQUE_ ? 8 : 4) || user_write(t, a[2], &out, sizeof out) ||
	    (!r && user_write(t, a[2] + (uint32_t)sizeof out, &body, sizeof body)))
		return -EFAULT;
	return r;
}

/* open_by_handle_at(mount fd, handle, flags) */
int64_t sys_open_by_handle_at(struct task *t, const uint32_t a[6])
{
	struct guest_handle h;

	if ((int32_t)a[0] != G_AT_FDCWD && !files_io(t, a[0]))
		return -EBADF;
	if (!task_capable(t, CAP_DAC_READ_SEARCH_))
		return -EPERM;
	if (user_read(t, &h, a[1], sizeof h))
		return -EFAULT;
	if (h.bytes > HANDLE_LIMIT || !h.bytes)
		return -EINVAL;
	if (!user_span(t, a[1], sizeof h + h.bytes))
		return -EFAULT;
	return -ESTALE;
}
