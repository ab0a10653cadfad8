/* SPDX-License-Identifier: MIT
 *
 * Terminals: the line discipline (Linux's N_TTY) and job control, for any driver.
 *
 * A struct tty stands between a driver (the console, or the master side of a pty) and the open files of
 * guest processes.  The driver hands in what was typed with tty_receive() and takes what is to be shown out
 * of tty->out; everything in between is here:
 *
 *	ldisc.c		what was typed: editing, signals, echo, flow control; the input buffer
 *	tty_out.c	what is shown: OPOST, the column, the output buffer
 *	tty_file.c	read, write, poll of open terminals
 *	tty_ioctl.c	termios, window size, queues
 *	jobs.c		sessions, foreground groups, SIGTTIN and SIGTTOU, hang-up
 *	ctype.h		letters as the kernel sees them
 *
 * Behaviour follows drivers/tty/n_tty.c, tty_io.c, tty_jobctrl.c and tty_ioctl.c of Linux 6.12.
 */
#ifndef EMU_TTY_TTY_H
#define EMU_TTY_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "emu/fs/vfs.h"
#include "emu/kernel/wait.h"
#include "emu/tty/termios.h"

struct process;
struct task;
struct tty;

#define TTY_INPUT 4096u		/* N_TTY_BUF_SIZE */
#define TTY_OUTPUT 16384u	/* what a writer may put in before it has to wait */

/* What a driver does.  Only `drain` is required, and not even that with an `open` of its own. */
struct tty_driver {
	/*
	 * Opens a file on it, as fops->open.  NULL: the line discipline's files.  A driver with one only
	 * borrows job control.
	 */
	int (*open)(struct tty *tty, struct file *f);
	/* Takes what it can from the output buffer (tty_out_data(), tty_out_taken()). */
	void (*drain)(struct tty *tty);
	/* A reader has taken input: there is room for tty_receive() again. */
	void (*input_room)(struct tty *tty);
	/*
	 * A reader finds no input.  The driver may deliver some on the spot.  True: there is never going to be any
	 * more, the reader gets an end of file.
	 */
	bool (*input_wanted)(struct tty *tty);
	/* What only this kind of terminal knows; TTY_NOT_MINE for all else. */
	int64_t (*ioctl)(struct tty *tty, struct file *f, struct task *t, uint32_t cmd, uint32_t arg);
	/* A file of it was closed. */
	void (*closed)(struct tty *tty);
	/* An end of file was given to a reader because of that. */
	void (*end_of_input)(struct tty *tty);

	/* --- Of ptys; for others all of it is NULL or false --- */
	/*
	 * There is somebody on the other side, not a line: what is written counts as sent at once (TIOCOUTQ is 0, nothing
	 * waits for it), a stopped terminal takes nothing, and a session's end does not hang it up.
	 */
	bool pair;
	/* Instead of forgetting all output. */
	void (*flush_output)(struct tty *tty);
	/* The settings have changed. */
	void (*new_settings)(struct tty *tty, const struct tty_termios *old);
	/* What packet mode tells: TTY_PKT_* bits. */
	void (*packet)(struct tty *tty, uint8_t status);
};
enum {	/* TIOCPKT_* */
	TTY_PKT_DATA = 0, TTY_PKT_FLUSHREAD = 1, TTY_PKT_FLUSHWRITE = 2, TTY_PKT_STOP = 4, TTY_PKT_START = 8,
	TTY_PKT_NOSTOP = 16, TTY_PKT_DOSTOP = 32, TTY_PKT_IOCTL = 64,
};

struct tty_winsize { uint16_t rows, cols, xpixel, ypixel; };

struct tty {
	struct machine *machine;
	const struct tty_driver *driver;
	void *owner;			/* the driver's own */
	char name[16];			/* "ttyS0" */
	uint32_t dev;			/* what it is known by, whatever node it was opened through */
	struct tty_termios termios;
	struct tty_winsize winsize;
	int session, pgrp;		/* 0: nobody's */
	uint64_t generation;		/* grows with each hang-up: files opened before are dead */
	struct wait_queue readable, writable;

	/* Input: a ring; [tail, line) can be read, [line, head) is the line being edited. Positions only grow. */
	uint8_t in[TTY_INPUT];
	uint32_t is_end[TTY_INPUT / 32];	/* this byte ends a line (newline, EOL, or an EOF that is not data) */
	uint32_t tail, line, head;
	bool literal;			/* VLNEXT was typed */
	bool erasing;			/* ECHOPRT: inside \.../ */
	uint64_t last_input_ns;		/* for VTIME */

	/* Output: a plain buffer, drained from its start. */
	uint8_t *out;
	size_t out_start, out_end, out_size;
	bool stopped;			/* by STOP or TCOOFF: nothing is drained */
	bool tco_stopped;		/* by TCOOFF: no character starts it again, only TCOON */
	unsigned column, line_column;	/* where the cursor is; where the line being edited began */
	bool exclusive;			/* TIOCEXCL */
};

/* --- Making one --- */
/* Initialises an all-zero *tty; it lives until tty_fini().  0 or -ENOMEM. */
int tty_init(struct tty *tty, struct machine *m, const char *name, uint32_t dev, const struct tty_driver *driver,
	     void *owner);
void tty_fini(struct tty *tty);

/* --- For drivers --- */
/* Bytes from the keyboard; how many were taken (0: the buffer is full until somebody reads). */
size_t tty_receive(struct tty *tty, const void *bytes, size_t len);
/* What is to be shown next: NULL when there is nothing or output is stopped. */
const uint8_t *tty_out_data(struct tty *tty, size_t *len);
void tty_out_taken(struct tty *tty, size_t len);
/* Is there nothing to read? (a whole line, in canonical mode) */
bool tty_input_empty(const struct tty *tty);
/* Would this byte, typed now, be a signal? */
bool tty_is_signal(const struct tty *tty, uint8_t c);
/* Somebody let go of an unfinished line: it becomes readable. */
void tty_end_line(struct tty *tty);
void tty_set_winsize(struct tty *tty, const struct tty_winsize *w);
/* The line is lost (carrier, the other side of a pty, a session's end): see jobs.c. */
void tty_hangup(struct tty *tty, bool session_ended);

/* --- Job control --- */
/* The caller wants to read, or change settings: 0, or what the call returns (-EIO, -ERESTARTSYS after a signal). */
int tty_check_read(struct tty *tty, struct task *t);
int tty_check_change(struct tty *tty, struct task *t);
/* Makes it p's controlling terminal if p may have one and has none. */
void tty_acquire(struct tty *tty, struct process *p);
/* What a shell does for a job: the terminal becomes that of p's session, whose leader must have none, and p's group is in front. */
void tty_put_in_front(struct tty *tty, struct process *p);
/* A process has ended: a session leader's terminal is hung up. */
void tty_process_exit(struct process *p);
/* TIOCGPGRP, TIOCSPGRP, TIOCGSID, TIOCSCTTY, TIOCNOTTY; -ENOIOCTLCMD for others. */
#define TTY_NOT_MINE (-515)		/* ENOIOCTLCMD */
int64_t tty_job_ioctl(struct tty *tty, struct file *f, struct task *t, uint32_t cmd, uint32_t arg);

/* --- Open files --- */
extern const struct file_ops tty_file_ops;
/* Turns an opening file into one of tty's (f->private); from a driver's open. 0 or -errno. */
int tty_open(struct tty *tty, struct file *f);
/* As that for /dev/console, which no hang-up concerns, and which background processes may read and write. */
int tty_open_console(struct tty *tty, struct file *f);
/* Registers 5:0 (/dev/tty: whatever controls the caller), if that has not been done. 0 or -errno. */
int tty_register(struct machine *m);

/* --- Inside --- */
int64_t tty_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg);
/* Shows a byte of a writer's, processed as the settings say.  False: no room. */
bool tty_put(struct tty *tty, uint8_t c);
/* The same for echo, which may use the reserve behind TTY_OUTPUT and is lost when that is full. */
void tty_echo_put(struct tty *tty, uint8_t c);
size_t tty_out_pending(const struct tty *tty);	/* bytes not yet taken */
size_t tty_out_room(const struct tty *tty);
void tty_out_flush(struct tty *tty);		/* forgets them */
void tty_out_drain(struct tty *tty);
void tty_in_flush(struct tty *tty);
/* Takes up to len bytes for a reader: from one line in canonical mode.  Bytes (0: end of file), or -EAGAIN. */
int64_t tty_take(struct tty *tty, void *buf, size_t len);
/* Bytes a reader could have now (FIONREAD). */
size_t tty_in_count(const struct tty *tty);
/* After a change of ICANON: lines become bytes or bytes a line. */
void tty_mode_changed(struct tty *tty, const struct tty_termios *old);
/* STOP and START were typed, or the like; TCOOFF and TCOON come first (tco_stopped). */
void tty_stop(struct tty *tty);
void tty_start(struct tty *tty);
/* TCFLSH, TCXONC: 0 or -EINVAL. */
int64_t tty_flush(struct tty *tty, uint32_t which);
int64_t tty_flow(struct tty *tty, uint32_t action);
/* What a master does to its slave's settings, window size and the like; -ENOTTY for all else. */
int64_t tty_settings_ioctl(struct tty *tty, struct task *t, uint32_t cmd, uint32_t arg);
bool tty_dead(const struct file *f);		/* opened before the last hang-up */
/* Tells the driver, where it is the other side of a pty. */
static inline void tty_packet(struct tty *tty, uint8_t status)
{
	if (tty->driver->packet)
		tty->driver->packet(tty, status);
}

#endif
