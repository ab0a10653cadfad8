#!/bin/sh
# The command's exit statuses: the guest's own, 128 + signal, 125 to 127 for our own troubles.
# engines: all
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 42

cat >guest.c <<'C'
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "exit")) return atoi(argv[2]);
	if (argc > 2 && !strcmp(argv[1], "raise")) { raise(atoi(argv[2])); return 1; }
	if (argc > 2 && !strcmp(argv[1], "env")) { puts(getenv(argv[2]) ? getenv(argv[2]) : "(none)"); return 0; }
	if (argc > 1 && !strcmp(argv[1], "null")) { *(volatile int *)8 = 1; return 1; }
	if (argc > 1 && !strcmp(argv[1], "cat")) { int c; while ((c = getchar()) != EOF) putchar(c); return 0; }
	puts(argv[0]);
	return 0;
}
C
"$FLAT32_CC" -O1 -o guest guest.c || { echo "Bail out! cannot build the guest program"; exit 2; }

"$FLAT32" run ./guest exit 0; same "exit 0" $? 0
"$FLAT32" run ./guest exit 42; same "exit 42" $? 42
"$FLAT32" run ./guest exit 255; same "exit 255" $? 255
"$FLAT32" run ./guest raise 15 2>err; same "death by SIGTERM" $? 143
"$FLAT32" run ./guest raise 9 2>err; same "death by SIGKILL" $? 137
"$FLAT32" run ./guest null 2>err; same "a store to nothing is SIGSEGV" $? 139
"$FLAT32" run ./nothere 2>err; same "no such program: 127" $? 127
ok "and it is named" grep -q 'nothere' err
echo hello >text; chmod +x text
"$FLAT32" run ./text 2>err; same "not a program: 126" $? 126
ok "and inspect is suggested" grep -q 'inspect' err
cp guest noexec; chmod -x noexec
"$FLAT32" run ./noexec 2>err; same "not executable: 126" $? 126
ok "and what to do" grep -q 'not marked as executable: chmod +x' err
"$FLAT32" run . 2>err; ok "a folder is called one" grep -q '^flat32: \. is a folder$' err
"$FLAT32_CC" -O1 -Wl,--dynamic-linker=/nowhere/ld.so -o dynamic guest.c 2>err
"$FLAT32" run ./dynamic 2>err; same "no dynamic linker: 127" $? 127
ok "it is named" grep -q 'interpreter /nowhere/ld.so: No such file' err
ok "and what to do" grep -q -- "-L DIR" err
"$FLAT32" run 2>err; same "no program: 125" $? 125
"$FLAT32" run --nonsense ./guest 2>err; same "unknown option: 125" $? 125
ok "and --help is suggested" grep -q -- '--help' err
said() { same "$1" "$(sed -n '1s/^flat32: //p' err)" "$2"; }
"$FLAT32" run --exec ls ./guest 2>err; said "an option of another command's" "option '--exec': only for boot"
"$FLAT32" run -e ls ./guest 2>err; said "likewise, by its letter" "option '-e': only for boot"
"$FLAT32" run --st ./guest 2>err; said "an abbreviation of several" "option '--st': may be --stack-size, --stats, ..."
"$FLAT32" run --stats=3 ./guest 2>err; said "a value where none belongs" "option '--stats=3': takes no value"
"$FLAT32" run -x ./guest 2>err; said "a letter that is none" "option '-x': not known"
"$FLAT32" run --audio sld ./guest 2>err; same "a slip in --audio: 125" $? 125
ok "is no file" test ! -e sld
"$FLAT32" run -m lots ./guest 2>err; same "bad size: 125" $? 125
"$FLAT32" frobnicate 2>err; same "unknown command: 125" $? 125
same "--version" "$("$FLAT32" --version | head -n 1 | cut -d' ' -f1)" flat32
same "and the engines" "$("$FLAT32" --version | sed -n 's/^Engines: \(jit \)*interp$/there/p')" there
"$FLAT32" run --engine interp ./guest exit 42; same "--engine interp" $? 42
"$FLAT32" run --engine nonsense ./guest 2>err; same "no such engine: 125" $? 125
"$FLAT32" run --engine jit ./guest exit 42 2>err; status=$?
if "$FLAT32" --version | grep -q '^Engines: jit'; then
	same "--engine jit" $status 42
	same "and nothing is said" "$(cat err)" ""
else
	same "--engine jit where there is none: 125" $status 125
	ok "and it is said" grep -q 'no JIT' err
fi
(ulimit -f 64; "$FLAT32" run ./guest exit 42 2>err); same "ulimit -f does not concern translated code" $? 42
if [ "$O" = "$B" ]; then
	(ulimit -v 6000000; "$FLAT32" run ./guest exit 42 2>err); same "ulimit -v, likewise" $? 42
	same "and nothing is said" "$(cat err)" ""
else
	skip 2 "sanitizers take more addresses than that"
fi
same "argv[0]" "$("$FLAT32" run -0 other ./guest)" other
same "--env" "$(A=outside "$FLAT32" run -E A=inside ./guest env A)" inside
same "the host's environment passes through" "$(A=outside "$FLAT32" run ./guest env A)" outside
same "--unset-env" "$(A=outside "$FLAT32" run -U A ./guest env A)" "(none)"
same "standard input passes through" "$(printf 'one\ntwo' | "$FLAT32" run ./guest cat | tr '\n' ' ')" "one two"
finish
