#!/bin/sh
# timeout: 240
# Random programs on our hart and on qemu-riscv32 (if it is there), compared: the short form of make fuzz-isa,
# with the same seed each time so that a failure stays.
exec "$O/tests/fuzz-isa" -n 8000 -s 1
