/* SPDX-License-Identifier: MIT
 * ptrace: a tracee is a thread, and so is a tracer.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include "tracer.h"

static volatile int stop_threads, counter;

static void *spin(void *arg)
{
	while (!stop_threads)
		counter++;
	return arg;
}

static void *leave(void *arg)
{
	(void)arg;
	syscall(SYS_exit, 5);
	return NULL;
}

static void *execute(void *arg)
{
	char *argv[] = { (char *)"again", (char *)"exit", NULL }, *envp[] = { NULL };

	execve("/proc/self/exe", argv, envp);
	return arg;
}

static void *end_all(void *arg)
{
	_exit(8);
	return arg;
}

static int role(char **argv)
{
	pthread_t t, t2;

	if (!strcmp(argv[1], "exit"))
		return 9;
	if (!strcmp(argv[1], "spin")) {
		pthread_create(&t, NULL, spin, NULL);
		for (;;)
			pause();
	}
	if (!strcmp(argv[1], "leave")) {
		pthread_create(&t, NULL, leave, NULL);
		for (;;)
			pause();
	}
	if (!strcmp(argv[1], "exec")) {
		pthread_create(&t, NULL, execute, NULL);
		for (;;)
			pause();
	}
	if (!strcmp(argv[1], "all")) {
		pthread_create(&t, NULL, spin, NULL);
		pthread_create(&t2, NULL, end_all, NULL);
		for (;;)
			pause();
	}
	return 98;
}

/* The number of a thread that is not the main one. */
static pid_t other_thread(pid_t pid)
{
	char path[64];
	struct dirent *e;
	pid_t tid = 0;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (atoi(e->d_name) > 0 && atoi(e->d_name) != pid)
			tid = atoi(e->d_name);
	if (d)
		closedir(d);
	return tid;
}

static void test_one_of_two(void)
{
	pid_t pid = start("spin", NULL, 0), tid;
	struct regs r;

	usleep(50000);
	tid = other_thread(pid);
	tap_zero(trace(PTRACE_ATTACH, tid, 0, 0), "attach to a thread");
	tap_is(wait_for(tid, 0), STOP(SIGSTOP), "it stops");
	tap_is(wait_info.si_pid, tid, "by its number");
	tap_zero(get_regs(tid, &r), "it can be looked at");
	tap_errno(get_regs(pid, &r), ESRCH, "the main thread cannot");
	tap_ok(status_line(pid, "State:")[0] == 'S', "it does what it did");
	tap_zero(trace(PTRACE_ATTACH, pid, 0, 0), "attach to it, too");
	tap_is(wait_for(pid, 0), STOP(SIGSTOP), "it stops");
	tap_is(wait_for(-1, WNOHANG), 0, "no more news");
	tap_zero(trace(PTRACE_DETACH, tid, 0, 0), "let the thread go");
	tap_errno(get_regs(tid, &r), ESRCH, "gone it is");
	tap_zero(get_regs(pid, &r), "the other is not");
	kill(pid, SIGKILL);
	tap_is(wait_for(pid, 0), SIGKILL, "SIGKILL ends both");
}

static unsigned long message(pid_t pid)
{
	unsigned long m = 0;

	trace(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&m);
	return m;
}

static pid_t start_with_thread(const char *how, int options, pid_t *tid)
{
	pid_t pid = start_traced(how, NULL);

	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE | options);
	tap_is(go(PTRACE_CONT, pid, 0), EVENT(PTRACE_EVENT_CLONE), "%s: a thread is an event", how);
	*tid = (pid_t)message(pid);
	tap_is(wait_for(*tid, 0), STOP(SIGSTOP), "%s: it begins with SIGSTOP", how);
	return pid;
}

static void test_thread_end(void)
{
	pid_t tid, pid = start_with_thread("leave", 0, &tid);

	trace(PTRACE_CONT, pid, 0, 0);
	tap_is(go(PTRACE_CONT, tid, 0), EXITED(5), "a traced thread's end is told");
	tap_is(wait_info.si_pid, tid, "by its number");
	tap_errno(wait_for(tid, WNOHANG), ECHILD, "once");
	tap_is(wait_for(pid, WNOHANG), 0, "the process lives");
	kill(pid, SIGKILL);
	tap_is(wait_for(pid, 0), SIGKILL, "until it is killed");
}

/* The whole process ends: each traced thread is told of, the main one last. */
static void test_exit_group(void)
{
	pid_t first, second, pid = start_with_thread("all", 0, &first);

	trace(PTRACE_CONT, first, 0, 0);
	tap_is(go(PTRACE_CONT, pid, 0), EVENT(PTRACE_EVENT_CLONE), "another thread");
	second = (pid_t)message(pid);
	wait_for(second, 0);
	trace(PTRACE_CONT, pid, 0, 0);
	tap_is(go(PTRACE_CONT, second, 0), EXITED(8), "the thread that ends the process");
	tap_is(wait_for(pid, WNOHANG), 0, "the main one is not told yet");
	tap_is(wait_for(first, 0), EXITED(8), "the other thread");
	tap_is(wait_for(pid, 0), EXITED(8), "the main thread");
}

static void test_exec(void)
{
	pid_t tid, pid = start_with_thread("exec", PTRACE_O_TRACEEXEC, &tid);

	trace(PTRACE_CONT, pid, 0, 0);
	trace(PTRACE_CONT, tid, 0, 0);
	tap_is(wait_for(pid, 0), EVENT(PTRACE_EVENT_EXEC), "execve by a thread: it has the main one's number");
	tap_is(message(pid), tid, "and had its own before");
	tap_errno(trace(PTRACE_CONT, tid, 0, 0), ESRCH, "which is nobody's now");
	tap_is(go(PTRACE_CONT, pid, 0), EXITED(9), "the new program");
}

/* Another thread of the tracer: it may wait, but not ask. */
static pid_t watched;
static int asked, waited, own;

static void *not_the_tracer(void *arg)
{
	struct regs r;

	asked = get_regs(watched, &r) ? errno : 0;
	own = wait_for(watched, WNOHANG | __WNOTHREAD) == -1 ? errno : 0;
	waited = wait_for(watched, WNOHANG);
	return arg;
}

static void test_tracer_threads(void)
{
	pthread_t t;

	watched = start("spin", NULL, 0);
	usleep(20000);
	trace(PTRACE_ATTACH, watched, 0, 0);
	usleep(50000);
	pthread_create(&t, NULL, not_the_tracer, NULL);
	pthread_join(t, NULL);
	tap_is(asked, ESRCH, "another thread of the tracer may not ask");
	tap_is(own, ECHILD, "with __WNOTHREAD it has nobody to wait for");
	tap_is(waited, STOP(SIGSTOP), "but it may wait");
	finish(watched);
}

static void *attach_and_leave(void *arg)
{
	trace(PTRACE_ATTACH, watched, 0, 0);
	wait_for(watched, 0);
	return arg;
}

static void test_tracer_thread_ends(void)
{
	pthread_t t;

	watched = start("spin", NULL, 0);
	usleep(20000);
	pthread_create(&t, NULL, attach_and_leave, NULL);
	pthread_join(t, NULL);
	usleep(50000);
	tap_is(atoi(status_line(watched, "TracerPid:")), 0, "a tracing thread's end lets go of its tracees");
	tap_ok(status_line(watched, "State:")[0] == 'S', "which go on");
	finish(watched);
}

/* A group stop is for all threads. */
static void test_group_stop(void)
{
	pid_t tid, pid = start_with_thread("spin", 0, &tid);

	trace(PTRACE_CONT, pid, 0, 0);
	trace(PTRACE_CONT, tid, 0, 0);
	usleep(20000);
	syscall(SYS_tgkill, pid, tid, SIGSTOP);
	tap_is(wait_for(tid, 0), STOP(SIGSTOP), "SIGSTOP to a thread");
	tap_is(go(PTRACE_CONT, tid, SIGSTOP), STOP(SIGSTOP), "stops it");
	tap_is(wait_for(pid, 0), STOP(SIGSTOP), "and the main one");
	kill(pid, SIGKILL);
	usleep(20000);
	tap_is(wait_for(pid, WNOHANG), 0, "killed, it is not told of before the thread is");
	tap_is(wait_for(tid, 0), SIGKILL, "the thread");
	tap_is(wait_for(pid, 0), SIGKILL, "the main one");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return role(argv);
	tap_plan(0);
	test_one_of_two();
	test_thread_end();
	test_exit_group();
	test_exec();
	test_tracer_threads();
	test_tracer_thread_ends();
	test_group_stop();
	return tap_done();
}
