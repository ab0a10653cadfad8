/* SPDX-License-Identifier: MIT
 *
 * Programming and erasing for system calls.  What a call has asked of the chip hangs on its task like a wait at a queue of IPC
 * (emu/ipc/ipc.h): the chip decides it, and it ends with the call or with the task, whichever comes first.
 */
#include "emu/drivers/mtd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "devices/flash/flash.h"
#include "emu/fs/vfs.h"
#include "emu/ipc/ipc.h"

/* At most so much is copied for one request: KMALLOC_MAX_SIZE, from where mtd_kmalloc_up_to() goes down. */
#define CHUNK_MAX (4u << 20)
#define CHUNK_MIN 4096u

struct mtd_op {
	struct ipc_wait wait;
	struct mtd *device;		/* a reference */
	struct flash_request request;
	uint64_t charged;
	uint8_t data[];
};

static struct mtd_op *op_of_wait(struct ipc_wait *w)
{
	return (struct mtd_op *)(void *)((char *)w - offsetof(struct mtd_op, wait));
}

static void end(struct machine *m, struct ipc_wait *w)
{
	struct mtd_op *op = op_of_wait(w);

	flash_cancel(op->device->flash, &op->request);
	list_remove(&w->place);
	mtd_put(op->device);
	vfs_uncharge(m, op->charged);
	free(op);
}

static void done(struct flash_request *r)
{
	struct mtd_op *op = (struct mtd_op *)(void *)((char *)r - offsetof(struct mtd_op, request));

	if (op->wait.task)
		ipc_wait_decide(&op->wait, r->result);
}

/* The task's operation, if it has one. */
static struct mtd_op *op_of(struct task *t)
{
	return t->ipc && t->ipc->end == end ? op_of_wait(t->ipc) : NULL;
}

/* One with room for as much of *len as can be had; *len is how much that is. */
static struct mtd_op *new_op(struct mtd *d, uint32_t *len)
{
	struct machine *m = d->machine;

	if (*len > CHUNK_MAX)
		*len = CHUNK_MAX;
	for (;;) {
		uint64_t bytes = sizeof(struct mtd_op) + *len;
		struct mtd_op *op = NULL;

		if (!vfs_charge(m, bytes)) {
			op = malloc(bytes);
			if (!op)
				vfs_uncharge(m, bytes);
		}
		if (op) {
			*op = (struct mtd_op){ .charged = bytes, .device = mtd_get(d), .wait = { .status = IPC_WAITING, .end = end } };
			list_init(&op->wait.place);
			return op;
		}
		if (*len <= CHUNK_MIN)
			return NULL;
		*len = *len / 2 > CHUNK_MIN ? *len / 2 : CHUNK_MIN;
	}
}

/* Asks the chip.  If it did not answer at once, t waits. */
static void begin(struct mtd_op *op, struct task *t)
{
	t->ipc = &op->wait;
	flash_submit(op->device->flash, &op->request);
	if (op->request.result != -EINPROGRESS)
		op->wait.status = op->request.result;
	else
		op->wait.task = t;
}

/* What has come of it: bytes, 0 or -errno, and the task has none any more. */
static int64_t outcome(struct mtd_op *op, struct task *t)
{
	int64_t r;

	if (op->wait.status == IPC_WAITING)
		return t->killed ? -EINTR : SYS_BLOCK;
	r = op->wait.status;
	if (!r && op->request.kind == FLASH_PROGRAM)
		r = op->request.len;
	ipc_wait_end(t);
	return r;
}

int64_t mtd_program(struct mtd *d, struct task *t, uint32_t offset, const void *data, uint32_t len)
{
	struct mtd_op *op = op_of(t);

	if (!op) {
		op = new_op(d, &len);
		if (!op)
			return -ENOMEM;
		memcpy(op->data, data, len);
		op->request = (struct flash_request){
			.kind = FLASH_PROGRAM, .offset = d->offset + offset, .len = len, .data = op->data, .done = done,
		};
		begin(op, t);
	}
	return outcome(op, t);
}

int64_t mtd_erase(struct mtd *d, struct task *t, uint32_t offset, uint32_t len)
{
	struct mtd_op *op = op_of(t);
	uint32_t nothing = 0;

	if (!op) {
		op = new_op(d, &nothing);
		if (!op)
			return -ENOMEM;
		op->request = (struct flash_request){
			.kind = FLASH_ERASE, .offset = d->offset + offset, .len = len, .done = done,
		};
		begin(op, t);
	}
	return outcome(op, t);
}
