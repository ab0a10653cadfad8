/* SPDX-License-Identifier: MIT
 *
 * As much of libcap as the kernel's tests use. A cap_t is malloc'ed, and freed by cap_free().
 */
#pragma once
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

typedef int cap_value_t;
typedef enum { CAP_EFFECTIVE, CAP_PERMITTED, CAP_INHERITABLE } cap_flag_t;
typedef enum { CAP_CLEAR, CAP_SET } cap_flag_value_t;

typedef struct cap_sets {
	struct __user_cap_header_struct head;
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
} *cap_t;

static inline cap_t cap_init(void)
{
	cap_t c = (cap_t)calloc(1, sizeof(*c));

	if (c)
		c->head.version = _LINUX_CAPABILITY_VERSION_3;
	return c;
}

static inline cap_t cap_get_proc(void)
{
	cap_t c = cap_init();

	if (!c || !syscall(__NR_capget, &c->head, c->data))
		return c;
	free(c);
	return NULL;
}

static inline int cap_set_proc(cap_t c)
{
	return syscall(__NR_capset, &c->head, c->data);
}

static inline int cap_free(void *c)
{
	free(c);
	return 0;
}

static inline __u32 *cap_word(cap_t c, cap_value_t cap, cap_flag_t set)
{
	struct __user_cap_data_struct *d = &c->data[cap / 32];

	return set == CAP_EFFECTIVE ? &d->effective : set == CAP_PERMITTED ? &d->permitted : &d->inheritable;
}

static inline int cap_set_flag(cap_t c, cap_flag_t set, int n, const cap_value_t *caps, cap_flag_value_t value)
{
	for (int i = 0; i < n; i++) {
		if (value == CAP_SET)
			*cap_word(c, caps[i], set) |= 1u << caps[i] % 32;
		else
			*cap_word(c, caps[i], set) &= ~(1u << caps[i] % 32);
	}
	return 0;
}

static inline int cap_get_flag(cap_t c, cap_value_t cap, cap_flag_t set, cap_flag_value_t *value)
{
	*value = *cap_word(c, cap, set) >> cap % 32 & 1 ? CAP_SET : CAP_CLEAR;
	return 0;
}

static inline int cap_clear(cap_t c)
{
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		c->data[i] = (struct __user_cap_data_struct){ 0 };
	return 0;
}
