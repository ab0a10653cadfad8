/* SPDX-License-Identifier: MIT
 * getpid: what a system call costs that does nothing. */
#include "rate.h"
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long n = rate_begin(argc, argv, 1000000);

	for (long i = 0; i < n; i++)
		syscall(SYS_getpid);
	return rate_end(n);
}
