/* SPDX-License-Identifier: MIT
 * Shared memory: segments of System V and POSIX's objects, written at one address and read at another.
 */
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include "../stress.h"

#define SEGMENTS 4

enum stress_status stress_shm_sysv(struct worker *w)
{
	while (stress_go(w)) {
		int id[SEGMENTS], n = 0;
		size_t size[SEGMENTS];
		struct shmid_ds ds;

		for (; n < SEGMENTS; n++) {
			void *p, *q;

			size[n] = 4096 * (1 + stress_below(w, 8)) - stress_below(w, 100);
			id[n] = shmget(IPC_PRIVATE, size[n], IPC_CREAT | 0600);
			if (id[n] < 0) {
				if (!w->done)
					return stress_errno(w, "shmget");
				if (!stress_short(w))
					stress_fail(w, "shmget: %s", strerror(errno));
				break;
			}
			p = shmat(id[n], NULL, 0);
			q = shmat(id[n], NULL, SHM_RDONLY);
			if (p == (void *)-1 || q == (void *)-1) {
				if (!stress_short(w))
					stress_fail(w, "shmat: %s", strerror(errno));
			} else {
				if (*(char *)p || ((char *)p)[size[n] - 1])
					stress_fail(w, "a new segment is not zero");
				stress_fill(p, size[n], id[n], 0);
				if (stress_check(q, size[n], id[n], 0) >= 0)
					stress_fail(w, "a segment attached twice is not the same");
				if (shmctl(id[n], IPC_STAT, &ds) || ds.shm_nattch != 2 || ds.shm_segsz != size[n] || ds.shm_lpid != getpid())
					stress_fail(w, "IPC_STAT: %lu attached, %zu bytes", (unsigned long)ds.shm_nattch, (size_t)ds.shm_segsz);
			}
			if ((p != (void *)-1 && shmdt(p)) || (q != (void *)-1 && shmdt(q)))
				stress_fail(w, "shmdt: %s", strerror(errno));
		}
		/* What is attached to nobody keeps its bytes. */
		while (n--) {
			void *p = shmat(id[n], NULL, 0);

			if (shmctl(id[n], IPC_RMID, NULL))
				stress_fail(w, "IPC_RMID: %s", strerror(errno));
			if (p == (void *)-1)
				continue;
			if (((char *)p)[0] && stress_check(p, size[n], id[n], 0) >= 0)
				stress_fail(w, "a segment has changed while nobody was attached to it");
			shmdt(p);
		}
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

enum stress_status stress_shm(struct worker *w)
{
	char name[48];

	snprintf(name, sizeof name, "/stress-%d-%u", (int)getpid(), w->number);
	while (stress_go(w)) {
		size_t size = 4096 * (1 + stress_below(w, 8));
		uint32_t seed = stress_random(w);
		void *p, *q;
		int fd;

		fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd < 0)
			return stress_errno(w, "shm_open");
		if (ftruncate(fd, size)) {
			if (!stress_short(w))
				stress_fail(w, "ftruncate: %s", strerror(errno));
			p = q = MAP_FAILED;
		} else {
			p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
			q = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
			if ((p == MAP_FAILED || q == MAP_FAILED) && !stress_short(w))
				stress_fail(w, "mmap: %s", strerror(errno));
		}
		close(fd);
		if (shm_unlink(name))
			stress_fail(w, "shm_unlink: %s", strerror(errno));
		if (p != MAP_FAILED && q != MAP_FAILED) {
			stress_fill(p, size, seed, 0);
			if (stress_check(q, size, seed, 0) >= 0)
				stress_fail(w, "an object mapped twice is not the same");
		}
		if (p != MAP_FAILED)
			munmap(p, size);
		if (q != MAP_FAILED)
			munmap(q, size);
		stress_bogo(w);
	}
	return STRESS_PASSED;
}
