#!/bin/sh
# --flash: its file, its times, power that fails and emulators that are killed; what is asked for wrongly.
# timeout: 120
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
writer=$B/guest-tests/helpers/flash_writer
plan 38

# What is no flash.
for wrong in x.bin x.bin:100K x.bin:128M x.bin:1M:2M x.bin:1M:1K .:1M ':' /dev/null:1M; do
	"$FLAT32" machine --flash "$wrong" >out 2>err
	same "--flash $wrong: 125" $? 125
done
ok "nothing was made for them" [ ! -e x.bin ]
"$FLAT32" machine --flash :1M --flash-chip st 2>err; same "a chip that is not known: 125" $? 125
"$FLAT32" machine --flash :1M --flash-cut 0 2>err; same "a cut before the first operation: 125" $? 125
"$FLAT32" machine --flash :1M --flash-time fast 2>err; same "a time that is no number: 125" $? 125

"$FLAT32" machine --flash a:b.bin:64K >out
ok "a name with a colon in it" [ "$(wc -c <a:b.bin)" -eq 65536 ]
same "it is all erased" "$(tr -d '\377' <a:b.bin | wc -c)" 0

# Times: with 100, a buffer takes 512 us at least and an erase a second; and no time at all by default.
"$FLAT32" run --deterministic --flash-time 100 --flash :1M:64K "$writer" time >out
read -r program erase <out
ok "a program takes its time ($program us)" [ "$program" -ge 512 ] && [ "$program" -le 4000 ]
ok "so does an erase ($erase us)" [ "$erase" -ge 1024000 ] && [ "$erase" -le 1030000 ]
"$FLAT32" run --deterministic --flash-time 100 --flash :1M:64K --engine interp "$writer" time >out2
ok "the same on each engine" cmp -s out out2
"$FLAT32" run --deterministic --flash :1M:64K "$writer" time >out
read -r program erase <out
ok "or none" [ "$erase" -le 1000 ]

# What the guest was told is in the file, and of the one under way any part: checked by another emulator.
survives() {
	begun=$(sed -n 's/^begun //p' told | tail -n 1)
	over=$(sed -n 's/^over //p' told | tail -n 1)
	timeout 20 "$FLAT32" run --flash-chip "$chip" --flash f.bin:1M:64K "$writer" check "$1" "${begun:-0}" "${over:-0}" >>problems 2>&1 ||
		echo "seed $1: begun $begun, over $over" >>problems
}

for kind in 'intel write' 'amd write' 'intel mtd' 'amd mtd'; do
	chip=${kind% *} way=${kind#* }
	: >problems
	status=0 n=0
	for cut in 1 2 3 40 101 222; do
		rm -f f.bin
		n=$((n + 1))
		timeout 20 "$FLAT32" run --flash-chip "$chip" --flash-time $((n % 2)) --flash f.bin:1M:64K --flash-cut $cut:$n "$writer" "$way" $n >told 2>err
		rc=$?
		[ $rc -eq 158 ] || status=$rc
		survives $n
	done
	same "$chip, $way: power that fails: 158" $status 0
	ok "$chip, $way: it is said" grep -q 'the power has failed' err
	same "$chip, $way: what was done is there" "$(cat problems)" ""

	: >problems
	longest=0
	for n in 1 2 3 4 5; do
		rm -f f.bin
		"$FLAT32" run --flash-chip "$chip" --flash f.bin:1M:64K "$writer" "$way" $n >told 2>err &
		sleep 0.$((n * 7 + 15))
		kill -9 $!
		wait $! 2>/dev/null
		survives $n
		[ "${over:-0}" -le $longest ] || longest=$over
	done
	same "$chip, $way: killed: what was done is there" "$(cat problems)" ""
	ok "$chip, $way: some were ($longest)" [ $longest -gt 10 ]
done
finish
