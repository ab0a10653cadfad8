/* SPDX-License-Identifier: MIT
 *
 * The one interface, lo, as the ioctls of net/core/dev_ioctl.c and net/ipv4/devinet.c show it.  It is up from the start;
 * it can be taken down, and then nothing can be reached.  Its address is 127.0.0.1.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "emu/kernel/task.h"
#include "emu/net/inet.h"
#include "emu/sys/user.h"

enum {
	GIFNAME = 0x8910, GIFCONF = 0x8912, GIFFLAGS = 0x8913, SIFFLAGS = 0x8914, GIFADDR = 0x8915, SIFADDR = 0x8916,
	GIFDSTADDR = 0x8917, GIFBRDADDR = 0x8919, GIFNETMASK = 0x891b, SIFNETMASK = 0x891c, GIFMETRIC = 0x891d,
	GIFMTU = 0x8921, SIFMTU = 0x8922, GIFHWADDR = 0x8927, GIFINDEX = 0x8933, GIFTXQLEN = 0x8942, GIFMAP = 0x8970,
	ADDRT = 0x890b, DELRT = 0x890c,
};
enum { UP = 1, LOOPBACK = 8, RUNNING = 0x40, ARPHRD_LOOPBACK_ = 772, MTU = 65536, TXQLEN = 1000, CAP_NET_ADMIN_ = 12 };

/* struct ifreq of riscv32 */
struct ifreq_ { char name[16]; union { uint8_t bytes[16]; uint16_t half[8]; int32_t word[4]; }; };

static void put_address(struct ifreq_ *r, const char *four)
{
	memset(r->bytes, 0, sizeof r->bytes);
	r->half[0] = AF_INET;
	memcpy(r->bytes + 4, four, 4);
}

/* SIOCGIFCONF: what has an address. */
static int64_t list(struct net *n, struct task *t, uint32_t arg)
{
	struct ifreq_ r = { .name = "lo" };
	int32_t conf[2];	/* length, buffer */

	if (user_read(t, conf, arg, sizeof conf))
		return -EFAULT;
	put_address(&r, "\177\0\0\1");
	if (n->inet->down) {
		conf[0] = 0;
	} else if (!conf[1]) {
		conf[0] = (int32_t)sizeof r;
	} else {
		conf[0] = conf[0] < (int32_t)sizeof r ? 0 : (int32_t)sizeof r;
		if (conf[0] && user_write(t, (uint32_t)conf[1], &r, sizeof r))
			return -EFAULT;
	}
	return user_write(t, arg, conf, sizeof conf);
}

static int set(struct net *n, struct task *t, uint32_t cmd, const struct ifreq_ *r)
{
	if (!task_capable(t, CAP_NET_ADMIN_))
		return -EPERM;
	switch (cmd) {
	case SIFFLAGS:
		n->inet->down = !(r->half[0] & UP);
		return 0;
	case SIFADDR:		/* the one it has, or none at all */
		if (r->half[0] != AF_INET)
			return -EINVAL;
		return memcmp(r->bytes + 4, "\177\0\0\1", 4) ? -EADDRNOTAVAIL : 0;
	case SIFNETMASK:
		return memcmp(r->bytes + 4, "\377\0\0", 4) ? -EINVAL : 0;
	}
	return r->word[0] == MTU ? 0 : -EINVAL;		/* SIFMTU */
}

/* 0: *r is the answer. */
static int get(const struct net *n, uint32_t cmd, struct ifreq_ *r)
{
	switch (cmd) {
	case GIFADDR: case GIFDSTADDR:
		put_address(r, "\177\0\0\1");
		return n->inet->down ? -EADDRNOTAVAIL : 0;
	case GIFNETMASK:
		put_address(r, "\377\0\0\0");
		return n->inet->down ? -EADDRNOTAVAIL : 0;
	case GIFBRDADDR:
		put_address(r, "\0\0\0\0");
		return n->inet->down ? -EADDRNOTAVAIL : 0;
	}
	memset(r->bytes, 0, sizeof r->bytes);
	switch (cmd) {
	case GIFFLAGS:
		r->half[0] = n->inet->down ? LOOPBACK : UP | LOOPBACK | RUNNING;
		return 0;
	case GIFMTU:
		r->word[0] = MTU;
		return 0;
	case GIFHWADDR:
		r->half[0] = ARPHRD_LOOPBACK_;
		return 0;
	case GIFINDEX:
		r->word[0] = 1;
		return 0;
	case GIFTXQLEN:
		r->word[0] = TXQLEN;
		return 0;
	}
	return 0;	/* GIFMETRIC, GIFMAP: zeros */
}

int64_t netdev_ioctl(struct net *n, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct ifreq_ r;
	int err;

	switch (cmd) {
	case GIFCONF:
		return list(n, t, arg);
	case ADDRT: case DELRT:
		return task_capable(t, CAP_NET_ADMIN_) ? -EOPNOTSUPP : -EPERM;
	case GIFNAME: case GIFFLAGS: case SIFFLAGS: case GIFADDR: case SIFADDR: case GIFDSTADDR: case GIFBRDADDR:
	case GIFNETMASK: case SIFNETMASK: case GIFMETRIC: case GIFMTU: case SIFMTU: case GIFHWADDR: case GIFINDEX:
	case GIFTXQLEN: case GIFMAP:
		break;
	default:
		return -ENOTTY;
	}
	if (user_read(t, &r, arg, sizeof r))
		return -EFAULT;
	r.name[15] = 0;
	if (cmd == GIFNAME) {
		if (r.word[0] != 1)
			return -ENODEV;
		memset(r.name, 0, sizeof r.name);
		strcpy(r.name, "lo");
		return user_write(t, arg, &r, sizeof r);
	}
	if (strcmp(r.name, "lo"))
		return -ENODEV;
	if (cmd == SIFFLAGS || cmd == SIFADDR || cmd == SIFNETMASK || cmd == SIFMTU)
		return set(n, t, cmd, &r);
	err = get(n, cmd, &r);
	return err ? err : user_write(t, arg, &r, sizeof r);
}
