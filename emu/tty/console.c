/* SPDX-License-Identifier: MIT
 *
 * Two ways of typing.  From a terminal: whatever comes is looked through for Ctrl-A and handed on at once.  From
 * a pipe or file: bytes wait here until a reader asks (input_wanted()), who gets the next line; only a
 * character that is a signal to the guest does not wait for a reader.
 */
#include "emu/tty/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "emu/debug/task_list.h"
#include "emu/board.h"
#include "emu/display/display.h"
#include "emu/host/channel.h"
#include "emu/host/poll.h"
#include "emu/host/signals.h"
#include "emu/host/terminal.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/machine.h"
#include "emu/tty/input_script.h"
#include "emu/tty/tty.h"

#define TYPED_MAX (64u << 10)	/* what may wait to be taken by the line discipline */
#define ESCAPE 1		/* Ctrl-A */
#define ENDS_MAX 8		/* so many ends of file in a row: nobody is going to finish because of them */
#define DRAIN_PATIENCE 5000	/* ms a terminal may stand still when we end */

struct console {
	struct machine *machine;
	struct tty tty;
	struct channel in, out;
	bool terminal;		/* input is one */
	struct input_script *script;	/* --input: nothing is read; NULL: none */
	bool out_terminal;
	bool escape;		/* Ctrl-A was typed */
	bool in_ended, silent;	/* no more input; and readers are not told */
	bool out_lost;		/* nobody takes our output any more */
	bool ever_typed, mid_line;
	bool out_waiting;	/* listening for room */
	unsigned ends;
	uint8_t typed[TYPED_MAX];
	size_t typed_start, typed_end;
};

static void stop_machine(struct console *c, int status)
{
	c->machine->status = status;
	c->machine->halted = true;
}

/* --- Output --- */

static void drain(struct tty *tty);

static void on_room(void *owner, int events)
{
	struct console *c = owner;

	(void)events;
	c->out_waiting = false;
	host_listen(c->machine, c->out.fd, 0, NULL, NULL);
	drain(&c->tty);
}

static void output_lost(struct console *c, int err)
{
	c->out_lost = true;
	tty_out_flush(&c->tty);
	klog(c->machine, KLOG_ERR, "console: nobody takes the output (%s): stopping", strerror(-err));
	stop_machine(c, err == -EPIPE ? 128 + 13 : 1);
}

static void drain(struct tty *tty)
{
	struct console *c = tty->owner;
	const uint8_t *data;
	size_t len;

	while ((data = tty_out_data(tty, &len))) {
		int64_t n = c->out_lost ? (int64_t)len : channel_write(&c->out, data, len);

		if (n == -EAGAIN) {
			if (!c->out_waiting)
				c->out_waiting = !host_listen(c->machine, c->out.fd, POLLOUT, on_room, c);
			return;
		}
		if (n < 0) {
			output_lost(c, (int)n);
			return;
		}
		if (c->script)
			input_script_saw(c->script, data, (size_t)n);
		tty_out_taken(tty, (size_t)n);
	}
}

/* A message of the emulator's own, on a line of its own. */
static void say(struct console *c, const char *text)
{
	size_t len = strlen(text);

	tty_out_drain(&c->tty);
	while (len) {
		int64_t n = channel_write(&c->out, text, len);

		if (n <= 0)
			return;		/* a terminal that does not take it need not be told */
		text += n;
		len -= (size_t)n;
	}
}

/* --- What waits to be typed --- */

static size_t waiting(const struct console *c) { return c->typed_end - c->typed_start; }

/* Room behind what waits. */
static size_t make_room(struct console *c)
{
	if (c->typed_start) {
		memmove(c->typed, c->typed + c->typed_start, waiting(c));
		c->typed_end -= c->typed_start;
		c->typed_start = 0;
	}
	return TYPED_MAX - c->typed_end;
}

/* Hands over up to len of the bytes that wait. */
static void type(struct console *c, size_t len)
{
	size_t n = tty_receive(&c->tty, c->typed + c->typed_start, len);

	c->typed_start += n;
	if (n) {
		c->mid_line = c->typed[c->typed_start - 1] != '\n';
		c->ever_typed = true;
		c->ends = 0;
	}
}

static void type_line(struct console *c)
{
	const uint8_t *start = c->typed + c->typed_start, *nl;

	if (!waiting(c))
		return;
	nl = memchr(start, '\n', waiting(c));
	type(c, nl ? (size_t)(nl - start) + 1 : waiting(c));
}

/* --- From a terminal --- */

static void take_screenshot(struct console *c)
{
	char why[DISPLAY_WHY];

	if (display_screenshot(c->machine, why)) {
		say(c, "\r\nflat32: no screenshot: ");
		say(c, why);
		say(c, "\r\n");
	}
}

static void escape_command(struct console *c, uint8_t key)
{
	switch (key) {
	case 'x':
		say(c, "\r\nflat32: ended\r\n");
		stop_machine(c, 0);
		break;
	case 'z':
		say(c, "\r\n");
		host_suspend(c->machine);
		break;
	case 'd':
		say(c, "\r\n");
		board_dump(c->machine, stderr);
		break;
	case 't':
		say(c, "\r\n");
		task_list_print(c->machine, stderr);
		break;
	case 's':
		take_screenshot(c);
		break;
	case ESCAPE:
		if (make_room(c))
			c->typed[c->typed_end++] = ESCAPE;
		break;
	case 'h': case '?':
		say(c, "\r\nCtrl-A x  end the emulator\r\nCtrl-A z  suspend it\r\nCtrl-A d  show the state of its devices\r\n"
		    "Ctrl-A t  list its tasks\r\n"
		    "Ctrl-A s  write the --screenshot now\r\nCtrl-A h  this help\r\nCtrl-A Ctrl-A  send Ctrl-A\r\n");
		break;
	}
}

static void typed_on_terminal(struct console *c, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (c->escape) {
			c->escape = false;
			escape_command(c, bytes[i]);
		} else if (bytes[i] == ESCAPE) {
			c->escape = true;
		} else if (make_room(c)) {
			c->typed[c->typed_end++] = bytes[i];
		}
	}
	type(c, waiting(c));
}

/* --- From --input --- */

static void typed_by_script(void *owner, const char *bytes, size_t len)
{
	struct console *c = owner;
	size_t room = make_room(c);

	if (!len) {
		c->in_ended = true;
		wake_all(&c->tty.readable);
		return;
	}
	if (len > room)
		klog(c->machine, KLOG_WARNING, "console: nobody reads: %zu bytes of --input are lost", len - room);
	len = len < room ? len : room;
	memcpy(c->typed + c->typed_end, bytes, len);
	c->typed_end += len;
	type(c, waiting(c));
}

/* --- From a pipe or file --- */

/* Ctrl-C and its like reach programs that do not read, once all that was typed before is read. */
static void type_signals(struct console *c)
{
	while (waiting(c) && tty_input_empty(&c->tty) && tty_is_signal(&c->tty, c->typed[c->typed_start]))
		type(c, 1);
}

static void listen(struct console *c);

static void read_ahead(struct console *c)
{
	size_t room = make_room(c);
	int64_t n;

	if (c->in_ended || !room || c->script)
		return;
	n = channel_read(&c->in, c->typed + c->typed_end, room < 4096 ? room : 4096);
	if (n > 0)
		c->typed_end += (size_t)n;
	else if (n != -EAGAIN)
		c->in_ended = true;
}

static void on_input(void *owner, int events)
{
	struct console *c = owner;
	uint8_t bytes[512];
	int64_t n;

	(void)events;
	if (c->terminal) {
		n = channel_read(&c->in, bytes, sizeof bytes);
		if (n > 0) {
			typed_on_terminal(c, bytes, (size_t)n);
		} else if (n != -EAGAIN) {
			klog(c->machine, KLOG_ERR, "console: the terminal is gone: stopping");
			c->in_ended = true;
			stop_machine(c, 128 + 1);
		}
	} else {
		read_ahead(c);
		type_signals(c);
		/* Whoever waits for input asks again, and gets it then. */
		wake_all(&c->tty.readable);
	}
	listen(c);
}

/* A terminal is always listened to (Ctrl-A); a pipe while there is room; a file never: it is read when wanted. */
static void listen(struct console *c)
{
	bool want = !c->in_ended && !c->script && c->in.kind != CHANNEL_FILE && (c->terminal || make_room(c) >= 4096);

	host_listen(c->machine, c->in.fd, want ? POLLIN : 0, on_input, c);
}

/*
 * A script whose last line has no newline.  Canonical mode hands over what there is; a program that edits its lines
 * itself would wait for the key that ends them.
 */
static void end_last_line(struct console *c)
{
	if (c->tty.termios.lflag & TTY_ICANON)
		tty_end_line(&c->tty);
	else if (c->mid_line)
		tty_receive(&c->tty, "\n", 1);
	c->mid_line = false;
}

static bool input_wanted(struct tty *tty)
{
	struct console *c = tty->owner;

	if (c->terminal || (c->script && !c->in_ended))
		return false;
	if (!waiting(c)) {
		read_ahead(c);
		listen(c);
	}
	type_line(c);
	if (!c->in_ended || waiting(c) || !tty_input_empty(tty))
		return false;
	end_last_line(c);
	return tty_input_empty(tty) && !c->silent;
}

static void end_of_input(struct tty *tty)
{
	struct console *c = tty->owner;

	if (++c->ends < ENDS_MAX)
		return;
	if (c->ever_typed) {
		klog(c->machine, KLOG_WARNING, "console: input has ended and nobody stops: stopping");
		stop_machine(c, 0);
	} else {
		klog(c->machine, KLOG_INFO, "console: there is no input");
		c->silent = true;
	}
}

static void input_room(struct tty *tty)
{
	struct console *c = tty->owner;

	if (c->terminal || c->script) {
		if (waiting(c))
			type(c, waiting(c));
	} else {
		type_signals(c);
	}
}

/* --- Devices --- */

static int open_line(struct file *f)
{
	struct console *c = f->inode->super->machine->console;

	return c ? tty_open(&c->tty, f) : -ENXIO;
}

static int open_console(struct file *f)
{
	struct console *c = f->inode->super->machine->console;

	return c ? tty_open_console(&c->tty, f) : -ENODEV;
}

static const struct file_ops line_ops = { .open = open_line }, console_ops = { .open = open_console };

int console_open(struct machine *m, struct file **out)
{
	struct vfs_cred root = { .caps = VFS_ALL_CAPS };
	struct fs_context fs;
	struct walk w = { .fs = &fs, .cred = &root, .flags = WALK_FOLLOW };
	struct inode *inode;
	struct file *f;
	int err;

	fs_context_root(m, &fs);
	err = vfs_open(&w, "/dev/console", O_RDWR, 0, out);
	path_put(&fs.root);
	path_put(&fs.cwd);
	if (!err)
		return 0;
	/* An image without /dev: the console all the same, as a file without a name. */
	inode = vfs_anon_inode(m, 0020000 /* S_IFCHR */ | 0600);
	if (!inode)
		return -ENOMEM;
	inode->rdev = vfs_makedev(5, 1);
	f = file_new(inode, &console_ops, O_RDWR);
	inode_put(inode);
	if (!f)
		return -ENOMEM;
	err = open_console(f);
	if (err) {
		file_put(f);
		return err;
	}
	*out = f;
	return 0;
}

void console_resized(struct machine *m)
{
	struct console *c = m->console;
	struct tty_winsize w = { .rows = 24, .cols = 80 };	/* for a script, as good as any */

	if (!c)
		return;
	if (!terminal_size(c->out.fd, &w.rows, &w.cols))
		terminal_size(c->in.fd, &w.rows, &w.cols);
	tty_set_winsize(&c->tty, &w);
}

/* --- Life --- */

static const struct tty_driver driver = {
	.drain = drain,
	.input_room = input_room,
	.input_wanted = input_wanted,
	.end_of_input = end_of_input,
};

static int register_devices(struct machine *m)
{
	const struct vfs_chrdev line = { .dev = vfs_makedev(4, 64), .name = "ttyS0", .mode = 0660, .fops = &line_ops };
	const struct vfs_chrdev console = { .dev = vfs_makedev(5, 1), .name = "console", .mode = 0600,
					    .fops = &console_ops };
	int err = tty_register(m);

	if (!err)
		err = vfs_register_chrdev(m, &console);
	return err ? err : vfs_register_chrdev(m, &line);
}

int console_new(struct machine *m, struct input_script *script)
{
	struct console *c = calloc(1, sizeof *c);
	int err;

	if (!c)
		return -ENOMEM;
	c->machine = m;
	err = tty_init(&c->tty, m, "ttyS0", vfs_makedev(4, 64), &driver, c);
	if (err)
		goto fail;
	m->console = c;
	channel_open(&c->in, STDIN_FILENO, O_RDONLY);
	channel_open(&c->out, STDOUT_FILENO, O_WRONLY);
	channel_use(&c->in);
	channel_use(&c->out);
	c->terminal = !script && isatty(STDIN_FILENO);
	c->out_terminal = isatty(STDOUT_FILENO);
	c->in_ended = !script && channel_is_closed(STDIN_FILENO);
	err = register_devices(m);
	if (!err && script)
		err = input_script_start(script, m, typed_by_script, c);
	if (!err && c->terminal)
		err = terminal_raw(STDIN_FILENO);
	if (err)
		goto fail_console;
	if (terminal_was_utf8())
		c->tty.termios.iflag |= TTY_IUTF8;
	c->script = script;
	console_resized(m);
	listen(c);
	m->terminal = &c->tty;
	return 0;
fail_console:
	console_free(m);
	return err;
fail:
	free(c);
	return err;
}

/* The last words.  A pipe's reader may take its time (a pager); a terminal that stands still is given up. */
static void flush_output(struct console *c)
{
	struct pollfd p = { c->out.fd, POLLOUT, 0 };

	c->tty.stopped = false;
	for (;;) {
		drain(&c->tty);
		if (!tty_out_pending(&c->tty) || c->out_lost)
			return;
		if (poll(&p, 1, c->out_terminal ? DRAIN_PATIENCE : -1) == 0)
			return;
	}
}

void console_free(struct machine *m)
{
	struct console *c = m->console;

	if (!c)
		return;
	flush_output(c);
	host_listen(m, c->in.fd, 0, NULL, NULL);
	host_listen(m, c->out.fd, 0, NULL, NULL);
	channel_close(&c->in);
	channel_close(&c->out);
	terminal_restore();
	if (m->terminal == &c->tty)
		m->terminal = NULL;
	input_script_free(c->script);
	tty_fini(&c->tty);
	free(c);
	m->console = NULL;
}
