/* SPDX-License-Identifier: MIT
 *
 * Files to be linked: what kind each is, where -l finds it, and what response files hold.
 */
#ifndef FDPIC_INPUTS_H
#define FDPIC_INPUTS_H

#include "args.h"

/* All of the file, a zero behind it. Exits if it cannot be read. */
char *file_read(const char *path, size_t *size);

void file_copy(const char *from, const char *to);

/* The kind of path; exits if it is none that can be linked. */
enum input_kind input_kind(const char *path);

/* The file that -lname means, or exits. shared: a shared library will do. */
char *input_library(const struct args *a, const char *name, bool shared);

/* argv with each @file replaced by the words in it (blanks separate, quotes and backslash as in a shell). */
struct texts input_words(int argc, char **argv);

/* The names in a --dynamic-list: every word that is not punctuation or a comment. */
void input_dynamic_list(const char *path, struct texts *names);

#endif
