/* SPDX-License-Identifier: MIT
 *
 * What the tests of chips with registers share: words of their window, and memory that runs out when it is to.  setup and teardown
 * of a test set dev.
 */
#ifndef CHIP_KIT_H
#define CHIP_KIT_H

#include <check.h>
#include <stdlib.h>
#include "devices/device.h"

static struct device *dev;
static bool out_of_memory;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
	return out_of_memory ? NULL : __real_calloc(n, size);
}

static uint32_t rd(uint32_t offset)
{
	uint64_t value = UINT64_MAX;

	ck_assert(dev->ops->load(dev, 0, offset, 4, &value));
	return (uint32_t)value;
}

static void wr(uint32_t offset, uint32_t value)
{
	ck_assert(dev->ops->store(dev, 0, offset, 4, value));
}

#endif
