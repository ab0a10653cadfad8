/* SPDX-License-Identifier: MIT
 * SysV shared memory: keys and ids.
 */
#include <sys/ipc.h>
#include <sys/shm.h>
#include "tap.h"

static void test_get(void)
{
	int id, id2;

	tap_errno(shmget(IPC_PRIVATE, 0, IPC_CREAT | 0600), EINVAL, "shmget: no size");
	tap_errno(shmget(4711, 4096, 0), ENOENT, "shmget: no such key");
	id = shmget(4711, 10000, IPC_CREAT | 0600);
	tap_ok(id >= 0, "shmget: makes one");
	tap_errno(shmget(4711, 10000, IPC_CREAT | IPC_EXCL | 0600), EEXIST, "shmget: IPC_EXCL");
	tap_is(shmget(4711, 10000, 0), id, "shmget: finds it");
	tap_is(shmget(4711, 0, 0), id, "shmget: size 0 for an old one");
	tap_errno(shmget(4711, 20000, 0), EINVAL, "shmget: larger than it is");
	id2 = shmget(IPC_PRIVATE, 4096, 0600);
	tap_ok(id2 >= 0 && id2 != id, "shmget: IPC_PRIVATE is always new");
	tap_zero(shmctl(id, IPC_RMID, NULL), "IPC_RMID");
	tap_zero(shmctl(id2, IPC_RMID, NULL), "IPC_RMID of the other");
	tap_errno(shmget(4711, 0, 0), ENOENT, "the key is free again");
	tap_errno(shmctl(id, IPC_RMID, NULL), EINVAL, "the id is not valid any more");
}

int main(void)
{
	tap_plan(0);
	test_get();
	return tap_done();
}
