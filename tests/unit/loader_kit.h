/* SPDX-License-Identifier: MIT
 *
 * What the tests of loader/ share: a machine with a few files in it, a writer of small ELF files,
 * and an exec that checks that nothing is left open or allocated.
 */
#ifndef LOADER_KIT_H
#define LOADER_KIT_H

#include <elf.h>

#include "loader/loader.h"
#include "tests/unit/mm_fake.h"

#define KIT_FILES 12
#define KIT_SIZE 0x10000u
#define NO_ARGS ((char *[]){ NULL })
#define ARGS(...) ((char *[]){ __VA_ARGS__, NULL })

struct kit_file {
	struct mm_source source;
	char path[32];
	uint8_t bytes[KIT_SIZE];
	uint32_t size;
	uint32_t bite;			/* at most so many bytes by one read; 0: any */
	int64_t read_error_at;		/* offset from which reading fails with EIO; -1: nowhere */
	int open_error;
	int opened, closed, refs;
	bool shares;			/* has a mapping source */
	uint32_t flash;			/* with that: where its bytes lie in memory, or 0 */
};

struct kit {
	struct fake_machine m;
	struct kit_file *files;
	unsigned nr_files;
	struct loader_env env;
	struct loader_image img;
	char log[2048];			/* the loader's lines */
};

static inline struct kit_file *kit_of(struct mm_source *s)
{
	return (struct kit_file *)(void *)((char *)s - offsetof(struct kit_file, source));
}

static inline int64_t kit_read(void *owner, void *dst, uint32_t len, uint64_t offset)
{
	struct kit_file *f = owner;

	if (f->read_error_at >= 0 && offset + len > (uint64_t)f->read_error_at)
		return -EIO;
	if (offset >= f->size)
		return 0;
	if (len > f->size - offset)
		len = (uint32_t)(f->size - offset);
	if (f->bite && len > f->bite)
		len = f->bite;
	memcpy(dst, f->bytes + offset, len);
	return len;
}

static inline int64_t kit_source_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	return kit_read(kit_of(s), dst, len, offset);
}

static inline void kit_get(struct mm_source *s)
{
	kit_of(s)->refs++;
}

static inline void kit_put(struct mm_source *s)
{
	kit_of(s)->refs--;
}

static inline int kit_direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	struct kit_file *f = kit_of(s);

	(void)shared;
	if (!f->flash || offset + len > KIT_SIZE)
		return -ENOSYS;
	*addr = f->flash + (uint32_t)offset;
	return 0;
}

static inline unsigned kit_capabilities(struct mm_source *s)
{
	return MM_CAN_COPY | (kit_of(s)->flash ? MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_EXEC : 0);
}

static const struct mm_source_ops kit_source_ops = {
	.read = kit_source_read, .get = kit_get, .put = kit_put, .direct = kit_direct,
	.capabilities = kit_capabilities,
};

static inline void kit_close(void *owner)
{
	((struct kit_file *)owner)->closed++;
}

static inline void kit_handle(struct kit_file *f, struct loader_file *out)
{
	f->opened++;
	*out = (struct loader_file){
		.owner = f, .read = kit_read, .size = f->size, .close = kit_close,
		.source = f->shares ? &f->source : NULL,
	};
}

static inline int kit_open(void *owner, const char *path, struct loader_file *out)
{
	struct kit *k = owner;

	for (unsigned i = 0; i < k->nr_files; i++) {
		struct kit_file *f = &k->files[i];

		if (strcmp(f->path, path) != 0)
			continue;
		if (f->open_error)
			return f->open_error;
		kit_handle(f, out);
		return 0;
	}
	return -ENOENT;
}

static inline void kit_log(void *owner, const char *line)
{
	struct kit *k = owner;
	size_t used = strlen(k->log);

	snprintf(k->log + used, sizeof(k->log) - used, "%s\n", line);
}

static inline void kit_begin(struct kit *k)
{
	memset(k, 0, sizeof(*k));
	fake_machine(&k->m, 16 << 20, NULL);
	k->files = calloc(KIT_FILES, sizeof(*k->files));
	ck_assert_ptr_nonnull(k->files);
	k->env = (struct loader_env){ .owner = k, .open = kit_open, .log = kit_log, .hwcap = 0x112d };
}

/* Everything that was opened has been closed, everything that was mapped is free again. */
static inline void kit_end(struct kit *k)
{
	fake_machine_end(&k->m);
	for (unsigned i = 0; i < k->nr_files; i++) {
		ck_assert_int_eq(k->files[i].opened, k->files[i].closed);
		ck_assert_int_eq(k->files[i].refs, 0);
	}
	free(k->files);
}

static inline struct kit_file *kit_file(struct kit *k, const char *path, const void *bytes, uint32_t size)
{
	struct kit_file *f = &k->files[k->nr_files++];

	ck_assert_uint_le(k->nr_files, KIT_FILES);
	snprintf(f->path, sizeof(f->path), "%s", path);
	f->source.ops = &kit_source_ops;
	f->source.kind = MM_REGULAR;
	f->read_error_at = -1;
	f->size = size;
	if (bytes)
		memcpy(f->bytes, bytes, size);
	return f;
}

static inline struct kit_file *kit_text(struct kit *k, const char *path, const char *text)
{
	return kit_file(k, path, text, (uint32_t)strlen(text));
}

/* execve() in a fresh space (the old one is dropped).  k->log has the loader's lines of this one. */
static inline int kit_exec_env(struct kit *k, const char *path, char *const *argv, char *const *envp)
{
	struct loader_file file;
	struct loader_request req = { .path = path, .file = &file, .argv = argv, .envp = envp };
	struct mm_space *s;
	int err;

	ck_assert_int_eq(kit_open(k, path, &file), 0);
	ck_assert_int_eq(mm_space_new(k->m.mm, &s), 0);
	mm_space_put(k->m.s);
	k->m.s = s;
	k->log[0] = '\0';
	err = loader_load(&k->env, s, &req, &k->img);
	fake_sound(&k->m);
	/* A failure says why, in one line; a success says nothing. */
	ck_assert_int_eq(err < 0, k->log[0] != '\0');
	if (err)
		ck_assert_ptr_eq(strchr(k->log, '\n'), k->log + strlen(k->log) - 1);
	return err;
}

static inline int kit_exec(struct kit *k, const char *path)
{
	return kit_exec_env(k, path, ARGS((char *)path), NO_ARGS);
}

static inline uint32_t kit_word(struct kit *k, uint32_t addr)
{
	uint32_t w;

	ck_assert_int_eq(flat_read(k->m.flat, &w, addr, 4), 0);
	return w;
}

static inline const char *kit_string(struct kit *k, uint32_t addr)
{
	return (const char *)guest(&k->m, addr, 1);
}

/* All of RAM gets this value; later only what is mapped may differ from it. */
#define KIT_PAINT 0xa5

static inline void kit_paint(struct kit *k)
{
	memset(guest(&k->m, RAM, 16 << 20), KIT_PAINT, 16 << 20);
}

static inline int kit_blank(void *ctx, const struct mm_vma_info *info)
{
	struct kit *k = ctx;

	if (info->start >= RAM)
		memset(guest(&k->m, info->start, info->end - info->start), KIT_PAINT,
		       info->end - info->start);
	return 0;
}

/* Destroys what is mapped, to see that nothing else was written to. */
static inline void kit_only_mapped_changed(struct kit *k)
{
	const uint8_t *ram = guest(&k->m, RAM, 16 << 20);

	mm_space_walk(k->m.s, kit_blank, k);
	ck_assert_uint_eq(ram[0], KIT_PAINT);
	ck_assert_int_eq(memcmp(ram, ram + 1, (16 << 20) - 1), 0);
}

/* --- ELF --- */

static inline Elf32_Ehdr *kit_eh(struct kit_file *f)
{
	return (Elf32_Ehdr *)(void *)f->bytes;
}

static inline Elf32_Phdr *kit_ph(struct kit_file *f, unsigned nr)
{
	return (Elf32_Phdr *)(void *)(f->bytes + kit_eh(f)->e_phoff) + nr;
}

static inline Elf32_Phdr *kit_add_ph(struct kit_file *f, uint32_t type, uint32_t flags)
{
	Elf32_Phdr *ph = kit_ph(f, kit_eh(f)->e_phnum++);

	*ph = (Elf32_Phdr){ .p_type = type, .p_flags = flags, .p_align = 4096 };
	return ph;
}

static inline Elf32_Phdr *kit_segment(struct kit_file *f, uint32_t type, uint32_t flags, uint32_t offset,
				      uint32_t vaddr, uint32_t filesz, uint32_t memsz)
{
	Elf32_Phdr *ph = kit_add_ph(f, type, flags);

	ph->p_offset = offset;
	ph->p_vaddr = ph->p_paddr = vaddr;
	ph->p_filesz = filesz;
	ph->p_memsz = memsz;
	return ph;
}

/* An ELF header and nothing else; the rest of the file's size bytes tell their offset. */
static inline struct kit_file *kit_elf(struct kit *k, const char *path, uint32_t size)
{
	struct kit_file *f = kit_file(k, path, NULL, size);

	for (uint32_t i = 0; i < size; i++)
		f->bytes[i] = fake_byte(i);
	*kit_eh(f) = (Elf32_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN, .e_machine = EM_RISCV, .e_version = EV_CURRENT,
		.e_ehsize = sizeof(Elf32_Ehdr), .e_phentsize = sizeof(Elf32_Phdr),
		.e_phoff = sizeof(Elf32_Ehdr), .e_entry = 0x100,
	};
	return f;
}

/*
 * What a linker makes: text 0..0x400, data 0x2000..0x2200 with bss up to 0x3010, a dynamic section at the
 * start of the data, no say about the stack.  Phdrs: 0 text, 1 data, 2 dynamic.
 */
static inline struct kit_file *kit_pie(struct kit *k, const char *path)
{
	struct kit_file *f = kit_elf(k, path, 0x1200);

	kit_segment(f, PT_LOAD, PF_R | PF_X, 0, 0, 0x400, 0x400);
	kit_segment(f, PT_LOAD, PF_R | PF_W, 0x1000, 0x2000, 0x200, 0x1010);
	kit_segment(f, PT_DYNAMIC, PF_R | PF_W, 0x1000, 0x2000, 0x20, 0x20);
	memset(f->bytes + 0x1018, 0, 8);
	return f;
}

/* Adds PT_INTERP; the name lies at 0x300 of a kit_pie(). */
static inline void kit_interp(struct kit_file *f, const char *name)
{
	uint32_t len = (uint32_t)strlen(name) + 1;

	memcpy(f->bytes + 0x300, name, len);
	kit_segment(f, PT_INTERP, PF_R, 0x300, 0x300, len, len);
}

/* As run_suite(), with a fixture around each test. */
static inline int kit_suite(const char *name, const TTest *const *tests, size_t nr, SFun setup_fn,
			    SFun end_fn)
{
	Suite *s = suite_create(name);
	TCase *t = tcase_create(name);
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup_fn, end_fn);
	for (size_t i = 0; i < nr; i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}

#endif
