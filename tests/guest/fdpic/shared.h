/* SPDX-License-Identifier: MIT
 *
 * What the libraries of the FDPIC test offer each other; tests/cli/fdpic_shared.sh builds and runs them.
 * one.c and two.c are linked against by main.c, plug.c is opened with dlopen().
 */
#ifndef SHARED_H
#define SHARED_H

#include <setjmp.h>
#include <stdarg.h>

struct big { int a, b, c; double d; char text[20]; };
struct pair { int a, b; };
typedef int binary(int, int);
typedef long many(int, int, int, int, int, int, int, int, int, double, long long, int);
typedef struct big grow(struct big, int);
typedef int sum(int count, ...);

/* one.c */
extern int one_counter;			/* data of a library, changed from all sides */
extern const char *const one_names[];	/* read-only, but with addresses in it */
extern binary *one_table[3];		/* exported, hidden and static functions */
extern __thread int one_tls;
extern __thread char one_tls_zero[100];
int one_ctors(void);			/* how many constructors have run */
int one_add(int, int);
binary *one_own_add(void);		/* &one_add, as one.c sees it */
int one_apply(binary *, int, int);
long one_many(int, int, int, int, int, int, int, int, int, double, long long, int);
long one_call_many(many *);
struct big one_grow(struct big, int);
int one_call_grow(grow *);
int one_sum(int count, ...);
int one_vsum(int count, va_list);
int one_call_sum(sum *);
void one_throw(jmp_buf, int);
int one_catch(void (*)(jmp_buf *));	/* setjmp here, longjmp there */
int one_sort_calls(void);		/* qsort with a comparator of ours */
int *one_static_counter(void);
int one_next(int);			/* two_next() of the library above */
int one_thread(int);			/* runs a thread, with TLS of its own */
int one_signal(int);			/* a handler of ours, a signal from here */
extern int one_signalled;
void *one_return_address(void);

/* two.c */
int two_next(int);
binary *two_add(void);			/* &one_add, as two.c sees it */
struct pair two_pair(int);
extern binary *two_pointer;		/* = one_add, by a relocation of data */
extern int *two_data;			/* = &one_counter */
int two_tls(void);			/* one_tls, from here */

#endif
