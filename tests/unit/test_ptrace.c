/* SPDX-License-Identifier: MIT
 *
 * ptrace: who may; stops as data; no memory. (What a program sees of it is in tests/guest/ptrace_*.c.)
 */
#include "tests/unit/signal_kit.h"

#include "emu/ptrace/ptrace_internal.h"

static bool no_memory;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size) { return no_memory ? NULL : __real_calloc(n, size); }

static int64_t request(struct task *t, uint32_t what, struct task *of, uint32_t addr, uint32_t data)
{
	return sys_ptrace(t, (uint32_t[6]){ what, (uint32_t)of->tid, addr, data });
}

static struct task *kid(void)
{
	struct task *t = kit_process(boss->process);

	t->process->creator = boss->tid;
	sched_enqueue(t);
	return t;
}

static void be(struct task *t, uint32_t id, uint64_t caps)
{
	struct cred *c = &t->cred;

	c->uid = c->euid = c->suid = c->fsuid = c->gid = c->egid = c->sgid = c->fsgid = id;
	c->cap_permitted = c->cap_effective = caps;
}

START_TEST(who_may)
{
	struct task *t = kid(), *same = kit_thread(boss);

	be(boss, 1000, 0);
	be(t, 1000, 0);
	ck_assert_int_eq(ptrace_may_access(boss, t, PTRACE_REALCREDS), 0);
	t->cred.suid = 0;
	ck_assert_int_eq(ptrace_may_access(boss, t, PTRACE_REALCREDS), -EPERM);
	t->cred.suid = 1000;
	t->cred.egid = 5;
	ck_assert_int_eq(ptrace_may_access(boss, t, PTRACE_REALCREDS), -EPERM);
	be(t, 1000, 0);
	t->process->dumpable = 0;
	ck_assert_int_eq(ptrace_may_access(boss, t, PTRACE_REALCREDS), -EPERM);
	t->process->dumpable = 1;
	/* It may do more than we. */
	be(t, 1000, 1u << 5);
	ck_assert_int_eq(ptrace_may_access(boss, t, PTRACE_REALCREDS), -EPERM);
	be(boss, 1000, 1u << 5);
	ck_assert_int_eq(ptrace_may_access(boss, t, PTRACE_REALCREDS), 0);
	/* The real user for attaching, the file system's for looking. */
	be(boss, 1000, 0);
	be(t, 1000, 0);
	boss->cred.fsuid = 7;
	ck_assert_int_eq(ptrace_may_access(boss, t, PTRACE_REALCREDS), 0);
	ck_assert_int_eq(ptrace_may_access(boss, t, PTRACE_FSCREDS), -EPERM);
	/* CAP_SYS_PTRACE may all; and each its own process. */
	be(boss, 7, 1u << 19);
	t->process->dumpable = 0;
	ck_assert_int_eq(ptrace_may_access(boss, t, PTRACE_REALCREDS), 0);
	be(boss, 7, 0);
	ck_assert_int_eq(ptrace_may_access(boss, same, PTRACE_REALCREDS), 0);
	ck_assert_int_eq(request(boss, PTRACE_ATTACH_, same, 0, 0), -EPERM);
	/* An init without memory is no program. */
	be(boss, 0, ~0ull);
	ck_assert_int_eq(request(boss, PTRACE_ATTACH_, init, 0, 0), -EPERM);
}
END_TEST

START_TEST(without_memory_nobody_is_traced)
{
	struct task *t = kid(), *thread;

	be(boss, 0, ~0ull);
	no_memory = true;
	ck_assert_int_eq(request(boss, PTRACE_ATTACH_, t, 0, 0), -ENOMEM);
	ck_assert_int_eq(request(boss, PTRACE_SEIZE_, t, 0, 0), -ENOMEM);
	ck_assert_int_eq(request(t, PTRACE_TRACEME_, t, 0, 0), -ENOMEM);
	no_memory = false;
	ck_assert_ptr_null(t->ptrace);
	ck_assert_ptr_null(boss->tracees);
	ck_assert_uint_eq(t->pending.set, 0);
	ck_assert_int_eq(request(t, PTRACE_TRACEME_, t, 0, 0), 0);
	ck_assert_ptr_eq(t->ptrace->tracer, boss);
	ck_assert_int_eq(request(t, PTRACE_TRACEME_, t, 0, 0), -EPERM);
	/* Nor is a child made that should be. */
	thread = kit_thread(t);
	t->ptrace->options = PTRACE_O_EVENT_(PTRACE_EVENT_CLONE_);
	no_memory = true;
	ck_assert_int_eq(ptrace_prepare(t, thread), -ENOMEM);
	no_memory = false;
}
END_TEST

START_TEST(a_stop_is_data)
{
	struct task *t = kid();

	be(boss, 0, ~0ull);
	ck_assert_int_eq(request(boss, PTRACE_ATTACH_, t, 0, 0), 0);
	ck_assert(task_signalled(t));
	signal_deliver(t, NULL);
	ck_assert_int_eq(t->state, TASK_TRACED);
	ck_assert(!t->run.queued);
	ck_assert_uint_eq(t->ptrace->code, SIGSTOP);
	/* A signal waits; SIGKILL does not. */
	signal_send_task(t, SIGUSR1, NULL);
	ck_assert_int_eq(t->state, TASK_TRACED);
	ck_assert_int_eq(request(boss, PTRACE_CONT_, t, 0, 0), 0);
	ck_assert_int_eq(t->state, TASK_RUNNABLE);
	ptrace_go_on(t);
	ck_assert(task_signalled(t));
	signal_deliver(t, NULL);
	ck_assert_uint_eq(t->ptrace->code, SIGUSR1);
	signal_send_task(t, SIGKILL, NULL);
	ck_assert_int_eq(t->state, TASK_RUNNABLE);
	ck_assert(t->killed);
}
END_TEST

START_TEST(let_go_it_does_what_it_had_to)
{
	struct task *t = kid();

	be(boss, 0, ~0ull);
	kit_act(t, SIGUSR1, 0x80002000, 0, 0);
	ck_assert_int_eq(request(boss, PTRACE_SEIZE_, t, 0, 0), 0);
	signal_send_task(t, SIGUSR1, NULL);
	signal_deliver(t, NULL);
	ck_assert_int_eq(t->state, TASK_TRACED);
	ck_assert_int_eq(request(boss, PTRACE_DETACH_, t, 0, SIGUSR1), 0);
	ck_assert_ptr_null(boss->tracees);
	ck_assert_int_eq(t->state, TASK_RUNNABLE);
	/* Before its turn comes, its process is stopped: job control, not a trap for nobody. */
	signal_stop_process(t->process, SIGSTOP);
	ck_assert_int_eq(t->state, TASK_STOPPED);
	ck_assert(!t->trap_pending);
	signal_continue_process(t->process);
	ptrace_go_on(t);
	ck_assert_ptr_null(t->ptrace);
	ck_assert_uint_eq(t->regs.pc, 0x80002000);
	ck_assert_uint_eq(t->regs.x[A0], SIGUSR1);
}
END_TEST

START_TEST(a_tracer_that_ends)
{
	struct task *runs = kid(), *stands = kid(), *dies = kid();

	be(boss, 0, ~0ull);
	ck_assert_int_eq(request(boss, PTRACE_SEIZE_, runs, 0, 0), 0);
	ck_assert_int_eq(request(boss, PTRACE_SEIZE_, stands, 0, 0), 0);
	ck_assert_int_eq(request(boss, PTRACE_SEIZE_, dies, 0, PTRACE_O_EXITKILL_), 0);
	ck_assert_int_eq(request(boss, PTRACE_INTERRUPT_, stands, 0, 0), 0);
	signal_deliver(stands, NULL);
	ck_assert_int_eq(stands->state, TASK_TRACED);
	ptrace_tracer_exit(boss);
	ck_assert_ptr_null(boss->tracees);
	ck_assert_ptr_null(runs->ptrace);
	ck_assert_int_eq(stands->state, TASK_RUNNABLE);
	ptrace_go_on(stands);
	ck_assert_ptr_null(stands->ptrace);
	ck_assert(!runs->killed && !stands->killed && dies->killed);
}
END_TEST

START_TEST(an_interrupted_call_is_undone)
{
	struct task *t = kid();
	uint32_t pc = t->regs.pc;

	be(boss, 0, ~0ull);
	ck_assert_int_eq(request(boss, PTRACE_SEIZE_, t, 0, 0), 0);
	kit_act(t, SIGUSR1, 0x80002000, 0, 0);
	t->regs.x[17] = 101;
	ptrace_call_ends(t, -ERESTART_RESTARTBLOCK, 77);
	ck_assert_uint_eq(t->regs.pc, pc - 4);
	ck_assert_uint_eq(t->regs.x[A0], 77);
	/* No handler: again, for the time that is left. */
	signal_deliver(t, NULL);
	ck_assert_uint_eq(t->regs.x[17], 128);
	ck_assert_uint_eq(t->regs.pc, pc - 4);
	/* A handler: EINTR, unless it has been moved elsewhere. */
	t->regs.pc = pc;
	ptrace_call_ends(t, -ERESTARTSYS, 77);
	signal_send_task(t, SIGUSR1, NULL);
	signal_deliver(t, NULL);
	t->ptrace->code = SIGUSR1;
	t->state = TASK_RUNNABLE;
	ptrace_go_on(t);
	ck_assert_uint_eq(t->regs.pc, 0x80002000);
	/* In the frame: siginfo, then pc at 160 of ucontext, a0 ten words on. */
	ck_assert_uint_eq(kit_word(t->regs.x[SP] + 128 + 160), pc);
	ck_assert_uint_eq(kit_word(t->regs.x[SP] + 128 + 160 + 40), (uint32_t)-EINTR);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ptrace");
	TCase *t = tcase_create("ptrace");

	tcase_add_test(t, who_may);
	tcase_add_test(t, without_memory_nobody_is_traced);
	tcase_add_test(t, a_stop_is_data);
	tcase_add_test(t, let_go_it_does_what_it_had_to);
	tcase_add_test(t, a_tracer_that_ends);
	tcase_add_test(t, an_interrupted_call_is_undone);
	return kit_run(s, t);
}
