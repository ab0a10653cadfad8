/* SPDX-License-Identifier: MIT
 * A program for debuggers: functions that call one another, with frame pointers; ends with 42.
 */
#include <stdlib.h>

__attribute__((noinline)) int inner(int n)
{
	volatile int copy = n + 1;

	return copy * 2;
}

__attribute__((noinline)) int middle(int n)
{
	volatile int result = inner(n * 2);

	return result + 4;
}

int main(int argc, char **argv)
{
	(void)argv;
	/* (9 * 2 + 1) * 2 + 4 */
	return middle(argc + 8);
}
