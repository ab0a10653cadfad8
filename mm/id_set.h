/* SPDX-License-Identifier: MIT
 *
 * Is a number among those in ascending order?  For groups, of which somebody may have 65536.
 */
#ifndef MM_ID_SET_H
#define MM_ID_SET_H

#include <stdbool.h>
#include <stdint.h>

static inline bool id_set_has(const uint32_t *ids, uint32_t count, uint32_t id)
{
	uint32_t low = 0;

	while (low < count) {
		uint32_t mid = low + (count - low) / 2;

		if (ids[mid] == id)
			return true;
		if (ids[mid] < id)
			low = mid + 1;
		else
			count = mid;
	}
	return false;
}

#endif
