/* SPDX-License-Identifier: MIT
 *
 * Interrupts, as drivers ask for them: the kernel's side of the machine's interrupt controller (devices/plic.h), which it programs as
 * drivers/irqchip/irq-sifive-plic.c does.
 *
 * All that the hart runs are processes, so an interrupt does not stop it: a line that goes up has its handler called at once, on the
 * emulator's own stack, in whatever moved it (a clock event, a system call, a store to a register). Handlers are never called inside one
 * another. A source that a program has masked through /dev/mem, or claimed and not completed, is not heard, as on a real machine.
 */
#ifndef EMU_KERNEL_IRQ_H
#define EMU_KERNEL_IRQ_H

#include "emu/board.h"

/* For the board's list: the controller. All lines are connected after that. */
int irq_make(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device **out, char *why);
void irq_end(struct machine *m);	/* with the devices */
/* Leads a device's line to source `irq` of the controller, by level or by edge. */
void irq_connect(struct machine *m, struct device *d, unsigned irq, bool edge);

/*
 * Acknowledges, which brings the line down if it is by level: as long as it is up it is called again at once. If nobody brings it down the
 * source is masked, and the log says so, as the kernel does.
 */
typedef void irq_handler(void *owner);

/*
 * From now on fn(owner) is called when the device's line is up, or goes up. name: for /proc/interrupts; must stay. 0, -EINVAL (it has no line),
 * -EBUSY (somebody has it).
 */
int irq_request(struct machine *m, const struct device *d, const char *name, irq_handler *fn, void *owner);

/*
 * Masks its source, or lets it come again.  What a handler has masked is completed only then: a line that has gone down by that time is not
 * told a second time.
 */
void irq_enable(struct machine *m, const struct device *d, bool on);

/* For /proc: how often source `irq` was claimed, all of them together, and by whom it was asked for; NULL: by nobody. */
uint64_t irq_count(const struct machine *m, unsigned irq);
uint64_t irq_total(const struct machine *m);
const char *irq_name(const struct machine *m, unsigned irq);

#endif
