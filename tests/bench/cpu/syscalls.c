/* SPDX-License-Identifier: MIT
 * A loop of system calls that do next to nothing. */
#include "bench.h"

#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 4000000);
	uint32_t sum = 0, parent = (uint32_t)syscall(SYS_getppid);

	for (unsigned r = 0; r < rounds; r++)
		sum = bench_mix(sum, (uint32_t)syscall(SYS_getppid) - parent + r);
	return bench_result("syscalls", sum);
}
