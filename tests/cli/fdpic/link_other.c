/* SPDX-License-Identifier: MIT */
#include "forms.h"

int other[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
const int constant[2] = { 70, 700 };
static const int table[4] = { 3, 1, 4, 1 };

int other_function(int a)
{
	return table[a & 3] + constant[a & 1];
}

int (*get_function(void))(int)
{
	return other_function;
}
