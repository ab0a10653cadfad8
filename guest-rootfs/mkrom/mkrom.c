/* SPDX-License-Identifier: MIT */
#include "mkrom.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
	"usage: mkrom [-k] [-t TYPE] [-n NODES] [-x WHICH] [-a BYTES] [-V NAME] DIR OUT\n"
	"\n"
	"Packs the folder DIR into OUT, an image of a read-only file system. The same folder gives the same bytes.\n"
	"\n"
	"  -t TYPE	romfs or cramfs (default: as OUT ends)\n"
	"  -x WHICH	none, programs (default: files with an x permission) or all: these can be mapped and executed\n"
	"		where they lie. In a cramfs the others, and what is written to of a program, are compressed\n"
	"  -a BYTES	the bytes of such a file begin at a multiple of this (default 4096; a power of two, 16 or more)\n"
	"  -n NODES	file with the device nodes to add, one a line: PATH c|b MODE MAJOR MINOR ('-': standard input)\n"
	"  -k		keep owners as they are on disk (default: everything belongs to root; a romfs has no owners)\n"
	"  -V NAME	the volume's name\n";

void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("mkrom: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

void *need(void *p)
{
	if (!p)
		fail("%s", strerror(errno ? errno : ENOMEM));
	return p;
}

uint8_t *image_at(struct image *i, uint32_t at, uint32_t len)
{
	if (len > INT32_MAX || at > INT32_MAX - len)
		fail("the image is too large");
	if (at + len > i->room) {
		uint32_t room = up(at + len, 1u << 20);

		if (room < 2 * i->room && i->room < 1u << 30)
			room = 2 * i->room;
		i->bytes = need(realloc(i->bytes, room));
		memset(i->bytes + i->room, 0, room - i->room);
		i->room = room;
	}
	if (at + len > i->size)
		i->size = at + len;
	return i->bytes + at;
}

static void read_nodes(struct tree *t, const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
	unsigned mode, major, minor;
	char line[1024], name[900], kind[2];

	if (!f)
		fail("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof line, f)) {
		if (line[strspn(line, " \t\n")] == 0 || line[0] == '#')
			continue;
		if (sscanf(line, "%899s %1s %o %u %u", name, kind, &mode, &major, &minor) != 5 ||
		    (kind[0] != 'c' && kind[0] != 'b') || mode > 07777)
			fail("%s: '%.*s' is not PATH c|b MODE MAJOR MINOR", path, (int)strcspn(line, "\n"), line);
		tree_add_device(t, name[0] == '/' ? name + 1 : name, mode | (kind[0] == 'c' ? S_IFCHR : S_IFBLK), major, minor);
	}
	if (f != stdin)
		fclose(f);
}

static void write_image(const char *path, const struct image *i)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(i->bytes, 1, i->size, f) != i->size || fclose(f))
		fail("%s: %s", path, strerror(errno));
}

static bool ends(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

static enum in_place which(const char *text)
{
	static const char *const names[] = { "none", "programs", "all" };

	for (int i = 0; i < 3; i++)
		if (!strcmp(text, names[i]))
			return (enum in_place)i;
	fail("-x %s: should be none, programs or all", text);
}

int main(int argc, char **argv)
{
	struct layout l = { .volume = "flat32", .align = PAGE };
	const char *type = NULL, *nodes = NULL;
	enum in_place in_place = PROGRAMS;
	struct image image = { 0 };
	struct tree t = { 0 };
	bool keep = false;
	char *end;
	int c;

	while ((c = getopt(argc, argv, "hka:n:t:x:V:")) != -1)
		switch (c) {
		case 'h': fputs(usage, stdout); return 0;
		case 'k': keep = true; break;
		case 'n': nodes = optarg; break;
		case 't': type = optarg; break;
		case 'V': l.volume = optarg; break;
		case 'x': in_place = which(optarg); break;
		case 'a':
			l.align = (uint32_t)strtoul(optarg, &end, 0);
			if (*end || l.align < 16 || l.align > 1u << 20 || (l.align & (l.align - 1)))
				fail("-a %s: should be a power of two from 16 to 1048576", optarg);
			break;
		default: fputs(usage, stderr); return 2;
		}
	if (argc - optind != 2) {
		fputs(usage, stderr);
		return 2;
	}
	argv += optind;
	if (!type)
		type = ends(argv[1], "cramfs") ? "cramfs" : "romfs";
	tree_read(&t, argv[0], keep, in_place);
	if (nodes)
		read_nodes(&t, nodes);
	tree_finish(&t);
	if (!strcmp(type, "romfs"))
		romfs_write(&t, &l, &image);
	else if (!strcmp(type, "cramfs"))
		cramfs_write(&t, &l, &image);
	else
		fail("-t %s: should be romfs or cramfs", type);
	write_image(argv[1], &image);
	free(image.bytes);
	return 0;
}
