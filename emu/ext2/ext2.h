/* SPDX-License-Identifier: MIT
 *
 * ext2, and images of ext3 and ext4 as far as they can be used without a journal, by libext2fs of e2fsprogs.
 *
 * The library knows the format: superblock and groups, bitmaps, inodes, maps of blocks (indirect or extents), attributes,
 * checksums. It reads and writes through our own io_manager (io.c), which is the block device; it caches nothing that
 * matters. What it does not have is ours: directories with an index (dir.c; the library walks the whole list), names
 * (namei.c), files in use, and what is written when.
 *
 * What is written when: data, directories and maps of blocks at once. An inode's times, size and owner, bitmaps, groups and
 * the superblock when somebody asks (fsync, sync, umount), when the inode is no longer used, and a few seconds after
 * the first change (EXT2_WRITEBACK). So killing the emulator loses what a kernel would lose, and no more than e2fsck repairs: what
 * was fsync()ed is there.
 *
 * Images are hostile. What is read is checked where it is used: the superblock before the library sees it (super.c), the
 * number of an inode, its type and its map (inode.c, data.c), each entry of a directory (dir.c). What is found wrong is
 * EUCLEAN, as ext4 has it, and a line in the log; the file system then can no longer be written to.
 */
#ifndef EMU_EXT2_EXT2_H
#define EMU_EXT2_EXT2_H

struct machine;

/* Makes ext2, ext3 and ext4 known to mount(2).  0 or -errno. */
int ext2_register(struct machine *m);

#endif
