/* SPDX-License-Identifier: MIT
 *
 * Descriptors that are events.
 */
#include "emu/strace/internal.h"

#include "emu/sys/user.h"

LIST(epollflags) { { 02000000, "EPOLL_CLOEXEC" } };
DEFINE(epollflags, 0, "EPOLL_???")
LIST(epollop) { { 1, "EPOLL_CTL_ADD" }, { 2, "EPOLL_CTL_DEL" }, { 3, "EPOLL_CTL_MOD" } };
DEFINE(epollop, ENUM, "EPOLL_CTL_???")
LIST(epollbits) {
	{ 1, "EPOLLIN" }, { 2, "EPOLLPRI" }, { 4, "EPOLLOUT" }, { 0x40, "EPOLLRDNORM" }, { 0x80, "EPOLLRDBAND" },
	{ 0x100, "EPOLLWRNORM" }, { 0x200, "EPOLLWRBAND" }, { 0x400, "EPOLLMSG" }, { 8, "EPOLLERR" },
	{ 0x10, "EPOLLHUP" }, { 0x2000, "EPOLLRDHUP" }, { 1u << 28, "EPOLLEXCLUSIVE" },
	{ 1u << 29, "EPOLLWAKEUP" }, { 1u << 30, "EPOLLONESHOT" }, { 1u << 31, "EPOLLET" },
};
DEFINE(epollbits, 0, "EPOLL???")

LIST(timerfdflags) { { 02000000, "TFD_CLOEXEC" }, { 04000, "TFD_NONBLOCK" } };
DEFINE(timerfdflags, 0, "TFD_???")
LIST(timerfdset) { { 1, "TFD_TIMER_ABSTIME" }, { 2, "TFD_TIMER_CANCEL_ON_SET" } };
DEFINE(timerfdset, 0, "TFD_???")
LIST(signalfdflags) { { 02000000, "SFD_CLOEXEC" }, { 04000, "SFD_NONBLOCK" } };
DEFINE(signalfdflags, 0, "SFD_???")

LIST(pidfdflags) { { 04000, "PIDFD_NONBLOCK" }, { 0200, "PIDFD_THREAD" } };
DEFINE(pidfdflags, 0, "PIDFD_???")
LIST(pidfdsignal) {
	{ 1, "PIDFD_SIGNAL_THREAD" }, { 2, "PIDFD_SIGNAL_THREAD_GROUP" }, { 4, "PIDFD_SIGNAL_PROCESS_GROUP" },
};
DEFINE(pidfdsignal, 0, "PIDFD_SIGNAL_???")

LIST(inotifyflags) { { 04000, "IN_NONBLOCK" }, { 02000000, "IN_CLOEXEC" } };
DEFINE(inotifyflags, 0, "IN_???")
LIST(inotifymask) {
	{ 1, "IN_ACCESS" }, { 2, "IN_MODIFY" }, { 4, "IN_ATTRIB" }, { 8, "IN_CLOSE_WRITE" }, { 0x10, "IN_CLOSE_NOWRITE" },
	{ 0x20, "IN_OPEN" }, { 0x40, "IN_MOVED_FROM" }, { 0x80, "IN_MOVED_TO" }, { 0x100, "IN_CREATE" },
	{ 0x200, "IN_DELETE" }, { 0x400, "IN_DELETE_SELF" }, { 0x800, "IN_MOVE_SELF" }, { 0x2000, "IN_UNMOUNT" },
	{ 0x4000, "IN_Q_OVERFLOW" }, { 0x8000, "IN_IGNORED" }, { 0x1000000, "IN_ONLYDIR" },
	{ 0x2000000, "IN_DONT_FOLLOW" }, { 0x4000000, "IN_EXCL_UNLINK" }, { 0x10000000, "IN_MASK_CREATE" },
	{ 0x20000000, "IN_MASK_ADD" }, { 0x40000000, "IN_ISDIR" }, { 0x80000000, "IN_ONESHOT" },
};
DEFINE(inotifymask, 0, "IN_???")

LIST(spliceflags) {
	{ 1, "SPLICE_F_MOVE" }, { 2, "SPLICE_F_NONBLOCK" }, { 4, "SPLICE_F_MORE" }, { 8, "SPLICE_F_GIFT" },
};
DEFINE(spliceflags, 0, "SPLICE_F_???")

/* --- epoll --- */

/* struct epoll_event at addr; false: it cannot be read. */
static bool epoll_event(struct strace_text *o, struct task *t, uint32_t addr)
{
	struct { uint32_t events, pad; uint64_t data; } e;

	if (user_read(t, &e, addr, sizeof e))
		return false;
	text_str(o, "{events=");
	text_flags(o, &flags_epollbits, e.events);
	text_printf(o, ", data={u32=%u, u64=%llu}}", (uint32_t)e.data, (unsigned long long)e.data);
	return true;
}

bool print_epollctlevent(struct strace_text *o, const struct strace_call *c, int i)
{
	if (!c->args[i] || c->args[i - 2] == 2 /* EPOLL_CTL_DEL */ || !epoll_event(o, c->task, c->args[i]))
		text_pointer(o, c->args[i]);
	return true;
}

bool print_epollevents(struct strace_text *o, const struct strace_call *c, int i)
{
	if (!c->ok) {
		text_pointer(o, c->args[i]);
		return true;
	}
	text_str(o, "[");
	for (int64_t n = 0; n < c->result; n++) {
		text_str(o, n ? ", " : "");
		if (n == 32 || !epoll_event(o, c->task, c->args[i] + 16 * (uint32_t)n)) {
			text_str(o, "...");
			break;
		}
	}
	text_str(o, "]");
	return true;
}
