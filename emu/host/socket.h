/* SPDX-License-Identifier: MIT
 *
 * Sockets of the host for `--net host`: the only place where a guest's bytes meet the network.  All are non-blocking,
 * closed on exec, and raise no signals.  Addresses are those of the internet families in IPv6 form, IPv4 as ::ffff:a.b.c.d;
 * ports in the host's order.  Errors are negative errno, whose numbers are the guest's.
 */
#ifndef EMU_HOST_SOCKET_H
#define EMU_HOST_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct host_end { uint8_t ip[16]; uint16_t port; };

int host_socket_open(bool stream, bool four);		/* a descriptor */
void host_socket_close(int fd);
int host_socket_bind(int fd, const struct host_end *to);
int host_socket_connect(int fd, const struct host_end *to);	/* 0, -EINPROGRESS, ... */
int host_socket_disconnect(int fd);			/* AF_UNSPEC: it can connect or listen once more */
int host_socket_listen(int fd, int backlog);
int host_socket_accept(int fd);				/* a descriptor; -EAGAIN */
int host_socket_name(int fd, bool peer, struct host_end *out);
/* to, from: may be NULL.  flags: MSG_PEEK, MSG_OOB, MSG_TRUNC, MSG_MORE; no others are passed on. */
int64_t host_socket_send(int fd, const struct iovec *vec, unsigned count, int flags, const struct host_end *to);
int64_t host_socket_receive(int fd, struct iovec *vec, unsigned count, int flags, struct host_end *from, bool *truncated);
int host_socket_shutdown(int fd, int how);		/* SHUT_RD ... */
int host_socket_error(int fd);				/* SO_ERROR: positive errno, forgotten by it; 0 */
int host_socket_ready(int fd);				/* POLLIN ... now */
uint32_t host_socket_waiting(int fd);			/* FIONREAD */
/* Options that change nothing for anybody else. */
enum host_socket_option { HOST_REUSE, HOST_KEEPALIVE, HOST_BROADCAST, HOST_NODELAY };
void host_socket_option(int fd, enum host_socket_option o, bool on);
void host_socket_linger(int fd, bool on, int seconds);

#endif
