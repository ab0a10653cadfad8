/* SPDX-License-Identifier: MIT
 *
 * A program in two files for tests/cli/fdpic_programs.sh. It prints what it computes; the same is printed by a build of
 * another kind. Both files have static things of the same names.
 */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include <stdarg.h>
#include <stdint.h>

typedef int (*binary)(int, int);
struct pair { int a, b; };
struct big { int v[12]; };
struct mixed { char c; double d; short s; };
struct deep { int x; struct { int y[3], z; } in[4]; };

/* other.c: data in all sections, used from main.c */
extern int o_data, o_zero[64];
extern const int o_constant[8];
extern const char *const o_names[3];
extern int *const o_pointers[3];
extern struct deep o_deep;
extern __thread int o_local;
extern __thread int o_local_zero[4];
extern volatile int o_order[8], o_orders;	/* volatile: constructors are not evaluated by the compiler */

int o_add(int a, int b);
int o_counter(void);			/* of other.c's static variable */
binary o_pick(int n);			/* its own static functions, and main.c's */
int m_sub(int a, int b);
int *m_where(void);
int o_call_many(int (*f)(int, int, int, int, int, int, int, int, int, int, int));
int o_many(int, int, int, int, int, int, int, int, int, int, int);
double o_sum(int n, ...);
double o_vsum(int n, va_list list);
long long o_long(int a, long long b, int c, long long d, double e, float f, long long g, int h);
struct big o_big(struct big x, struct pair y, int n);
struct mixed o_mixed(struct mixed x, double d, struct pair p);
float o_floats(float, float, float, float, float, float, float, float, float, float, double);
int o_weak(int n);			/* weak here, strong in main.c */
int o_missing(int) __attribute__((weak));
extern int o_missing_data __attribute__((weak));
int o_alias(int a, int b);		/* o_add */
extern int o_data_alias;		/* o_data */

#endif
