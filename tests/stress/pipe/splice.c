/* SPDX-License-Identifier: MIT
 * Bytes that go from pipe to pipe by splice() and tee(), and into one by vmsplice(), and never through this program.
 */
#include <fcntl.h>
#include <sys/uio.h>
#include "../stress.h"

#define MOST 3000

enum stress_status stress_splice(struct worker *w)
{
	int fds[3][2], made = 0;
	char block[MOST], copy[MOST];

	for (; made < 3; made++)
		if (pipe2(fds[made], O_CLOEXEC)) {
			enum stress_status status = stress_errno(w, "pipe2");

			while (made--) {
				close(fds[made][0]);
				close(fds[made][1]);
			}
			return status;
		}
	while (stress_go(w)) {
		size_t n = 1 + stress_below(w, MOST), moved = 0;
		uint32_t seed = stress_random(w);
		struct iovec v = { block, n };
		ssize_t r;

		stress_fill(block, n, seed, 0);
		r = w->done % 2 ? vmsplice(fds[0][1], &v, 1, 0) : write(fds[0][1], block, n);
		if (r != (ssize_t)n) {
			if (!w->done)
				stress_errno(w, "vmsplice");
			break;
		}
		/* the same once more into the third, while it stays in the first; and then into the second */
		r = tee(fds[0][0], fds[2][1], n, 0);
		if (r != (ssize_t)n)
			stress_fail(w, "tee: %zd of %zu", r, n);
		while (moved < n && (r = splice(fds[0][0], NULL, fds[1][1], NULL, n - moved, SPLICE_F_MOVE)) > 0)
			moved += r;
		if (moved != n) {
			stress_fail(w, "splice: %zu of %zu: %s", moved, n, strerror(errno));
			break;
		}
		for (int i = 1; i < 3; i++)
			if (stress_read(fds[i][0], copy, n) != (ssize_t)n || stress_check(copy, n, seed, 0) >= 0)
				stress_fail(w, "what has come out of pipe %d is another", i);
		stress_bogo(w);
	}
	for (int i = 0; i < 3; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
	return STRESS_PASSED;
}
