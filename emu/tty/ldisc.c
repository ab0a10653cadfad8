/* SPDX-License-Identifier: MIT
 *
 * What was typed: the input side of N_TTY.  Each byte goes through take_byte(): flow control, signals, CR and
 * NL, line editing in canonical mode, echo, and into the ring.
 */
#include <errno.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/signal/signal.h"
#include "emu/tty/ctype.h"
#include "emu/tty/tty.h"

enum { SIG_INT = 2, SIG_QUIT = 3, SIG_TSTP = 20 };

static bool lflag(const struct tty *tty, uint32_t flag) { return tty->termios.lflag & flag; }
static bool iflag(const struct tty *tty, uint32_t flag) { return tty->termios.iflag & flag; }
/* Are there lines? With EXTPROC somebody else makes them (telnetd), and bytes go through as they are. */
static bool canonical(const struct tty *tty) { return (tty->termios.lflag & (TTY_ICANON | TTY_EXTPROC)) == TTY_ICANON; }

/* Is c the special character of that index? 0 switches one off. */
static bool is(const struct tty *tty, uint8_t c, int index)
{
	return c != TTY_DISABLED && tty->termios.cc[index] == c;
}

/* --- The ring --- */

static uint8_t at(const struct tty *tty, uint32_t pos) { return tty->in[pos % TTY_INPUT]; }

static bool ends_line(const struct tty *tty, uint32_t pos)
{
	pos %= TTY_INPUT;
	return tty->is_end[pos / 32] >> (pos % 32) & 1;
}

static void put(struct tty *tty, uint8_t c, bool end)
{
	uint32_t pos;

	if (tty->head - tty->tail == TTY_INPUT)
		tty->head--;	/* a byte that PARMRK doubles, at the very end */
	pos = tty->head++ % TTY_INPUT;

	tty->in[pos] = c;
	tty->is_end[pos / 32] &= ~(1u << (pos % 32));
	tty->is_end[pos / 32] |= (uint32_t)end << (pos % 32);
}

static void commit_line(struct tty *tty)
{
	tty->line = tty->head;
	wake_all(&tty->readable);
}

static void put_line_end(struct tty *tty, uint8_t c)
{
	put(tty, c, true);
	commit_line(tty);
}

void tty_in_flush(struct tty *tty)
{
	tty->tail = tty->line = tty->head = 0;
	tty->erasing = false;
	tty_packet(tty, TTY_PKT_FLUSHREAD);
}

bool tty_input_empty(const struct tty *tty)
{
	return (canonical(tty) ? tty->line : tty->head) == tty->tail;
}

size_t tty_in_count(const struct tty *tty)
{
	uint32_t n;

	if (!canonical(tty))
		return tty->head - tty->tail;
	n = tty->line - tty->tail;
	for (uint32_t pos = tty->tail; pos != tty->line; pos++)
		n -= ends_line(tty, pos) && at(tty, pos) == TTY_DISABLED;
	return n;
}

void tty_end_line(struct tty *tty)
{
	if (canonical(tty) && tty->head != tty->line)
		put_line_end(tty, TTY_DISABLED);
}

/* n_tty_set_termios() */
void tty_mode_changed(struct tty *tty, const struct tty_termios *old)
{
	if (!((old->lflag ^ tty->termios.lflag) & (TTY_ICANON | TTY_EXTPROC)))
		return;
	memset(tty->is_end, 0, sizeof tty->is_end);
	tty->line = tty->tail;
	if (lflag(tty, TTY_ICANON) && tty->head != tty->tail) {
		uint32_t last = (tty->head - 1) % TTY_INPUT;

		tty->is_end[last / 32] |= 1u << (last % 32);
		tty->line = tty->head;
	}
	tty->literal = tty->erasing = false;
	wake_all(&tty->readable);
}

/* --- Echo --- */

static void show(struct tty *tty, const char *text)
{
	for (; *text; text++)
		tty_echo_put(tty, (uint8_t)*text);
}

/* echo_char(): control characters as ^X. */
static void echo(struct tty *tty, uint8_t c)
{
	if (lflag(tty, TTY_ECHOCTL) && tty_is_control(c) && c != '\t') {
		tty_echo_put(tty, '^');
		tty_echo_put(tty, c ^ 0100);
	} else {
		tty_echo_put(tty, c);
	}
}

static void finish_erasing(struct tty *tty)
{
	if (tty->erasing) {
		tty_echo_put(tty, '/');
		tty->erasing = false;
	}
}

static void echo_typed(struct tty *tty, uint8_t c)
{
	finish_erasing(tty);
	if (tty->head == tty->line)
		tty->line_column = tty->column;
	echo(tty, c);
}

/* --- Line editing --- */

static bool continuation(const struct tty *tty, uint8_t c)
{
	return iflag(tty, TTY_IUTF8) && (c & 0xc0) == 0x80;
}

/* How far a tab at the end of the line moved the cursor: back to the last tab, or the line's start. */
static void erase_tab(struct tty *tty)
{
	unsigned chars = 0;
	bool after_tab = false;

	for (uint32_t pos = tty->head; pos != tty->line; ) {
		uint8_t c = at(tty, --pos);

		if (c == '\t') {
			after_tab = true;
			break;
		}
		if (tty_is_control(c))
			chars += lflag(tty, TTY_ECHOCTL) ? 2 : 0;
		else if (!continuation(tty, c))
			chars++;
	}
	if (!after_tab)
		chars += tty->line_column;
	for (chars = 8 - (chars & 7); chars; chars--)
		tty_echo_put(tty, '\b');
}

enum erase { ERASE_CHAR, ERASE_WORD, ERASE_LINE };

/* Shows that the character at pos (and its continuation bytes up to old_head) is gone. */
static void echo_erased(struct tty *tty, enum erase what, uint32_t old_head)
{
	uint8_t c = at(tty, tty->head);

	if (lflag(tty, TTY_ECHOPRT)) {
		if (!tty->erasing) {
			tty_echo_put(tty, '\\');
			tty->erasing = true;
		}
		echo(tty, c);
		for (uint32_t pos = tty->head + 1; pos != old_head; pos++) {
			tty_echo_put(tty, at(tty, pos));
			tty->column -= tty->column > 0;	/* ECHO_OP_MOVE_BACK_COL */
		}
	} else if (what == ERASE_CHAR && !lflag(tty, TTY_ECHOE)) {
		echo(tty, tty->termios.cc[TTY_VERASE]);
	} else if (c == '\t') {
		erase_tab(tty);
	} else {
		if (tty_is_control(c) && lflag(tty, TTY_ECHOCTL))
			show(tty, "\b \b");
		if (!tty_is_control(c) || lflag(tty, TTY_ECHOCTL))
			show(tty, "\b \b");
	}
}

static void erase(struct tty *tty, enum erase what)
{
	bool in_word = false;

	if (tty->head == tty->line)
		return;
	if (what == ERASE_LINE) {
		if (!lflag(tty, TTY_ECHO)) {
			tty->head = tty->line;
			return;
		}
		if (!lflag(tty, TTY_ECHOK) || !lflag(tty, TTY_ECHOKE) || !lflag(tty, TTY_ECHOE)) {
			tty->head = tty->line;
			finish_erasing(tty);
			echo(tty, tty->termios.cc[TTY_VKILL]);
			if (lflag(tty, TTY_ECHOK))
				tty_echo_put(tty, '\n');
			return;
		}
	}
	while (tty->head != tty->line) {
		uint32_t pos = tty->head, old_head = pos;
		uint8_t c;

		do
			c = at(tty, --pos);
		while (continuation(tty, c) && pos != tty->line);
		if (continuation(tty, c))
			break;		/* half a character: leave it */
		if (what == ERASE_WORD) {
			bool word = tty_is_word(c);

			if (!word && in_word)
				break;
			in_word |= word;
		}
		tty->head = pos;
		if (lflag(tty, TTY_ECHO))
			echo_erased(tty, what, old_head);
		if (what == ERASE_CHAR)
			break;
	}
	if (tty->head == tty->line && lflag(tty, TTY_ECHO))
		finish_erasing(tty);
}

static void reprint(struct tty *tty)
{
	finish_erasing(tty);
	echo(tty, tty->termios.cc[TTY_VREPRINT]);
	tty_echo_put(tty, '\n');
	tty->line_column = tty->column;
	for (uint32_t pos = tty->line; pos != tty->head; pos++)
		echo(tty, at(tty, pos));
}

/* Canonical mode's special characters.  True: c is dealt with. */
static bool edit(struct tty *tty, uint8_t c)
{
	bool extended = lflag(tty, TTY_IEXTEN);

	if (is(tty, c, TTY_VERASE))
		erase(tty, ERASE_CHAR);
	else if (is(tty, c, TTY_VKILL))
		erase(tty, ERASE_LINE);
	else if (extended && is(tty, c, TTY_VWERASE))
		erase(tty, ERASE_WORD);
	else if (extended && is(tty, c, TTY_VLNEXT)) {
		tty->literal = true;
		if (lflag(tty, TTY_ECHO)) {
			finish_erasing(tty);
			if (lflag(tty, TTY_ECHOCTL))
				show(tty, "^\b");
		}
	} else if (extended && lflag(tty, TTY_ECHO) && is(tty, c, TTY_VREPRINT)) {
		reprint(tty);
	} else if (c == '\n') {
		if (lflag(tty, TTY_ECHO) || lflag(tty, TTY_ECHONL))
			tty_echo_put(tty, '\n');
		put_line_end(tty, c);
	} else if (is(tty, c, TTY_VEOF)) {
		put_line_end(tty, TTY_DISABLED);
	} else if (is(tty, c, TTY_VEOL) || (extended && is(tty, c, TTY_VEOL2))) {
		if (lflag(tty, TTY_ECHO))
			echo_typed(tty, c);
		if (iflag(tty, TTY_PARMRK) && c == 0xff)
			put(tty, c, false);
		put_line_end(tty, c);
	} else {
		return false;
	}
	return true;
}

/* --- A byte's way --- */

static void send_signal(struct tty *tty, int signo, uint8_t c)
{
	if (tty->pgrp)
		signal_send_group(tty->machine, tty->pgrp, signo, NULL);
	if (!lflag(tty, TTY_NOFLSH)) {
		/* On a console, what was typed just before is to be seen. */
		if (!tty->driver->pair)
			tty_out_drain(tty);
		tty_out_flush(tty);
		tty_in_flush(tty);
	}
	if (iflag(tty, TTY_IXON))
		tty_start(tty);
	if (lflag(tty, TTY_ECHO))
		echo(tty, c);
	/* What a reader had begun is gone. */
	wake_all(&tty->readable);
}

static bool signal_char(struct tty *tty, uint8_t c)
{
	static const struct { int index, signo; } signals[] = {
		{ TTY_VINTR, SIG_INT }, { TTY_VQUIT, SIG_QUIT }, { TTY_VSUSP, SIG_TSTP },
	};

	for (unsigned i = 0; i < 3 && lflag(tty, TTY_ISIG); i++) {
		if (is(tty, c, signals[i].index)) {
			send_signal(tty, signals[i].signo, c);
			return true;
		}
	}
	return false;
}

static bool flow_char(struct tty *tty, uint8_t c)
{
	if (!iflag(tty, TTY_IXON))
		return false;
	if (is(tty, c, TTY_VSTART))
		tty_start(tty);
	else if (is(tty, c, TTY_VSTOP))
		tty_stop(tty);
	else
		return false;
	return true;
}

/* IXANY: whatever is typed starts the output again. */
static void restart_output(struct tty *tty)
{
	if (iflag(tty, TTY_IXON) && iflag(tty, TTY_IXANY))
		tty_start(tty);
}

/* made: it is no byte that was typed, but what another one was turned into. */
static void store(struct tty *tty, uint8_t c, bool made)
{
	if (lflag(tty, TTY_ECHO)) {
		if (c == '\n' && made) {
			finish_erasing(tty);
			tty_echo_put(tty, '\n');
		} else {
			echo_typed(tty, c);
		}
	}
	if (iflag(tty, TTY_PARMRK) && c == 0xff)
		put(tty, c, false);
	put(tty, c, false);
	if (!canonical(tty))
		wake_all(&tty->readable);
}

static void take_byte(struct tty *tty, uint8_t c)
{
	uint8_t typed;

	if (iflag(tty, TTY_ISTRIP))
		c &= 0x7f;
	if (iflag(tty, TTY_IUCLC) && lflag(tty, TTY_IEXTEN))
		c = tty_to_lower(c);
	if (tty->literal) {
		tty->literal = false;
		restart_output(tty);
		store(tty, c, false);
		return;
	}
	if (lflag(tty, TTY_EXTPROC)) {
		put(tty, c, false);
		wake_all(&tty->readable);
		return;
	}
	if (flow_char(tty, c) || signal_char(tty, c))
		return;
	restart_output(tty);
	typed = c;
	if (c == '\r') {
		if (iflag(tty, TTY_IGNCR))
			return;
		if (iflag(tty, TTY_ICRNL))
			c = '\n';
	} else if (c == '\n' && iflag(tty, TTY_INLCR)) {
		c = '\r';
	}
	if (canonical(tty) && edit(tty, c))
		return;
	store(tty, c, c != typed);
}

bool tty_is_signal(const struct tty *tty, uint8_t c)
{
	return lflag(tty, TTY_ISIG) && (is(tty, c, TTY_VINTR) || is(tty, c, TTY_VQUIT) || is(tty, c, TTY_VSUSP));
}

/*
 * Is there room for a byte? (n_tty_receive_buf_common())  Where PARMRK is set, it is a third of what there is: a byte may
 * become three.  Of an endless line what comes too late replaces its last byte, so that its end still fits.
 */
static bool make_room(struct tty *tty)
{
	int room = (int)(TTY_INPUT - (tty->head - tty->tail));

	if (iflag(tty, TTY_PARMRK))
		room = (room + 2) / 3;
	if (--room > 0)
		return true;
	if (!canonical(tty) || tty->line != tty->tail)
		return false;
	if (room < 0)
		tty->head--;
	return true;
}

size_t tty_receive(struct tty *tty, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t n;

	for (n = 0; n < len && make_room(tty); n++)
		take_byte(tty, p[n]);
	if (n)
		tty->last_input_ns = clock_monotonic(tty->machine);
	tty_out_drain(tty);
	return n;
}

/* --- Reading --- */

/* canon_copy_from_read_buf(): at most one line; an EOF behind exactly len bytes goes with them. */
static int64_t take_line(struct tty *tty, uint8_t *dst, size_t len)
{
	uint32_t have = tty->line - tty->tail, n = 0;

	if (!have)
		return -EAGAIN;
	while (n < have) {
		uint8_t c = at(tty, tty->tail);
		bool end = ends_line(tty, tty->tail);

		if (end && c == TTY_DISABLED) {
			tty->tail++;
			break;
		}
		if (n == len)
			break;
		dst[n++] = c;
		tty->tail++;
		if (end)
			break;
	}
	return n;
}

int64_t tty_take(struct tty *tty, void *buf, size_t len)
{
	uint32_t n = tty->head - tty->tail;
	uint8_t *dst = buf;

	if (canonical(tty))
		return take_line(tty, buf, len);
	if (!n)
		return -EAGAIN;
	if (n > len)
		n = (uint32_t)len;
	for (uint32_t i = 0; i < n; i++)
		dst[i] = at(tty, tty->tail++);
	tty->line = tty->tail;
	/* A lone end-of-file character of somebody else's lines is one (copy_from_read_buf()). */
	if (n == 1 && lflag(tty, TTY_EXTPROC) && lflag(tty, TTY_ICANON) && dst[0] == tty->termios.cc[TTY_VEOF] &&
	    tty->head == tty->tail)
		return 0;
	return n;
}
