/* SPDX-License-Identifier: MIT */
#include "inputs.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *file_read(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *data;
	size_t have = 0;
	ssize_t n = 1;

	if (fd < 0 || fstat(fd, &st))
		die("cannot open %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		die("%s: not a regular file", path);
	data = alloc((size_t)st.st_size + 1);
	while (have < (size_t)st.st_size && n > 0) {
		n = read(fd, data + have, (size_t)st.st_size - have);
		if (n < 0)
			die("cannot read %s: %s", path, strerror(errno));
		have += (size_t)n;
	}
	close(fd);
	*size = have;
	return data;
}

void file_copy(const char *from, const char *to)
{
	size_t size;
	char *data = file_read(from, &size);
	FILE *f = fopen(to, "we");

	if (!f || (size && fwrite(data, size, 1, f) != 1) || fclose(f))
		die("cannot write %s: %s", to, strerror(errno));
	free(data);
}

enum input_kind input_kind(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf32_Ehdr eh = { .e_type = ET_NONE };
	ssize_t n;

	if (fd < 0)
		die("cannot open %s: %s", path, strerror(errno));
	n = read(fd, &eh, sizeof(eh));
	close(fd);
	if (n < 0)
		die("cannot read %s: %s", path, strerror(errno));
	if (n >= 8 && (!memcmp(&eh, "!<arch>\n", 8) || !memcmp(&eh, "!<thin>\n", 8)))
		return INPUT_ARCHIVE;
	if (n < (ssize_t)sizeof(eh) || memcmp(eh.e_ident, ELFMAG, SELFMAG))
		die("%s: not an object, an archive or a shared library (linker scripts and bitcode are not taken)",
		    path);
	if (eh.e_ident[EI_CLASS] != ELFCLASS32 || eh.e_ident[EI_DATA] != ELFDATA2LSB || eh.e_machine != EM_RISCV)
		die("%s: not for RV32", path);
	if (eh.e_type == ET_REL)
		return INPUT_OBJECT;
	if (eh.e_type == ET_DYN)
		return INPUT_SHARED;
	die("%s: an ELF file of type %u cannot be linked", path, eh.e_type);
}

char *input_library(const struct args *a, const char *name, bool shared)
{
	const char *exact = after(name, ":");

	for (size_t i = 0; i < a->search.n; i++) {
		const char *dir = a->search.v[i];

		for (int dynamic = shared && !exact; dynamic >= 0; dynamic--) {
			char *path = exact ? text("%s/%s", dir, exact) :
					     text("%s/lib%s.%s", dir, name, dynamic ? "so" : "a");

			if (!access(path, F_OK))
				return path;
			free(path);
		}
	}
	die("unable to find library -l%s", name);
}

static void words_of(struct texts *out, const char *file, int depth);

static void word_add(struct texts *out, char *word, int depth)
{
	if (word[0] == '@' && !access(word + 1, R_OK))
		words_of(out, word + 1, depth + 1);
	else
		texts_add(out, word);
}

static void words_of(struct texts *out, const char *file, int depth)
{
	size_t size;
	char *p, *to, *word;

	if (depth > 10)
		die("%s: response files within response files without end", file);
	p = file_read(file, &size);
	while (*p) {
		char quote = 0;

		while (isspace((unsigned char)*p))
			p++;
		if (!*p)
			break;
		for (word = to = p; *p && (quote || !isspace((unsigned char)*p)); p++) {
			if (*p == '\\' && p[1] && quote != '\'')
				*to++ = *++p;
			else if (quote ? *p == quote : *p == '"' || *p == '\'')
				quote = quote ? 0 : *p;
			else
				*to++ = *p;
		}
		if (*p)
			p++;
		*to = '\0';
		word_add(out, word, depth);
	}
}

struct texts input_words(int argc, char **argv)
{
	struct texts out = { NULL, 0 };

	for (int i = 0; i < argc; i++)
		word_add(&out, argv[i], 0);
	return out;
}

void input_dynamic_list(const char *path, struct texts *names)
{
	size_t size;
	char *p = file_read(path, &size);

	while (*p) {
		if (p[0] == '/' && p[1] == '*') {
			p = strstr(p + 2, "*/");
			if (!p)
				die("%s: a comment without end", path);
			p += 2;
		} else if (*p == '#') {
			p += strcspn(p, "\n");
		} else if (isspace((unsigned char)*p) || strchr("{};\"", *p)) {
			p++;
		} else {
			size_t n = strcspn(p, " \t\r\n{};\"#");
			char *name = text("%.*s", (int)n, p);

			if (strpbrk(name, "*?["))
				die("%s: %s: patterns are not taken", path, name);
			texts_add(names, name);
			p += n;
		}
	}
}
