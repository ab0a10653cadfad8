/* SPDX-License-Identifier: MIT
 *
 * fork() for tests, without an MMU: a child that runs beside its parent, in the parent's memory, on a copy of its stack.
 * Linked into programs that call fork(), or clone() and clone3() without CLONE_VM, with --wrap=exit,--wrap=syscall,--wrap=clone.
 *
 * The kernel sees clone3(CLONE_VM) with a stack, which every Linux has. What the child stores in variables of functions its parent
 * does not see; all else, globals and the heap, the two share. That is enough for tests, most of which do little more than
 * call the kernel; not for one that lets its child change what the parent looks at.
 *
 * The copy lies elsewhere, so every word of it that looks like an address on the stack is moved along, the saved registers
 * of the callers included: they have been put on the stack before (clone_copy). What is kept of a thread (errno, its
 * number, the program's thread-local variables) is copied as well.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	ROOM = 64 * 1024,	/* what a child may use of stack besides the copy */
	CHILDREN = 64,		/* at a time */
	ALIGN = 64		/* of thread-local variables */
};

/* A child's memory; of one who is no more it is the next one's. Beginning: the stack; after it, what is kept of a thread. */
static struct child {
	pid_t pid;
	uintptr_t memory, stack_end;
	size_t size;
} children[CHILDREN];

static uintptr_t first_stack_end;	/* of the program: where the environment is listed */
static _Thread_local int is_child;

static void __attribute__((constructor)) remember_stack(void)
{
	first_stack_end = (uintptr_t)environ;
}

static uintptr_t stack_end(uintptr_t sp)
{
	pthread_attr_t a;
	void *stack;
	size_t size;

	for (int i = 0; i < CHILDREN; i++)
		if (sp >= children[i].memory && sp < children[i].stack_end)
			return children[i].stack_end;
	if (getpid() == syscall(SYS_gettid))
		return first_stack_end;
	pthread_getattr_np(pthread_self(), &a);
	pthread_attr_getstack(&a, &stack, &size);
	return (uintptr_t)stack + size;
}

static struct child *new_child(size_t size)
{
	for (int i = 0; i < CHILDREN; i++) {
		struct child *c = &children[i];
		void *p;

		if (c->pid && !(kill(c->pid, 0) < 0 && errno == ESRCH))
			continue;
		if (c->size >= size)
			return c;
		if (c->size)
			munmap((void *)c->memory, c->size);
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		*c = (struct child){ 0 };
		if (p == MAP_FAILED)
			return NULL;
		c->memory = (uintptr_t)p;
		c->size = size;
		return c;
	}
	return NULL;
}

/* Copies words; those that are addresses in [old, old + size) become those of the copy. */
static void copy(uintptr_t new, uintptr_t old, size_t size)
{
	uintptr_t *to = (uintptr_t *)new;
	const uintptr_t *from = (const uintptr_t *)old;

	for (size_t i = 0; i < size / sizeof(*to); i++)
		to[i] = from[i] - old < size ? from[i] - old + new : from[i];
}

static int tls_size(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_TLS)
			*(size_t *)data = info->dlpi_phdr[i].p_memsz;
	return 0;
}

static struct child *being_made;

/* For clone_copy below, whose stack pointer is sp: sets the child's stack and thread pointer in *args. 0, or a negative errno. */
int clone_prepare(struct clone_args *args, size_t size, uintptr_t sp)
{
	uintptr_t end = stack_end(sp), self = (uintptr_t)pthread_self(), tp = (uintptr_t)__builtin_thread_pointer(), thread;
	size_t used = end - sp, tls = 0;
	struct child *c;

	(void)size;
	dl_iterate_phdr(tls_size, &tls);
	tls += tp - self;
	c = new_child(ROOM + used + tls + 2 * ALIGN);
	if (!c)
		return -ENOMEM;
	c->stack_end = c->memory + ROOM + used;
	copy(c->stack_end - used, sp, used);
	thread = ((c->stack_end + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1)) + (self & (ALIGN - 1));
	copy(thread, self, tls);
	args->stack = c->memory;
	args->stack_size = ROOM;
	args->tls = thread + (tp - self);
	args->flags |= CLONE_SETTLS;
	being_made = c;
	return 0;
}

/* clone3(2), of which both come back: who is the child does so with the copy's registers. A result, or a negative errno. */
long clone_copy(struct clone_args *args, size_t size);

__asm__(".text\n"
	".globl clone_copy\n"
	".type clone_copy, @function\n"
	"clone_copy:\n"
	"	addi	sp, sp, -64\n"
	"	sw	ra, 0(sp)\n"
	"	sw	s0, 4(sp)\n"
	"	sw	s1, 8(sp)\n"
	"	sw	s2, 12(sp)\n"
	"	sw	s3, 16(sp)\n"
	"	sw	s4, 20(sp)\n"
	"	sw	s5, 24(sp)\n"
	"	sw	s6, 28(sp)\n"
	"	sw	s7, 32(sp)\n"
	"	sw	s8, 36(sp)\n"
	"	sw	s9, 40(sp)\n"
	"	sw	s10, 44(sp)\n"
	"	sw	s11, 48(sp)\n"
	"	sw	a0, 52(sp)\n"
	"	sw	a1, 56(sp)\n"
	"	mv	a2, sp\n"
	"	call	clone_prepare\n"
	"	bnez	a0, 1f\n"
	"	lw	a0, 52(sp)\n"
	"	lw	a1, 56(sp)\n"
	"	li	a7, 435\n"	/* clone3 */
	"	ecall\n"
	"1:	lw	ra, 0(sp)\n"
	"	lw	s0, 4(sp)\n"
	"	lw	s1, 8(sp)\n"
	"	lw	s2, 12(sp)\n"
	"	lw	s3, 16(sp)\n"
	"	lw	s4, 20(sp)\n"
	"	lw	s5, 24(sp)\n"
	"	lw	s6, 28(sp)\n"
	"	lw	s7, 32(sp)\n"
	"	lw	s8, 36(sp)\n"
	"	lw	s9, 40(sp)\n"
	"	lw	s10, 44(sp)\n"
	"	lw	s11, 48(sp)\n"
	"	addi	sp, sp, 64\n"
	"	ret\n");

/* In what is kept of a thread its number stands near the beginning. */
static void set_own_number(pid_t parent, pid_t own)
{
	uint32_t *word = (uint32_t *)pthread_self();

	for (int i = 0; i < 16; i++)
		if (word[i] == (uint32_t)parent) {
			word[i] = own;
			return;
		}
}

/* clone3() of a child that would have had a copy of the memory: of its flags only CLONE_VM and the thread pointer are changed. */
static long child_beside(struct clone_args *args, size_t size)
{
	uint64_t flags = args->flags, tls = args->tls;
	pid_t parent = syscall(SYS_gettid);
	long r;

	args->flags |= CLONE_VM;
	r = clone_copy(args, size);
	args->flags = flags;
	args->stack = args->stack_size = 0;
	args->tls = tls;
	if (!r) {
		is_child = 1;
		set_own_number(parent, syscall(SYS_gettid));
	} else if (r > 0) {
		being_made->pid = r;
	}
	if (r >= 0)
		return r;
	errno = -r;
	return -1;
}

pid_t fork(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };

	return child_beside(&args, sizeof(args));
}

long __real_syscall(long number, long, long, long, long, long, long);

long __wrap_syscall(long number, ...)
{
	long a[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_clone3 && a[1] >= CLONE_ARGS_SIZE_VER0 && a[0]) {
		struct clone_args *args = (struct clone_args *)a[0];

		if (!(args->flags & (CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)) && !args->stack && !args->stack_size)
			return child_beside(args, a[1]);
	}
	if (number == SYS_clone && !(a[0] & CLONE_VM) && !a[1]) {
		struct clone_args args = { .flags = a[0] & ~0xff, .exit_signal = a[0] & 0xff, .parent_tid = a[2], .child_tid = a[4] };

		if (a[0] & CLONE_PIDFD)
			args.pidfd = a[2];
		return child_beside(&args, sizeof(args));
	}
	return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int __real_clone(int (*function)(void *), void *stack, int flags, void *argument, ...);

int __wrap_clone(int (*function)(void *), void *stack, int flags, void *argument, ...)
{
	void *a[3];
	va_list list;

	va_start(list, argument);
	for (int i = 0; i < 3; i++)
		a[i] = va_arg(list, void *);
	va_end(list);
	return __real_clone(function, stack, flags | CLONE_VM, argument, a[0], a[1], a[2]);
}

_Noreturn void __real_exit(int status);

/* What the parent is to do at its end is not the child's. */
_Noreturn void __wrap_exit(int status)
{
	if (!is_child)
		__real_exit(status);
	fflush(NULL);
	_exit(status);
}
