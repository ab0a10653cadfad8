# Exit codes, as the shell tells them.
sh -c 'exit 0'; echo $?
sh -c 'exit 1'; echo $?
sh -c 'exit 255'; echo $?
sh -c 'exit 256'; echo $?
sh -c 'exit 300'; echo $?
nosuchcommand; echo $?
/nosuch/file; echo $?
echo not a program >text; chmod +x text; ./text; echo $?
mkdir dir; ./dir; echo $?
echo 'exit 5' >script; ./script; echo $?
printf '#!/bin/sh\nexit 6\n' >hash; chmod +x hash; ./hash; echo $?
printf '#!/bin/nosuch\n' >bad; chmod +x bad; ./bad; echo $?
for s in TERM KILL HUP INT SEGV USR1 ABRT PIPE ALRM; do sh -c "kill -$s \$\$"; echo "$s $?"; done 2>&1
(exit 7); echo $?
f() { return 9; }; f; echo $?
true && false || echo or; if false; then :; elif true; then echo elif; fi
sh -e -c 'false; echo not reached'; echo $?
sh -c 'set -u; echo $nothing; echo not reached' 2>&1; echo $?
eval 'exit_in_eval=1; (exit 3)'; echo $?
expr 1 = 2; echo $?
test -f text -a ! -d text; echo $?
[ 1 -lt ]; echo $?
exit 42
