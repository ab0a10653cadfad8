# lwIP's headers, for those few files that call it. They are the system's: no warnings about them.
LWIP_CFLAGS = -isystem /usr/include/lwip
CFLAGS_emu/net/usertcp.c = $(LWIP_CFLAGS)
$(foreach f,$(wildcard emu/usernet/*.c),$(eval CFLAGS_$f = $(LWIP_CFLAGS)))
