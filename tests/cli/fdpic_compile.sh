#!/bin/sh
# flat32-cc -mfdpic -c: what addresses become, and what is refused. (What the code does is fdpic_programs'.)
# timeout: 120
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}/../fdpic" && pwd)
cd "$TMPDIR" || exit 2
plan 49

cc() {
	"$FLAT32_CC" -mfdpic "$@"
}

relocations() {
	"${FLAT32_CC%cc}readelf" -rSsW "$1" | awk -f "$here/relocs.awk"
}

# --- no form that supposes a distance

for options in '' -fPIC '-fPIC -fvisibility=hidden' '-g -ffunction-sections -fdata-sections' '-march=rv32imac -mabi=ilp32'; do
	for level in 0 1 2 3 s; do
		# shellcheck disable=SC2086
		same "forms.c -O$level $options" "$(cc $options -O$level -c -o f.o "$here/forms.c" 2>&1 && relocations f.o)" ''
	done
done

# --- what each becomes: SOURCE, then the symbols that code refers to

names() {
	echo "$2" >n.c
	# shellcheck disable=SC2086
	cc $1 -c -o n.o n.c && "${FLAT32_CC%cc}nm" -u -j n.o | sed 's/\.[0-9a-f]\{12\}/.HASH/' | sort | tr '\n' ' '
}

same 'data of this module' "$(names -O2 'static int a[9]; int b; int *f(void) { return a; } int *g(void) { return &b; }')" \
	'__fdpic_gp.a.HASH __fdpic_gp.b '
same 'a field has a symbol of its own' "$(names -O2 'struct { int x, y, z; } s; int f(void) { return s.z; } int g(void) { return s.x + s.y; }')" \
	'__fdpic_gp.s __fdpic_gp.s+8 '
same 'data of others, functions' "$(names -O2 'extern int a; int *f(void) { return &a; } void *g(void) { return f; }')" '__fdpic_fn.f __fdpic_got.a '
same 'constants need nothing' "$(names -O2 'static const int a[] = { 1, 2, 3 }; int f(int n) { return a[n]; }')" ''
same 'constants that hold addresses are data' "$(names -O2 'extern int a, b; static int *const t[] = { &a, &b }; int *f(int n) { return t[n]; }')" \
	'__fdpic_gp.t.HASH a b '
same 'a direct call' "$(names -O2 'void g(int); void f(void) { g(1); }')" 'g '
same 'a call through a pointer' "$(names -O2 'void f(void (*p)(int)) { p(1); }')" '__fdpic_icall '
same 'with 10 words of arguments' "$(names -O2 'typedef int i; void f(void (*p)(i, i, i, i, i, i, i, i, i, i)) { p(0, 1, 2, 3, 4, 5, 6, 7, 8, 9); }')" '__fdpic_icall.16 '
same 'arguments on the stack, of a function elsewhere' "$(names -O2 'int printf(const char *, ...); void f(double d) { printf("%f%f%f%f", d, d, d, d); }')" \
	'__fdpic_call.printf __fdpic_icall.32 '
same 'of a function here' "$(names -O2 'void g(const char *s, ...) { (void)s; } void f(double d) { g("", d, d, d, d); }')" ''
same 'thread-local: of the executable' "$(names -O2 '__thread int a; int *f(void) { return &a; }')" ''
same 'of others' "$(names -O2 'extern __thread int a; int *f(void) { return &a; }')" '__fdpic_tpoff.a '
same 'of a library' "$(names '-O2 -fPIC' 'static __thread int a; int *f(void) { return &a; }')" '__fdpic_tlsdesc.a.HASH '
names '-O2 -fPIC' 'extern int f(void); int (*t[])(void) = { f };' >/dev/null
ok 'a function that only data names is known for one' sh -c '"$1" -sW n.o | grep -q "FUNC.* UND f$"' - "${FLAT32_CC%cc}readelf"
same 'what may be missing' "$(echo 'extern int a __attribute__((weak)); int *f(void) { return &a; }' >n.c; cc -O1 -c -o n.o n.c && "${FLAT32_CC%cc}nm" n.o | grep -c ' w __fdpic_got.a')" 1
ok 'the note that an object has been through the pass' sh -c '"$1" -S n.o | grep -q "\.note\.fdpic *NOTE"' - "${FLAT32_CC%cc}readelf"

# --- what has no form is an error

refused() {
	echo "$2" >n.c
	# shellcheck disable=SC2086
	same "$1" "$(cc $3 -c -o n.o n.c 2>&1 | grep -c "error:.*$4")" 1
}

refused 'ifunc' 'static void *r(void) { return 0; } void f(void) __attribute__((ifunc("r")));' -O1 'ifunc is not supported: f'
refused 'a guaranteed tail call through a pointer' 'int f(int (*p)(int), int (*q)(int)); int g(int (*p)(int), int (*q)(int)) { int (*h)(int (*)(int), int (*)(int)) = (void *)p; __attribute__((musttail)) return h(p, q); }' \
	-O1 'guaranteed tail call'
refused 'returning twice with arguments on the stack' 'int p(int, ...) __attribute__((returns_twice)); int f(void) { return p(1, 2, 3, 4, 5, 6, 7, 8, 9); }' \
	-O1 'returns twice'
refused 'assembly that uses gp' 'void f(int x) { register int g __asm__("gp") = x; __asm__ volatile("" :: "r"(g)); }' -O1 'in gp'
refused 'a static chain' 'int g(int); int f(int x, void *p) { return __builtin_call_with_static_chain(g(x), p); }' -O1 'static chain'
refused 'the stack protector' 'void g(char *); void f(void) { char a[100]; g(a); }' '-O1 -fstack-protector-all' 'stack protector'
refused 'code for fixed addresses' 'int f(void) { return 1; }' '-O1 -fno-pie' 'fPIE or -fPIC'
same 'link-time optimisation' "$(cc -flto -c n.c 2>&1)" 'flat32-cc: -flto: not with -mfdpic, whose addresses are made when code is compiled'
finish
