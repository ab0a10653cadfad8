/* SPDX-License-Identifier: MIT
 *
 * lwIP as Debian builds it: with threads, which are never started.  Its callback interface needs none of them: as long as
 * nobody calls tcpip_init(), the lock that it asserts belongs to nobody, and its own timers never run (lwip_tick() calls
 * TCP's instead).  Memory is the host's malloc().
 *
 * There is one lwIP in a process: the list of interfaces tells whether a machine has it.
 */
#ifndef EMU_USERNET_LWIP_H
#define EMU_USERNET_LWIP_H

#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/mem.h>
#include <lwip/memp.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/sys.h>
#include <lwip/tcp.h>
#include <lwip/priv/tcp_priv.h>
#include "emu/host/library.h"

#define LWIP_SYMBOLS(F) \
	F(sys_init) F(mem_init) F(memp_init) F(netif_init) F(tcp_init) F(tcp_tmr) F(netif_list) F(netif_add) \
	F(netif_set_default) F(netif_set_up) F(netif_remove) F(netif_ip6_addr_set) F(netif_ip6_addr_set_state) F(ip_input) \
	F(pbuf_alloc) F(pbuf_free) F(pbuf_take) F(pbuf_copy_partial) F(tcp_active_pcbs) F(tcp_tw_pcbs) F(tcp_new_ip_type) \
	F(tcp_bind) F(tcp_connect) F(tcp_listen_with_backlog) F(tcp_arg) F(tcp_recv) F(tcp_sent) F(tcp_err) F(tcp_accept) \
	F(tcp_write) F(tcp_output) F(tcp_recved) F(tcp_shutdown) F(tcp_close) F(tcp_abort)

struct lwip { LIBRARY_POINTERS(LWIP_SYMBOLS) };

struct usernet;
const struct lwip *usernet_lwip(const struct usernet *u);

/* Between our addresses and lwIP's. */
void lwip_address(const uint8_t ip[16], ip_addr_t *out);
void lwip_put_address(const ip_addr_t *a, uint8_t ip[16]);

#endif
