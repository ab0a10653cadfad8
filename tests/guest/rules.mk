# The guest test that looks at the registers before the C library does.
CFLAGS_tests/guest/differences.c = -Wl,-e,keep_registers
# A program to be debugged by one that follows frame pointers.
CFLAGS_tests/guest/helpers/debuggee.c = -O0 -fno-omit-frame-pointer
