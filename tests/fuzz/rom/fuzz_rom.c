/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a romfs or cramfs: see poke.h.
 */
#include "tests/fuzz/fs.h"
#include "tests/fuzz/rom/poke.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	poke(data, size);
	return 0;
}
