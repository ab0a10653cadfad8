/* SPDX-License-Identifier: MIT
 *
 * A mapping source: whatever backs a mapping (a file, a device), seen from mm/.
 * It is the driver contract of nommu-mmap.txt ("Providing shareable character
 * device support" and the two sections after it), put as four questions: what may
 * be done with you, where are these bytes directly, read these bytes, and the
 * last mapping is gone.
 *
 * An inode or device embeds one struct mm_source; mm/ keys shared regions by it.
 */
#ifndef MM_SOURCE_H
#define MM_SOURCE_H

#include <stddef.h>
#include <stdint.h>

/* What may be done with a source (the kernel's NOMMU_MAP_* of include/linux/fs.h). */
enum {
	MM_CAN_COPY   = 1,	/* its bytes can be read into a copy */
	MM_CAN_DIRECT = 2,	/* it can be mapped where it lies */
	MM_CAN_READ   = 4,	/* a direct mapping may be read, ... */
	MM_CAN_WRITE  = 8,	/* ... written, ... */
	MM_CAN_EXEC   = 16,	/* ... executed */
	MM_CAN_IO     = 32,	/* where it lies need not be memory: registers, or nothing (/dev/mem) */
};

/* What kind of object it is: decides the rules for MAP_SHARED. */
enum mm_source_kind { MM_REGULAR, MM_BLOCK, MM_CHAR, MM_OTHER };

struct mm_source;

/*
 * The flash rule.  Some devices show at times something else than their data: a flash chip that programs or erases
 * shows its status.  "Care must be taken lest userspace see a shared or a private mapping showing such information":
 *
 *   - direct() answers with memory, else there is no direct mapping (but for MM_CAN_IO).  So a chip whose commands and
 *     status have a window of the bus to themselves, where no memory is committed, and whose array is memory
 *     elsewhere, can show data only.
 *   - direct(), inaugurate() and read() may answer -EAGAIN: busy, the bytes there are not the data.  Nothing is mapped
 *     or copied; mmap(2) waits where the file's poll() says, and asks again.
 *   - a device that has one window for both must not leave the mode that shows data while direct_regions > 0
 *     (Linux: FL_POINT); unmapped() says when it may.
 */
struct mm_source_ops {
	/* MM_CAN_* bits.  NULL: the defaults by kind (kernel mm/nommu.c validate_mmap_request). */
	unsigned (*capabilities)(struct mm_source *s);
	/*
	 * Where the bytes [offset, offset+len) lie directly in guest memory (the kernel's
	 * get_unmapped_area).  0 and *addr, which need not be page-aligned; -ENOSYS: "I do not
	 * want to answer", a copy will do if MM_CAN_COPY and the mapping is private; any other errno
	 * refuses the mapping.  shared: the mapping is MAP_SHARED.  NULL: never direct.
	 */
	int (*direct)(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr);
	/*
	 * The mapping is about to be made at addr, where direct() said (the kernel's f_op->mmap).  0;
	 * -ENOSYS: as above; any other errno rejects it.  Not asked where an existing region is shared.
	 * If the mapping fails after all, unmapped() follows as if it had come and gone.  NULL: fine.
	 */
	int (*inaugurate)(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t addr);
	/*
	 * Reads up to len bytes at offset into host memory.  Bytes read (0 at EOF) or -errno.
	 * NULL: there is no read method; private mappings are refused.
	 */
	int64_t (*read)(struct mm_source *s, void *dst, uint32_t len, uint64_t offset);
	/* A reference for each region (not each mapping).  Both required. */
	void (*get)(struct mm_source *s);
	void (*put)(struct mm_source *s);
	/* One mapping was made or went; pid is the space's owner.  May be NULL. */
	void (*opened)(struct mm_source *s, int pid);
	void (*closed)(struct mm_source *s, int pid);
	/* The last mapping of the source is gone (vm_ops->close), and its regions with it.  May be NULL. */
	void (*unmapped)(struct mm_source *s);
	/* What /proc/PID/maps shows: device numbers, inode number and a path (at most size bytes). */
	void (*identify)(struct mm_source *s, uint32_t *major, uint32_t *minor, uint64_t *inode,
			 char *path, size_t size);
};

struct mm_source {
	const struct mm_source_ops *ops;
	enum mm_source_kind kind;
	/* mm/'s own: the regions of this source that may be shared.  Zero when the source is made. */
	void *regions;
	uint32_t mappings;		/* VMAs that use it */
	/*
	 * Of these, MAP_SHARED ones, and the page of the source behind all that they showed since there was none.  A
	 * file must not be cut below that while there are any (kernel: nommu_shrink_inode_mappings()).
	 */
	uint32_t shared_mappings;
	uint64_t shared_end;
	uint32_t direct_regions;	/* regions that show it where it lies */
};

/*
 * The source's bytes no longer lie where they did, or are others (a file was cut, then written
 * anew).  What is mapped stays as it is, but later mappings do not share it.
 */
void mm_source_moved(struct mm_source *s);

/* Whether a mapping shows one of the pages from pgoff up to end where it lies: that page must stay there. */
bool mm_source_shown(const struct mm_source *s, uint64_t pgoff, uint64_t end);

#endif
