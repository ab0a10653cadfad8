/* SPDX-License-Identifier: MIT */
#include "emu/kernel/irq.h"

#include <errno.h>
#include <stdlib.h>
#include "devices/plic.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/machine.h"

/* So often in a row nobody has acknowledged anything. The kernel gives up after 99900 of 100000 (note_interrupt()). */
#define STUCK 1000u

struct irqs {
	struct machine *machine;
	struct plic *plic;
	bool running;		/* a handler */
	uint64_t total;
	struct irq {
		const char *name;
		irq_handler *fn;
		void *owner;
		uint64_t count;
		unsigned row;		/* times since nothing was left */
	} at[PLIC_SOURCES];
};

static void nobody_cared(struct irqs *q, unsigned irq)
{
	klog(q->machine, KLOG_EMERG, "irq %u: nobody cared", irq);
	klog(q->machine, KLOG_EMERG, "Disabling IRQ #%u", irq);
	plic_enable(q->plic, irq, false);
}

static void handle(struct irqs *q, unsigned irq)
{
	struct irq *i = &q->at[irq];

	i->count++;
	q->total++;
	if (i->fn)
		i->fn(i->owner);
	plic_complete(q->plic, irq);
	if (++i->row == STUCK)
		nobody_cared(q, irq);
}

/* The controller's line: the hart's external interrupt. */
static void external(void *owner, unsigned number, bool up)
{
	struct irqs *q = owner;
	unsigned irq;

	(void)number;
	if (!up || q->running)
		return;
	q->running = true;
	while (plic_device(q->plic)->line.up && (irq = plic_claim(q->plic)))
		handle(q, irq);
	for (irq = 1; irq < PLIC_SOURCES; irq++)
		q->at[irq].row = 0;
	q->running = false;
}

int irq_make(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device **out, char *why)
{
	struct irqs *q = calloc(1, sizeof *q);

	(void)c;
	(void)why;
	if (!q)
		return -ENOMEM;
	q->plic = plic_new(e->name, e->addr[0]);
	if (!q->plic) {
		free(q);
		return -ENOMEM;
	}
	q->machine = m;
	m->irqs = q;
	*out = plic_device(q->plic);
	(*out)->line.moved = external;
	(*out)->line.owner = q;
	return 0;
}

void irq_end(struct machine *m)
{
	free(m->irqs);
	m->irqs = NULL;
}

void irq_connect(struct machine *m, struct device *d, unsigned irq, bool edge)
{
	if (edge)
		plic_by_edge(m->irqs->plic, irq);
	d->line.number = irq;
	d->line.moved = plic_line;
	d->line.owner = m->irqs->plic;
	if (!edge)
		plic_line(m->irqs->plic, irq, d->line.up);
}

int irq_request(struct machine *m, const struct device *d, const char *name, irq_handler *fn, void *owner)
{
	struct irq *i = &m->irqs->at[d->line.number];

	if (!d->line.number)
		return -EINVAL;
	if (i->fn)
		return -EBUSY;
	i->name = name;
	i->fn = fn;
	i->owner = owner;
	plic_set_priority(m->irqs->plic, d->line.number, 1);
	plic_enable(m->irqs->plic, d->line.number, true);
	return 0;
}

/* The controller takes no completion for a source that is masked. */
void irq_enable(struct machine *m, const struct device *d, bool on)
{
	plic_enable(m->irqs->plic, d->line.number, on);
	if (on)
		plic_complete(m->irqs->plic, d->line.number);
}

uint64_t irq_count(const struct machine *m, unsigned irq)
{
	return m->irqs->at[irq].count;
}

uint64_t irq_total(const struct machine *m)
{
	return m->irqs->total;
}

const char *irq_name(const struct machine *m, unsigned irq)
{
	return m->irqs->at[irq].name;
}
