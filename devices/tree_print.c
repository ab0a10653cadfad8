/* SPDX-License-Identifier: MIT
 *
 * A device tree as source text. A blob does not say what a property is; as dtc does, we call strings what looks like strings,
 * cells what has the size of cells, and bytes the rest.
 */
#include <ctype.h>
#include <errno.h>
#include <libfdt.h>
#include <string.h>
#include "devices/tree.h"

static void indent(FILE *out, int depth)
{
	while (depth-- > 0)
		fputc('\t', out);
}

/* Printable strings, none empty, each with its NUL. */
static bool is_strings(const char *p, int len)
{
	int here = 0;

	if (!len || p[len - 1])
		return false;
	for (int i = 0; i < len; i++) {
		if (!p[i] && !here)
			return false;
		if (p[i] && !isprint((unsigned char)p[i]))
			return false;
		here = p[i] ? here + 1 : 0;
	}
	return true;
}

static void print_strings(const char *p, int len, FILE *out)
{
	for (const char *end = p + len; p < end; p++) {
		fputc('"', out);
		for (; *p; p++) {
			if (*p == '"' || *p == '\\')
				fputc('\\', out);
			fputc(*p, out);
		}
		fputs(p + 1 < end ? "\", " : "\"", out);
	}
}

static void print_cells(const char *p, int len, FILE *out)
{
	fputc('<', out);
	for (int i = 0; i < len; i += 4)
		fprintf(out, "%s0x%x", i ? " " : "", fdt32_ld((const fdt32_t *)(const void *)(p + i)));
	fputc('>', out);
}

static void print_bytes(const char *p, int len, FILE *out)
{
	fputc('[', out);
	for (int i = 0; i < len; i++)
		fprintf(out, "%s%02x", i ? " " : "", (unsigned char)p[i]);
	fputc(']', out);
}

static void print_property(const char *name, const char *value, int len, FILE *out)
{
	fputs(name, out);
	if (len) {
		fputs(" = ", out);
		if (is_strings(value, len))
			print_strings(value, len, out);
		else if (len % 4 == 0)
			print_cells(value, len, out);
		else
			print_bytes(value, len, out);
	}
	fputs(";\n", out);
}

static void print_properties(const void *blob, int node, int depth, FILE *out)
{
	int p;

	fdt_for_each_property_offset(p, blob, node) {
		const char *name;
		int len;
		const char *value = fdt_getprop_by_offset(blob, p, &name, &len);

		if (!value)
			continue;
		indent(out, depth);
		print_property(name, value, len, out);
	}
}

static void print_node(const void *blob, int node, int depth, FILE *out)
{
	const char *name = fdt_get_name(blob, node, NULL);
	int child;

	indent(out, depth);
	fprintf(out, "%s {\n", depth ? name : "/");
	print_properties(blob, node, depth + 1, out);
	fdt_for_each_subnode(child, blob, node) {
		fputc('\n', out);
		print_node(blob, child, depth + 1, out);
	}
	indent(out, depth);
	fputs("};\n", out);
}

int tree_print(const void *blob, size_t size, FILE *out)
{
	if (fdt_check_full(blob, size))
		return -EINVAL;
	fputs("/dts-v1/;\n\n", out);
	print_node(blob, 0, 0, out);
	return 0;
}
