# Flags for single unit tests. OOM is for those that include oom_kit.h.
OOM = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=free
LDFLAGS_test_bus = -Wl,--wrap=calloc,--wrap=realloc
LDFLAGS_test_cramfs = $(OOM) -Wl,--wrap=inflateInit_
LDFLAGS_test_display = $(OOM)
LDFLAGS_test_engine = -Wl,--wrap=hart_enable_jit
LDFLAGS_test_event_oom = $(OOM)
LDFLAGS_test_ext2 = $(OOM)
LDFLAGS_test_flash_file = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=mmap,--wrap=mprotect,--wrap=memfd_create,--wrap=ftruncate \
	-Wl,--wrap=open,--wrap=fstat,--wrap=flock,--wrap=pread,--wrap=pwrite,--wrap=fdatasync
LDFLAGS_test_framebuffer = -Wl,--wrap=calloc
LDFLAGS_test_goldfish_rtc = -Wl,--wrap=calloc
LDFLAGS_test_input = $(OOM)
LDFLAGS_test_jit_oom = -Wl,--wrap=calloc,--wrap=realloc,--wrap=free,--wrap=mmap,--wrap=munmap,--wrap=mprotect,--wrap=mremap
LDFLAGS_test_mm_oom = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
LDFLAGS_test_loader_oom = $(OOM)
LDFLAGS_test_mtd = $(OOM)
LDFLAGS_test_net_inet = $(OOM)
LDFLAGS_test_net_many = $(OOM)
LDFLAGS_test_net_unix = $(OOM)
LDFLAGS_test_net_user = $(OOM)
CFLAGS_tests/unit/test_net_user.c = -isystem /usr/include/lwip
LDFLAGS_test_plic = -Wl,--wrap=calloc
LDFLAGS_test_ptrace = -Wl,--wrap=calloc
LDFLAGS_test_rom = -Wl,--wrap=calloc
LDFLAGS_test_romfs = $(OOM)
LDFLAGS_test_signal = -Wl,--wrap=malloc
LDFLAGS_test_tree = -Wl,--wrap=malloc,--wrap=calloc
LDFLAGS_test_vfs_oom = $(OOM)
LDFLAGS_test_vt_screen = -Wl,--wrap=calloc
