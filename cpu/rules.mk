# Allocation failures are injected into this test.
LDFLAGS_test_hart_oom = -Wl,--wrap=calloc,--wrap=free
