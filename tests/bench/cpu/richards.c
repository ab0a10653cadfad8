/* SPDX-License-Identifier: MIT
 * An operating system in small, simulated by objects: tasks with queues of packets, each kind of task with its own
 * behaviour behind a function pointer, run by a scheduler of priorities (the idea of Martin Richards' benchmark). */
#include "bench.h"

#include <string.h>

enum { IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B, TASKS };
enum { DEVICE_PACKET, WORK_PACKET };
enum { BYTES = 4 };

struct packet {
	struct packet *link;
	int id, kind, datum;
	uint8_t data[BYTES];
};

struct task {
	struct task *link;
	int id, priority, waiting, held;
	struct packet *queue;
	/* What the object does with a packet, or without one; which task is to run next. */
	struct task *(*run)(struct task *t, struct packet *p);
	union {
		struct { uint32_t bits; int count; } idle;
		struct { int target, letter; } worker;
		struct { struct packet *work, *device; } handler;
		struct { struct packet *pending; } device;
	} u;
};

static struct task tasks[TASKS], *list, *current;
static struct packet packets[12];
static unsigned queued, holds;

static void append(struct packet *p, struct packet **queue)
{
	p->link = NULL;
	while (*queue)
		queue = &(*queue)->link;
	*queue = p;
}

static struct task *wait_for(struct task *t)
{
	t->waiting = 1;
	return t;
}

static struct task *hold(struct task *t)
{
	holds++;
	t->held = 1;
	return t->link;
}

static struct task *release(int id)
{
	struct task *t = &tasks[id];

	t->held = 0;
	return t->priority > current->priority ? t : current;
}

static struct task *send(struct packet *p)
{
	struct task *t = &tasks[p->id];

	queued++;
	p->link = NULL;
	p->id = current->id;
	if (t->queue) {
		append(p, &t->queue);
		return current;
	}
	t->queue = p;
	return t->priority > current->priority ? t : current;
}

static struct task *run_idle(struct task *t, struct packet *p)
{
	(void)p;
	if (--t->u.idle.count == 0)
		return hold(t);
	if (t->u.idle.bits & 1) {
		t->u.idle.bits = t->u.idle.bits >> 1 ^ 0xd008;
		return release(DEVICE_B);
	}
	t->u.idle.bits >>= 1;
	return release(DEVICE_A);
}

static struct task *run_worker(struct task *t, struct packet *p)
{
	if (!p)
		return wait_for(t);
	t->u.worker.target = t->u.worker.target == HANDLER_A ? HANDLER_B : HANDLER_A;
	p->id = t->u.worker.target;
	p->datum = 0;
	for (int i = 0; i < BYTES; i++) {
		t->u.worker.letter = t->u.worker.letter % 26 + 1;
		p->data[i] = (uint8_t)('A' - 1 + t->u.worker.letter);
	}
	return send(p);
}

static struct task *run_handler(struct task *t, struct packet *p)
{
	struct packet *work, *device;

	if (p)
		append(p, p->kind == WORK_PACKET ? &t->u.handler.work : &t->u.handler.device);
	work = t->u.handler.work;
	if (work && work->datum >= BYTES) {
		t->u.handler.work = work->link;
		work->id = WORKER;
		return send(work);
	}
	device = t->u.handler.device;
	if (work && device) {
		t->u.handler.device = device->link;
		device->datum = work->data[work->datum++];
		device->id = t->id == HANDLER_A ? DEVICE_A : DEVICE_B;
		return send(device);
	}
	return wait_for(t);
}

static struct task *run_device(struct task *t, struct packet *p)
{
	if (p) {
		t->u.device.pending = p;
		return hold(t);
	}
	p = t->u.device.pending;
	if (!p)
		return wait_for(t);
	t->u.device.pending = NULL;
	p->id = t->id == DEVICE_A ? HANDLER_A : HANDLER_B;
	return send(p);
}

static void add(int id, int priority, struct task *(*run)(struct task *, struct packet *), int waiting)
{
	struct task *t = &tasks[id];

	*t = (struct task){ .link = list, .id = id, .priority = priority, .waiting = waiting, .run = run };
	list = t;
}

static uint32_t simulate(int count)
{
	static const int owners[] = { WORKER, WORKER, HANDLER_A, HANDLER_A, HANDLER_A, HANDLER_B, HANDLER_B, HANDLER_B };

	list = NULL;
	queued = holds = 0;
	add(IDLE, 0, run_idle, 0);
	add(WORKER, 1000, run_worker, 0);
	add(HANDLER_A, 2000, run_handler, 0);
	add(HANDLER_B, 3000, run_handler, 0);
	add(DEVICE_A, 4000, run_device, 1);
	add(DEVICE_B, 5000, run_device, 1);
	tasks[IDLE].u.idle.bits = 1;
	tasks[IDLE].u.idle.count = count;
	tasks[WORKER].u.worker.target = HANDLER_A;
	for (int i = 0; i < 8; i++) {
		struct packet *p = &packets[i];

		/* The handlers' own packets come from, and go to, their devices. */
		*p = (struct packet){ .id = i < 2 ? WORKER : owners[i] == HANDLER_A ? DEVICE_A : DEVICE_B,
				      .kind = i < 2 ? WORK_PACKET : DEVICE_PACKET };
		append(p, &tasks[owners[i]].queue);
	}
	for (current = list; current;) {
		struct task *t = current;

		if (t->held || (t->waiting && !t->queue)) {
			current = t->link;
		} else {
			struct packet *p = t->waiting || t->queue ? t->queue : NULL;

			if (p)
				t->queue = p->link;
			t->waiting = 0;
			current = t->run(t, p);
		}
	}
	return queued ^ holds << 16;
}

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 300);
	uint32_t sum = 0;

	for (unsigned r = 0; r < rounds; r++)
		sum = bench_mix(sum, simulate(10000 + (int)(r & 15)));
	return bench_result("richards", sum);
}
