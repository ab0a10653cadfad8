/* SPDX-License-Identifier: MIT
 *
 * struct statx: what stx_mask says is there, with -v all of it.
 */
#include "emu/strace/internal.h"

#include "emu/strace/config.h"

struct stamp { int64_t sec; uint32_t nsec, pad; };

static void stamp(struct strace_text *o, const char *name, const struct stamp *t)
{
	text_printf(o, ", stx_%s={tv_sec=%lld, tv_nsec=%u}", name, (long long)t->sec, t->nsec);
	text_date(o, t->sec, t->nsec);
}

static void id(struct strace_text *o, const char *name, uint32_t v)
{
	text_printf(o, v == UINT32_MAX ? ", stx_%s=-1" : ", stx_%s=%u", name, v);
}

bool print_statx(struct strace_text *o, const struct strace_call *c, int i)
{
	enum { TYPE = 1, MODE = 2, NLINK = 4, UID = 8, GID = 0x10, ATIME = 0x20, MTIME = 0x40, CTIME = 0x80, INO = 0x100,
	       SIZE = 0x200, BLOCKS = 0x400, BTIME = 0x800, MNT_ID = 0x1000, DIOALIGN = 0x2000 };
	struct {
		uint32_t mask, blksize; uint64_t attributes; uint32_t nlink, uid, gid; uint16_t mode, pad;
		uint64_t ino, size, blocks, attributes_mask; struct stamp atime, btime, ctime, mtime;
		uint32_t rdev_major, rdev_minor, dev_major, dev_minor; uint64_t mnt_id;
		uint32_t dio_mem_align, dio_offset_align; uint64_t spare[12];
	} s;
	bool all = o->config && o->config->verbose;

	if (text_absent(o, c, i, &s, sizeof s))
		return true;
	text_str(o, "{stx_mask=");
	text_flags(o, &flags_statxmask, s.mask);
	if (all)
		text_printf(o, ", stx_blksize=%u", s.blksize);
	text_str(o, ", stx_attributes=");
	text_flags(o, &flags_statxattr, s.attributes);
	if (all && s.mask & NLINK)
		text_printf(o, ", stx_nlink=%u", s.nlink);
	if (all && s.mask & UID)
		id(o, "uid", s.uid);
	if (all && s.mask & GID)
		id(o, "gid", s.gid);
	if (s.mask & (TYPE | MODE)) {
		text_str(o, ", stx_mode=");
		text_mode(o, s.mode);
	}
	if (all && s.mask & INO)
		text_printf(o, ", stx_ino=%llu", (unsigned long long)s.ino);
	if (s.mask & SIZE)
		text_printf(o, ", stx_size=%llu", (unsigned long long)s.size);
	if (!all) {
		text_str(o, ", ...}");
		return true;
	}
	if (s.mask & BLOCKS)
		text_printf(o, ", stx_blocks=%llu", (unsigned long long)s.blocks);
	text_str(o, ", stx_attributes_mask=");
	text_flags(o, &flags_statxattr, s.attributes_mask);
	if (s.mask & ATIME)
		stamp(o, "atime", &s.atime);
	if (s.mask & BTIME)
		stamp(o, "btime", &s.btime);
	if (s.mask & CTIME)
		stamp(o, "ctime", &s.ctime);
	if (s.mask & MTIME)
		stamp(o, "mtime", &s.mtime);
	text_printf(o, ", stx_rdev_major=%u, stx_rdev_minor=%u, stx_dev_major=%u, stx_dev_minor=%u", s.rdev_major, s.rdev_minor,
		    s.dev_major, s.dev_minor);
	if (s.mask & MNT_ID)
		text_printf(o, ", stx_mnt_id=%#llx", (unsigned long long)s.mnt_id);
	if (s.mask & DIOALIGN)
		text_printf(o, ", stx_dio_mem_align=%u, stx_dio_offset_align=%u", s.dio_mem_align, s.dio_offset_align);
	text_str(o, "}");
	return true;
}
