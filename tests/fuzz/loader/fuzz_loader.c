/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a program: loader_load() and loader_inspect() must answer, leak nothing and leave
 * memory sound.  The last byte of the input chooses the circumstances (enum below); what is
 * before it is the file.
 *
 * Built with libFuzzer this is a fuzzer; with -DREPLAY it runs the files named on its command line,
 * under any compiler.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/loader.h"

#define RAM_SIZE (8u << 20)

enum {
	SHARES = 1,		/* the file has a mapping source */
	RANDOM = 2,		/* AT_RANDOM */
	SCATTER = 4,		/* FDPIC segments apart */
	ITSELF = 8,		/* interpreters are the file itself, else a small good ELF file */
	BITES = 16,		/* reads return a few bytes */
	MANY_ARGS = 32,
	BREAKS = 64,		/* reads fail now and then */
	NO_PAGES = 128,		/* the third page allocation fails */
};

struct blob {
	struct mm_source source;
	const uint8_t *bytes;
	uint32_t size;
	unsigned how, reads;
	int open, refs;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int good, const char *what)
{
	if (!good) {
		fprintf(stderr, "fuzz_loader: %s\n", what);
		abort();
	}
}

static int64_t blob_read(void *owner, void *dst, uint32_t len, uint64_t offset)
{
	struct blob *b = owner;

	if ((b->how & BREAKS) && ++b->reads % 5 == 0)
		return -EIO;
	if (offset >= b->size)
		return 0;
	if (len > b->size - offset)
		len = (uint32_t)(b->size - offset);
	if ((b->how & BITES) && len > 100)
		len = 100;
	memcpy(dst, b->bytes + offset, len);
	return len;
}

static void blob_close(void *owner)
{
	((struct blob *)owner)->open--;
}

static struct blob *blob_of(struct mm_source *s)
{
	return (struct blob *)(void *)((char *)s - offsetof(struct blob, source));
}

static int64_t source_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	return blob_read(blob_of(s), dst, len, offset);
}

static void source_get(struct mm_source *s)
{
	blob_of(s)->refs++;
}

static void source_put(struct mm_source *s)
{
	blob_of(s)->refs--;
}

static const struct mm_source_ops ops = { .read = source_read, .get = source_get, .put = source_put };

static void blob_init(struct blob *b, const uint8_t *bytes, uint32_t size, unsigned how)
{
	*b = (struct blob){
		.source = { .ops = &ops, .kind = MM_REGULAR }, .bytes = bytes, .size = size, .how = how,
	};
}

static void blob_open(struct blob *b, struct loader_file *out)
{
	b->open++;
	*out = (struct loader_file){
		.owner = b, .read = blob_read, .size = b->size, .close = blob_close,
		.source = b->how & SHARES ? &b->source : NULL,
	};
}

struct world {
	struct blob file, good;
	unsigned lines;
};

static int world_open(void *owner, const char *path, struct loader_file *out)
{
	struct world *w = owner;

	if (strlen(path) > 64)
		return -ENAMETOOLONG;
	blob_open(w->file.how & ITSELF ? &w->file : &w->good, out);
	return 0;
}

static void world_log(void *owner, const char *line)
{
	must(!strchr(line, '\n'), "a line of the log has a newline");
	((struct world *)owner)->lines++;
}

/* ELF header, one PT_LOAD, one PT_DYNAMIC. */
static const uint32_t good_elf[128] = {
	0x464c457f, 0x00010101, 0, 0, 0x00f30003, 1, 0x80, 52, 0, 0, 0x00200034, 0x00000002, 0,
	1, 0, 0, 0, 512, 1024, 7, 4096,
	2, 0x100, 0x100, 0x100, 16, 16, 6, 4,
};

static struct mm *mm;
static struct flat *flat;

static void start(void)
{
	struct mm_config config = { .ram_base = FLAT_RAM_BASE, .ram_size = RAM_SIZE, .nr_trim_pages = 1 };

	if (mm)
		return;
	must(flat_new(&flat) == 0 && flat_commit(flat, FLAT_RAM_BASE, RAM_SIZE) == 0 &&
	     mm_new(&mm, flat, &config) == 0, "no machine");
}

static uint64_t free_bytes(void)
{
	struct mm_stats st;

	mm_get_stats(mm, &st);
	return st.free;
}

static void check_image(struct mm_space *s, const struct loader_image *img)
{
	const struct mm_layout *lay = mm_layout(s);

	must(mm_mapped(s, img->pc, 1), "pc is not mapped");
	must(img->sp % 16 == 0 && img->sp < lay->stack_top, "sp is not on the stack");
	must(mm_mapped(s, img->sp, lay->stack_top - img->sp), "the stack is not mapped");
	must(img->flat || img->sp >= lay->stack_bottom, "sp is below the stack");
	must(img->flat || mm_mapped(s, img->a1, 16), "the loadmap is not mapped");
}

static void load(struct world *w)
{
	static const uint8_t random[16] = "0123456789abcdef";
	static char *const few[] = { "prog", "arg", NULL };
	static char *many[3000];
	unsigned how = w->file.how;
	struct loader_env env = {
		.owner = w, .open = world_open, .log = world_log, .random = how & RANDOM ? random : NULL,
	};
	struct loader_file file;
	struct loader_request req = { .path = "/some/prog", .file = &file, .argv = few, .envp = few };
	struct loader_image img;
	struct mm_space *s;
	uint64_t before = free_bytes();
	const char *broken;
	int err;

	if (how & MANY_ARGS) {
		for (unsigned i = 0; i < 2999; i++)
			many[i] = "argument";
		req.argv = many;
	}
	blob_open(&w->file, &file);
	must(mm_space_new(mm, &s) == 0, "no space");
	mm_scatter(mm, how & SCATTER ? 12345 : 0);
	if (how & NO_PAGES)
		mm_fail_after(mm, 3);
	err = loader_load(&env, s, &req, &img);
	mm_fail_after(mm, 0);
	must(err <= 0, "an errno above 0");
	must((err == 0) || w->lines > 0, "no reason was given");
	if (!err)
		check_image(s, &img);
	broken = mm_check(mm);
	must(!broken, broken);
	mm_space_put(s);
	must(free_bytes() == before, "memory leaked");
	must(w->file.open == 0 && w->good.open == 0, "a file was left open");
	must(w->file.refs == 0 && w->good.refs == 0, "a source was left referenced");
}

static void inspect(struct world *w)
{
	struct loader_file file;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	must(out != NULL, "no stream");
	w->file.how &= ~(unsigned)BREAKS;
	blob_open(&w->file, &file);
	loader_inspect(&file, "prog", out, NULL);
	must(fclose(out) == 0, "no text");
	for (size_t i = 0; i < size; i++)
		must(text[i] == '\n' || ((unsigned char)text[i] >= ' ' && text[i] != 127),
		     "control characters");
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = { .lines = 0 };

	if (size == 0 || size > 1 << 20)
		return 0;
	start();
	blob_init(&w.file, data, (uint32_t)size - 1, data[size - 1]);
	blob_init(&w.good, (const uint8_t *)good_elf, sizeof(good_elf), w.file.how);
	load(&w);
	inspect(&w);
	return 0;
}

#ifdef REPLAY
int main(int argc, char **argv)
{
	static uint8_t bytes[(1 << 20) + 1];

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		size_t n;

		must(f != NULL, argv[i]);
		n = fread(bytes, 1, sizeof(bytes), f);
		fclose(f);
		LLVMFuzzerTestOneInput(bytes, n);
	}
	printf("%d inputs replayed\n", argc - 1);
	mm_free(mm);
	flat_free(flat);
	return 0;
}
#endif
