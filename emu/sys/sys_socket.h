/* SPDX-License-Identifier: MIT
 *
 * What the socket calls share: private to sys_socket.c, sys_sockmsg.c, sys_mmsg.c and, for read and write, sys_rw.c.
 */
#ifndef EMU_SYS_SOCKET_H
#define EMU_SYS_SOCKET_H

#include "emu/kernel/files.h"
#include "emu/net/net.h"

/* The socket behind fd: 0, -EBADF or -ENOTSOCK. */
int socket_of(struct task *t, uint32_t fd, struct file **f, struct sock **s);
/* An address of the guest's: 0, -EINVAL (longer than 128 bytes), -EFAULT. */
int socket_get_addr(struct task *t, uint32_t addr, int32_t len, struct sock_addr *out);
/* Stores it, cut to the length at *len_addr, which becomes the whole length. */
int socket_put_addr(struct task *t, uint32_t addr, uint32_t len_addr, const struct sock_addr *a);
/*
 * An operation on s answered -EAGAIN: waits at q until `timeout` (SO_RCVTIMEO, SO_SNDTIMEO) is over.  SYS_BLOCK,
 * -EAGAIN, -EINTR, -ERESTARTSYS.
 */
int64_t socket_wait(struct task *t, struct wait_queue *q, uint64_t timeout);
/* read, write, readv, writev: a message each. */
int64_t socket_io(struct io *io, bool writes);

/* --- One message: sendmsg(2), recvmsg(2), for these and sendmmsg, recvmmsg. --- */
/* Bytes, SYS_BLOCK, -errno. `at`: the guest's struct msghdr. */
int64_t socket_sendmsg(struct task *t, struct file *f, struct sock *s, uint32_t at, uint32_t flags);
int64_t socket_recvmsg(struct task *t, struct file *f, struct sock *s, uint32_t at, uint32_t flags, uint32_t *out_flags);

#endif
