#!/bin/sh
# Every --alloc strategy: boots to a shell, runs programs, gives everything back; and is in the help, the completion, the manual.
. "${0%/*}/lib/tap.sh"
top=$(cd "${0%/*}/../.." && pwd)
cd "$TMPDIR" || exit 2
image=$B/rootfs.cpio.gz
names=$("$FLAT32" boot --alloc help | awk '{ print $1 }')
plan $((6 + 5 * $(echo "$names" | wc -l)))

"$FLAT32" boot --alloc help >out; same "--alloc help: status" $? 0
same "the first is the default" "$(echo "$names" | head -n 1)" buddy
same "run has the same ones" "$("$FLAT32" run --alloc help)" "$(cat out)"
"$FLAT32" boot --alloc fastest "$image" 2>err; same "no such strategy: 125" $? 125
ok "--alloc help is suggested" grep -q -- '--alloc help' err

# what completion offers after --alloc
bash -c '
	PATH=${1%/*}:$PATH
	. "$2"
	COMP_WORDS=(flat32 boot --alloc "") COMP_CWORD=3
	_flat32
	printf "%s\n" "${COMPREPLY[@]}"
' - "$FLAT32" "$top/docs/flat32.bash" >offered
same "completion offers them all" "$(cat offered)" "$names"

# Free memory in all, in pages; it must be what the blocks add up to.
cat >work <<'E2'
pages() { awk '/MemFree/ { print $2 / 4 }' /proc/meminfo; }
blocks() { awk '{ for (i = 5; i <= NF; i++) n += $i * 2 ^ (i - 5); print n }' /proc/buddyinfo; }
work() {
	ls -l /bin | sort | tail -n 3 | wc -l
	(echo one; echo two) | tr a-z A-Z | cat
	head -c 300000 /dev/zero >/tmp/a; cat /tmp/a /tmp/a >/tmp/b; wc -c </tmp/b; rm /tmp/a /tmp/b
	for i in 1 2 3 4 5 6 7 8; do sh -c 'sleep 0.01; ls -l /dev' >/dev/null & done; wait
}
work >/dev/null
before=$(pages)
work >/tmp/out
cat /tmp/out
rm /tmp/out
same=no
[ "$(blocks)" = "$(pages)" ] && same=yes
echo "blocks add up: $same"
[ "$(pages)" = "$before" ] && echo "nothing lost" || echo "lost: $before, now $(pages)"
E2
sed 's/\\-/-/g' "$top/docs/flat32.1" >manual
for name in $names; do
	"$FLAT32" boot --deterministic --alloc "$name" --exec "$(cat work)" "$image" >out 2>err </dev/null
	same "$name: boots and works" "$? $(head -n 4 out | tr '\n' ' ')" "0 3 ONE TWO 600000 "
	same "$name: no complaints" "$(cat err)" ""
	same "$name: /proc/buddyinfo adds up to what is free" "$(grep -c 'blocks add up: yes' out)" 1
	same "$name: all that was used came back" "$(tail -n 1 out)" "nothing lost"
	ok "$name: is in the manual" grep -qx ".B $name" manual
done
finish
