/* SPDX-License-Identifier: MIT
 *
 * Signals: what is queued, who is chosen, what is delivered and how.
 */
#include "tests/unit/signal_kit.h"

/* rules.mk puts this before malloc(). */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
static bool no_memory;
void *__wrap_malloc(size_t size) { return no_memory ? NULL : __real_malloc(size); }

static struct signal_info from(int code, uint32_t value)
{
	struct signal_info i = { .code = code };

	i.rt.pid = 77;
	i.rt.uid = 5;
	i.rt.value = value;
	return i;
}

/* --- Queues --- */

START_TEST(order_of_taking)
{
	struct signal_info i, out;

	boss->blocked = ~0ull;
	for (uint32_t n = 0; n < 3; n++) {
		i = from(SI_QUEUE, n);
		ck_assert_int_eq(signal_send_process(boss->process, 40, &i), 0);
		ck_assert_int_eq(signal_send_process(boss->process, SIGUSR2, &i), 0);
	}
	i = from(SI_QUEUE, 9);
	signal_send_task(boss, 40, &i);
	signal_send_task(boss, SIGUSR1, &i);
	signal_send_process(boss->process, SIGSEGV, &i);
	/* The task's own before the process's; in each, by number, and synchronous ones first. */
	ck_assert(signal_take(boss, ~0ull, &out) && out.signo == SIGUSR1 && out.rt.value == 9);
	ck_assert(signal_take(boss, ~0ull, &out) && out.signo == 40 && out.rt.value == 9);
	ck_assert(signal_take(boss, ~0ull, &out) && out.signo == SIGSEGV);
	ck_assert(signal_take(boss, ~0ull, &out) && out.signo == SIGUSR2 && out.rt.value == 0);
	for (uint32_t n = 0; n < 3; n++)
		ck_assert(signal_take(boss, ~0ull, &out) && out.signo == 40 && out.rt.value == n);
	ck_assert(!signal_take(boss, ~0ull, &out));
	ck_assert_uint_eq(boss->process->pending.set | boss->pending.set, 0);
	ck_assert_uint_eq(boss->process->pending.count, 0);
}
END_TEST

START_TEST(a_fault_goes_first)
{
	struct signal_info out;

	kit_act(boss, SIGHUP, 0x80002000, 0, 0);
	signal_send_task(boss, SIGHUP, &(struct signal_info){ .code = SI_USER });
	kit_act(boss, SIGSEGV, 0x80002000, 0, 0);
	signal_fault(boss, SIGSEGV, SEGV_ACCERR, 0x1234);
	ck_assert(signal_take(boss, ~0ull, &out));
	ck_assert_int_eq(out.signo, SIGSEGV);
	ck_assert_int_eq(out.code, SEGV_ACCERR);
	ck_assert_uint_eq(out.fault.addr, 0x1234);
}
END_TEST

START_TEST(stop_and_continue_cancel_each_other)
{
	struct process *p = boss->process;

	boss->blocked = ~SIGNALS_KERNEL_ONLY;
	signal_send_process(p, SIGTSTP, NULL);
	signal_send_task(boss, SIGTTIN, NULL);
	signal_send_process(p, SIGSTOP, NULL);
	ck_assert(p->pending.set & SBIT(SIGTSTP));
	signal_send_process(p, SIGCONT, NULL);
	ck_assert_uint_eq(p->pending.set, SBIT(SIGCONT));
	ck_assert_uint_eq(boss->pending.set, 0);
	signal_send_process(p, SIGTTOU, NULL);
	ck_assert_uint_eq(p->pending.set, SBIT(SIGTTOU));
}
END_TEST

START_TEST(what_is_ignored)
{
	struct process *p = boss->process;

	signal_send_process(p, SIGCHLD, NULL);
	signal_send_process(p, SIGWINCH, NULL);
	kit_act(boss, SIGTERM, SIGNAL_IGN, 0, 0);
	signal_send_process(p, SIGTERM, NULL);
	ck_assert_uint_eq(p->pending.set, 0);
	boss->blocked = SBIT(SIGTERM);
	signal_send_process(p, SIGTERM, NULL);	/* may be caught by the time it is unblocked */
	ck_assert_uint_eq(p->pending.set, SBIT(SIGTERM));
	/* pid 1 hears only what it has a handler for. */
	p = init->process;
	signal_send_process(p, SIGTERM, NULL);
	signal_send_process(p, SIGKILL, &(struct signal_info){ .code = SI_USER });
	ck_assert_uint_eq(p->pending.set, 0);
	ck_assert(!init->killed);
	kit_act(init, SIGTERM, 0x80002000, 0, 0);
	signal_send_process(p, SIGTERM, NULL);
	ck_assert_uint_eq(p->pending.set, SBIT(SIGTERM));
}
END_TEST

START_TEST(limit_and_memory)
{
	struct signal_info i = from(SI_QUEUE, 1), u = from(SI_USER, 1), out;
	int rt, usr1;

	boss->blocked = ~0ull;
	boss->process->rlimit[11].cur = 5;
	for (int n = 0; n < 5; n++)
		ck_assert_int_eq(signal_send_process(boss->process, 40, &i), 0);
	ck_assert_int_eq(signal_send_process(boss->process, 40, &i), -EAGAIN);
	ck_assert_int_eq(signal_send_process(boss->process, 41, &u), 0);	/* kill(2) goes through, without its data */
	ck_assert(signal_take(boss, SBIT(41), &out) && out.code == SI_USER && out.rt.pid == 0);
	signal_discard(boss->process, ~0ull);
	ck_assert_uint_eq(boss->process->pending.count, 0);
	no_memory = true;		/* Check itself needs some: no assertions here */
	rt = signal_send_process(boss->process, 40, &i);
	usr1 = signal_send_process(boss->process, SIGUSR1, &i);
	no_memory = false;
	ck_assert_int_eq(rt, -EAGAIN);
	ck_assert_int_eq(usr1, 0);
	ck_assert(signal_take(boss, ~0ull, &out) && out.signo == SIGUSR1);
	ck_assert(!signal_take(boss, ~0ull, &out));
}
END_TEST

/* --- Who --- */

START_TEST(one_thread_is_chosen)
{
	struct task *t = kit_thread(boss), *u = kit_thread(boss);

	kit_act(boss, SIGUSR1, 0x80002000, 0, 0);
	kit_sleep(boss);
	kit_sleep(t);
	kit_sleep(u);
	signal_send_process(boss->process, SIGUSR1, NULL);
	ck_assert(task_signalled(boss) && boss->state == TASK_RUNNABLE);	/* the main one, if it can */
	ck_assert(!task_signalled(t) && t->state == TASK_SLEEPING);
	signal_discard(boss->process, ~0ull);

	kit_sleep(boss);
	boss->notified = false;
	boss->blocked = t->blocked = SBIT(SIGUSR1);
	signal_send_process(boss->process, SIGUSR1, NULL);
	ck_assert(task_signalled(u) && u->state == TASK_RUNNABLE);
	ck_assert(!task_signalled(boss) && !task_signalled(t) && boss->state == TASK_SLEEPING);
	/* It blocks the signal before it has taken it: one of the others is told. */
	t->blocked = 0;
	signal_set_blocked(u, SBIT(SIGUSR1));
	ck_assert(!task_signalled(u) && task_signalled(t) && t->state == TASK_RUNNABLE);

	/* To a thread: nobody else's business. */
	signal_discard(boss->process, ~0ull);
	t->notified = false;
	signal_send_task(boss, SIGUSR1, NULL);
	ck_assert(!task_signalled(boss) && !task_signalled(t));
	signal_set_blocked(boss, 0);
	ck_assert(task_signalled(boss));
}
END_TEST

START_TEST(sigtimedwait_is_woken)
{
	struct task *t = kit_thread(boss);

	boss->blocked = t->blocked = SBIT(SIGTERM);
	t->awaited = SBIT(SIGTERM);
	kit_sleep(boss);
	kit_sleep(t);
	signal_send_process(boss->process, SIGTERM, NULL);
	ck_assert(t->state == TASK_RUNNABLE && !task_signalled(t));
	ck_assert(boss->state == TASK_SLEEPING && !t->killed);
}
END_TEST

START_TEST(deadly_signals_doom_all)
{
	struct process *p = boss->process;
	struct task *t = kit_thread(boss);

	kit_sleep(boss);
	kit_sleep(t);
	task_stop(t);
	signal_send_process(p, SIGTERM, NULL);
	ck_assert(boss->killed && t->killed);
	ck_assert(boss->state == TASK_RUNNABLE && t->state == TASK_RUNNABLE);
	signal_send_process(p, SIGUSR1, NULL);		/* too late */
	ck_assert(!(p->pending.set & SBIT(SIGUSR1)));
	boss->in_syscall = t->in_syscall = false;
	m->tasks->watched = p;
	signal_deliver(t, NULL);
	ck_assert(m->halted);		/* and p has been reaped */
	ck_assert_int_eq(m->status, 128 + SIGTERM);
	ck_assert(t->state == TASK_DEAD && boss->state == TASK_DEAD);
}
END_TEST

/* The main thread has ended before, and nobody wants to hear of the end. */
START_TEST(last_thread_of_a_leaderless_process)
{
	struct task *child = kit_process(boss->process), *t = kit_thread(child);

	kit_act(boss, SIGCHLD, SIGNAL_IGN, 0, 0);
	task_exit(child, 0);
	ck_assert_int_eq(child->state, TASK_ZOMBIE);
	signal_send_process(child->process, SIGTERM, NULL);
	ck_assert(t->killed);
	signal_deliver(t, NULL);
	ck_assert_ptr_null(boss->process->children);
}
END_TEST

/* --- Delivery --- */

START_TEST(frame)
{
	struct signal_info i = from(SI_QUEUE, 0xabcd);
	struct hart_regs before;
	uint32_t sp;

	kit_act(boss, SIGUSR1, 0x80003001, ACT_SIGINFO, SBIT(SIGHUP));
	for (uint32_t n = 1; n < 32; n++)
		if (n != SP)
			boss->regs.x[n] = 0x1000 + n;
	for (uint32_t n = 0; n < 32; n++)
		boss->regs.f[n] = 0xffffffff00000000ull + n;
	boss->regs.fcsr = 0x45;
	boss->regs.x[SP] -= 4;		/* to see it aligned */
	boss->blocked = SBIT(SIGUSR2);
	before = boss->regs;
	signal_send_task(boss, SIGUSR1, &i);
	signal_deliver(boss, NULL);

	sp = boss->regs.x[SP];
	ck_assert_uint_eq(sp % 16, 0);
	ck_assert_uint_eq(sp, (before.x[SP] - 960) & ~15u);
	ck_assert_uint_eq(boss->regs.pc, 0x80003000);
	ck_assert_uint_eq(boss->regs.x[A0], SIGUSR1);
	ck_assert_uint_eq(boss->regs.x[A1], sp);
	ck_assert_uint_eq(boss->regs.x[A2], sp + 128);
	ck_assert_uint_eq(boss->regs.x[RA], sp + 944);
	ck_assert_uint_eq(kit_word(sp + 944), 0x08b00893);	/* li a7, 139 */
	ck_assert_uint_eq(kit_word(sp + 948), 0x00000073);	/* ecall */
	ck_assert_uint_eq(boss->blocked, SBIT(SIGUSR2) | SBIT(SIGUSR1) | SBIT(SIGHUP));
	/* siginfo */
	ck_assert_uint_eq(kit_word(sp), SIGUSR1);
	ck_assert_int_eq((int)kit_word(sp + 8), SI_QUEUE);
	ck_assert_uint_eq(kit_word(sp + 12), 77);
	ck_assert_uint_eq(kit_word(sp + 16), 5);
	ck_assert_uint_eq(kit_word(sp + 20), 0xabcd);
	/* ucontext */
	ck_assert_uint_eq(kit_word(sp + 128 + 12), STACK_DISABLE);
	ck_assert_uint_eq(kit_word(sp + 128 + 20), SBIT(SIGUSR2));
	ck_assert_uint_eq(kit_word(sp + 288), before.pc);
	ck_assert_uint_eq(kit_word(sp + 288 + 4 * SP), before.x[SP]);
	ck_assert_uint_eq(kit_word(sp + 288 + 4 * 31), 0x1000 + 31);
	ck_assert_uint_eq(kit_word(sp + 416 + 8 * 31), 31);
	ck_assert_uint_eq(kit_word(sp + 416 + 256), 0x45);

	memset(boss->regs.f, 0, sizeof boss->regs.f);
	for (uint32_t n = 1; n < 32; n++)
		if (n != SP)
			boss->regs.x[n] = 0;
	ck_assert_int_eq(signal_return(boss), SYS_NO_RETURN);
	ck_assert_int_eq(memcmp(&boss->regs, &before, sizeof before), 0);
	ck_assert_uint_eq(boss->blocked, SBIT(SIGUSR2));
}
END_TEST

/* FDPIC: sa_handler points to { entry, gp }. */
START_TEST(handlers_by_descriptor)
{
	uint32_t descriptor = stack + 64, sp;
	struct hart_regs before;

	boss->personality = PER_FDPIC_FUNCPTRS;
	ck_assert_int_eq(user_put32(boss, descriptor, 0x80005001), 0);
	ck_assert_int_eq(user_put32(boss, descriptor + 4, 0x80abcde0), 0);
	kit_act(boss, SIGUSR1, descriptor, 0, 0);
	boss->regs.x[3] = 0x1234;
	before = boss->regs;
	signal_send_task(boss, SIGUSR1, NULL);
	signal_deliver(boss, NULL);
	sp = boss->regs.x[SP];
	ck_assert_uint_eq(boss->regs.pc, 0x80005000);
	ck_assert_uint_eq(boss->regs.x[3], 0x80abcde0);
	ck_assert_uint_eq(kit_word(sp + 288 + 4 * 3), 0x1234);
	ck_assert_int_eq(signal_return(boss), SYS_NO_RETURN);
	ck_assert_int_eq(memcmp(&boss->regs, &before, sizeof before), 0);
	/* One that points to nothing, or half of it: SIGSEGV, to its own handler if that is good; nothing was pushed. */
	boss->blocked = 0;
	kit_act(boss, SIGUSR1, 0x100, 0, 0);
	kit_act(boss, SIGUSR2, (uint32_t)(0x80000000u + m->options.ram_size - 4), 0, 0);	/* memory ends there */
	kit_act(boss, SIGSEGV, descriptor, 0, 0);
	for (int n = 0; n < 2; n++) {
		boss->regs = before;
		signal_send_task(boss, n ? SIGUSR2 : SIGUSR1, NULL);
		signal_deliver(boss, NULL);
		if (boss->regs.pc == before.pc)
			signal_deliver(boss, NULL);
		ck_assert_uint_eq(boss->regs.pc, 0x80005000);
		ck_assert_uint_eq(boss->regs.x[A0], SIGSEGV);
		ck_assert_int_eq(signal_return(boss), SYS_NO_RETURN);
		ck_assert_uint_eq(boss->regs.x[SP], before.x[SP]);
	}
	/* And the end if it is not. */
	kit_act(boss, SIGSEGV, 0x200, 0, 0);
	signal_send_task(boss, SIGUSR1, NULL);
	m->tasks->watched = boss->process;
	for (int n = 0; n < 3 && !m->halted; n++)
		signal_deliver(boss, NULL);
	ck_assert_int_eq(m->status, 128 + SIGSEGV);
}
END_TEST

START_TEST(bad_frames)
{
	uint32_t sp;

	kit_act(boss, SIGUSR1, 0x80003000, 0, 0);
	/* A header of an extension that is not there. */
	signal_send_task(boss, SIGUSR1, NULL);
	signal_deliver(boss, NULL);
	sp = boss->regs.x[SP];
	ck_assert_int_eq(user_put32(boss, sp + 288 + 128 + 520, 0x53465457), 0);
	kit_act(boss, SIGSEGV, 0x80004000, 0, 0);
	signal_return(boss);
	ck_assert(task_signalled(boss) && (boss->pending.set & SBIT(SIGSEGV)));
	signal_deliver(boss, NULL);
	ck_assert_uint_eq(boss->regs.pc, 0x80004000);
	/* No stack at all: SIGSEGV's own handler cannot run either. */
	boss->blocked = 0;
	boss->regs.x[SP] = 0x100;
	signal_send_task(boss, SIGUSR1, NULL);
	m->tasks->watched = boss->process;
	for (int n = 0; n < 3 && !m->halted; n++)
		signal_deliver(boss, NULL);
	ck_assert_int_eq(m->status, 128 + SIGSEGV);
}
END_TEST

START_TEST(alternate_stack)
{
	uint32_t alt = stack + 4096;

	ck_assert_int_eq(signal_stack_set(boss, alt, 0, 2047), -ENOMEM);
	ck_assert_int_eq(signal_stack_set(boss, alt, 4, 8192), -EINVAL);
	ck_assert_int_eq(signal_stack_set(boss, alt, 0, 8192), 0);
	kit_act(boss, SIGUSR1, 0x80003000, ACT_ONSTACK | ACT_NODEFER, 0);
	signal_send_task(boss, SIGUSR1, NULL);
	signal_deliver(boss, NULL);
	ck_assert_uint_eq(boss->regs.x[SP], alt + 8192 - 960);
	ck_assert_uint_eq(signal_stack_state(&boss->altstack, boss->regs.x[SP]), STACK_ONSTACK);
	ck_assert_int_eq(signal_stack_set(boss, 0, STACK_DISABLE, 0), -EPERM);
	/* It is used up, frame by frame; the one that does not fit is SIGSEGV, whose frame does not fit either. */
	for (int n = 0; n < 7; n++) {
		signal_send_task(boss, SIGUSR1, NULL);
		signal_deliver(boss, NULL);
	}
	ck_assert_uint_eq(boss->regs.x[SP], alt + 8192 - 8 * 960);
	signal_send_task(boss, SIGUSR1, NULL);
	m->tasks->watched = boss->process;
	for (int n = 0; n < 3 && !m->halted; n++)
		signal_deliver(boss, NULL);
	ck_assert_int_eq(m->status, 128 + SIGSEGV);
}
END_TEST

START_TEST(auto_disarm)
{
	uint32_t alt = stack + 4096;

	ck_assert_int_eq(signal_stack_set(boss, alt, STACK_AUTODISARM, 8192), 0);
	kit_act(boss, SIGUSR1, 0x80003000, ACT_ONSTACK, 0);
	signal_send_task(boss, SIGUSR1, NULL);
	signal_deliver(boss, NULL);
	ck_assert_uint_eq(boss->regs.x[SP], alt + 8192 - 960);
	ck_assert_uint_eq(boss->altstack.size, 0);
	signal_return(boss);
	ck_assert_uint_eq(boss->altstack.sp, alt);
	ck_assert_uint_eq(boss->altstack.flags, STACK_AUTODISARM);
}
END_TEST

/* --- Interrupted calls --- */

static void interrupted(int64_t result)
{
	boss->regs.pc = 0x80001004;
	boss->regs.x[A0] = 0xdead;
	boss->regs.x[SP] = stack + STACK_SIZE_;
	boss->sys.args[0] = 0x55;
	boss->in_syscall = false;
	boss->blocked = 0;
	signal_deliver(boss, &result);
}

START_TEST(restarts)
{
	static const struct { int code; bool with, without; } rows[] = {	/* SA_RESTART */
		{ ERESTARTSYS, true, false }, { ERESTARTNOINTR, true, true },
		{ ERESTARTNOHAND, false, false }, { ERESTART_RESTARTBLOCK, false, false },
	};

	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (int with = 0; with < 2; with++) {
			bool again = with ? rows[i].with : rows[i].without;
			uint32_t sp;

			kit_act(boss, SIGUSR1, 0x80003000, with ? ACT_RESTART : 0, 0);
			signal_send_task(boss, SIGUSR1, NULL);
			interrupted(-rows[i].code);
			ck_assert(!boss->in_syscall);
			sp = boss->regs.x[SP];
			ck_assert_uint_eq(boss->regs.pc, 0x80003000);
			ck_assert_uint_eq(kit_word(sp + 288), again ? 0x80001000 : 0x80001004);
			ck_assert_uint_eq(kit_word(sp + 288 + 4 * A0), again ? 0x55 : (uint32_t)-EINTR);
		}
		/* No handler: the call goes on. */
		kit_act(boss, SIGUSR1, SIGNAL_DFL, 0, 0);
		interrupted(-rows[i].code);
		ck_assert(boss->in_syscall && boss->sys.restarted);
		ck_assert_uint_eq(boss->regs.pc, 0x80001004);
	}
	/* A result is a result. */
	kit_act(boss, SIGUSR1, 0x80003000, ACT_RESTART, 0);
	signal_send_task(boss, SIGUSR1, NULL);
	interrupted(17);
	ck_assert_uint_eq(kit_word(boss->regs.x[SP] + 288), 0x80001004);
	ck_assert_uint_eq(kit_word(boss->regs.x[SP] + 288 + 4 * A0), 17);
	interrupted(-EINTR);
	ck_assert(!boss->in_syscall);
	ck_assert_uint_eq(boss->regs.x[A0], (uint32_t)-EINTR);
}
END_TEST

START_TEST(mask_for_a_call)
{
	const int64_t nohand = -ERESTARTNOHAND, done = 3;

	boss->blocked = SBIT(SIGUSR1);
	signal_mask_for_call(boss, SBIT(SIGKILL) | SBIT(SIGHUP));
	ck_assert_uint_eq(boss->blocked, SBIT(SIGHUP));
	signal_mask_for_call(boss, 0);		/* a later try changes nothing */
	ck_assert_uint_eq(boss->blocked, SBIT(SIGHUP));
	signal_deliver(boss, &nohand);		/* woken for nothing: the call goes on, under its mask */
	ck_assert(boss->in_syscall && boss->restore_blocked);
	ck_assert_uint_eq(boss->blocked, SBIT(SIGHUP));
	kit_act(boss, SIGUSR1, 0x80003000, 0, SBIT(SIGPIPE));
	signal_send_task(boss, SIGUSR1, NULL);
	boss->in_syscall = false;
	signal_deliver(boss, &nohand);
	ck_assert(!boss->restore_blocked);
	ck_assert_uint_eq(boss->blocked, SBIT(SIGHUP) | SBIT(SIGUSR1) | SBIT(SIGPIPE));
	signal_return(boss);
	ck_assert_uint_eq(boss->blocked, SBIT(SIGUSR1));	/* the mask before the call */
	signal_mask_for_call(boss, 0);
	signal_deliver(boss, &done);
	ck_assert_uint_eq(boss->blocked, SBIT(SIGUSR1));
	ck_assert_uint_eq(boss->regs.x[A0], 3);
}
END_TEST

/* --- Stopping --- */

START_TEST(stop_continue_report)
{
	const int64_t result = -ERESTARTSYS;
	struct task *child = kit_process(boss->process), *t;
	struct process *p = child->process;
	struct signal_info out;

	t = kit_thread(child);
	kit_sleep(t);
	kit_act(boss, SIGCHLD, 0x80003000, 0, 0);
	signal_send_process(p, SIGSTOP, NULL);
	signal_deliver(child, &result);
	ck_assert(p->stopped && p->stop_signal == SIGSTOP && m->tasks->stopped == 1);
	ck_assert(child->state == TASK_STOPPED && t->state == TASK_STOPPED);
	ck_assert(child->in_syscall);		/* and will go on with its call */
	ck_assert(signal_take(boss, SBIT(SIGCHLD), &out));
	ck_assert(out.code == CLD_STOPPED && out.child.status == SIGSTOP && out.child.pid == p->pid);
	signal_send_process(p, SIGTERM, &(struct signal_info){ .code = SI_USER });
	ck_assert(!child->killed && child->state == TASK_STOPPED);	/* waits for SIGCONT */
	signal_discard(p, ~0ull);
	signal_send_process(p, SIGCONT, NULL);
	ck_assert(!p->stopped && p->continued && m->tasks->stopped == 0);
	ck_assert(child->state == TASK_RUNNABLE && t->state == TASK_RUNNABLE);
	ck_assert(!signal_take(boss, SBIT(SIGCHLD), &out));
	ck_assert(p->continue_untold);
	signal_continued(p);
	ck_assert(signal_take(boss, SBIT(SIGCHLD), &out) && out.code == CLD_CONTINUED);

	kit_act(boss, SIGCHLD, 0x80003000, ACT_NOCLDSTOP, 0);
	signal_send_process(p, SIGSTOP, NULL);
	child->in_syscall = false;
	signal_deliver(child, NULL);
	ck_assert(p->stopped && !signal_take(boss, SBIT(SIGCHLD), &out));
	signal_send_process(p, SIGKILL, &(struct signal_info){ .code = SI_USER });
	ck_assert(child->state == TASK_RUNNABLE && child->killed);
	signal_deliver(child, NULL);
	ck_assert(p->zombie && p->exit_code == SIGKILL && m->tasks->stopped == 0);
}
END_TEST

START_TEST(orphans_do_not_stop)
{
	/* The only process of its group, and its parent is init: nobody could continue it. */
	signal_send_process(boss->process, SIGTSTP, NULL);
	signal_deliver(boss, NULL);
	ck_assert(!boss->process->stopped && boss->state == TASK_RUNNABLE);
	signal_send_process(boss->process, SIGSTOP, NULL);
	signal_deliver(boss, NULL);
	ck_assert(boss->process->stopped);
}
END_TEST

START_TEST(exec_and_names)
{
	kit_act(boss, SIGUSR1, 0x80003000, ACT_RESTART, ~0ull);
	kit_act(boss, SIGUSR2, SIGNAL_IGN, ACT_RESTART, ~0ull);
	boss->altstack.size = 9;
	signal_exec(boss);
	ck_assert_uint_eq(boss->sighand->action[SIGUSR1 - 1].handler, SIGNAL_DFL);
	ck_assert_uint_eq(boss->sighand->action[SIGUSR2 - 1].handler, SIGNAL_IGN);
	ck_assert_uint_eq(boss->sighand->action[SIGUSR2 - 1].flags, 0);
	ck_assert_uint_eq(boss->altstack.size, 0);
	ck_assert_str_eq(signal_name(SIGINT), "SIGINT");
	ck_assert_str_eq(signal_name(31), "SIGSYS");
	ck_assert_str_eq(signal_name(32), "SIGRTMIN");
	ck_assert_str_eq(signal_name(64), "SIGRT_32");
	ck_assert_str_eq(signal_name(65), "SIG_?");
	ck_assert_str_eq(signal_name(-1), "SIG_?");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("signal");
	TCase *t = tcase_create("all");

	tcase_add_test(t, order_of_taking);
	tcase_add_test(t, a_fault_goes_first);
	tcase_add_test(t, stop_and_continue_cancel_each_other);
	tcase_add_test(t, what_is_ignored);
	tcase_add_test(t, limit_and_memory);
	tcase_add_test(t, one_thread_is_chosen);
	tcase_add_test(t, sigtimedwait_is_woken);
	tcase_add_test(t, deadly_signals_doom_all);
	tcase_add_test(t, last_thread_of_a_leaderless_process);
	tcase_add_test(t, frame);
	tcase_add_test(t, handlers_by_descriptor);
	tcase_add_test(t, bad_frames);
	tcase_add_test(t, alternate_stack);
	tcase_add_test(t, auto_disarm);
	tcase_add_test(t, restarts);
	tcase_add_test(t, mask_for_a_call);
	tcase_add_test(t, stop_continue_report);
	tcase_add_test(t, orphans_do_not_stop);
	tcase_add_test(t, exec_and_names);
	return kit_run(s, t);
}
