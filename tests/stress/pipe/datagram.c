/* SPDX-License-Identifier: MIT
 * Messages, whole and in order, from one thread to another: datagrams, packets, UDP, message queues.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include "../stress.h"

#define MOST 1000

/* What all messages begin with. */
struct message {
	long type;		/* of System V, which wants it there; the number's remainder and 1 */
	uint32_t number, size;	/* size of all of it */
	uint8_t data[MOST];
};
#define HEAD offsetof(struct message, data)

struct channel {
	struct worker *w;
	int in, out;
	ssize_t (*send)(struct channel *c, const struct message *m, size_t n);
	ssize_t (*receive)(struct channel *c, struct message *m);
	uint32_t got;
};

static void make(struct worker *w, struct message *m, uint32_t number)
{
	m->type = number % 7 + 1;
	m->number = number;
	m->size = HEAD + stress_below(w, MOST);
	stress_fill(m->data, m->size - HEAD, number, 0);
}

static void *take(void *arg)
{
	struct channel *c = arg;
	struct message m;

	for (;;) {
		ssize_t n = c->receive(c, &m);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return stress_fail(c->w, "receiving: %s", strerror(errno)), NULL;
		/* The last one is empty. */
		if (n == (ssize_t)HEAD && m.number == UINT32_MAX)
			return NULL;
		if (n < (ssize_t)HEAD || (ssize_t)m.size != n || m.number != c->got || m.type != (long)(m.number % 7 + 1))
			stress_fail(c->w, "message %lu has number %lu, is of %zd bytes, not %lu", (unsigned long)c->got, (unsigned long)m.number,
				n, (unsigned long)m.size);
		else if (stress_check(m.data, n - HEAD, m.number, 0) >= 0)
			stress_fail(c->w, "message %lu is not as it was sent", (unsigned long)c->got);
		c->got++;
	}
}

static enum stress_status messages(struct worker *w, struct channel *c)
{
	uint32_t sent = 0;
	struct message m;
	pthread_t t;

	c->w = w;
	if (!stress_thread(&t, take, c))
		return stress_errno(w, "pthread_create");
	while (stress_go(w)) {
		make(w, &m, sent);
		while (c->send(c, &m, m.size) < 0)
			if (errno != EINTR && errno != ENOBUFS && errno != ENOMEM && errno != EAGAIN) {
				stress_fail(w, "sending: %s", strerror(errno));
				break;
			}
		sent++;
		stress_bogo(w);
	}
	m = (struct message){ .type = 1, .number = UINT32_MAX, .size = HEAD };
	while (c->send(c, &m, HEAD) < 0 && (errno == EINTR || errno == ENOBUFS || errno == ENOMEM || errno == EAGAIN))
		;
	pthread_join(t, NULL);
	if (c->got != sent)
		stress_fail(w, "%lu messages sent, %lu received", (unsigned long)sent, (unsigned long)c->got);
	return STRESS_PASSED;
}

static ssize_t sock_send(struct channel *c, const struct message *m, size_t n)
{
	return send(c->in, m, n, MSG_NOSIGNAL);
}

static ssize_t sock_receive(struct channel *c, struct message *m)
{
	return recv(c->out, m, sizeof *m, 0);
}

static enum stress_status by_pair(struct worker *w, int type)
{
	struct channel c = { .send = sock_send, .receive = sock_receive };
	enum stress_status status;
	int fds[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds))
		return stress_errno(w, "socketpair");
	c.in = fds[0], c.out = fds[1];
	status = messages(w, &c);
	close(fds[0]);
	close(fds[1]);
	return status;
}

enum stress_status stress_dgram(struct worker *w)
{
	return by_pair(w, SOCK_DGRAM);
}

enum stress_status stress_seqpacket(struct worker *w)
{
	return by_pair(w, SOCK_SEQPACKET);
}

static ssize_t msg_send(struct channel *c, const struct message *m, size_t n)
{
	return msgsnd(c->in, m, n - sizeof(long), 0);
}

static ssize_t msg_receive(struct channel *c, struct message *m)
{
	ssize_t n = msgrcv(c->out, m, sizeof *m - sizeof(long), 0, 0);

	return n < 0 ? n : n + (ssize_t)sizeof(long);
}

enum stress_status stress_msg(struct worker *w)
{
	int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	struct channel c = { .in = id, .out = id, .send = msg_send, .receive = msg_receive };
	enum stress_status status;
	struct msqid_ds ds;

	if (id < 0)
		return stress_errno(w, "msgget");
	status = messages(w, &c);
	if (status == STRESS_PASSED && (msgctl(id, IPC_STAT, &ds) || ds.msg_qnum))
		stress_fail(w, "%lu messages are left", (unsigned long)ds.msg_qnum);
	if (msgctl(id, IPC_RMID, NULL))
		stress_fail(w, "IPC_RMID: %s", strerror(errno));
	return status;
}

static ssize_t mq_send_one(struct channel *c, const struct message *m, size_t n)
{
	return mq_send(c->in, (const char *)m, n, 3);
}

static ssize_t mq_receive_one(struct channel *c, struct message *m)
{
	unsigned int priority;
	ssize_t n = mq_receive(c->out, (char *)m, sizeof *m, &priority);

	if (n > 0 && priority != 3)
		stress_fail(c->w, "a message has priority %u", priority);
	return n;
}

enum stress_status stress_mq(struct worker *w)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = sizeof(struct message) };
	struct channel c = { .send = mq_send_one, .receive = mq_receive_one };
	enum stress_status status;
	char name[48];

	snprintf(name, sizeof name, "/stress-mq-%d-%u", (int)getpid(), w->number);
	c.in = c.out = mq_open(name, O_RDWR | O_CLOEXEC | O_CREAT | O_EXCL, 0600, &attr);
	if (c.in < 0)
		return stress_errno(w, "mq_open");
	mq_unlink(name);
	status = messages(w, &c);
	mq_close(c.in);
	return status;
}

/* UDP may lose what it likes; on the loopback, with one datagram under way, it does not. */
enum stress_status stress_udp(struct worker *w)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct channel c = { .in = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), .out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
	socklen_t n = sizeof at;
	uint32_t sent = 0;

	if (c.in < 0 || c.out < 0 || bind(c.out, (struct sockaddr *)&at, n) || getsockname(c.out, (struct sockaddr *)&at, &n) ||
	    connect(c.in, (struct sockaddr *)&at, n)) {
		enum stress_status status = stress_errno(w, "a pair of UDP sockets");

		close(c.in);
		close(c.out);
		return status;
	}
	while (stress_go(w)) {
		struct message m, got;
		ssize_t r;

		make(w, &m, sent);
		r = send(c.in, &m, m.size, 0);
		if (r < 0 && stress_short(w))
			continue;
		if (r != (ssize_t)m.size)
			return stress_fail(w, "send: %s", strerror(errno));
		r = recv(c.out, &got, sizeof got, 0);
		if (r != (ssize_t)m.size || memcmp(&m, &got, m.size))
			stress_fail(w, "datagram %lu is another", (unsigned long)sent);
		sent++;
		stress_bogo(w);
	}
	close(c.in);
	close(c.out);
	return STRESS_PASSED;
}
