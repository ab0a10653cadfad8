/* SPDX-License-Identifier: MIT
 *
 * openat2, extended attributes, file handles.
 */
#include "emu/strace/internal.h"

#include "emu/strace/config.h"

#include "emu/sys/user.h"

LIST(resolve) {
	{ 1, "RESOLVE_NO_XDEV" }, { 2, "RESOLVE_NO_MAGICLINKS" }, { 4, "RESOLVE_NO_SYMLINKS" }, { 8, "RESOLVE_BENEATH" },
	{ 0x10, "RESOLVE_IN_ROOT" }, { 0x20, "RESOLVE_CACHED" },
};
DEFINE(resolve, 0, "RESOLVE_???")
LIST(xattrflags) { { 1, "XATTR_CREATE" }, { 2, "XATTR_REPLACE" } };
DEFINE(xattrflags, 0, "XATTR_???")
LIST(syncrange) {
	{ 1, "SYNC_FILE_RANGE_WAIT_BEFORE" }, { 2, "SYNC_FILE_RANGE_WRITE" }, { 4, "SYNC_FILE_RANGE_WAIT_AFTER" },
};
DEFINE(syncrange, 0, "SYNC_FILE_RANGE_???")
LIST(handleflags) {
	{ 0x400, "AT_SYMLINK_FOLLOW" }, { 0x1000, "AT_EMPTY_PATH" }, { 0x200, "AT_HANDLE_FID" },
	{ 1, "AT_HANDLE_MNT_ID_UNIQUE" },
};
DEFINE(handleflags, 0, "AT_???")

bool print_openhow(struct strace_text *o, const struct strace_call *c, int i)
{
	struct { uint64_t flags, mode, resolve; } how;

	if (c->args[i + 1] < sizeof how || user_read(c->task, &how, c->args[i], sizeof how)) {
		text_pointer(o, c->args[i]);
		return true;
	}
	text_str(o, "{flags=");
	text_flags(o, &flags_openflags, how.flags);
	if (how.mode || (how.flags & (0100 | 020000000)))
		text_printf(o, ", mode=%#03llo", (unsigned long long)how.mode);
	text_str(o, ", resolve=");
	text_flags(o, &flags_resolve, how.resolve);
	text_rest(o, c->task, c->args[i], sizeof how, c->args[i + 1]);
	text_str(o, "}");
	return true;
}

bool print_filehandle(struct strace_text *o, const struct strace_call *c, int i)
{
	struct { uint32_t bytes; int32_t type; uint8_t handle[128]; } h;

	if (!c->args[i] || user_read(c->task, &h, c->args[i], 8)) {
		text_pointer(o, c->args[i]);
		return true;
	}
	text_printf(o, "{handle_bytes=%u", h.bytes);
	if (c->ok && h.bytes <= sizeof h.handle && !user_read(c->task, h.handle, c->args[i] + 8, h.bytes)) {
		text_printf(o, ", handle_type=%d, f_handle=0x", h.type);
		for (uint32_t n = 0; n < h.bytes; n++)
			text_printf(o, "%02x", h.handle[n]);
	}
	text_str(o, "}");
	return true;
}

/* --- memfd_create --- */

/* A name has at most 249 characters. */
bool print_memfdname(struct strace_text *o, const struct strace_call *c, int i)
{
	text_bounded_string(o, c->task, c->args[i], 250);
	return true;
}

LIST(mfd) {
	{ 1, "MFD_CLOEXEC" }, { 2, "MFD_ALLOW_SEALING" }, { 4, "MFD_HUGETLB" }, { 8, "MFD_NOEXEC_SEAL" },
	{ 16, "MFD_EXEC" },
};
DEFINE(mfd, 0, "MFD_???")

bool print_memfdflags(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t flags = c->args[i], size = flags >> 26;

	if (!(flags & 4 /* MFD_HUGETLB */) || !size) {
		text_flags(o, &flags_mfd, flags);
		return true;
	}
	text_flags(o, &flags_mfd, flags & 0x3ffffff);
	text_str(o, "|");
	text_printf(o, "%u<<MFD_HUGE_SHIFT", size);
	return true;
}
