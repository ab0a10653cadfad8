#!/bin/sh
# timeout: 300
# beside: yes
# FDPIC programs and their libraries: who replaces whose functions, what an address is equal to, for whom gp changes; how
# `flat32 run` finds the dynamic linker.
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}/fdpic" && pwd)
cc="$FLAT32_CC -mfdpic -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror"
readelf=${FLAT32_CC%cc}readelf
sysroot=${FLAT32_CC%/bin/*}/sysroot-fdpic
cd "$TMPDIR" || exit 2
plan 42

run() {
	LD_LIBRARY_PATH=$TMPDIR/lib "$FLAT32" run -L "$sysroot" "$@" 2>&1
}
mkdir lib

# --- malloc of the program's own, or of a library

for level in -O0 -O2; do
	$cc $level -o own "$here/own_malloc.c"
	same "$level: the program's malloc is libc's, too" "$(run own)" 'all of libc uses it'
	$cc $level -fPIC -shared -DLIBRARY -o lib/libown.so "$here/own_malloc.c"
	$cc $level -DUSER -o user "$here/own_malloc.c" -Llib -lown
	same "$level: a library's" "$(run user)" 'all of libc uses it'
done
# --- one address for each function

for level in -O0 -O2; do
	$cc $level -fPIC -shared -DLIBRARY -o lib/libnames.so "$here/names.c"
	$cc $level -o names "$here/names.c" -Llib -lnames
	same "$level: aliases have one address" "$(run names)" '0 bad'
	$cc $level -rdynamic -o names "$here/names.c" -Llib -lnames
	same "$level: also where the program's own names are seen" "$(run names)" '0 bad'
done

# --- gp

for level in -O0 -O2 -Os; do
	$cc $level -fPIC -shared -DLIBRARY=1 -o lib/libany.so "$here/any_gp.c"
	$cc $level -o any "$here/any_gp.c" -Llib -lany
	same "$level: functions that need no gp of their own" "$(run any)" '6 7 12 1 17 1 5 9 118'
	same "$level: which they are" "$(LC_ALL=C readelf -W --dyn-syms lib/libany.so | awk '/\[40\]/ { print $NF }' | sort | tr '\n' ' ')" \
		'behind chain pure sum through '
	$cc $level -fPIC -shared -DLIBRARY=2 -o lib/libany.so "$here/any_gp.c"
	same "$level: the program is right with a later library, too" "$(run any)" '6 7 12 1 17 1 5 9 118'
done

# --- what packages link with

cat >versions.c <<'END'
__asm__(".symver old_f, f@V1\n.symver new_f, f@@V2");
static int n = 2;
int old_f(void) { return 1; }
int new_f(void) { return n++; }
int (*address(void))(void) { return new_f; }
int inside(void) { return 9; }
int (*pointer)(void) = inside;
END
cat >versions.map <<'END'
V1 { global: f; address; pointer; local: *; };
V2 { global: f; } V1;
END
cat >user.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
int f(void), (*address(void))(void);
extern int (*pointer)(void);
int main(void)
{
	return printf("%d %d %d %d\n", f(), address() == f, pointer(), dlsym(RTLD_DEFAULT, "inside") != NULL) < 0;
}
END
$cc -O2 -fPIC -shared -Wl,--version-script=versions.map,-Map=map -o lib/libver.so versions.c
$cc -O2 -o user user.c -Llib -lver
same 'a version script, and symbols with versions' "$(run user)" '2 1 9 0'
needed() {
	LC_ALL=C "$readelf" -dW "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep ver
}
same 'a library without a soname is needed by the name it was asked for' "$(needed user)" libver.so
$cc -O2 -o user_path user.c lib/libver.so
same 'or by its path, if that was said' "$(needed user_path)" lib/libver.so
ok '-Map' grep -q 'new_f' map
same 'the library names itself' "$(LC_ALL=C readelf -VW lib/libver.so | sed -n 's/.*Flags: BASE.*Name: //p')" libver.so
cp lib/libver.so first
$cc -O2 -fPIC -shared -Wl,--version-script=versions.map -o lib/libver.so versions.c
ok 'the same link gives the same file' cmp first lib/libver.so
$cc -O2 -fPIC -shared -Wl,--version-script=versions.map,-z,pack-relative-relocs,--pack-dyn-relocs=relr -o lib/libver.so versions.c
ok 'DT_RELR, which there is not, is not asked for' cmp first lib/libver.so

cat >inline.h <<'END'
inline int counted(int n) { static int count; return count += n; }
template <class T> T twice(T v) { return v + v; }
struct base { virtual int f() { return 1; } };
END
printf '#include "inline.h"\nbase b;\nint other() { base *p = &b; return counted(10) * 100 + twice(3) + p->f(); }\n' >inline_b.cc
printf '#include <stdio.h>\n#include "inline.h"\nint other();\nint main() { base b, *p = &b; int (*f)(int) = counted; return printf("%%d %%d %%d %%d\\n", f(1), twice(4), other(), p->f()) < 0; }\n' >inline_a.cc
cxx="$FLAT32_CC -mfdpic -O1 -x c++ -fno-exceptions -fno-rtti"
for options in -static '' -Wl,--gc-sections '-static -Wl,--gc-sections'; do
	# shellcheck disable=SC2086
	$cxx $options -o inline inline_a.cc inline_b.cc
	same "COMDAT groups: one of each${options:+ ($options)}" "$(run inline)" '1 8 1107 1'
done

printf '#include <dlfcn.h>\n#include <stdio.h>\nint seen(void) { return 7; }\nint unused(void) { return 8; }\nint main(void) { int (*f)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "seen"); return printf("%%d %%d\\n", f ? f() : 0, dlsym(RTLD_DEFAULT, "unused") != NULL) < 0; }\n' >seen.c
echo '{ seen; };' >list
for options in '-rdynamic:7 1' '-Wl,--export-dynamic,--gc-sections:7 1' '-Wl,--dynamic-list=list:7 0'; do
	$cc -O1 "${options%:*}" -o seen seen.c
	same "${options%:*}" "$(run seen)" "${options#*:}"
done

# --- what it all takes

"$FLAT32" inspect own "$sysroot"/lib/*.so.1 >out
stack=128 each=$(sed -n 's/^  memory *\([0-9]*\) KiB for each.*/\1/p' out | awk '{ n += $1 } END { print n }') once=$(awk '/KiB once for all, or/ { n += $1 } END { print n }' out)
same 'inspect adds up a program and its libraries' "$(tail -n 1 out)" \
	"  together     as one program and its libraries: $((each - stack)) KiB for each process, $once KiB once for all"
ok 'of one file there is no sum' sh -c '! "$0" inspect own | grep together' "$FLAT32"

# --- flat32 run -L

echo 'int pure(int); int main(void) { return pure(14); }' >plain.c
$cc -o plain plain.c -Llib -lany
mkdir -p tree/lib tree/etc
cp "$sysroot"/lib/*.so.1 lib/libany.so tree/lib/
echo inside >tree/etc/motd
ln -s /etc/motd tree/etc/link
echo outside >motd
"$FLAT32" run -L tree plain >out 2>&1
same '-L DIR: the dynamic linker and libraries are found in DIR/lib' "$? $(cat out)" '42 '
"$FLAT32" run --prefix tree/lib plain >out 2>&1
same 'it is not there: the cause and the way out' "$?
$(cat out)" "127
flat32: exec plain: interpreter /lib/ld-musl-riscv32-fdpic.so.1: No such file or directory
flat32: cannot run plain: No such file or directory
flat32: its dynamic linker is neither in tree/lib nor on the host"
"$FLAT32" run plain >out 2>&1
same 'without -L' "$?
$(sed 1,2d out)" "127
flat32: its dynamic linker is not on this host; -L DIR has it looked for in DIR first
flat32: (for programs of flat32-cc -mfdpic: -L SDK/sysroot-fdpic)"
cat >files.c <<'END'
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char text[99] = "";
		struct stat st;
		int fd = open(argv[i] + 1, argv[i][0] == 'w' ? O_RDWR : argv[i][0] == 'c' ? O_RDWR | O_CREAT : O_RDONLY, 0644);
		if (argv[i][0] == 'd') { printf("%d ", !stat(argv[i] + 1, &st) && S_ISDIR(st.st_mode)); continue; }
		if (argv[i][0] == 'u') { printf("%d ", unlink(argv[i] + 1) ? errno : 0); continue; }
		if (argv[i][0] == 's') { printf("%d ", stat(argv[i] + 1, &st) ? errno : 0); continue; }
		printf("%s ", fd < 0 ? strerror(errno) : read(fd, text, 98) > 0 ? strtok(text, "\n") : "-");
		close(fd);
	}
	puts("");
	return argc == 1 && chroot("/") ? 1 : 0;
}
END
"${FLAT32_CC}" -o files files.c
mkdir -p "tree$TMPDIR"
echo inside >"tree$TMPDIR/motd"
files() {
	"$FLAT32" run -L tree ./files "$@" 2>&1
}
same 'what is read by its full path' "$(files "r$TMPDIR/motd" rmotd "r/..$TMPDIR/motd" "r$TMPDIR/../${TMPDIR##*/}/motd")" 'inside outside inside inside '
same 'links and .. lead nowhere out of it' "$(files r/etc/link "r/../../..$TMPDIR/tree/etc/motd")" 'inside inside '
same 'what is written to is the host'"'"'s' "$(files "w$TMPDIR/motd" "c$TMPDIR/motd" "u$TMPDIR/tree/lib/none" "d$TMPDIR")" 'outside outside 2 1 '
same 'what is not in it is the host'"'"'s' "$(files "r$TMPDIR/plain.c" "r/no/such/file")" 'int pure(int); int main(void) { return pure(14); } No such file or directory '
same 'a prefix that is no folder' "$("$FLAT32" run -L plain.c ./files 2>&1; echo $?)" 'flat32: --prefix plain.c: Not a directory
125'
same 'one that is not there' "$("$FLAT32" run -L nowhere ./files 2>&1; echo $?)" 'flat32: --prefix nowhere: No such file or directory
125'
finish
