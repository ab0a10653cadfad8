/* SPDX-License-Identifier: MIT */
#include "emu/debug/task_list.h"

#include "emu/host/clock.h"
#include "emu/host/terminal.h"
#include "emu/kernel/tasks.h"
#include "emu/sys/syscall.h"

static char letter(const struct task *t)
{
	static const char letters[] = {
		[TASK_RUNNABLE] = 'R', [TASK_SLEEPING] = 'S', [TASK_STOPPED] = 'T', [TASK_TRACED] = 't', [TASK_ZOMBIE] = 'Z',
		[TASK_DEAD] = 'X',
	};

	return letters[t->state];
}

static const char *waits_in(const struct task *t)
{
	const char *name = t->in_syscall ? syscall_name(t->sys.nr) : NULL;

	return name ? name : "-";
}

/* Names are the guest's own: nothing in them may steer a terminal. */
static void put_name(const struct task *t, FILE *to)
{
	for (unsigned i = 0; i < sizeof t->comm && t->comm[i]; i++)
		putc(t->comm[i] >= ' ' && t->comm[i] < 0x7f ? t->comm[i] : '?', to);
}

static void print_task(const struct task *t, FILE *to, const char *end)
{
	const struct process *p = t->process;
	struct mm_usage u = { 0 };
	double seconds = (double)(t->utime_ns + t->stime_ns) / 1e9;

	if (t->space)
		mm_space_usage(t->space, &u);
	fprintf(to, "%7d %7d %7d %c %9.2f %8llu %-16s ", t->tid, p->pid, p->parent ? p->parent->pid : 0, letter(t), seconds,
		(unsigned long long)(u.bytes + u.shared) >> 10, waits_in(t));
	put_name(t, to);
	fprintf(to, "%s", end);
}

void task_list_print(struct machine *m, FILE *to)
{
	const char *end = terminal_is_raw() ? "\r\n" : "\n";
	uint64_t up = clock_monotonic(m) / 10000000;
	struct mm_stats mem;
	uint32_t avg[3];

	task_loadavg(m, avg);
	mm_get_stats(m->mm, &mem);
	fprintf(to, "up %llu.%02u s, %u tasks, %u running, load %.2f %.2f %.2f%s", (unsigned long long)(up / 100), (unsigned)(up % 100),
		task_count(m), task_running(m), avg[0] / 2048.0, avg[1] / 2048.0, avg[2] / 2048.0, end);
	fprintf(to, "memory: %llu KiB, %llu free, the largest run %llu; mappings %llu, memory files and segments %llu%s",
		(unsigned long long)mem.total >> 10, (unsigned long long)mem.free >> 10, (unsigned long long)mem.largest_free >> 10,
		(unsigned long long)mem.mmap_copy >> 10, (unsigned long long)mem.shmem >> 10, end);
	fprintf(to, "    TID     PID    PPID S   CPU (s)  MEM (K) WAITS IN         NAME%s", end);
	for (const struct process *p = process_first(m); p; p = p->next)
		for (const struct task *t = p->threads; t; t = t->thread_next)
			print_task(t, to, end);
	fflush(to);
}
