/* SPDX-License-Identifier: MIT */
/* Opened at run time: its TLS is not part of what each thread starts with, and it calls back. */
#include "shared.h"

#include <pthread.h>
#include <string.h>

__thread int plug_tls = 1234;
static __thread char plug_buffer[300];
static __thread int *plug_pointer;
static int began;

/* of the program, if it has them */
extern int main_data __attribute__((weak));
extern int main_callback(int) __attribute__((weak));
extern int nobody(int) __attribute__((weak));

__attribute__((constructor)) static void begin(void) { began = 42; }

int plug_began(void) { return began; }
int plug_tls_next(void) { plug_pointer = &plug_tls; return ++*plug_pointer; }
void *plug_tls_address(void) { return &plug_tls; }
binary *plug_add(void) { return one_add; }
int plug_has_nobody(void) { return nobody != 0; }
int plug_callback(int n) { return main_callback ? main_callback(n) + main_data : -1; }
int (*plug_own(void))(void) { return plug_began; }

static void *thread(void *arg)
{
	memset(plug_buffer, 7, sizeof plug_buffer);
	return (void *)(long)(plug_tls_next() + plug_buffer[299] + (arg == &plug_tls));
}

/* a new thread's own copies: 1235 + 7 */
int plug_thread(void)
{
	pthread_t t;
	void *result;

	if (pthread_create(&t, 0, thread, &plug_tls) || pthread_join(t, &result))
		return -1;
	return (int)(long)result;
}
