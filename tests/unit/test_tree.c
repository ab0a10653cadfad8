/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include "devices/tree.h"

static int allocations_left = -1;	/* -1: any number */

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

static int may(void)
{
	return allocations_left < 0 || allocations_left-- > 0;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return may() ? __real_calloc(n, size) : NULL;
}

void *__wrap_malloc(size_t size)
{
	return may() ? __real_malloc(size) : NULL;
}

static void fill(struct device_tree *t)
{
	const uint32_t reg[] = { 0x10000000, 0x1000, 0x50000000, 0x400000 };

	tree_cell(t, "#address-cells", 1);
	tree_node_at(t, "fb", 0x10000000);
	tree_cells(t, "reg", reg, 4);
	tree_string(t, "model", "a \"quoted\\ name");
	tree_strings(t, "compatible", "one\0two", 8);
	tree_flag(t, "big-endian");
	tree_node(t, "port");
	tree_strings(t, "bytes", "\1\2\3", 3);
	tree_strings(t, "gap", "one\0\0two", 9);
	tree_end(t);
	tree_end(t);
}

static char *printed(const void *blob, size_t size)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	ck_assert_int_eq(tree_print(blob, size, f), 0);
	fclose(f);
	return text;
}

START_TEST(a_tree_is_what_libfdt_reads)
{
	struct device_tree *t = tree_new();
	void *blob;
	size_t size;
	int node, len;
	const fdt32_t *cells;

	fill(t);
	ck_assert_int_eq(tree_finish(t, &blob, &size), 0);
	ck_assert_int_eq(fdt_check_full(blob, size), 0);
	node = fdt_path_offset(blob, "/fb@10000000");
	ck_assert_int_gt(node, 0);
	cells = fdt_getprop(blob, node, "reg", &len);
	ck_assert_int_eq(len, 16);
	ck_assert_uint_eq(fdt32_ld(cells + 2), 0x50000000);
	ck_assert_int_eq(fdt_stringlist_contains("one\0two", 8, "two"), 1);
	ck_assert_int_eq(fdt_stringlist_search(blob, node, "compatible", "two"), 1);
	ck_assert_ptr_nonnull(fdt_getprop(blob, node, "big-endian", &len));
	ck_assert_int_eq(len, 0);
	ck_assert_int_gt(fdt_path_offset(blob, "/fb@10000000/port"), node);
	free(blob);
}
END_TEST

START_TEST(a_tree_is_printed)
{
	struct device_tree *t = tree_new();
	void *blob;
	size_t size;
	char *text;

	fill(t);
	ck_assert_int_eq(tree_finish(t, &blob, &size), 0);
	text = printed(blob, size);
	ck_assert_str_eq(text, "/dts-v1/;\n"
			 "\n"
			 "/ {\n"
			 "\t#address-cells = <0x1>;\n"
			 "\n"
			 "\tfb@10000000 {\n"
			 "\t\treg = <0x10000000 0x1000 0x50000000 0x400000>;\n"
			 "\t\tmodel = \"a \\\"quoted\\\\ name\";\n"
			 "\t\tcompatible = \"one\", \"two\";\n"
			 "\t\tbig-endian;\n"
			 "\n"
			 "\t\tport {\n"
			 "\t\t\tbytes = [01 02 03];\n"
			 "\t\t\tgap = [6f 6e 65 00 00 74 77 6f 00];\n"
			 "\t\t};\n"
			 "\t};\n"
			 "};\n");
	free(text);
	ck_assert_int_eq(tree_print(blob, size - 1, stderr), -EINVAL);
	((char *)blob)[0] ^= 1;
	ck_assert_int_eq(tree_print(blob, size, stderr), -EINVAL);
	free(blob);
}
END_TEST

START_TEST(trees_grow)
{
	struct device_tree *t = tree_new();
	void *blob;
	size_t size;

	for (uint32_t i = 0; i < 3000; i++) {
		tree_node_at(t, "node", i);
		tree_cell(t, "reg", i);
		tree_end(t);
	}
	ck_assert_int_eq(tree_finish(t, &blob, &size), 0);
	ck_assert_uint_gt(size, 3000 * 20);
	ck_assert_int_eq(fdt_check_full(blob, size), 0);
	ck_assert_int_gt(fdt_path_offset(blob, "/node@bb7"), 0);
	free(blob);
}
END_TEST

START_TEST(mistakes_and_no_memory_are_told_at_the_end)
{
	struct device_tree *t = tree_new();
	void *blob;
	size_t size;
	int err = -1;

	tree_node(t, "open");
	ck_assert_int_eq(tree_finish(t, &blob, &size), -EINVAL);
	t = tree_new();
	tree_end(t);
	ck_assert_int_eq(tree_finish(t, &blob, &size), -EINVAL);
	for (int n = 0; err; n++) {
		allocations_left = n;
		t = tree_new();
		for (unsigned i = 0; t && i < 500; i++)
			fill(t);
		err = t ? tree_finish(t, &blob, &size) : -ENOMEM;
		allocations_left = -1;
		ck_assert(!err || err == -ENOMEM);
		ck_assert(n > 2 || err);
	}
	free(blob);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tree");
	TCase *t = tcase_create("tree");
	SRunner *r;
	int failed;

	tcase_add_test(t, a_tree_is_what_libfdt_reads);
	tcase_add_test(t, a_tree_is_printed);
	tcase_add_test(t, trees_grow);
	tcase_add_test(t, mistakes_and_no_memory_are_told_at_the_end);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
