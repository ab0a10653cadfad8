/* SPDX-License-Identifier: MIT */
#include "emu/host/signals.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cpu/hart.h"
#include "emu/board.h"
#include "emu/debug/task_list.h"
#include "emu/host/poll.h"
#include "emu/host/terminal.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/tasks.h"
#include "emu/tty/console.h"
#include "emu/tty/tty.h"

/* The guest's numbers are asm-generic's; so are those of the hosts we know. */
_Static_assert(SIGINT == 2 && SIGUSR1 == 10 && SIGUSR2 == 12 && SIGTERM == 15 && SIGCONT == 18 && SIGTSTP == 20 &&
	       SIGWINCH == 28, "host and guest agree on signal numbers");

enum { SIGNAL_LIMIT = 32, PATIENCE = 2 /* seconds: the scheduler looks a thousand times in one */ };

static const int wanted[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT, SIGTSTP, SIGWINCH,
};
#define WANTED (sizeof wanted / sizeof *wanted)

static struct {
	struct machine *volatile machine;
	bool forward;
	bool keyboard_stop;		/* SIGTSTP was passed on: the guest's stopping is ours */
	int wakeup;
	volatile sig_atomic_t any, seen[SIGNAL_LIMIT];
	time_t since[SIGNAL_LIMIT];	/* when that was */
	bool caught[SIGNAL_LIMIT];	/* for good: the handlers do without a machine */
	struct sigaction before[SIGNAL_LIMIT];	/* of those that are caught */
} host;

static bool ends_us(int sig)
{
	return sig == SIGHUP || sig == SIGINT || sig == SIGQUIT || sig == SIGTERM;
}

static time_t seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* The one before was not looked at.  What goes to the guest may come twice in a moment; but not so much later. */
static bool hangs(int sig)
{
	return ends_us(sig) && host.seen[sig] && (!host.forward || seconds() - host.since[sig] > PATIENCE);
}

static void note(int sig)
{
	struct machine *m = host.machine;
	const uint64_t one = 1;

	if (!m) {
		/* No guest any more: to us it is what it was before there was one. */
		host.caught[sig] = false;
		sigaction(sig, &host.before[sig], NULL);
		raise(sig);
		return;
	}
	if (hangs(sig)) {
		/* Whatever it is that does, the user wants out. */
		terminal_restore();
		signal(sig, SIG_DFL);
		raise(sig);
		return;
	}
	if (!host.seen[sig])
		host.since[sig] = seconds();
	host.seen[sig] = 1;
	host.any = 1;
	hart_interrupt(&m->hart);
	if (write(host.wakeup, &one, sizeof one) < 0) {
		/* Full: then it ends the wait anyway. */
	}
}

static void crashed(int sig)
{
	terminal_restore();
	signal(sig, SIG_DFL);
	raise(sig);
}

/*
 * On the stack for signals (cpu/hostfault.c): one may come while translated code runs, whose own stack the guest's calls
 * fill down to a guard page. The frame of a handler does not always fit there, and the process would die of it.
 */
static void catch(int sig, void (*handler)(int))
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_RESTART | SA_ONSTACK };

	if (host.caught[sig])
		return;
	sigemptyset(&sa.sa_mask);
	host.caught[sig] = !sigaction(sig, &sa, &host.before[sig]);
}

static bool ignores(const struct sigaction *sa)
{
	return !(sa->sa_flags & SA_SIGINFO) && sa->sa_handler == SIG_IGN;
}

/* The same, unless it is ignored. */
static void catch_heeded(int sig)
{
	catch(sig, note);
	if (ignores(&host.before[sig]))
		sigaction(sig, &host.before[sig], NULL);
}

static bool was_ignored(int sig)
{
	struct sigaction sa;

	if (host.caught[sig])
		return ignores(&host.before[sig]);
	return sig != SIGKILL && sig != SIGSTOP && !sigaction(sig, NULL, &sa) && ignores(&sa);
}

/* What the host's parent made us ignore, the program ignores too: nohup, background jobs of old shells. */
static void inherit_ignored(struct machine *m)
{
	struct process *p = m->tasks->watched;

	if (!p || !p->leader || !p->leader->sighand)
		return;
	for (int sig = 1; sig < SIGNAL_LIMIT; sig++)
		if (was_ignored(sig))
			p->leader->sighand->action[sig - 1].handler = 1;
}

int host_signals_catch(struct machine *m, bool forward)
{
	host.wakeup = host_wakeup_fd(m);
	if (host.wakeup < 0) {
		/* No memory: signals do what they do by default. The hart's faults are the guest's all the same. */
		return hart_catch_host_faults(terminal_crash);
	}
	host.forward = forward;
	host.keyboard_stop = false;
	host.any = 0;
	memset((void *)host.seen, 0, sizeof host.seen);
	host.machine = m;
	for (size_t i = 0; i < WANTED; i++)
		catch_heeded(wanted[i]);
	catch(SIGPIPE, SIG_IGN);
	catch(SIGXFSZ, SIG_IGN);
	catch(SIGABRT, crashed);
	if (forward) {
		inherit_ignored(m);
		if (m->terminal && m->tasks->watched)
			tty_put_in_front(m->terminal, m->tasks->watched);
	}
	return hart_catch_host_faults(terminal_crash);
}

void host_signals_release(struct machine *m)
{
	/* SIGPIPE and SIGXFSZ stay ignored: what is still to be written may meet a closed pipe, or a limit. */
	if (host.machine == m)
		host.machine = NULL;
}

/* By SIGTSTP's own action, so that the shell says what it says of everybody. */
static void stop_here(void)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	struct sigaction ours;

	sigaction(SIGTSTP, &by_default, &ours);
	raise(SIGTSTP);
	sigaction(SIGTSTP, &ours, NULL);
}

void host_suspend(struct machine *m)
{
	terminal_restore();
	stop_here();
	terminal_raw_again();
	console_resized(m);
}

/* --- The machine of `flat32 boot` --- */

static void serve_boot(struct machine *m, int sig)
{
	switch (sig) {
	case SIGWINCH:
		console_resized(m);
		break;
	case SIGUSR1:
		board_dump(m, m->options.dump_file ? m->options.dump_file : stderr);
		break;
	case SIGUSR2:
		task_list_print(m, stderr);
		break;
	case SIGTSTP:
		host_suspend(m);
		break;
	case SIGCONT:
		terminal_raw_again();
		console_resized(m);
		break;
	default:
		if (!ends_us(sig))
			break;
		klog(m, KLOG_WARNING, "stopped by the host: %s", strsignal(sig));
		m->status = 128 + sig;
		m->halted = true;
	}
}

/* --- The program of `flat32 run` --- */

static int foreground(struct machine *m)
{
	struct process *p = m->tasks->watched;

	if (m->terminal && m->terminal->pgrp)
		return m->terminal->pgrp;
	return p ? p->pgid : 0;
}

static void serve_run(struct machine *m, int sig)
{
	struct process *p = m->tasks->watched;
	struct signal_info info = { .signo = sig, .code = 0x80 /* SI_KERNEL */ };

	switch (sig) {
	case SIGTSTP:
		host.keyboard_stop = true;
		signal_send_group(m, foreground(m), sig, &info);
		break;
	case SIGINT: case SIGQUIT: case SIGWINCH:
		signal_send_group(m, foreground(m), sig, &info);
		break;
	case SIGCONT:
		host.keyboard_stop = false;
		signal_send_group(m, foreground(m), sig, &info);
		if (p && p->pgid != foreground(m))
			signal_send_process(p, sig, &info);
		break;
	default:
		info.code = 0;		/* SI_USER: somebody of the host used kill(1) */
		if (p)
			signal_send_process(p, sig, &info);
	}
}

static bool all_stopped(struct machine *m)
{
	for (struct process *p = process_first(m); p; p = p->next)
		if (!p->zombie && !p->stopped && p->leader && p->leader->space)
			return false;
	return true;
}

/* The guest has stopped: our parent, who waits for us and not for it, must see us stop. */
static void follow_stop(struct machine *m)
{
	struct process *p = m->tasks->watched;

	if (!p || !p->stopped || !(host.keyboard_stop || all_stopped(m)))
		return;
	if (host.keyboard_stop)
		stop_here();
	else
		raise(SIGSTOP);
	host.seen[SIGCONT] = 0;
	serve_run(m, SIGCONT);
}

void host_signals_poll(struct machine *m)
{
	if (host.machine != m)
		return;
	if (host.any) {
		host.any = 0;
		for (int sig = 1; sig < SIGNAL_LIMIT; sig++) {
			if (!host.seen[sig])
				continue;
			host.seen[sig] = 0;
			if (host.forward)
				serve_run(m, sig);
			else
				serve_boot(m, sig);
		}
	}
	if (host.forward && m->tasks->stopped)
		follow_stop(m);
}
