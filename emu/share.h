/* SPDX-License-Identifier: MIT
 *
 * --share HOST[:GUEST][:ro]: folders of the host in the guest's tree.
 */
#ifndef EMU_SHARE_H
#define EMU_SHARE_H

#include "emu/options.h"

struct machine;

/*
 * Lends and mounts what the command line names, over the root file system that is there.  0, or an exit status; what
 * went wrong is on stderr.
 */
int shares_mount(struct machine *m, const struct options *o);

#endif
