/* SPDX-License-Identifier: MIT
 *
 * Pointers to nothing.  The real kernel's answer is a panic: without an MMU it does not check them.
 */
#include "tap.h"

int main(void)
{
	int p[2];

	tap_plan(2);
	if (pipe(p))
		tap_bail("pipe: %s", strerror(errno));
	tap_errno(write(p[1], (void *)0xf0000000, 1), EFAULT, "reading from nowhere: EFAULT");
	if (write(p[1], "x", 1) != 1)
		tap_bail("write: %s", strerror(errno));
	tap_errno(read(p[0], (void *)0xf0000000, 1), EFAULT, "writing to nowhere: EFAULT");
	return tap_done();
}
