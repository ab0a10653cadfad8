/* SPDX-License-Identifier: MIT
 *
 * --self-check finds damage: planted in the records of one process, and taken away again.
 */
#include "signal_kit.h"
#include "emu/kernel/check.h"

/* Now it is a process as machine_start() leaves it. */
static void begin(void)
{
	boss->fds = fds_new(m);
	boss->fs = calloc(1, sizeof *boss->fs);
	ck_assert(boss->fds && boss->fs);
	fs_context_root(m, boss->fs);
	boss->fs->refs = 1;
	sched_enqueue(boss);
}

#define FINDS(part, plant, undo) do { \
	const char *found; \
	ck_assert_ptr_null(kernel_check(m)); \
	plant; \
	found = kernel_check(m); \
	ck_assert_msg(found && strstr(found, part), "%s: %s", #plant, found ? found : "nothing found"); \
	undo; \
	ck_assert_ptr_null(kernel_check(m)); \
} while (0)

START_TEST(tree)
{
	struct process *p = boss->process;

	begin();
	FINDS("threads", p->nthreads++, p->nthreads--);
	FINDS("another parent", p->parent = p, p->parent = init->process);
	FINDS("by its number", m->tasks->id[p->pid].process = NULL, m->tasks->id[p->pid].process = p);
	FINDS("by its number", m->tasks->id[p->pid].task = NULL, m->tasks->id[p->pid].task = boss);
	FINDS("tasks, not", m->tasks->count++, m->tasks->count--);
	FINDS("zombie", p->zombie = true, p->zombie = false);
	FINDS("not its own", boss->process = init->process, boss->process = p);
	FINDS("group or session", m->tasks->id[p->pgid].in_group -= 2, m->tasks->id[p->pgid].in_group += 2);
}
END_TEST

START_TEST(scheduler)
{
	begin();
	FINDS("not in the run queue", sched_dequeue(boss), sched_enqueue(boss));
	FINDS("cannot run", boss->state = TASK_SLEEPING, boss->state = TASK_RUNNABLE);
	FINDS("are counted", m->tasks->queue.count++, m->tasks->queue.count--);
	FINDS("deadline", boss->deadline.place = 9, boss->deadline.place = 0);
	FINDS("without a number", boss->in_syscall = true, boss->in_syscall = false);
	FINDS("traced", boss->traced = true, boss->traced = false);
}
END_TEST

START_TEST(waiting)
{
	struct wait_queue q = { 0 };

	begin();
	wait_on(&q, boss);
	boss->in_syscall = true;
	boss->sys.nr = 63;
	FINDS("does not know it", q.first = NULL, q.first = boss->waiter.entries);
	FINDS("in no system call", boss->in_syscall = false, boss->in_syscall = true);
	wait_cancel(boss);
	boss->in_syscall = false;
	boss->sys.nr = ~0u;
}
END_TEST

START_TEST(signals)
{
	begin();
	signal_set_blocked(boss, ~0ull);
	ck_assert_int_eq(signal_send_task(boss, 10, NULL), 0);
	FINDS("are queued", boss->pending.count++, boss->pending.count--);
	FINDS("pending", boss->pending.set = 0, boss->pending.set = 1 << 9);
}
END_TEST

START_TEST(what_is_shared)
{
	begin();
	FINDS("signal actions", boss->sighand->refs++, boss->sighand->refs--);
	FINDS("file system context", boss->fs->refs++, boss->fs->refs--);
	FINDS("descriptors", (void)fds_get(boss->fds), fds_put(boss->fds));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_check");
	TCase *tc = tcase_create("kernel_check");

	tcase_add_test(tc, tree);
	tcase_add_test(tc, scheduler);
	tcase_add_test(tc, waiting);
	tcase_add_test(tc, signals);
	tcase_add_test(tc, what_is_shared);
	return kit_run(s, tc);
}
