/* SPDX-License-Identifier: MIT
 *
 * What the shared libraries of a link define and what they ask for. All of them must be FDPIC.
 */
#ifndef FDPIC_SHARED_H
#define FDPIC_SHARED_H

#include "args.h"

struct shared {
	struct names types;		/* defined symbols: name -> STT_* */
	struct names mentioned;		/* defined and undefined ones */
	unsigned n;
};

struct shared shared_read(const struct args *a);

#endif
