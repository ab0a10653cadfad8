/* SPDX-License-Identifier: MIT
 *
 * Shares: folders of the host that were given to the machine by name (--share), as file systems of the type "share".
 *
 * A guest mounts one by its name, as often and where it likes; the type knows no other folders.  What keeps
 * it inside is emu/host/confine.h.  On top of that, since a guest's root may be a nobody on the host:
 *   - set-user-ID and set-group-ID bits of files do not reach the host, and go from files that are written to;
 *   - device nodes cannot be made, or given other modes and owners; FIFOs are pipes of the guest's;
 *   - without root's rights on the host, whoever runs the emulator is the guest's root, and all others are nobody: as in a
 *     user namespace with one user.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "emu/fs/hostfs.h"
#include "emu/fs/hostfs_internal.h"

#define NOBODY 65534u	/* the kernel's overflowuid */

struct host_share {
	struct host_share *next;
	struct confine folder;
	bool read_only;
	char name[];
};

/* --- Who is who --- */

uint32_t host_uid(const struct host_super *hs, uid_t uid)
{
	return !hs->one_user ? uid : uid == geteuid() ? 0 : NOBODY;
}

uint32_t host_gid(const struct host_super *hs, gid_t gid)
{
	return !hs->one_user ? gid : gid == getegid() ? 0 : NOBODY;
}

int host_may_change(const struct inode *i)
{
	const struct host_super *hs = host_super(i);

	return hs->read_only ? -EROFS : confine_check(&hs->folder, host_of(i)->fd);
}

uint32_t host_mode(const struct host_super *hs, uint32_t mode)
{
	if (hs->share)
		mode &= S_ISDIR(mode) ? ~(uint32_t)S_ISUID : ~(uint32_t)(S_ISUID | S_ISGID);
	return mode & 07777;
}

/* What the kernel does when somebody writes who may not set these bits; root may, but a guest's root is not the host's. */
int host_drop_privs(const struct inode *i, int fd)
{
	struct stat st;

	if (!host_super(i)->share || !S_ISREG(i->mode))
		return 0;
	if (fstat(fd, &st))
		return -errno;
	if (!(st.st_mode & (S_ISUID | S_ISGID)))
		return 0;
	return fchmod(fd, st.st_mode & 0777) ? -EPERM : 0;
}

/* A new file belongs to the task that made it, where we may give files away; it is removed if that fails. */
int host_give(struct inode *dir, const char *name, struct inode *made, const struct vfs_cred *cred)
{
	const struct host_super *hs = host_super(dir);
	uint32_t gid = dir->mode & S_ISGID ? dir->gid : cred->gid;
	int err;

	if (!hs->share || hs->one_user || (made->uid == cred->uid && made->gid == gid))
		return 0;
	if (!fchownat(host_of(made)->fd, "", cred->uid, gid, AT_EMPTY_PATH)) {
		host_refresh(made);
		return 0;
	}
	err = -errno;
	unlinkat(host_of(dir)->fd, name, S_ISDIR(made->mode) ? AT_REMOVEDIR : 0);
	return err;
}

/* --- The type --- */

static int share_mount(struct machine *m, const char *source, const char *options, struct fs_super **out)
{
	const struct host_share *share = m->vfs->shares;
	struct host_super hs = { .share = true };

	(void)options;
	while (share && (!source || strcmp(share->name, source)))
		share = share->next;
	if (!share)
		return -ENOENT;
	hs.read_only = share->read_only;
	hs.one_user = geteuid() != 0;
	hs.folder = share->folder;
	return host_super_new(m, vfs_find_type(m, "share"), &hs, out);
}

static const struct fs_type type = { .name = "share", .magic = 0x00c0ffee, .nodev = true, .mount = share_mount };

int hostfs_share(struct machine *m, const char *path, const char *name, bool read_only)
{
	size_t size = strlen(name) + 1;
	struct host_share *s = calloc(1, sizeof *s + size);
	int err;

	if (!s)
		return -ENOMEM;
	memcpy(s->name, name, size);
	s->read_only = read_only;
	err = confine_init(&s->folder, path);
	if (!err && !m->vfs->shares)
		err = vfs_register_fs(m, &type);
	if (err) {
		confine_fini(&s->folder);
		free(s);
		return err;
	}
	s->next = m->vfs->shares;
	m->vfs->shares = s;
	return 0;
}

void host_shares_free(struct vfs *v)
{
	while (v->shares) {
		struct host_share *s = v->shares;

		v->shares = s->next;
		confine_fini(&s->folder);
		free(s);
	}
}
