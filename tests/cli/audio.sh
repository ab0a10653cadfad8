#!/bin/sh
# --audio: what a program plays is in the WAV file, and for how long.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 13
play=$B/guest-tests/helpers/audio_play

# samples FILE: its 16-bit samples, a line each
samples() { tail -c +45 "$1" | od -An -v -td2 -w2 | tr -d ' '; }
frames() { echo $((($(wc -c <"$1") - 44) / 4)); }

"$FLAT32" run --deterministic --audio one.wav "$play" 48000 2 16 20000; same "plays" $? 0
samples one.wav >got
awk 'BEGIN { for (i = 0; i < 40000; i++) print (i > 32767 ? i - 65536 : i) }' >want
ok "each sample is there, and as it was" cmp got want
same "the header says what it is" "$(head -c 44 one.wav | od -An -tx1 -v | tr -d ' \n')" \
	"52494646a438010057415645666d7420100000000100020080bb000000ee0200040010006461746180380100"

"$FLAT32" run --deterministic --audio two.wav "$play" 11025 1 8 11025
n=$(frames two.wav)
ok "a second of another format is a second ($n frames)" [ "$n" -gt 47900 -a "$n" -lt 48100 ]
"$FLAT32" run --deterministic --audio three.wav "$play" 48000 2 16 4800 250 4800
n=$(frames three.wav)
ok "a pause is one ($n frames)" [ "$n" -gt 21500 -a "$n" -lt 22500 ]
cp three.wav before.wav
"$FLAT32" run --deterministic --audio three.wav "$play" 48000 2 16 4800 250 4800
ok "--deterministic: the same file again" cmp before.wav three.wav
start=$(date +%s%N)
"$FLAT32" run --audio four.wav "$play" 8000 1 8 8000
took=$((($(date +%s%N) - start) / 1000000))
ok "a second takes a second ($took ms)" [ $took -ge 950 ]

"$FLAT32" run "$play" 8000 1 8 8 2>err; same "without --audio" $? 1
ok "there is no sound" grep -q '/dev/dsp: No such file' err
"$FLAT32" run --audio none "$play" 8000 1 8 8 2>err; same "--audio none: neither" $? 1
"$FLAT32" run --audio nowhere/x.wav "$play" 8000 1 8 8 2>err; same "a file that cannot be made: 125" $? 125
ok "which is said" grep -q 'nowhere/x.wav: No such file' err
"$FLAT32" run --deterministic --audio /dev/full "$play" 48000 2 16 48000 2>err; same "a full disk: 125" $? 125
finish
