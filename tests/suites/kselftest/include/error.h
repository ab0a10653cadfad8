/* SPDX-License-Identifier: MIT
 *
 * error(3), which musl lacks.
 */
#pragma once
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define error(status, number, ...) do { \
		int error_status = (status), error_number = (number); \
		fflush(stdout); \
		fprintf(stderr, __VA_ARGS__); \
		if (error_number) \
			fprintf(stderr, ": %s", strerror(error_number)); \
		fputc('\n', stderr); \
		if (error_status) \
			exit(error_status); \
	} while (0)
