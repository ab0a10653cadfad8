/* SPDX-License-Identifier: MIT */
#include "emu/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include "emu/commands.h"
#include "emu/drivers/mtd.h"
#include "emu/drivers/rom.h"
#include "emu/fs/vfs.h"
#include "emu/machine.h"

static int say(const struct image *i, const char *why)
{
	fprintf(stderr, "flat32: %s: %s\n", i->path, why);
	return EXIT_CANNOT_RUN;
}

static uint32_t word(const uint8_t *p, bool big)
{
	return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] :
		     (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* Which kind it is, and how many bytes it should have; 0: it does not say. */
static uint32_t recognise(struct image *i)
{
	static const uint8_t cramfs[] = { 0x45, 0x3d, 0xcd, 0x28 };
	const uint8_t *p = i->data;

	i->kind = IMAGE_CPIO;
	if (i->size >= 16 && !memcmp(p, "-rom1fs-", 8)) {
		i->kind = IMAGE_ROMFS;
		return word(p + 8, true);
	}
	for (size_t at = 0; at <= 512 && i->size >= at + 76; at += 512)	/* it may have a boot sector before it */
		if (!memcmp(p + at, cramfs, sizeof cramfs)) {
			i->kind = IMAGE_CRAMFS;
			return word(p + at + 8, false) & 1 /* FSID_VERSION_2 */ ? word(p + at + 4, false) : 0;
		}
	if (image_is_disk(p, i->size))
		i->kind = IMAGE_DISK;
	return 0;
}

static int map_file(int fd, struct image *out)
{
	struct stat st;
	uint32_t wanted;

	if (fstat(fd, &st))
		return say(out, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return say(out, "a folder; make an image of it with mkimage");
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return say(out, "not an image");
	out->data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (out->data == MAP_FAILED) {
		out->data = NULL;
		return say(out, strerror(errno));
	}
	out->size = (size_t)st.st_size;
	wanted = recognise(out);
	if (out->kind == IMAGE_DISK)	/* from now on it is the disk's, and may be cut by others */
		image_close(out);
	if (wanted > out->size) {
		fprintf(stderr, "flat32: %s: cut off: it says that it has %u bytes, and has %zu\n", out->path, wanted, out->size);
		return EXIT_CANNOT_RUN;
	}
	return 0;
}

int image_open(const char *path, struct image *out)
{
	size_t len = strlen(path);
	char name[4096];
	int fd, status;

	*out = (struct image){ .path = path };
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && len > 3 && !strcmp(path + len - 3, ":ro") && len < sizeof name) {
		memcpy(name, path, len - 3);
		name[len - 3] = 0;
		fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		out->read_only = fd >= 0;
		if (fd < 0)
			errno = ENOENT;
	}
	if (fd < 0) {
		status = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
		say(out, strerror(errno));
		return status;
	}
	status = map_file(fd, out);
	close(fd);
	return status;
}

bool image_in_flash(const char *path, struct image *out)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	uint8_t start[512 + 76];
	ssize_t n = fd < 0 ? -1 : pread(fd, start, sizeof start, 0);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return false;
	*out = (struct image){ .path = path, .data = start, .size = (size_t)n };
	recognise(out);
	out->data = NULL;
	return out->kind != IMAGE_CPIO;
}

void image_close(struct image *i)
{
	if (i->data)
		munmap(i->data, i->size);
	i->data = NULL;
}

static int unpack(struct machine *m, const struct image *i)
{
	struct path_ref root;
	char why[160];
	int err = machine_find(m, "/", &root);

	if (err)
		return say(i, strerror(-err));
	err = cpio_unpack(m, &root, i->data, i->size, why);
	path_put(&root);
	if (err == -ENOSPC || err == -ENOMEM) {
		fprintf(stderr, "flat32: %s does not fit into %u MiB of RAM; give more with -m\n", i->path,
			m->options.ram_size >> 20);
		return EXIT_CANNOT_RUN;
	}
	return err ? say(i, why) : 0;
}

int image_mount(struct machine *m, const char *type, uint32_t dev, bool read_only)
{
	static const struct vfs_cred cred = { .caps = VFS_ALL_CAPS };
	struct fs_context fs;
	struct walk w = { .fs = &fs, .cred = &cred, .flags = WALK_FOLLOW };
	int err;

	fs_context_root(m, &fs);
	err = vfs_mkdir(&w, "/dev", 0755);
	if (!err || err == -EEXIST)
		err = vfs_mknod(&w, "/dev/root", S_IFBLK | 0600, dev);
	if (!err || err == -EEXIST)
		err = vfs_mount(m, type, "/dev/root", &fs.root, read_only ? MS_RDONLY : 0, NULL);
	path_put(&fs.root);
	path_put(&fs.cwd);
	return err;
}

int image_root(struct machine *m, const struct image *i)
{
	const char *type = i->kind == IMAGE_ROMFS ? "romfs" : "cramfs", *why;
	int err;

	if (i->kind == IMAGE_CPIO)
		return unpack(m, i);
	if (i->kind == IMAGE_DISK) {
		err = image_mount_disk(m, i->read_only, &why);
		if (err)
			say(i, why);
		return err < 0 ? EXIT_CANNOT_RUN : 0;
	}
	err = image_mount(m, type, i->data ? ROM_DEV : vfs_makedev(MTD_BLOCK_MAJOR, 0), true);
	if (!err)
		return 0;
	fprintf(stderr, "flat32: %s: a %s that is damaged: %s\n", i->path, type, strerror(-err));
	return EXIT_CANNOT_RUN;
}
