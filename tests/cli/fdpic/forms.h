/* SPDX-License-Identifier: MIT */
extern int other[10];
int other_function(int);
int (*get_function(void))(int);
