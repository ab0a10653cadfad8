/* SPDX-License-Identifier: MIT
 *
 * Objects of emu/ipc without tasks: what they cost, what happens without memory, the order of operations that wait.
 */
#include "emu/ipc/ipc.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include "emu/host/clock.h"
#include "emu/ipc/mqueue.h"
#include "emu/ipc/msg.h"
#include "emu/ipc/sem.h"
#include "emu/kernel/tasks.h"

static struct machine m;
static struct process p;
static struct task t;

static void setup(void)
{
	m = (struct machine){ .options.ram_size = 1 << 20 };
	ck_assert_int_eq(clocks_new(&m), 0);
	ck_assert_int_eq(tasks_new(&m), 0);
	ck_assert_int_eq(ipc_new(&m), 0);
	p = (struct process){ .pid = 5 };
	t = (struct task){ .machine = &m, .process = &p };
	m.tasks->current = &t;
	t.cred.cap_effective = UINT64_MAX;
	p.rlimit[12].cur = 1 << 20;
}

static void teardown(void)
{
	m.tasks->current = NULL;
	ipc_free(&m);
	ck_assert_ptr_null(m.ipc);
	tasks_free(&m);
	clocks_free(&m);
}

/* Whatever is made, all of it together stays within the guest's RAM; and all of it comes back. */
START_TEST(memory_is_counted)
{
	int n = 0, sets[64], id;

	setup();
	while ((id = sem_set_new(&t, 0, 0600, 1000)) >= 0)
		sets[n++] = id;
	ck_assert_int_eq(id, -ENOMEM);
	ck_assert_int_gt(n, 5);
	ck_assert_uint_le(m.ipc->charged, 1 << 20);
	ck_assert_int_eq(m.ipc->sems_used, n * 1000);
	for (int i = 0; i < n; i++)
		sem_set_remove(&m, sem_set_of(ipc_ids_by_id(&m.ipc->sets, sets[i])));
	ck_assert_uint_eq(m.ipc->charged, 0);
	ck_assert_int_eq(m.ipc->sems_used, 0);
	ck_assert_ptr_null(ipc_alloc(&m, UINT64_MAX));
	ck_assert_ptr_null(ipc_alloc(&m, (1 << 20) + 1));
	/* What is left at the machine's end is freed by it. */
	ck_assert_int_ge(sem_set_new(&t, 7, 0600, 3), 0);
	ck_assert_int_ge(msg_queue_new(&t, 7, 0600), 0);
	teardown();
}
END_TEST

static struct message *message_new(int32_t type, uint32_t len)
{
	struct message *msg = ipc_alloc(&m, sizeof *msg + len);

	ck_assert_ptr_nonnull(msg);
	list_init(&msg->place);
	msg->type = type;
	msg->len = len;
	return msg;
}

START_TEST(messages_are_counted)
{
	struct msg_queue *q;
	int id;

	setup();
	id = msg_queue_new(&t, 0, 0600);
	q = msg_queue_of(ipc_ids_by_id(&m.ipc->queues, id));
	for (int i = 1; i <= 3; i++)
		msg_put(&m, q, message_new(i, 100), 5);
	ck_assert_uint_eq(m.ipc->msg_count, 3);
	ck_assert_uint_eq(m.ipc->msg_bytes, 300);
	ck_assert_ptr_null(msg_find(q, MSG_EQUAL, 4));
	ck_assert_int_eq(msg_find(q, MSG_LESS_EQUAL, 2)->type, 1);
	ck_assert_int_eq(msg_find(q, MSG_NOT_EQUAL, 1)->type, 2);
	struct message *msg = msg_find(q, MSG_EQUAL, 2);

	msg_take(&m, q, msg, 6);
	message_free(&m, msg);
	ck_assert_uint_eq(q->bytes, 200);
	ck_assert_int_eq(q->lrpid, 6);
	q->limit = 250;
	ck_assert(msg_fits(q, 50) && !msg_fits(q, 51) && !msg_fits(q, UINT32_MAX));
	msg_queue_remove(&m, q);
	ck_assert_uint_eq(m.ipc->msg_count + m.ipc->msg_bytes + m.ipc->charged, 0);
	teardown();
}
END_TEST

START_TEST(posix_queues_count_for_their_user)
{
	struct mqueue *a, *b;

	setup();
	ck_assert_int_eq(mqueue_new(&m, true, 100, 9000, &a), 0);
	ck_assert_uint_eq(a->charged, 100 * (9000 + 48));
	ck_assert_int_eq(mqueue_new(&m, true, 100, 9000, &b), -EMFILE);
	t.cred.uid = 1;		/* somebody else has a limit of his own */
	ck_assert_int_eq(mqueue_new(&m, true, 100, 9000, &b), 0);
	mqueue_put(b, message_new(1, 10), &t);
	mqueue_put(b, message_new(9, 20), &t);
	mqueue_put(b, message_new(9, 30), &t);
	ck_assert_uint_eq(b->bytes, 60);
	for (int i = 0; i < 2; i++) {
		struct message *msg = mqueue_take(b);

		ck_assert_uint_eq(msg->len, i ? 30 : 20);
		message_free(&m, msg);
	}
	t.cred.cap_effective = 0;
	ck_assert_int_eq(mqueue_new(&m, true, 11, 10, &b), -EINVAL);
	mqueue_free(a);
	mqueue_free(b);
	ck_assert_uint_eq(m.ipc->charged, 0);
	ck_assert_int_eq(m.ipc->mq_count, 0);
	ck_assert_uint_eq(m.ipc->mq_users.count, 0);
	teardown();
}
END_TEST

/* Adjustments go with the last task that shares them. */
START_TEST(undo_is_shared)
{
	struct task other = { .process = &p };
	struct sem_set *s;
	struct sem_undo *u;
	int id;

	setup();
	other.machine = &m;
	id = sem_set_new(&t, 0, 0600, 2);
	s = sem_set_of(ipc_ids_by_id(&m.ipc->sets, id));
	u = sem_undo_get(&t, s);
	ck_assert_ptr_eq(sem_undo_get(&t, s), u);
	ck_assert_int_eq(sem_undo_share(&t, &other), 0);
	ck_assert_ptr_eq(sem_undo_get(&other, s), u);
	s->sems[0].value = 3;
	s->sems[1].value = 32760;
	u->adjust[0] = -5;
	u->adjust[1] = 100;
	sem_undo_exit(&t);
	ck_assert_int_eq(s->sems[0].value, 3);
	sem_undo_exit(&other);
	ck_assert_int_eq(s->sems[0].value, 0);		/* not below */
	ck_assert_int_eq(s->sems[1].value, 32767);	/* nor above */
	ck_assert_int_eq(s->sems[1].pid, 5);
	u = sem_undo_get(&t, s);
	u->adjust[0] = 1;
	sem_set_remove(&m, s);		/* takes them with it */
	sem_undo_exit(&t);
	ck_assert_uint_eq(m.ipc->charged, 0);
	teardown();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ipc");
	TCase *tc = tcase_create("ipc");
	SRunner *r;
	int failed;

	tcase_add_test(tc, memory_is_counted);
	tcase_add_test(tc, messages_are_counted);
	tcase_add_test(tc, posix_queues_count_for_their_user);
	tcase_add_test(tc, undo_is_shared);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
