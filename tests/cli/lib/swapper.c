/* SPDX-License-Identifier: MIT
 *
 * A process of the host that is up to no good, for tests/cli/share_escape.sh: works in the current folder until it is
 * killed.
 *	swap A B		exchanges two names, without a moment in which either is missing
 *	move A B TEXT		moves a folder away, makes B/secret with the text there, removes it, moves the folder back
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXCHANGE 2	/* RENAME_EXCHANGE */

static void swap(const char *a, const char *b)
{
	for (;;) {
		if (syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, EXCHANGE)) {
			perror("renameat2");
			return;
		}
	}
}

static void move(const char *a, const char *b, const char *text)
{
	char secret[4096];

	snprintf(secret, sizeof secret, "%s/secret", b);
	for (;;) {
		FILE *f;

		if (rename(a, b)) {
			perror(a);
			return;
		}
		f = fopen(secret, "w");
		if (f) {
			fputs(text, f);
			fclose(f);
		}
		usleep(200);
		unlink(secret);
		if (rename(b, a)) {
			perror(b);
			return;
		}
		usleep(200);
	}
}

int main(int argc, char **argv)
{
	if (argc > 3 && !strcmp(argv[1], "swap"))
		swap(argv[2], argv[3]);
	else if (argc > 4 && !strcmp(argv[1], "move"))
		move(argv[2], argv[3], argv[4]);
	return 1;
}
