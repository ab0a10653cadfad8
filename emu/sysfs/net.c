/* SPDX-License-Identifier: MIT
 *
 * /sys/class/net: the interfaces (net/core/net-sysfs.c).
 */
#include <errno.h>
#include <stdio.h>
#include "emu/net/inet.h"
#include "emu/sysfs/internal.h"

static const struct netdev *dev_of(const struct attribute *a)
{
	return netdev_find(a->machine->net, a->device.name);
}

static int show_mac(const uint8_t mac[6], char *buf, size_t size)
{
	return snprintf(buf, size, "%02x:%02x:%02x:%02x:%02x:%02x\n", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

int show_net_address(const struct attribute *a, char *buf, size_t size) { return show_mac(dev_of(a)->mac, buf, size); }

int show_net_broadcast(const struct attribute *a, char *buf, size_t size)
{
	return show_mac(dev_of(a)->broadcast_mac, buf, size);
}

int show_net_carrier(const struct attribute *a, char *buf, size_t size)
{
	return dev_of(a)->down ? -EINVAL : snprintf(buf, size, "1\n");
}

int show_net_flags(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "0x%x\n", netdev_flags(dev_of(a)) & ~(uint32_t)NETDEV_RUNNING);
}

int show_net_ifindex(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%d\n", dev_of(a)->index);
}

int show_net_mtu(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%u\n", dev_of(a)->mtu);
}

/* Whether lo works is not for it to say. */
int show_net_operstate(const struct attribute *a, char *buf, size_t size)
{
	const struct netdev *d = dev_of(a);

	return snprintf(buf, size, "%s\n", d->down ? "down" : d->flags & NETDEV_LOOPBACK ? "unknown" : "up");
}

int show_net_queue(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%u\n", dev_of(a)->queue);
}

int show_net_type(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%u\n", dev_of(a)->type);
}

int show_net_uevent(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "INTERFACE=%s\nIFINDEX=%d\n", dev_of(a)->name, dev_of(a)->index);
}

/* --- statistics/ --- */

static int show_count(const struct attribute *a, bool sent, bool bytes, char *buf, size_t size)
{
	struct netdev_count in, out, *c = sent ? &out : &in;

	netdev_counts(a->machine->net, dev_of(a), &in, &out);
	return snprintf(buf, size, "%llu\n", (unsigned long long)(bytes ? c->bytes : c->packets));
}

int show_net_rx_packets(const struct attribute *a, char *buf, size_t size) { return show_count(a, false, false, buf, size); }
int show_net_rx_bytes(const struct attribute *a, char *buf, size_t size) { return show_count(a, false, true, buf, size); }
int show_net_tx_packets(const struct attribute *a, char *buf, size_t size) { return show_count(a, true, false, buf, size); }
int show_net_tx_bytes(const struct attribute *a, char *buf, size_t size) { return show_count(a, true, true, buf, size); }
