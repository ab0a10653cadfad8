# The guest test that looks at the registers before the C library does.
CFLAGS_tests/guest/differences.c = -Wl,-e,keep_registers
