/* SPDX-License-Identifier: MIT
 * The smallest program there is: how long from start to exit? */
#include <stdio.h>

int main(void)
{
	puts("hello world");
	return 0;
}
