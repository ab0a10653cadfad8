# Linux's own drivers for flash chips, compiled for the host, drive ours.
.PHONY: linux-mtd
linux-mtd: $(LIB) | deps-check deps-long	## Linux's CFI drivers on our flash chips
	@CC=$(CC) tests/linux-mtd/run.sh $B/linux-mtd $(LIB) $$(pkg-config --libs check) $(LIBS)
