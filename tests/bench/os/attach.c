/* SPDX-License-Identifier: MIT
 * A segment of System V shared memory is attached and detached. */
#include "rate.h"
#include <sys/ipc.h>
#include <sys/shm.h>

int main(int argc, char **argv)
{
	int id = shmget(IPC_PRIVATE, 65536, IPC_CREAT | 0600);
	long n, i;

	n = rate_begin(argc, argv, 100000);
	for (i = 0; i < n && id >= 0; i++) {
		void *p = shmat(id, NULL, 0);

		if (p == (void *)-1 || shmdt(p))
			break;
	}
	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	return i == n ? rate_end(n) : 1;
}
