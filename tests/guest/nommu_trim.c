/* SPDX-License-Identifier: MIT
 *
 * nommu-mmap.txt, "Adjusting page trimming behaviour", and what the notes say of powers of two.
 */
#define _GNU_SOURCE
#include "nommu.h"

static const char *const knob = "/proc/sys/vm/nr_trim_pages";

static int get(void)
{
	char text[32] = "";
	int fd = open(knob, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof text - 1) < 1)
		tap_bail("%s: %s", knob, strerror(errno));
	close(fd);
	return atoi(text);
}

/* 0 or -1 and errno. */
static int set(int n)
{
	char text[32];
	int fd = open(knob, O_WRONLY), len = snprintf(text, sizeof text, "%d\n", n), err;
	ssize_t r = fd < 0 ? -1 : write(fd, text, (size_t)len);

	err = errno;
	close(fd);
	errno = err;
	return r == len ? 0 : -1;
}

/* Pages that a mapping of so many takes. */
static long takes(unsigned pages)
{
	long before = nommu_mmap_copy(), more;
	char *p = nommu_anon(pages);

	more = nommu_mmap_copy() - before;
	nommu_unmap(p, pages * PAGE);
	return p ? more / 4 : -1;
}

int main(void)
{
	int was;
	char *p;
	long before;
	struct nommu_line l;

	tap_plan(0);
	nommu_mmap_copy();
	was = get();
	tap_is(was, 1, "S122 S124 vm.nr_trim_pages is 1 if nobody says otherwise");
	tap_is(takes(5), 5, "S43 S60 S122 trimmed: five pages take five");
	tap_is(takes(9), 9, "S43 S122 nine take nine");
	tap_is(takes(257), 257, "S43 S122 257 take 257");
	tap_is(takes(8), 8, "S60 a power of two has nothing to trim");

	tap_zero(set(0), "S123 S124 trimming is disabled");
	tap_is(get(), 0, "S124 which can be read");
	tap_is(takes(5), 8, "S60 S120 S123 not trimmed: five pages take eight");
	tap_is(takes(9), 16, "S120 S123 nine take sixteen");
	tap_is(takes(257), 512, "S60 S120 S121 S123 257 take 512: almost half is wasted");
	tap_is(takes(8), 8, "S60 S120 eight take eight");
	tap_is(takes(1), 1, "S120 one takes one");
	before = nommu_mmap_copy();
	p = nommu_anon(5);
	tap_ok(nommu_mine(p, PAGE, &l) == 1 && l.end - l.start == 5 * PAGE,
		"S120 what is listed is what was asked for");
	nommu_refused((errno = 0, nommu_unmap(p + 5 * PAGE, PAGE) ? NULL : p), EINVAL,
		"S120 the excess cannot be unmapped for itself");
	tap_zero(nommu_unmap(p, 5 * PAGE), "S120 it goes with the mapping");
	tap_is(nommu_mmap_copy() - before, 0, "S120 to the last page");

	tap_zero(set(4), "S123 S124 a watermark of four pages");
	tap_is(takes(5), 8, "S123 five pages: an excess of three is kept");
	tap_is(takes(12), 12, "S123 twelve: an excess of four is trimmed");
	tap_is(takes(9), 9, "S123 nine: an excess of seven, too");
	tap_zero(set(16), "S123 S124 a watermark of sixteen");
	tap_is(takes(17), 32, "S123 seventeen: an excess of fifteen is kept");
	tap_is(takes(33), 33, "S123 33: an excess of 31 is trimmed");
	tap_errno(set(-1), EINVAL, "S124 it cannot be negative");
	tap_is(get(), 16, "S124 and stays as it was");
	tap_zero(set(was), "S124 back to what it was");
	tap_is(takes(5), 5, "S122 S124 which counts at once");
	return tap_done();
}
