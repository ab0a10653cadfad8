/* SPDX-License-Identifier: MIT
 *
 * What --flash and its relatives say.  Each: true, or false and what is wrong with it (the options are as they were).
 */
#ifndef EMU_OPTIONS_FLASH_H
#define EMU_OPTIONS_FLASH_H

#include "emu/options.h"

bool option_flash(struct options *o, const char *text, const char **why);
bool option_flash_chip(struct options *o, const char *text, const char **why);
bool option_flash_time(struct options *o, const char *text, const char **why);
bool option_flash_cut(struct options *o, const char *text, const char **why);
bool option_mtdparts(struct options *o, const char *text, const char **why);

#endif
