/* SPDX-License-Identifier: MIT */
#include "devices/bus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct place {
	uint64_t start, end;	/* end may be 2^32 */
	struct device *device;
	unsigned index;
};

struct list {
	struct place *at;
	size_t nr, room;
};

struct bus {
	struct flat *flat;
	struct device **devices;
	size_t nr, room;
	struct list windows;	/* sorted, none overlaps another: what an access is looked up in */
	struct list parts;	/* sorted by start; these lie in direct windows */
};

int bus_new(struct bus **out, struct flat *flat)
{
	struct bus *b = calloc(1, sizeof *b);

	if (!b)
		return -ENOMEM;
	b->flat = flat;
	*out = b;
	return 0;
}

/* --- Lists --- */

/* Index of the first place that ends above addr; l->nr if there is none. */
static size_t above(const struct list *l, uint64_t addr)
{
	size_t low = 0, high = l->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->at[mid].end > addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* Makes room for n more. 0 or -ENOMEM. */
static int reserve(struct list *l, size_t n)
{
	size_t room = l->room ? l->room : 8;
	struct place *p;

	while (room < l->nr + n)
		room *= 2;
	if (room == l->room)
		return 0;
	p = realloc(l->at, room * sizeof *p);
	if (!p)
		return -ENOMEM;
	l->at = p;
	l->room = room;
	return 0;
}

/* There is room. */
static void insert(struct list *l, size_t at, struct place p)
{
	memmove(l->at + at + 1, l->at + at, (l->nr - at) * sizeof *l->at);
	l->at[at] = p;
	l->nr++;
}

static void take_out(struct list *l, const struct device *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->nr; i++)
		if (l->at[i].device != d)
			l->at[kept++] = l->at[i];
	l->nr = kept;
}

/* --- Adding --- */

static bool valid(const struct device_window *w)
{
	return w->size && w->addr % FLAT_PAGE_SIZE == 0 && w->size % FLAT_PAGE_SIZE == 0 &&
	       (uint64_t)w->addr + w->size <= UINT64_C(1) << 32;
}

static int add_part(struct bus *b, struct place p)
{
	size_t in = above(&b->windows, p.start), at = 0;
	const struct place *w = &b->windows.at[in];

	if (in == b->windows.nr || w->start > p.start || w->end < p.end || w->device->window[w->index].kind != DEVICE_DIRECT)
		return -EINVAL;
	while (at < b->parts.nr && b->parts.at[at].start <= p.start)
		at++;
	insert(&b->parts, at, p);
	return 0;
}

static int add_window(struct bus *b, struct place p)
{
	const struct device_window *w = &p.device->window[p.index];
	size_t at = above(&b->windows, p.start);
	int err;

	if (at < b->windows.nr && b->windows.at[at].start < p.end)
		return -EEXIST;
	err = w->kind == DEVICE_DIRECT ? flat_commit(b->flat, w->addr, w->size) : 0;
	if (!err)
		insert(&b->windows, at, p);
	return err;
}

static int add(struct bus *b, struct device *d, unsigned i)
{
	const struct device_window *w = &d->window[i];
	struct place p = { .start = w->addr, .end = (uint64_t)w->addr + w->size, .device = d, .index = i };

	if (!valid(w))
		return -EINVAL;
	return w->kind == DEVICE_PART ? add_part(b, p) : add_window(b, p);
}

/* The first n windows go, with their memory. */
static void remove_windows(struct bus *b, const struct device *d, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (d->window[i].kind == DEVICE_DIRECT)
			flat_withdraw(b->flat, d->window[i].addr, d->window[i].size);
	take_out(&b->windows, d);
	take_out(&b->parts, d);
}

int bus_add(struct bus *b, struct device *d)
{
	int err;

	if (!d->name[0] || d->windows > DEVICE_WINDOWS)
		return -EINVAL;
	if (bus_find(b, d->name))
		return -EEXIST;
	if (b->nr == b->room) {
		size_t room = b->room ? 2 * b->room : 8;
		struct device **grown = realloc(b->devices, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		b->devices = grown;
		b->room = room;
	}
	if (reserve(&b->windows, d->windows) || reserve(&b->parts, d->windows))
		return -ENOMEM;
	for (unsigned i = 0; i < d->windows; i++) {
		err = add(b, d, i);
		if (err) {
			remove_windows(b, d, i);
			return err;
		}
	}
	b->devices[b->nr++] = d;
	return 0;
}

void bus_free(struct bus *b)
{
	if (!b)
		return;
	while (b->nr) {
		struct device *d = b->devices[--b->nr];

		remove_windows(b, d, d->windows);
		d->ops->free(d);
	}
	free(b->devices);
	free(b->windows.at);
	free(b->parts.at);
	free(b);
}

/* --- Finding --- */

struct device *bus_device(const struct bus *b, size_t i)
{
	return i < b->nr ? b->devices[i] : NULL;
}

struct device *bus_find(const struct bus *b, const char *name)
{
	for (size_t i = 0; i < b->nr; i++)
		if (!strncmp(b->devices[i]->name, name, sizeof b->devices[i]->name))
			return b->devices[i];
	return NULL;
}

/* Two sorted lists, read as one. */
bool bus_window(const struct bus *b, size_t i, struct bus_window *out)
{
	const struct list *w = &b->windows, *p = &b->parts;
	size_t next = 0, part = 0;
	const struct place *one;

	do {
		if (next == w->nr && part == p->nr)
			return false;
		if (part < p->nr && (next == w->nr || p->at[part].start < w->at[next].start))
			one = &p->at[part++];
		else
			one = &w->at[next++];
	} while (next + part <= i);
	*out = (struct bus_window){ .device = one->device, .index = one->index };
	return true;
}

static const struct place *place_at(const struct bus *b, uint32_t addr)
{
	size_t at = above(&b->windows, addr);

	return at < b->windows.nr && b->windows.at[at].start <= addr ? &b->windows.at[at] : NULL;
}

bool bus_at(const struct bus *b, uint32_t addr, struct bus_window *out)
{
	const struct place *p = place_at(b, addr);

	if (!p)
		return false;
	*out = (struct bus_window){ .device = p->device, .index = p->index };
	return true;
}

/* The window that has all of the access, and may be asked. */
static const struct place *trapped(const struct bus *b, uint32_t addr, uint32_t size)
{
	const struct place *p = place_at(b, addr);

	if (!p || size > p->end - addr || p->device->window[p->index].kind == DEVICE_DIRECT)
		return NULL;
	return p;
}

static uint64_t low_bytes(uint64_t value, uint32_t size)
{
	return size < 8 ? value & ((UINT64_C(1) << 8 * size) - 1) : value;
}

bool bus_load(void *bus, uint32_t addr, uint32_t size, uint64_t *value)
{
	const struct place *p = trapped(bus, addr, size);
	struct device *d = p ? p->device : NULL;

	if (!p || !d->ops->load || !d->ops->load(d, p->index, addr - (uint32_t)p->start, size, value))
		return false;
	*value = low_bytes(*value, size);
	return true;
}

bool bus_store(void *bus, uint32_t addr, uint32_t size, uint64_t value)
{
	const struct place *p = trapped(bus, addr, size);
	struct device *d = p ? p->device : NULL;

	return p && d->ops->store && d->ops->store(d, p->index, addr - (uint32_t)p->start, size, low_bytes(value, size));
}

/* --- All of them --- */

void bus_reset(struct bus *b)
{
	for (size_t i = 0; i < b->nr; i++)
		if (b->devices[i]->ops->reset)
			b->devices[i]->ops->reset(b->devices[i]);
}

const char *bus_kind(enum device_window_kind kind)
{
	switch (kind) {
	case DEVICE_TRAPPED: return "registers";
	case DEVICE_DIRECT: case DEVICE_DIRECT_OWN: return "memory";
	case DEVICE_VIEW: return "view";
	case DEVICE_PART: return "part";
	}
	return "?";
}

/* What the device says, each line indented. */
static void dump_state(struct device *d, FILE *out)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	d->ops->dump(d, f);
	if (!fclose(f))
		for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
			int len = (int)strcspn(line, "\n");

			fprintf(out, "  %.*s\n", len, line);
			if (!line[len])
				break;
		}
	free(text);
}

void bus_dump(const struct bus *b, FILE *out)
{
	for (size_t i = 0; i < b->nr; i++) {
		struct device *d = b->devices[i];

		fprintf(out, "%s", d->name);
		if (d->ops->compatible)
			fprintf(out, ": %s", d->ops->compatible);
		if (d->line.number)
			fprintf(out, ", line %u %s", d->line.number, d->line.up ? "up" : "down");
		fprintf(out, "\n");
		for (unsigned n = 0; n < d->windows; n++) {
			const struct device_window *w = &d->window[n];

			fprintf(out, "  %08x-%08x %s: %s\n", w->addr, w->addr + w->size - 1, bus_kind(w->kind), w->what);
		}
		if (d->ops->dump)
			dump_state(d, out);
	}
}
