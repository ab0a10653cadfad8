/* SPDX-License-Identifier: MIT
 *
 * syslog(2), what dmesg(1) and klogd(8) use (kernel/printk/printk.c do_syslog).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "emu/kernel/klog.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

#define CAP_SYSLOG_ 34
#define LINE_SIZE 1152		/* a record with its prefix */
#define LOG_BYTES (256 << 10)

enum { LOG_CLOSE, LOG_OPEN, LOG_READ, LOG_READ_ALL, LOG_READ_CLEAR, LOG_CLEAR, LOG_CONSOLE_OFF, LOG_CONSOLE_ON,
       LOG_CONSOLE_LEVEL, LOG_SIZE_UNREAD, LOG_SIZE_BUFFER };

/* "<6>[    1.234567] text\n"; its length. */
static uint32_t format(const struct klog_record *r, char line[LINE_SIZE])
{
	uint64_t us = r->time_ns / 1000;
	int n = snprintf(line, LINE_SIZE, "<%d>[%5llu.%06llu] %s", (int)r->level, (unsigned long long)(us / 1000000),
			 (unsigned long long)(us % 1000000), r->text);

	if (n < 0)
		return 0;
	if (n > LINE_SIZE - 2)
		n = LINE_SIZE - 2;
	line[n] = '\n';
	return (uint32_t)n + 1;
}

/* What is new since the last reading, at least one byte. */
static int64_t read_new(struct task *t, char *dst, uint32_t len)
{
	struct machine *m = t->machine;
	struct klog_record r;
	char line[LINE_SIZE];
	uint32_t done = 0;

	while (done < len && klog_read(m, m->syslog.seq, &r) == 0) {
		uint32_t n = format(&r, line), part;

		if (r.seq != m->syslog.seq)
			m->syslog.skip = 0;	/* the one we were in has been overwritten */
		part = n - m->syslog.skip;
		if (part > len - done)
			part = len - done;
		memcpy(dst + done, line + m->syslog.skip, part);
		done += part;
		m->syslog.seq = r.seq;
		m->syslog.skip += part;
		if (m->syslog.skip >= n) {
			m->syslog.seq++;
			m->syslog.skip = 0;
		}
	}
	if (done)
		return done;
	wait_on(klog_wait(m), t);
	return task_block(t);
}

/* The last records that fit, whole ones, none from before the last clearing. */
static int64_t read_all(struct machine *m, char *dst, uint32_t len)
{
	struct klog_record r;
	char line[LINE_SIZE];
	uint64_t total = 0, done = 0;

	for (uint64_t seq = m->syslog.clear; klog_read(m, seq, &r) == 0; seq = r.seq + 1)
		total += format(&r, line);
	for (uint64_t seq = m->syslog.clear; klog_read(m, seq, &r) == 0; seq = r.seq + 1) {
		uint32_t n = format(&r, line);

		if (total <= len) {
			memcpy(dst + done, line, n);
			done += n;
		} else {
			total -= n;
		}
	}
	return (int64_t)done;
}

static int64_t unread(struct machine *m)
{
	struct klog_record r;
	char line[LINE_SIZE];
	int64_t n = 0;

	for (uint64_t seq = m->syslog.seq; klog_read(m, seq, &r) == 0; seq = r.seq + 1)
		n += format(&r, line);
	return n - m->syslog.skip;
}

static int64_t read_log(struct task *t, uint32_t type, uint32_t addr, uint32_t len)
{
	struct machine *m = t->machine;
	char *dst;
	int64_t n;

	if (!addr || (int32_t)len < 0)
		return -EINVAL;
	if (!len)
		return 0;
	dst = user_span_write(t, addr, len);
	if (!dst)
		return -EFAULT;
	if (type == LOG_READ)
		return read_new(t, dst, len);
	n = read_all(m, dst, len);
	if (type == LOG_READ_CLEAR)
		m->syslog.clear = klog_next_seq(m);
	return n;
}

int64_t sys_syslog(struct task *t, const uint32_t a[6])
{
	struct machine *m = t->machine;
	int level = m->options.log_level;

	/* Reading it all is for everybody, unless kernel.dmesg_restrict says no. */
	if (((a[0] != LOG_READ_ALL && a[0] != LOG_SIZE_BUFFER) || m->dmesg_restrict) && !task_capable(t, CAP_SYSLOG_))
		return -EPERM;
	switch (a[0]) {
	case LOG_CLOSE:
	case LOG_OPEN:
		return 0;
	case LOG_READ:
	case LOG_READ_ALL:
	case LOG_READ_CLEAR:
		return read_log(t, a[0], a[1], a[2]);
	case LOG_CLEAR:
		m->syslog.clear = klog_next_seq(m);
		return 0;
	case LOG_CONSOLE_OFF:
		if (!m->syslog.level)
			m->syslog.level = level + 1;
		m->options.log_level = 0;
		return 0;
	case LOG_CONSOLE_ON:
		if (m->syslog.level)
			m->options.log_level = m->syslog.level - 1;
		m->syslog.level = 0;
		return 0;
	case LOG_CONSOLE_LEVEL:		/* shows what is below the level; log_level is the last shown */
		if ((int32_t)a[2] < 1 || a[2] > 8)
			return -EINVAL;
		m->options.log_level = (int)a[2] - 1;
		m->syslog.level = 0;
		return 0;
	case LOG_SIZE_UNREAD:
		return unread(m);
	case LOG_SIZE_BUFFER:
		return LOG_BYTES;
	default:
		return -EINVAL;
	}
}
