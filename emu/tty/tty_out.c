/* SPDX-License-Identifier: MIT
 *
 * What is shown: output processing (do_output_char() of drivers/tty/n_tty.c) into a buffer that the driver
 * empties.
 */
#include <poll.h>
#include <string.h>
#include "emu/tty/ctype.h"
#include "emu/tty/tty.h"

#define ECHO_RESERVE 4096u	/* behind TTY_OUTPUT, for echo only: typing shows although a writer waits */

static bool opost(const struct tty *tty, uint32_t flag)
{
	return tty->termios.oflag & flag;
}

size_t tty_out_pending(const struct tty *tty) { return tty->out_end - tty->out_start; }

size_t tty_out_room(const struct tty *tty)
{
	size_t n = tty_out_pending(tty);

	if (tty->stopped && tty->driver->pair)
		return 0;
	return n < TTY_OUTPUT ? TTY_OUTPUT - n : 0;
}

static bool append(struct tty *tty, const void *bytes, size_t len, size_t limit)
{
	if (tty_out_pending(tty) + len > limit)
		return false;
	if (tty->out_end + len > tty->out_size) {
		memmove(tty->out, tty->out + tty->out_start, tty_out_pending(tty));
		tty->out_end -= tty->out_start;
		tty->out_start = 0;
	}
	memcpy(tty->out + tty->out_end, bytes, len);
	tty->out_end += len;
	return true;
}

static bool is_continuation(const struct tty *tty, uint8_t c)
{
	return (tty->termios.iflag & TTY_IUTF8) && (c & 0xc0) == 0x80;
}

/* False: no room for it, nothing is changed. */
static bool process(struct tty *tty, uint8_t c, size_t limit)
{
	unsigned column = tty->column, line_column = tty->line_column, spaces;
	const char *text = NULL;

	if (!opost(tty, TTY_OPOST))
		return append(tty, &c, 1, limit);
	switch (c) {
	case '\n':
		if (opost(tty, TTY_ONLRET))
			column = 0;
		if (opost(tty, TTY_ONLCR)) {
			column = 0;
			text = "\r\n";
		}
		line_column = column;
		break;
	case '\r':
		if (opost(tty, TTY_ONOCR) && column == 0)
			return true;
		if (opost(tty, TTY_OCRNL)) {
			c = '\n';
			if (opost(tty, TTY_ONLRET))
				column = line_column = 0;
			break;
		}
		column = line_column = 0;
		break;
	case '\t':
		spaces = 8 - (column & 7);
		column += spaces;
		if ((tty->termios.oflag & TTY_TABDLY) == TTY_XTABS)
			text = &"        "[8 - spaces];
		break;
	case '\b':
		column -= column > 0;
		break;
	default:
		if (tty_is_control(c))
			break;
		if (opost(tty, TTY_OLCUC))
			c = tty_to_upper(c);
		if (!is_continuation(tty, c))
			column++;
	}
	if (!(text ? append(tty, text, strlen(text), limit) : append(tty, &c, 1, limit)))
		return false;
	tty->column = column;
	tty->line_column = line_column;
	return true;
}

bool tty_put(struct tty *tty, uint8_t c)
{
	if (tty->stopped && tty->driver->pair)
		return false;
	return process(tty, c, TTY_OUTPUT);
}

void tty_echo_put(struct tty *tty, uint8_t c)
{
	process(tty, c, TTY_OUTPUT + ECHO_RESERVE);
}

const uint8_t *tty_out_data(struct tty *tty, size_t *len)
{
	*len = tty_out_pending(tty);
	return *len && !tty->stopped ? tty->out + tty->out_start : NULL;
}

/* Writers are let in again when there is half a buffer for them, so that they come in gulps. */
void tty_out_taken(struct tty *tty, size_t len)
{
	tty->out_start += len;
	if (tty->out_start == tty->out_end)
		tty->out_start = tty->out_end = 0;
	if (tty_out_room(tty) >= TTY_OUTPUT / 2)
		wake_events(&tty->writable, POLLOUT | POLLWRNORM);
}

void tty_out_flush(struct tty *tty)
{
	if (tty->driver->flush_output)
		tty->driver->flush_output(tty);
	else
		tty_out_taken(tty, tty_out_pending(tty));
	tty_packet(tty, TTY_PKT_FLUSHWRITE);
}

void tty_out_drain(struct tty *tty)
{
	if (tty->driver->drain && tty_out_pending(tty) && !tty->stopped)
		tty->driver->drain(tty);
}

void tty_stop(struct tty *tty)
{
	if (tty->stopped)
		return;
	tty->stopped = true;
	tty_packet(tty, TTY_PKT_STOP);
}

void tty_start(struct tty *tty)
{
	if (!tty->stopped || tty->tco_stopped)
		return;
	tty->stopped = false;
	tty_packet(tty, TTY_PKT_START);
	tty_out_drain(tty);
	wake_events(&tty->writable, POLLOUT | POLLWRNORM);
}
