#!/bin/sh
# timeout: 240, beside: yes
# Random loads, stores and ioctls on all devices: the short form of make fuzz-devices, with the same seeds each time.
. "${0%/*}/lib/tap.sh"
plan 2
for engine in jit interp; do
	"$FLAT32" --version | grep -q "Engines:.*$engine" || { skip 1 "no $engine"; continue; }
	ENGINE=$engine "${0%/*}/../fuzz/devices/run.sh" "$FLAT32" "$B/fuzz/devices/image.cpio" "${FUZZ_DEVICES:-100000}" 1 50000
	verdict $? "random accesses and ioctls harm nothing ($engine)"
done
finish
