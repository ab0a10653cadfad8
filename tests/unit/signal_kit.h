/* SPDX-License-Identifier: MIT
 *
 * A whole machine with an init that runs nothing and one process with memory: for tests of signals and timers. Time stands
 * still but for kit_pass().
 */
#ifndef TESTS_UNIT_SIGNAL_KIT_H
#define TESTS_UNIT_SIGNAL_KIT_H

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "emu/host/clock.h"
#include "emu/signal/signal_internal.h"
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/timers.h"
#include "emu/sys/user.h"
#include "emu/machine.h"

#define STACK_SIZE_ 65536u
enum { RA = 1, SP = 2, A0 = 10, A1 = 11, A2 = 12 };

static struct machine *m;
static struct task *init, *boss;	/* pid 1; the process under test */
static uint32_t stack;			/* lowest address of boss's */

static struct task *kit_process(struct process *parent)
{
	struct mm_map map = { .len = STACK_SIZE_, .prot = PROT_READ | PROT_WRITE, .flags = MAP_PRIVATE | 0x20 };
	struct task *t;
	int err;

	t = task_alloc(m, &err);
	ck_assert_ptr_nonnull(t);
	t->sighand = sighand_copy(NULL);
	ck_assert_ptr_nonnull(t->sighand);
	ck_assert_ptr_nonnull(process_alloc(m, t, parent));
	t->process->exit_signal = SIGCHLD;
	ck_assert_int_eq(mm_space_new(m->mm, &t->space), 0);
	ck_assert_int_eq(mm_mmap(t->space, &map, &stack), 0);
	t->regs.x[SP] = stack + STACK_SIZE_;
	t->regs.pc = 0x80001000;
	return t;
}

static struct task __attribute__((unused)) *kit_thread(struct task *of)
{
	struct task *t;
	int err;

	t = task_alloc(m, &err);
	ck_assert_ptr_nonnull(t);
	t->sighand = of->sighand;
	t->sighand->refs++;
	t->space = mm_space_get(of->space);
	process_add_thread(of->process, t);
	t->regs = of->regs;
	return t;
}

/* Blocked in a call. */
static void __attribute__((unused)) kit_sleep(struct task *t)
{
	sched_dequeue(t);
	t->state = TASK_SLEEPING;
	t->in_syscall = true;
	t->woken = false;
}

static void __attribute__((unused)) kit_act(struct task *t, int signo, uint32_t handler, uint32_t flags, uint64_t mask)
{
	t->sighand->action[signo - 1] = (struct signal_action){ handler, flags, mask };
}

static void __attribute__((unused)) kit_pass(uint64_t ns)
{
	clock_skip(m, clock_monotonic(m) + ns);
}

static uint32_t __attribute__((unused)) kit_word(uint32_t addr)
{
	uint32_t v;

	ck_assert_int_eq(user_get32(boss, addr, &v), 0);
	return v;
}

static void kit_up(void)
{
	struct machine_config c = { .options = { .ram_size = 4u << 20, .deterministic = true, .log_level = -1, .slice = 1000 } };
	int err;

	m = machine_new(&c, &err);
	ck_assert_ptr_nonnull(m);
	init = tasks_make_init(m);
	ck_assert_ptr_nonnull(init);
	boss = kit_process(init->process);
}

static void kit_down(void)
{
	machine_free(m);
}

static int __attribute__((unused)) kit_run(Suite *s, TCase *t)
{
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, kit_up, kit_down);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}

#endif
