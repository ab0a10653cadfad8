/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include "loader/core.h"
#include "tests/unit/mm_fake.h"

static struct fake_machine m;
static uint8_t file[1 << 20];
static uint32_t size, zeros, writes, fail_at;

static int take(void *owner, const void *data, uint32_t len)
{
	must(owner == &m);
	if (++writes == fail_at)
		return -ENOSPC;
	must(size + len <= sizeof file);
	if (data) {
		memcpy(file + size, data, len);
	} else {
		memset(file + size, 0, len);
		zeros += len;
	}
	size += len;
	return 0;
}

static void thread(void *owner, unsigned n, struct core_thread *out)
{
	(void)owner;
	*out = (struct core_thread){ .signo = 11, .code = 2, .pid = 7 + (int)n, .ppid = 1, .pgrp = 7, .sid = 5,
				     .utime = 3000001000, .pending = 4, .blocked = 8 };
	for (uint32_t i = 0; i < 32; i++)
		out->general[i] = i + 100 * n;
	memset(out->fp, 0x55, sizeof out->fp);
}

static struct core_source source(unsigned threads)
{
	size = zeros = writes = 0;
	return (struct core_source){
		.owner = &m, .space = m.s, .threads = threads, .thread = thread, .write = take,
		.process = { .state = 'R', .pid = 7, .comm = "prog", .args = "prog arg" },
	};
}

static void put(uint32_t addr, uint32_t val)
{
	ck_assert_int_eq(flat_write(m.flat, addr, &val, 4), 0);
}

static const Elf32_Phdr *phdr(int i)
{
	return (const Elf32_Phdr *)(void *)(file + sizeof(Elf32_Ehdr)) + i;
}

/* The nth note of the type; NULL: there are fewer. */
static const uint32_t *note(uint32_t type, int n, uint32_t *len)
{
	const uint8_t *p = file + phdr(0)->p_offset, *end = p + phdr(0)->p_filesz;

	while (p < end) {
		const Elf32_Nhdr *h = (const void *)p;
		const uint8_t *desc = p + sizeof *h + ((h->n_namesz + 3) & ~3u);

		ck_assert_str_eq((const char *)p + sizeof *h, "CORE");
		if (h->n_type == type && !n--) {
			*len = h->n_descsz;
			return (const void *)desc;
		}
		p = desc + ((h->n_descsz + 3) & ~3u);
	}
	ck_assert_ptr_eq(p, end);
	return NULL;
}

START_TEST(a_file_of_all_mappings_in_order)
{
	const Elf32_Ehdr *eh = (const void *)file;
	struct core_source c;
	uint32_t a, b;

	fake_machine(&m, 1 << 20, NULL);
	a = (uint32_t)map_anon(m.s, 3 * PG);
	b = (uint32_t)map_anon(m.s, PG);
	put(a + PG, 0x1234);
	put(b, 0x5678);
	c = source(1);
	ck_assert_int_eq(core_write(&c), 0);
	ck_assert_uint_eq(eh->e_type, ET_CORE);
	ck_assert_uint_eq(eh->e_machine, EM_RISCV);
	ck_assert_uint_eq(eh->e_phnum, 3);
	ck_assert_uint_eq(phdr(0)->p_type, PT_NOTE);
	for (int i = 1; i < 3; i++) {
		const Elf32_Phdr *ph = phdr(i);
		uint32_t start = i == (a < b ? 1 : 2) ? a : b, len = start == a ? 3 * PG : PG;

		ck_assert_uint_eq(ph->p_vaddr, start);
		ck_assert_uint_eq(ph->p_filesz, len);
		ck_assert_uint_eq(ph->p_memsz, len);
		ck_assert_uint_eq(ph->p_offset % PG, 0);
		ck_assert_mem_eq(file + ph->p_offset, flat_span(m.flat, start, len), len);
	}
	ck_assert_uint_eq(size, phdr(2)->p_offset + phdr(2)->p_filesz);
	ck_assert_uint_ge(zeros, 2 * PG);	/* two pages hold nothing */
	fake_machine_end(&m);
}
END_TEST

START_TEST(notes_of_each_thread)
{
	struct core_source c;
	const uint32_t *p;
	uint32_t len;

	fake_machine(&m, 1 << 20, NULL);
	mm_layout(m.s)->exec_loadmap = 0xabc0;
	mm_layout(m.s)->interp_loadmap = 0xdef0;
	c = source(3);
	ck_assert_int_eq(core_write(&c), 0);
	for (int n = 0; n < 3; n++) {
		p = note(NT_PRSTATUS, 2 * n, &len);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq(len, 204);		/* what BFD reads */
		ck_assert_uint_eq(p[0], 11);
		ck_assert_uint_eq(p[1], 2);
		ck_assert_uint_eq(p[3], 11);
		ck_assert_uint_eq(p[6], 7 + n);
		ck_assert_uint_eq(p[10], 3);		/* seconds ... */
		ck_assert_uint_eq(p[11], 1);		/* and microseconds */
		for (uint32_t i = 0; i < 32; i++)
			ck_assert_uint_eq(p[18 + i], i + 100 * (uint32_t)n);
		ck_assert_uint_eq(p[50], 1);
		p = note(NT_PRSTATUS, 2 * n + 1, &len);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq(len, 212);		/* what the kernel writes */
		ck_assert_uint_eq(p[50], 0xabc0);
		ck_assert_uint_eq(p[51], 0xdef0);
		ck_assert_uint_eq(p[52], 1);
		p = note(NT_PRFPREG, n, &len);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq(len, 264);
		ck_assert_uint_eq(p[0], 0x55555555);
	}
	ck_assert_ptr_null(note(NT_PRSTATUS, 6, &len));
	p = note(NT_PRPSINFO, 0, &len);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(len, 128);
	ck_assert_str_eq((const char *)p + 32, "prog");
	ck_assert_str_eq((const char *)p + 48, "prog arg");
	ck_assert_ptr_null(note(NT_AUXV, 0, &len));
	fake_machine_end(&m);
}
END_TEST

START_TEST(memory_that_has_gone_is_left_out)
{
	struct fake_source dev;
	struct core_source c;

	fake_machine(&m, 1 << 20, NULL);
	fake_source(&dev, MM_CHAR, MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE, PG);
	dev.direct = 0x10000000u;
	ck_assert_int_eq(flat_commit(m.flat, dev.direct, PG), 0);
	ck_assert_int_eq(map(m.s, PG, P_R | P_W, M_SHARED, &dev, 0), 0x10000000);
	ck_assert_int_eq(flat_withdraw(m.flat, dev.direct, PG), 0);
	c = source(1);
	ck_assert_int_eq(core_write(&c), 0);
	ck_assert_uint_eq(phdr(1)->p_vaddr, 0x10000000);
	ck_assert_uint_eq(phdr(1)->p_filesz, 0);
	ck_assert_uint_eq(phdr(1)->p_memsz, PG);
	fake_machine_end(&m);
}
END_TEST

START_TEST(every_write_may_fail)
{
	struct core_source c;
	uint32_t all;

	fake_machine(&m, 1 << 20, NULL);
	map_anon(m.s, 3 * PG);
	map_anon(m.s, PG);
	fail_at = 0;
	c = source(2);
	ck_assert_int_eq(core_write(&c), 0);
	all = writes;
	for (uint32_t n = 1; n <= all; n++) {
		c = source(2);
		fail_at = n;
		ck_assert_int_eq(core_write(&c), -ENOSPC);
		ck_assert_uint_eq(writes, n);	/* and nothing after it */
	}
	fail_at = 0;
	fake_machine_end(&m);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_file_of_all_mappings_in_order, notes_of_each_thread, memory_that_has_gone_is_left_out,
		every_write_may_fail,
	};

	return run_suite("core", tests, sizeof(tests) / sizeof(*tests));
}
