/* SPDX-License-Identifier: MIT
 *
 * Flat memory: the guest's whole 4 GiB physical address space as one reserved
 * host mapping.  RAM, flash and video memory are windows committed in it; all
 * else, and a margin behind the end, is inaccessible to the host, so that a stray
 * guest access faults instead of touching the emulator.
 *
 * A window may be read-only, or inaccessible for a while, and several may show the
 * same bytes: a flash chip's array is there twice, and its driver writes it by a view
 * of the host's (struct flat_bytes).  An access of the hart that a window does not allow
 * faults like one to nothing, and goes to the bus.
 *
 * The emulator itself reads and writes guest memory only through the checked
 * accessors below: they answer -EFAULT (or NULL) where any byte of the range lies
 * outside the windows, or in one that does not allow it, and never fault.
 */
#ifndef MM_FLAT_H
#define MM_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLAT_PAGE_SHIFT 12
#define FLAT_PAGE_SIZE 4096u
#define FLAT_RAM_BASE 0x80000000u
#define FLAT_RAM_MAX (2047u << 20)	/* the last MiB is never RAM: its end, and a pointer behind it, are addresses */

struct flat;

/* Reserves 4 GiB with nothing in it.  The caller owns *out.  0 or -ENOMEM. */
int flat_new(struct flat **out);
void flat_free(struct flat *f);

/*
 * Commits [addr, addr+len) as zeroed readable and writable memory; addr and len are
 * multiples of FLAT_PAGE_SIZE.  -EEXIST when it overlaps a window, -EINVAL, -ENOMEM.
 */
int flat_commit(struct flat *f, uint32_t addr, uint64_t len);
/* Takes back a window made by flat_commit() or flat_show() (same addr and len). -EINVAL if there is none. */
int flat_withdraw(struct flat *f, uint32_t addr, uint64_t len);

/* Host address of guest address 0.  For the hart; everybody else uses the accessors. */
uint8_t *flat_base(const struct flat *f);

/* What a window allows. */
enum flat_access { FLAT_NONE, FLAT_READ, FLAT_WRITE /* and read */ };

/*
 * Bytes that windows show, none or several, each with its own access.  Whoever made them (a device) reads and writes
 * them by its view at any time, whatever the windows allow.  Zero at first; they cost the host nothing until touched.
 */
struct flat_bytes;

/* len: whole pages.  The caller owns *out.  0, -EINVAL, -ENOMEM, -EFBIG (the host lets us have no memory of that size). */
int flat_bytes_new(uint64_t len, struct flat_bytes **out);
/* Gives up the owner's reference, and with it the view; windows keep the bytes alive.  NULL is fine. */
void flat_bytes_free(struct flat_bytes *b);
uint8_t *flat_bytes_view(const struct flat_bytes *b);

/* Makes [addr, addr+len) a window on the bytes from offset on.  Errors as flat_commit(); -EINVAL, too, if they are fewer. */
int flat_show(struct flat *f, uint32_t addr, uint64_t len, struct flat_bytes *b, uint64_t offset, enum flat_access access);
/* Changes what a window of flat_show() allows; addr and len are all of it.  -EINVAL: there is none; -ENOMEM. */
int flat_protect(struct flat *f, uint32_t addr, uint64_t len, enum flat_access access);

/*
 * Host address of [addr, addr+len) if every byte lies in one window that may be read, or written, else NULL.
 * Valid until the window is withdrawn, even if it is protected meanwhile.  Not always flat_base() + addr.  len 0 gives a
 * non-NULL pointer that must not be used.
 */
const void *flat_span(const struct flat *f, uint32_t addr, uint64_t len);
void *flat_span_write(const struct flat *f, uint32_t addr, uint64_t len);

/* Copies between host and guest.  0 or -EFAULT (then nothing was copied). */
int flat_read(const struct flat *f, void *dst, uint32_t addr, uint64_t len);
int flat_write(struct flat *f, uint32_t addr, const void *src, uint64_t len);
int flat_clear(struct flat *f, uint32_t addr, uint64_t len);

/*
 * Copies a NUL-terminated string of at most size-1 bytes.  Its length, -EFAULT when memory
 * ends before the NUL, -ENAMETOOLONG when it does not fit.
 */
int64_t flat_read_string(const struct flat *f, char *dst, uint32_t addr, size_t size);

/*
 * Makes whole pages read as zero; gives large runs back to the host so that they cost
 * nothing until touched.  addr and len page-aligned, inside one writable window.  0 or -EFAULT.
 */
int flat_zero_pages(struct flat *f, uint32_t addr, uint64_t len);

#endif
