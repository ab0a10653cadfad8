/* SPDX-License-Identifier: MIT
 *
 * lld, and the folder that holds what is only wanted meanwhile. The folder is private to this link and goes when the
 * tool ends, however it ends, unless run_keep() was called.
 */
#ifndef FDPIC_RUN_H
#define FDPIC_RUN_H

#include "util.h"

/* A file's path in the folder, which the first call makes. */
char *run_temp(const char *name);
void run_keep(void);

/* lld's path: FLAT32_LLD in the environment, or ld.lld-19. */
const char *run_lld(void);

/* Runs lld; exits with its status if it fails. */
void run(const struct texts *words);

#endif
