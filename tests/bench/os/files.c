/* SPDX-License-Identifier: MIT
 * files N DIR: files created, written to, looked at and removed; 100 live at a time. */
#include "rate.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIVE = 100 };

static char *name(long i)
{
	static char text[40];

	snprintf(text, sizeof text, "bench-%ld", i);
	return text;
}

static int make(long i)
{
	int fd = open(name(i), O_WRONLY | O_CREAT | O_EXCL, 0644);
	int ok = fd >= 0 && write(fd, "some text\n", 10) == 10;

	if (fd >= 0)
		close(fd);
	return ok;
}

int main(int argc, char **argv)
{
	const char *dir = argc > 2 ? argv[2] : "/tmp";
	struct stat st;
	long n;

	if (chdir(dir)) {
		perror(dir);
		return 1;
	}
	n = rate_begin(argc, argv, 20000);
	for (long i = 0; i < n + LIVE; i++) {
		if (i < n && (!make(i) || stat(name(i), &st) || st.st_size != 10)) {
			perror(name(i));
			return 1;
		}
		if (i >= LIVE && i - LIVE < n && unlink(name(i - LIVE)))
			return 1;
	}
	return rate_end(n);
}
