/* SPDX-License-Identifier: MIT
 *
 * unshare [-m] [-u] COMMAND...: runs it in new namespaces of mounts, of names.  (BusyBox's own unshare wants fork.)  For tests/cli/namespaces.sh.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int flags = 0, i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++)
		flags |= strcmp(argv[i], "-m") ? CLONE_NEWUTS : CLONE_NEWNS;
	if (i >= argc || unshare(flags)) {
		perror("unshare");
		return 1;
	}
	execvp(argv[i], argv + i);
	perror(argv[i]);
	return 127;
}
