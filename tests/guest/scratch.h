/* SPDX-License-Identifier: MIT
 *
 * A folder of its own for a test of files: scratch_enter() makes it, mounts a tmpfs on it where the machine
 * is ours (SCRATCH=host: does not; SCRATCH=ext2, ext4: the disk /dev/vda instead), and goes there; scratch_leave() removes it.
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tap.h"

static char scratch_dir[PATH_MAX];
static int scratch_mounted;

static inline void scratch_enter(void)
{
	const char *tmp = getenv("TMPDIR"), *where = getenv("SCRATCH");

	snprintf(scratch_dir, sizeof scratch_dir, "%s/scratch.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(scratch_dir) || chmod(scratch_dir, 0755))
		tap_bail("cannot make %s: %s", scratch_dir, strerror(errno));
	if (where && !strncmp(where, "ext", 3)) {
		if (mount("/dev/vda", scratch_dir, where, 0, NULL))
			tap_bail("cannot mount /dev/vda: %s", strerror(errno));
		scratch_mounted = 1;
		rmdir("lost+found");
	} else if (tap_own_machine() && !(where && !strcmp(where, "host")))
		scratch_mounted = !mount("scratch", scratch_dir, "tmpfs", 0, NULL);
	if (chdir(scratch_dir))
		tap_bail("cannot go to %s: %s", scratch_dir, strerror(errno));
	umask(022);
}

/* The test has removed what it made. */
static inline void scratch_leave(void)
{
	if (chdir("/"))
		tap_diag("cannot leave: %s", strerror(errno));
	if (scratch_mounted)
		tap_zero(umount(scratch_dir), "the scratch file system can be unmounted: nothing is left open");
	else
		tap_skip(1, "not on a tmpfs of our own");
	rmdir(scratch_dir);
}

/* Makes a file with these bytes. */
static inline void scratch_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		tap_diag("cannot write %s: %s", name, strerror(errno));
	close(fd);
}

#endif
