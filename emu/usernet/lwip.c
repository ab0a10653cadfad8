/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/usernet/internal.h"

/*
 * Connections in TIME_WAIT, and those whose socket is closed, but which still have something to say.  The kernel limits
 * them as well (tcp_max_tw_buckets, tcp_max_orphans).
 */
enum { TIME_WAIT_MAX = 4096, ORPHANS_MAX = 1024 };

const struct lwip *usernet_lwip(const struct usernet *u)
{
	return &u->lwip;
}

void lwip_address(const uint8_t ip[16], ip_addr_t *out)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	memset(out, 0, sizeof *out);
	if (!memcmp(ip, mapped, sizeof mapped)) {
		out->type = IPADDR_TYPE_V4;
		memcpy(&out->u_addr.ip4, ip + 12, 4);
	} else {
		out->type = IPADDR_TYPE_V6;
		memcpy(out->u_addr.ip6.addr, ip, 16);
	}
}

void lwip_put_address(const ip_addr_t *a, uint8_t ip[16])
{
	memset(ip, 0, 16);
	if (IP_IS_V6(a)) {
		memcpy(ip, a->u_addr.ip6.addr, 16);
	} else {
		ip[10] = ip[11] = 0xff;
		memcpy(ip + 12, &a->u_addr.ip4, 4);
	}
}

/* --- The interface --- */

static err_t output(struct netif *nif, struct pbuf *p)
{
	struct usernet *u = nif->state;

	u->lwip.pbuf_copy_partial(p, u->frame + ETHERNET, p->tot_len, 0);
	link_send(u, p->tot_len);
	return ERR_OK;
}

static err_t output4(struct netif *nif, struct pbuf *p, const ip4_addr_t *to)
{
	(void)to;
	return output(nif, p);
}

static err_t output6(struct netif *nif, struct pbuf *p, const ip6_addr_t *to)
{
	(void)to;
	return output(nif, p);
}

static err_t begin(struct netif *nif)
{
	nif->name[0] = 'e';
	nif->name[1] = 't';
	nif->mtu = nif->mtu6 = USERNET_MTU;
	nif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_LINK_UP;
	nif->output = output4;
	nif->output_ip6 = output6;
	return ERR_OK;
}

/* Nothing of lwIP is called before: whether it has been set up is not known to it, but doing it again does no harm. */
int lwip_attach(struct usernet *u, char why[LIBRARY_WHY])
{
	static const char *const names[] = { LIBRARY_NAMES(LWIP_SYMBOLS) };
	static const struct library liblwip = { "liblwip.so.0", "liblwip0", names, sizeof names / sizeof *names };
	struct lwip *l = &u->lwip;
	ip_addr_t ip4, gateway, mask, ip6;
	int err = library_load(&liblwip, l, sizeof *l, why);

	if (err)
		return err;
	if (*l->netif_list) {
		strcpy(why, "another machine of this process has it");
		return -EBUSY;
	}
	l->sys_init();
	l->mem_init();
	l->memp_init();
	l->netif_init();
	l->tcp_init();
	lwip_address(usernet_ip4, &ip4);
	lwip_address(usernet_gateway4, &gateway);
	lwip_address(usernet_ip6, &ip6);
	IP_ADDR4(&mask, 255, 255, 255, 0);
	if (!l->netif_add(&u->netif, ip_2_ip4(&ip4), ip_2_ip4(&mask), ip_2_ip4(&gateway), u, begin, l->ip_input)) {
		strcpy(why, "lwIP has no room for an interface");
		return -ENOMEM;
	}
	u->attached = true;
	l->netif_ip6_addr_set(&u->netif, 0, ip_2_ip6(&ip6));
	l->netif_ip6_addr_set_state(&u->netif, 0, IP6_ADDR_PREFERRED);
	l->netif_set_default(&u->netif);
	l->netif_set_up(&u->netif);
	return 0;
}

/* What is left of connections that were closed ends here. */
void lwip_detach(struct usernet *u)
{
	struct lwip *l = &u->lwip;

	if (!u->attached)
		return;
	while (*l->tcp_active_pcbs)
		l->tcp_abort(*l->tcp_active_pcbs);
	while (*l->tcp_tw_pcbs)
		l->tcp_abort(*l->tcp_tw_pcbs);
	l->netif_remove(&u->netif);
	u->attached = false;
}

void lwip_receive(struct usernet *u, const uint8_t *packet, size_t len)
{
	struct pbuf *p = u->lwip.pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_RAM);

	if (!p)
		return;		/* it comes again */
	u->lwip.pbuf_take(p, packet, (u16_t)len);
	u->lwip.ip_input(p, &u->netif);
}

/* --- Timers --- */

bool lwip_busy(const struct usernet *u)
{
	return *u->lwip.tcp_active_pcbs || *u->lwip.tcp_tw_pcbs;
}

/* The list begins with the newest: all behind the first `most` that are nobody's any more. */
static void trim(const struct lwip *l, struct tcp_pcb **list, unsigned most)
{
	struct tcp_pcb *p = *list;

	for (unsigned n = 0; p; ) {
		struct tcp_pcb *next = p->next;

		if (!p->callback_arg && ++n > most)
			l->tcp_abort(p);
		p = next;
	}
}

void lwip_tick(struct usernet *u)
{
	u->lwip.tcp_tmr();
	trim(&u->lwip, u->lwip.tcp_active_pcbs, ORPHANS_MAX);
	trim(&u->lwip, u->lwip.tcp_tw_pcbs, TIME_WAIT_MAX);
}
