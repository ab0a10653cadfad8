/* SPDX-License-Identifier: MIT
 *
 * Arguments of the System V IPC calls and of POSIX message queues.
 */
#include "emu/strace/internal.h"

#include <string.h>
#include "emu/sys/user.h"

enum { IPC_RMID_ = 0, IPC_SET_ = 1, IPC_STAT_ = 2, IPC_INFO_ = 3, MSG_STAT_ = 11, MSG_INFO_ = 12, MSG_STAT_ANY_ = 13,
       SEM_STAT_ = 18, SEM_INFO_ = 19, SEM_STAT_ANY_ = 20 };

/* --- *get --- */

bool print_ipckey(struct strace_text *o, const struct strace_call *c, int i)
{
	text_flags(o, &flags_ipckeys, c->args[i]);
	return true;
}

static bool get_flags(struct strace_text *o, const struct strace_flags *f, uint32_t v)
{
	if (v & ~0777u) {
		text_flags(o, f, v & ~0777u);
		text_str(o, "|");
	}
	text_printf(o, "%#03o", v & 0777);
	return true;
}

bool print_ipcget(struct strace_text *o, const struct strace_call *c, int i)
{
	return get_flags(o, &flags_ipcgetflags, c->args[i]);
}

bool print_shmget(struct strace_text *o, const struct strace_call *c, int i)
{
	return get_flags(o, &flags_shmflags, c->args[i]);
}

/* --- Messages --- */

static bool message(struct strace_text *o, const struct strace_call *c, int i, uint32_t len)
{
	uint32_t type;

	if (text_absent(o, c, i, &type, sizeof type))
		return true;
	text_printf(o, "{mtype=%d, mtext=", (int32_t)type);
	text_buffer(o, c->task, c->args[i] + 4, len, false);
	text_str(o, "}");
	return true;
}

bool print_msgbuf(struct strace_text *o, const struct strace_call *c, int i)
{
	return message(o, c, i, c->args[i + 1]);
}

bool print_msgbuf_received(struct strace_text *o, const struct strace_call *c, int i)
{
	return message(o, c, i, (uint32_t)c->result);
}

/* --- *ctl: struct ipc64_perm {key, uid, gid, cuid, cgid, mode, ...}, 9 words --- */

static void perm(struct strace_text *o, const char *name, const uint32_t v[9], bool set)
{
	text_printf(o, "{%s={uid=%u, gid=%u, mode=%#03o", name, v[1], v[2], v[5]);
	if (!set)
		text_printf(o, ", key=%u, cuid=%u, cgid=%u", v[0], v[3], v[4]);
	text_str(o, "}");
}

static long long time_of(const uint32_t v[2])
{
	return (long long)((uint64_t)v[1] << 32 | v[0]);
}

static bool msqid(struct strace_text *o, const struct strace_call *c, int i, bool set)
{
	uint32_t v[22];		/* struct msqid64_ds */

	if (text_absent(o, c, i, v, sizeof v))
		return true;
	perm(o, "msg_perm", v, set);
	if (!set) {
		text_printf(o, ", msg_stime=%lld, msg_rtime=%lld, msg_ctime=%lld, msg_qnum=%u", time_of(v + 9),
			    time_of(v + 11), time_of(v + 13), v[16]);
	}
	text_printf(o, ", msg_qbytes=%u", v[17]);
	if (!set)
		text_printf(o, ", msg_lspid=%d, msg_lrpid=%d", (int32_t)v[18], (int32_t)v[19]);
	text_str(o, "}");
	return true;
}

bool print_msgctlbuf(struct strace_text *o, const struct strace_call *c, int i)
{
	int32_t v[8];		/* struct msginfo */

	switch (c->args[i - 1]) {
	case IPC_SET_:
		return msqid(o, c, i, true);
	case IPC_STAT_: case MSG_STAT_: case MSG_STAT_ANY_:
		return msqid(o, c, i, false);
	case IPC_INFO_: case MSG_INFO_:
		if (text_absent(o, c, i, v, sizeof v))
			return true;
		text_printf(o, "{msgpool=%d, msgmap=%d, msgmax=%d, msgmnb=%d, msgmni=%d, msgssz=%d, msgtql=%d, ",
			    v[0], v[1], v[2], v[3], v[4], v[5], v[6]);
		text_printf(o, "msgseg=%d}", v[7] & 0xffff);
		return true;
	}
	text_pointer(o, c->args[i]);
	return true;
}

bool late_msgctlbuf(const struct strace_call *c, int i)
{
	return c->args[i - 1] != IPC_SET_;
}

/* --- Semaphores --- */

bool print_sembufs(struct strace_text *o, const struct strace_call *c, int i)
{
	struct { uint16_t num; int16_t op; uint16_t flags; } v;
	uint32_t addr = c->args[i], count = c->args[i + 1];

	if (!addr || (count && user_read(c->task, &v, addr, sizeof v))) {
		text_pointer(o, addr);
		return true;
	}
	text_str(o, "[");
	for (uint32_t n = 0; n < count; n++, addr += sizeof v) {
		text_str(o, n ? ", " : "");
		if (n >= 32) {
			text_str(o, "...");
			break;
		}
		if (user_read(c->task, &v, addr, sizeof v)) {
			text_printf(o, "... /* %#x */", addr);
			break;
		}
		text_printf(o, "{sem_num=%u, sem_op=%d, sem_flg=", v.num, v.op);
		text_flags(o, &flags_semflags, v.flags);
		text_str(o, "}");
	}
	text_str(o, "]");
	return true;
}

static bool semid(struct strace_text *o, const struct strace_call *c, int i, bool set)
{
	uint32_t v[16];		/* struct semid64_ds */

	if (text_absent(o, c, i, v, sizeof v))
		return true;
	perm(o, "sem_perm", v, set);
	if (!set) {
		text_printf(o, ", sem_otime=%lld, sem_ctime=%lld, sem_nsems=%u", time_of(v + 9), time_of(v + 11),
			    v[13]);
	}
	text_str(o, "}");
	return true;
}

bool print_semctlarg(struct strace_text *o, const struct strace_call *c, int i)
{
	int32_t v[10];		/* struct seminfo */

	switch (c->args[i - 1]) {
	case IPC_SET_:
		return semid(o, c, i, true);
	case IPC_STAT_: case SEM_STAT_: case SEM_STAT_ANY_:
		return semid(o, c, i, false);
	case IPC_INFO_: case SEM_INFO_:
		if (text_absent(o, c, i, v, sizeof v))
			return true;
		text_printf(o, "{semmap=%d, semmni=%d, semmns=%d, semmnu=%d, semmsl=%d, semopm=%d, semume=%d, ",
			    v[0], v[1], v[2], v[3], v[4], v[5], v[6]);
		text_printf(o, "semusz=%d, semvmx=%d, semaem=%d}", v[7], v[8], v[9]);
		return true;
	}
	text_pointer(o, c->args[i]);
	return true;
}

bool late_semctlarg(const struct strace_call *c, int i)
{
	return c->args[i - 1] != IPC_SET_;
}

/* --- POSIX message queues --- */

bool print_mqattr(struct strace_text *o, const struct strace_call *c, int i)
{
	int32_t v[4];

	if (text_absent(o, c, i, v, sizeof v))
		return true;
	text_str(o, "{mq_flags=");
	text_flags(o, &flags_pathflags, (uint32_t)v[0]);
	text_printf(o, ", mq_maxmsg=%d, mq_msgsize=%d, mq_curmsgs=%d}", v[1], v[2], v[3]);
	return true;
}

bool print_mqopenattr(struct strace_text *o, const struct strace_call *c, int i)
{
	return c->args[1] & 0100 ? print_mqattr(o, c, i) : false;
}
