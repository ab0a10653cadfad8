/* SPDX-License-Identifier: MIT
 *
 * Every way in which code comes to an address, for tests/cli/fdpic_compile.sh: it is compiled, and the relocations are looked
 * at. Nothing runs it.
 */
typedef unsigned long word;
typedef int (*function)(int);
struct deep {
	int x;
	struct { int y[3], z; } in[4];
};
struct big { int a[20]; };
struct small { int a, b; };

extern int far[100];
extern struct deep far_deep;
static struct deep own_deep;
static int own[100];
int global[100];
const int constant[100] = {1};
static const int *const pointers[3] = {constant, constant + 4, own + 2};

static int own_function(int x) { return x + own[x]; }
int global_function(int x) { return x ^ global[x]; }
extern int far_function(int);
int weak_far(int) __attribute__((weak));
int weak_here(int x) __attribute__((weak));
int weak_here(int x) { return x; }

extern int function_alias(int) __attribute__((alias("global_function")));
extern int data_alias[100] __attribute__((alias("global")));
static int own_alias[100] __attribute__((alias("own")));
extern int weak_alias[100] __attribute__((weak, alias("global")));

int in_section __attribute__((section("some_data"))) = 4;
const int constant_in_section __attribute__((section("some_constants"))) = 4;
extern char __start_some_data[], __stop_some_data[];
extern int hidden __attribute__((visibility("hidden")));
int tentative;
int weak_variable __attribute__((weak)) = 3;
const int weak_constant __attribute__((weak)) = 3;
extern int weak_far_variable __attribute__((weak));

/* addresses that come together in PHIs; twice from the same block */
int *any_data(int n)
{
	return n == 1 ? far + 3 : n == 2 ? own + 5 : n == 3 ? global + n : n == 4 ? &far_deep.in[2].y[1] :
	       n == 5 ? &own_deep.in[1].z : n == 6 ? (int *)constant : n == 7 ? &data_alias[2] : n == 8 ? &own_alias[3] :
	       n == 9 ? &weak_alias[4] : n == 10 ? (int *)pointers[n & 1] : &weak_far_variable;
}

function any_function(int n)
{
	function f = own_function;

	switch (n) {
	case 1: case 2: case 77: case 1000: f = far_function; break;
	case 3: f = weak_far; break;
	case 4: f = weak_here; break;
	case 5: f = function_alias; break;
	case 6: f = global_function; break;
	}
	return f;
}

int call_any(int n) { return any_function(n)(n) + (n > 4 ? own_function : far_function)(n); }

/* addresses as numbers, in constant expressions, compared */
word numbers(void)
{
	return (word)&far[7] ^ (word)own_function ^ ((word)&own & 15) ^ ((word)&own_deep.in[3].y - (word)&far_deep);
}

int compared(void)
{
	return (&far[3] == &own[3]) + (own_function == far_function) + (weak_far != 0) + (&weak_far_variable != 0) +
	       ((word)global_function > (word)far_function) + (function_alias == global_function);
}

int guarded(int n)
{
	if (weak_far)
		n = weak_far(n);
	if (&weak_far_variable)
		n += weak_far_variable;
	return n;
}

/* arguments and results of all kinds, through pointers and to functions elsewhere */
struct big a_big, *to_big;
struct big takes_big(struct big x, function f) { x.a[3] = f(x.a[2]); return x; }
struct big (*p_big)(struct big, function) = takes_big;
struct small (*p_small)(struct small, double, long long);
long long (*p_long)(long long, int, long long, double, float, int, int, long long, char);
int (*p_variadic)(const char *, ...);
extern int far_variadic(const char *, ...);
extern int far_many(int, int, int, int, int, int, int, int, int, int);
_Complex double (*p_complex)(_Complex double, _Complex float);
long double (*p_quad)(long double, int, long double);
float (*p_floats)(float, float, float, float, float, float, float, float, float, float);

int structs(void)
{
	a_big = p_big(a_big, own_function);
	struct small s = p_small((struct small){1, 2}, 1.5, 1LL << 40);
	return s.a + s.b + a_big.a[1];
}
long long longs(void) { return p_long(1, 2, 3, 4, 5, 6, 7, 8, 9); }
int variadic(double d, long long l) { return p_variadic("x") + p_variadic("%d", 1, d, 2, d, l, l) + far_variadic("", d, d, d, d, d, d, d); }
static int many(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j) { return far_function(a + b + c + d + e + f + g + h + i + j); }
int call_many(int n) { return many(1, 2, 3, 4, 5, 6, 7, 8, 9, n) + far_many(1, 2, 3, 4, 5, 6, 7, 8, 9, n); }
_Complex double complex(_Complex double a) { return p_complex(a, 1.0f); }
long double quad(long double x) { return p_quad(x, 1, x); }
float floats(float x) { return p_floats(x, x, x, x, x, x, x, x, x, x); }

int sections(void)
{
	return in_section + constant_in_section + hidden + tentative + weak_variable + weak_constant + (__stop_some_data - __start_some_data);
}

int assembly(void)
{
	int r;

	__asm__ volatile("lw %0, %1" : "=r"(r) : "m"(own[3]));
	__asm__ volatile("lw %0, %1" : "+r"(r) : "m"(far[3]));
	__asm__ volatile("mv %0, %1" : "=r"(r) : "r"(own_function));
	__asm__ volatile("# %0" :: "i"(global_function));
	__asm__ volatile("amoadd.w %0, %0, %1" : "+r"(r), "+A"(global[5]));
	__asm__ volatile("sw %1, %0" : "=m"(own_deep.in[1].z) : "r"(r));
	return r;
}

int atomics(void)
{
	return __atomic_fetch_add(&own[2], 1, 5) + __atomic_exchange_n(&far[3], 4, 5) + __sync_bool_compare_and_swap(&own_deep.x, 1, 2);
}

extern __thread int far_local;
__thread int local[10];
static __thread int own_local;
extern __thread int hidden_local __attribute__((visibility("hidden")));
__thread int weak_local __attribute__((weak));

int locals(int n) { own_local += local[n] + far_local + hidden_local + weak_local; return n ? far_local : local[3]; }
int *any_local(int n) { switch (n) { case 0: return &far_local; case 1: return local + 4; case 2: return &own_local; } return &weak_local; }

void blocks(void *p)
{
	__builtin_memcpy(p, own, sizeof own);
	__builtin_memset(global, 0, sizeof global);
	__builtin_memcpy(&a_big, to_big, sizeof a_big);
}
double helpers(double a, long double b, long long c, long long d) { return a * (double)b + (double)(c / d); }

int computed(int n)
{
	static void *variable[] = {&&x, &&y};
	const void *const constants[] = {&&y, &&x};
	void *p = n > 3 ? &&x : &&y;

	if (n > 100)
		goto *p;
	if (n & 1)
		goto *variable[n >> 1 & 1];
	goto *constants[n >> 1 & 1];
x:	return 1;
y:	return 2;
}

extern int twice(void *) __attribute__((returns_twice));
int jumped(void *p) { if (twice(p)) return own[1]; own[2] = 4; return far_function(4); }

__attribute__((constructor(200))) void first(void) { own[0]++; }
__attribute__((destructor)) static void last(void) { far[0]++; }
static int used __attribute__((used));
static int used_function(int n) __attribute__((used));
static int used_function(int n) { return n; }

function table[] = {own_function, global_function, far_function, weak_far};
static const struct { const char *name; function f; int *data; } rows[] = {{"a", own_function, own}, {"b", far_function, far + 5}};
int row(int n) { return rows[n & 1].f(*rows[n & 1].data) + rows[n & 1].name[0] + table[n & 3](3); }

const char *names(int n)
{
	switch (n) {
	case 0: return "zero"; case 1: return "one"; case 2: return "two"; case 3: return "three"; case 4: return "four";
	default: return "many";
	}
}
function functions(int n)
{
	switch (n) {
	case 0: case 3: return own_function; case 1: case 4: return global_function; case 2: return far_function;
	case 5: return function_alias; default: return far_function;
	}
}

void tail(int n, void (*p)(int)) { p(n); }
int tail_to(int n) { return far_function(n); }
int tail_table(int n) { return table[n](n); }
_Noreturn void no_return(void (*p)(int) __attribute__((noreturn))) { p(1); __builtin_unreachable(); }
int variable_frame(int n)
{
	int a[n];

	for (int i = 0; i < n; i++)
		a[i] = table[i & 3](own[i]);
	return p_variadic("%d", a[n - 1], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
}
