/* SPDX-License-Identifier: MIT */
/*
 * An FDPIC program with libraries. What must hold over module boundaries: data is one, function pointers are
 * equal, calls and callbacks arrive with the callee's data and come back to the caller's, with arguments on
 * the stack too; constructors run in order; TLS, setjmp, signals, threads.
 *
 * main PLUG: PLUG is the library to open at run time.
 * main: says where text and data lie.
 */
#include "../tap.h"
#include "shared.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

int main_data = 1000;
static int main_static = 7;

int main_callback(int n) { return n * 2 + main_static; }
static int multiply(int a, int b) { return a * b + main_static; }
static void *start(void *arg) { return (char *)arg + one_tls++; }

static long own_many(int a, int b, int c, int d, int e, int f, int g, int h, int i, double x, long long l, int last)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + (long)(x * 10) + (long)(l >> 32) + last + main_static;
}

static struct big own_grow(struct big s, int n)
{
	s.a += n + main_static;
	return s;
}

static int own_sum(int count, ...)
{
	va_list ap;

	va_start(ap, count);
	int total = one_vsum(count, ap);
	va_end(ap);
	return total + main_static;
}

static void thrower(jmp_buf *jb) { one_throw(*jb, 3); }

static int modules, with_maps;

static int module(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)data;
	modules++;
	if (size >= sizeof *info && info->dlpi_loadmap && info->dlpi_phdr && info->dlpi_phnum > 3)
		with_maps++;
	return 0;
}

static void data_and_pointers(void)
{
	tap_is(one_counter, 5, "a library's variable");
	one_counter = 10;
	tap_is(*two_data, 10, "is the same for the other library");
	tap_ok(two_data == &one_counter, "and its address");
	tap_ok(!strcmp(one_names[2], "two"), "a table of strings");
	binary *volatile add = one_add;
	tap_ok(add == one_own_add() && add == two_add() && add == two_pointer && add == one_table[0],
	       "a function's address is one in the process");
	tap_ok(add != one_table[1] && one_table[1] != one_table[2], "and another function's is another");
	tap_is(add(2, 3), 5, "called through it");
	tap_is(one_table[0](2, 3), 5, "through a table: an exported function");
	tap_is(one_table[1](2, 3), 9, "a hidden one");
	tap_is(one_table[2](9, 3), 6, "a static one");
	tap_is(two_pointer(4, 5), 9, "through the other library's variable");
	tap_is(one_apply(multiply, 3, 4), 3 * 4 + 7 + 10, "a callback into the program");
	tap_is(one_apply(one_add, 3, 4), 17, "a callback into the library itself");
	tap_is(two_next(1), 11, "libraries that call each other");
	*one_static_counter() += 4;
	tap_is(*one_static_counter(), 4, "a static variable in a function");
}

static void arguments(void)
{
	long want = 1 + 4 + 9 + 16 + 25 + 36 + 49 + 64 + 81 + 15 + 3 + 100;
	many *volatile pointer = one_many;
	sum *volatile summing = one_sum;

	tap_is(one_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 1.5, 0x300000001LL, 100), want, "arguments on the stack");
	tap_is(pointer(1, 2, 3, 4, 5, 6, 7, 8, 9, 1.5, 0x300000001LL, 100), want, "through a pointer");
	tap_is(one_counter, 12, "which changed the library's variable");
	tap_is(one_call_many(own_many), want + 7 + 12, "and back");
	struct big s = one_grow((struct big){ 1, 2, 3, 4.5, "text" }, 3);
	tap_ok(s.a == 4 && s.d == 13.5 && !strcmp(s.text, "text+"), "a structure as argument and result");
	tap_is(one_call_grow(own_grow), 1 + 2 + 7 + 2 + 3 + 4 + 4, "and back");
	tap_is(one_sum(10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 55, "variable arguments");
	tap_is(summing(10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 55, "through a pointer");
	tap_is(one_call_sum(own_sum), 78 + 7, "and back");
	struct pair p = two_pair(8);
	tap_ok(p.a == 8 && p.b == 2, "a small structure; constructors of libraries that are needed run first");
	char text[200];
	snprintf(text, sizeof text, "%d %s %g %lld %d %d %d %d %d %g", 1, "two", 3.5, 4LL << 32, 5, 6, 7, 8, 9, 10.25);
	tap_ok(!strcmp(text, "1 two 3.5 17179869184 5 6 7 8 9 10.25"), "snprintf with many: %s", text);
}

static void control(void)
{
	jmp_buf jb;
	volatile int before = main_static;
	int value = setjmp(jb);

	if (!value)
		one_throw(jb, 5);
	tap_is(value, 5, "setjmp here, longjmp there");
	tap_is(before, main_static, "and our data is ours");
	tap_is(one_catch(thrower), 3000, "setjmp there, longjmp through us");
	tap_ok(one_sort_calls() > 8, "a library's comparator, called by libc");
	tap_is(one_signal(SIGUSR1), 0, "a signal");
	tap_is(one_signalled, SIGUSR1, "its handler in a library");
	raise(SIGUSR1);
	tap_is(one_signalled, 2 * SIGUSR1, "raised by the program");
}

static void thread_data(void)
{
	pthread_t t;
	void *result = NULL;

	tap_is(one_tls, 77, "TLS of a library");
	one_tls = 80;
	tap_is(two_tls(), 80, "is the same in the other");
	tap_is(one_tls_zero[99], 0, "zeros in it");
	tap_is(one_thread(3), 80, "a thread of the library has its own");
	tap_ok(!pthread_create(&t, NULL, start, &main_data) && !pthread_join(t, &result), "a thread of the program");
	tap_ok((char *)result == (char *)&main_data + 77, "has its own too");
	tap_is(one_tls, 80, "and ours is as it was");
}

static void plugin(const char *file)
{
	void *plug = dlopen(file, RTLD_NOW);

	if (!tap_ok(plug != NULL, "dlopen %s%s%s", file, plug ? "" : ": ", plug ? "" : dlerror()))
		return;
	int (*began)(void) = (int (*)(void))dlsym(plug, "plug_began");
	int (*next)(void) = (int (*)(void))dlsym(plug, "plug_tls_next");
	int (*thread)(void) = (int (*)(void))dlsym(plug, "plug_thread");
	int (*callback)(int) = (int (*)(int))dlsym(plug, "plug_callback");
	int (*has_nobody)(void) = (int (*)(void))dlsym(plug, "plug_has_nobody");
	binary *(*add)(void) = (binary *(*)(void))dlsym(plug, "plug_add");
	int (*(*own)(void))(void) = (int (*(*)(void))(void))dlsym(plug, "plug_own");
	int *tls = dlsym(plug, "plug_tls");

	if (!tap_ok(began && next && thread && callback && has_nobody && add && own && tls, "dlsym finds what is in it"))
		return;
	tap_is(began(), 42, "its constructor has run");
	tap_ok(own() == began, "dlsym's address of a function is the function's");
	tap_ok(add() == one_add && dlsym(RTLD_DEFAULT, "one_add") == (void *)one_add, "of a function of another module too");
	tap_is(*tls, 1234, "its TLS");
	tap_is(next(), 1235, "changed by it");
	tap_is(*tls, 1235, "and seen by us");
	tap_is(thread(), 1242, "a new thread's");
	tap_is(callback(4), 8 + 7 + 1000, "it calls the program by name");
	tap_is(has_nobody(), 0, "a weak function nobody has");
	tap_ok(!dlsym(plug, "nobody") && strstr(dlerror(), "nobody"), "dlsym of what is not there");

	Dl_info info;
	tap_ok(dladdr((void *)began, &info) && info.dli_sname && !strcmp(info.dli_sname, "plug_began")
	       && info.dli_saddr == (void *)began, "dladdr of a function");
	tap_ok(dladdr(&one_counter, &info) && info.dli_sname && !strcmp(info.dli_sname, "one_counter")
	       && strstr(info.dli_fname, "libone"), "dladdr of a variable");
	tap_ok(dladdr(one_return_address(), &info) && strstr(info.dli_fname, "main"), "dladdr of a place in the text");
	tap_ok(dladdr(*(void **)began, &info) && info.dli_sname && !strcmp(info.dli_sname, "plug_began"), "of a function's entry");
	tap_is(dl_iterate_phdr(module, NULL), 0, "dl_iterate_phdr");
	tap_ok(modules == 5 && with_maps == 5, "%d modules, %d with program headers and loadmap", modules, with_maps);
	tap_is(dlclose(plug), 0, "dlclose");
	tap_ok(dlopen(file, RTLD_NOW) == plug, "and opened again");
}

/* Where code and data are: a descriptor's first word is the code's address. */
struct place { void *code[3], *data[3]; };

static struct place place(void)
{
	struct place p = { { *(void **)main_callback, *(void **)one_add, *(void **)qsort }, { &main_data, &one_counter, stdout } };

	return p;
}

/* Another process of this program, while we are here: its text is ours, its data its own. */
static void sharing(char *self)
{
	struct place own = place(), other = { 0 };
	posix_spawn_file_actions_t actions;
	pid_t child;
	int pipes[2], status;

	posix_spawn_file_actions_init(&actions);
	if (pipe(pipes) || posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
	    || posix_spawn(&child, self, &actions, NULL, (char *[]){ self, NULL }, environ))
		tap_bail("posix_spawn: %s", strerror(errno));
	close(pipes[1]);
	tap_is(read(pipes[0], &other, sizeof other), sizeof other, "another process of the program");
	waitpid(child, &status, 0);
	tap_is(status, 0, "which ends well");
	for (int i = 0; i < 3; i++) {
		static const char *const what[] = { "program", "library", "libc" };

		tap_ok(own.code[i] == other.code[i], "the text of the %s is shared: %p, %p", what[i], own.code[i], other.code[i]);
		tap_ok(own.data[i] != other.data[i], "and its data is not");
	}
}

int main(int argc, char **argv)
{
	if (argc == 1) {
		struct place p = place();

		return write(1, &p, sizeof p) != sizeof p;
	}
	tap_plan(0);
	data_and_pointers();
	arguments();
	control();
	thread_data();
	plugin(argv[1]);
	sharing(argv[0]);
	return tap_done();
}
