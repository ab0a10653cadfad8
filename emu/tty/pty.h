/* SPDX-License-Identifier: MIT
 *
 * Pseudo-terminals (drivers/tty/pty.c, fs/devpts/inode.c).
 *
 * A pty is two files: a master, which opening /dev/ptmx makes, and a slave, /dev/pts/N, which is a terminal like any
 * other.  The slave is a struct tty with the line discipline; the master is its driver: what is written to the master
 * was typed, what the slave shows is read from the master.
 *
 *	pty.c		the pair: its life, the master's read, write and poll
 *	pty_ioctl.c	the master's ioctls, packet mode
 *	devpts.c	the file system where the slaves have their names
 *
 * Linux's master is a raw terminal of its own, with an input buffer of 4095 bytes behind one of some 8 KiB.  Here the
 * slave's output buffer is the only one in that direction; what would have reached the first of the two there cannot be
 * flushed any more, here neither.
 *
 * A pty lives until its master and all files of its slave are closed.  It is charged to the file systems' memory
 * (vfs_charge()), so no guest can take more of the host's than it has RAM.
 */
#ifndef EMU_TTY_PTY_H
#define EMU_TTY_PTY_H

#include "emu/tty/tty.h"

#define PTY_TYPED 8192u		/* what a master may write beyond what the slave's input buffer takes */
#define PTY_DELIVERED 4095u	/* output that cannot be flushed any more */
enum { PTY_SLAVE_MAJOR = 136, PTY_MAX_DEFAULT = 4096 };

struct pty {
	struct tty slave;
	struct fs_super *instance;	/* the devpts it is in; a reference */
	struct dentry *node;		/* its name there, a reference; NULL when the master is closed */
	unsigned index;			/* N */
	unsigned refs;			/* the master and files of the slave */
	unsigned slaves;		/* files of the slave */
	bool master_closed;
	bool slave_closed;		/* it was open, the last file of it was closed */
	bool locked;			/* TIOCSPTLCK: it cannot be opened; so at first */
	bool exclusive;			/* TIOCEXCL on the master: has no effect but to be told */
	bool stopped;			/* TCOOFF on the master: it cannot write */
	bool packet;			/* TIOCPKT */
	uint8_t status;			/* to be told in packet mode: TTY_PKT_* */
	size_t visible;			/* bytes of slave.out for the master: not what is held back while it is stopped */
	uint8_t *typed;			/* PTY_TYPED bytes, made when first needed */
	size_t typed_start, typed_end;
	struct wait_queue readable, writable;	/* for the master */
};

/* Makes "devpts" known, and 5:2 (/dev/ptmx).  0 or -errno. */
int pty_register(struct machine *m);

/* --- devpts.c --- */
int devpts_register(struct machine *m);
/* The instance that a file of 5:2 means, and where it is mounted: in *mnt, with a reference.  0, -ENOENT, -ENODEV. */
int devpts_of(const struct file *ptmx, struct path_ref *root);
/* The lowest free number: >= 0, -ENOSPC, -ENOMEM. */
int devpts_new_index(struct fs_super *s);
void devpts_free_index(struct fs_super *s, unsigned index);
/* Makes the slave's name.  0 and pty->node, or -errno. */
int devpts_add(struct pty *pty, const struct task *t);
void devpts_remove(struct pty *pty);
/* The pty behind a slave's inode; NULL when its master is closed, or for an inode that is none. */
struct pty *devpts_pty(const struct inode *i);

/* --- Inside --- */
int64_t pty_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg);
size_t pty_readable(const struct pty *pty);	/* bytes for the master */
void pty_flush_output(struct tty *slave);	/* of the slave: what has not been delivered */
/* What the slave's settings and flow control tell a master in packet mode. */
void pty_packet(struct tty *slave, uint8_t status);
void pty_new_settings(struct tty *slave, const struct tty_termios *old);
/* All that the slave has shown goes (TCIFLUSH of the master). */
void pty_discard(struct pty *pty);

#endif
