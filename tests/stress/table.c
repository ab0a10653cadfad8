/* SPDX-License-Identifier: MIT
 * All stressors.
 */
#include "stress.h"

const struct stressor stressors[] = {
#define STRESSOR(name, class, function, flags, what) { name, class, function, flags, what },
#include "stressors.def"
#undef STRESSOR
};

const int stressors_count = sizeof stressors / sizeof *stressors;
