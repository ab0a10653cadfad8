/* SPDX-License-Identifier: MIT
 * The line discipline, flag by flag, on a pty: what is typed at the master, what is echoed there, what the slave reads.
 */
#include "pty.h"

#define NOTHING "(Resource temporarily unavailable)"

/* A fresh pty each; then these flags are switched on and off, the text typed, the echo and each read compared. */
struct modes { unsigned on, off; };
struct cc { unsigned char set, index, value; };
static const struct {
	const char *name;
	struct modes i, o, l;
	struct cc cc;
	const char *typed, *echo, *reads[4], *ready;	/* ready: of the slave, if not "in out" */
} cases[] = {
	{ .name = "a line", .typed = "abc\r", .echo = "abc^M$", .reads = { "abc$" } },
	{ .name = "two lines", .typed = "a\nb\n", .echo = "a^M$b^M$", .reads = { "a$", "b$" } },
	{ .name = "unfinished", .typed = "abc", .echo = "abc", .reads = { NOTHING },
	  .ready = "out" },
	{ .name = "EOF", .typed = "\4", .echo = NOTHING, .reads = { "" } },
	{ .name = "EOF ends a line", .typed = "ab\4c\n", .echo = "abc^M$", .reads = { "ab", "c$" } },
	{ .name = "EOL", .cc = { 1, VEOL, '!' }, .typed = "a!b\n", .echo = "a!b^M$", .reads = { "a!", "b$" } },
	{ .name = "EOL2", .cc = { 1, VEOL2, '!' }, .typed = "a!b\n", .echo = "a!b^M$", .reads = { "a!", "b$" } },
	{ .name = "EOL2 without IEXTEN", .l = { 0, IEXTEN }, .cc = { 1, VEOL2, '!' }, .typed = "a!b\n",
	  .echo = "a!b^M$", .reads = { "a!b$" } },
	/* Erasing */
	{ .name = "erase", .typed = "abc\177\177x\n", .echo = "abc^H ^H^H ^Hx^M$", .reads = { "ax$" } },
	{ .name = "erase at the start", .typed = "\177a\n", .echo = "a^M$", .reads = { "a$" } },
	{ .name = "erase a control character", .typed = "a\1\177b\n", .echo = "a^A^H ^H^H ^Hb^M$", .reads = { "ab$" } },
	{ .name = "the same without ECHOCTL", .l = { 0, ECHOCTL }, .typed = "a\1\177b\n", .echo = "a^Ab^M$",
	  .reads = { "ab$" } },
	{ .name = "erase a tab", .typed = "ab\tc\177\177d\n", .echo = "ab^Ic^H ^H^H^H^H^H^H^Hd^M$", .reads = { "abd$" } },
	{ .name = "erase a second tab", .typed = "\ta\t\177b\n", .echo = "^Ia^I^H^H^H^H^H^H^Hb^M$", .reads = { "^Iab$" } },
	{ .name = "erase without ECHOE", .l = { 0, ECHOE }, .typed = "ab\177c\n", .echo = "ab^?c^M$", .reads = { "ac$" } },
	{ .name = "erase with ECHOPRT", .l = { ECHOPRT, 0 }, .typed = "abc\177\177d\n", .echo = "abc\\cb/d^M$",
	  .reads = { "ad$" } },
	{ .name = "erase without ECHO", .l = { 0, ECHO }, .typed = "ab\177c\n",
	  .echo = NOTHING, .reads = { "ac$" } },
	{ .name = "erase UTF-8", .i = { IUTF8, 0 }, .typed = "a\303\244\177b\n", .echo = "a\\xc3\\xa4^H ^Hb^M$",
	  .reads = { "ab$" } },
	{ .name = "erase UTF-8 as bytes", .typed = "a\303\244\177\n", .echo = "a\\xc3\\xa4^H ^H^M$", .reads = { "a\\xc3$" } },
	{ .name = "word erase", .typed = "one, two  \027x\n", .echo = "one, two  ^H ^H^H ^H^H ^H^H ^H^H ^Hx^M$",
	  .reads = { "one, x$" } },
	{ .name = "word erase and letters of Latin-1", .typed = "a\344\337\367b\027c\n",
	  .echo = "a\\xe4\\xdf\\xf7b^H ^Hc^M$", .reads = { "a\\xe4\\xdf\\xf7c$" } },
	{ .name = "word erase without IEXTEN", .l = { 0, IEXTEN }, .typed = "a\027\n", .echo = "a^W^M$", .reads = { "a^W$" } },
	{ .name = "kill", .typed = "abc\025d\n", .echo = "abc^H ^H^H ^H^H ^Hd^M$", .reads = { "d$" } },
	{ .name = "kill without ECHOKE", .l = { 0, ECHOKE }, .typed = "abc\025d\n", .echo = "abc^U^M$d^M$",
	  .reads = { "d$" } },
	{ .name = "kill without ECHOK", .l = { 0, ECHOKE | ECHOK }, .typed = "abc\025d\n", .echo = "abc^Ud^M$",
	  .reads = { "d$" } },
	{ .name = "kill with ECHOPRT", .l = { ECHOPRT, 0 }, .typed = "ab\025d\n", .echo = "ab\\ba/d^M$", .reads = { "d$" } },
	{ .name = "reprint", .typed = "abc\022d\n", .echo = "abc^R^M$abcd^M$", .reads = { "abcd$" } },
	{ .name = "reprint without IEXTEN", .l = { 0, IEXTEN }, .typed = "a\022\n", .echo = "a^R^M$", .reads = { "a^R$" } },
	{ .name = "literal next", .typed = "a\026\177b\n", .echo = "a^^H^?b^M$", .reads = { "a^?b$" } },
	{ .name = "literal newline", .typed = "a\026\nb\n", .echo = "a^^H^Jb^M$", .reads = { "a$b$" } },
	{ .name = "literal interrupt", .typed = "\026\3\n", .echo = "^^H^C^M$", .reads = { "^C$" } },
	{ .name = "literal without IEXTEN", .l = { 0, IEXTEN }, .typed = "\026a\n", .echo = "^Va^M$", .reads = { "^Va$" } },
	/* Echo */
	{ .name = "ECHOCTL", .typed = "\1\t\33\n", .echo = "^A^I^[^M$", .reads = { "^A^I^[$" } },
	{ .name = "no ECHO", .l = { 0, ECHO }, .typed = "a\n", .echo = NOTHING, .reads = { "a$" } },
	{ .name = "ECHONL", .l = { ECHONL, ECHO }, .typed = "a\n", .echo = "^M$", .reads = { "a$" } },
	{ .name = "raw echo", .l = { 0, ICANON }, .typed = "a\n\r\1", .echo = "a^J^M$^A", .reads = { "a$$^A" } },
	/* Input flags */
	{ .name = "no ICRNL", .i = { 0, ICRNL }, .typed = "a\rb\n", .echo = "a^Mb^M$", .reads = { "a^Mb$" } },
	{ .name = "INLCR", .i = { INLCR, ICRNL }, .typed = "a\nb\4", .echo = "a^Mb", .reads = { "a^Mb" } },
	{ .name = "INLCR and ICRNL", .i = { INLCR, 0 }, .typed = "a\nb\r", .echo = "a^Mb^M$", .reads = { "a^Mb$" } },
	{ .name = "IGNCR", .i = { IGNCR, 0 }, .typed = "a\rb\n", .echo = "ab^M$", .reads = { "ab$" } },
	{ .name = "ISTRIP", .i = { ISTRIP, 0 }, .typed = "\341\212", .echo = "a^M$", .reads = { "a$" } },
	{ .name = "IUCLC", .i = { IUCLC, 0 }, .typed = "AbC\304\n", .echo = "abc\\xe4^M$", .reads = { "abc\\xe4$" } },
	{ .name = "IUCLC without IEXTEN", .i = { IUCLC, 0 }, .l = { 0, IEXTEN }, .typed = "AbC\n", .echo = "AbC^M$",
	  .reads = { "AbC$" } },
	{ .name = "PARMRK doubles 0xff", .i = { PARMRK, 0 }, .typed = "a\377b\n", .echo = "a\\xffb^M$",
	  .reads = { "a\\xff\\xffb$" } },
	{ .name = "PARMRK and ISTRIP", .i = { PARMRK | ISTRIP, 0 }, .typed = "a\377b\n", .echo = "a^H ^Hb^M$",
	  .reads = { "b$" } },
	/* Flow control */
	{ .name = "STOP holds the echo", .typed = "a\23b", .echo = NOTHING,
	  .reads = { NOTHING }, .ready = "nothing" },
	{ .name = "START shows it", .typed = "a\23b\21c\n", .echo = "abc^M$", .reads = { "abc$" } },
	{ .name = "without IXANY only START", .typed = "\23b\n", .echo = NOTHING,
	  .reads = { "b$" }, .ready = "in" },
	{ .name = "IXANY", .i = { IXANY, 0 }, .typed = "\23b\n", .echo = "b^M$", .reads = { "b$" } },
	{ .name = "no IXON", .i = { 0, IXON }, .typed = "\23\21\n", .echo = "^S^Q^M$", .reads = { "^S^Q$" } },
	/* Signals, with nobody to take them */
	{ .name = "INTR flushes", .typed = "ab\3c\n", .echo = "^Cc^M$", .reads = { "c$" } },
	{ .name = "INTR with NOFLSH", .l = { NOFLSH, 0 }, .typed = "ab\3c\n", .echo = "ab^Cc^M$", .reads = { "abc$" } },
	{ .name = "no ISIG", .l = { 0, ISIG }, .typed = "a\3\32\34\n", .echo = "a^C^Z^\\^M$", .reads = { "a^C^Z^\\$" } },
	{ .name = "INTR starts the output", .typed = "\23\3b\n", .echo = "^Cb^M$", .reads = { "b$" } },
	{ .name = "INTR switched off", .cc = { 1, VINTR, 0 }, .typed = "a\3\n", .echo = "a^C^M$", .reads = { "a^C$" } },
	/* EXTPROC: somebody else edits */
	{ .name = "EXTPROC", .l = { EXTPROC, 0 }, .typed = "a\177\3\n", .echo = NOTHING,
	  .reads = { "a^?^C$" } },
	{ .name = "EXTPROC and EOF", .l = { EXTPROC, 0 }, .typed = "\4", .echo = NOTHING,
	  .reads = { "" } },
	{ .name = "EXTPROC with ISTRIP", .i = { ISTRIP, 0 }, .l = { EXTPROC, 0 }, .typed = "\341\212",
	  .echo = NOTHING, .reads = { "a$" } },
};

/* What a program writes, and what comes out. */
static const struct { const char *name; struct modes o; const char *written, *shown; } outputs[] = {
	{ "ONLCR", { 0, 0 }, "a\nb", "a^M$b" },
	{ "no OPOST", { 0, OPOST }, "a\n\tb\r", "a$^Ib^M" },
	{ "no ONLCR", { 0, ONLCR }, "a\nb", "a$b" },
	{ "OCRNL", { OCRNL, 0 }, "a\rb", "a$b" },
	{ "ONOCR at the start", { ONOCR, 0 }, "\ra\r\rb", "a^Mb" },
	{ "ONLRET and ONOCR", { ONLRET | ONOCR, ONLCR }, "a\n\rb", "a$b" },
	{ "XTABS", { XTABS, 0 }, "a\tb\n\tc", "a       b^M$        c" },
	{ "XTABS after a backspace", { XTABS, 0 }, "abc\b\b\tx", "abc^H^H       x" },
	{ "XTABS after UTF-8 as bytes", { XTABS, 0 }, "\303\244\tx", "\\xc3\\xa4      x" },
	{ "tabs as they are", { 0, 0 }, "a\tb", "a^Ib" },
	{ "OLCUC", { OLCUC, 0 }, "abC\344\367\n", "ABC\\xc4\\xf7^M$" },
};

static void set(int fd, struct modes i, struct modes o, struct modes l)
{
	struct termios t;

	tcgetattr(fd, &t);
	t.c_iflag = (t.c_iflag & ~i.off) | i.on;
	t.c_oflag = (t.c_oflag & ~o.off) | o.on;
	t.c_lflag = (t.c_lflag & ~l.off) | l.on;
	tcsetattr(fd, TCSANOW, &t);
}

static void test_cases(void)
{
	for (unsigned n = 0; n < sizeof cases / sizeof *cases; n++) {
		struct termios t;
		struct pty p;
		char name[100];

		if (pty_open(&p))
			tap_bail("no pty: %s", strerror(errno));
		set(p.slave, cases[n].i, cases[n].o, cases[n].l);
		tcgetattr(p.slave, &t);
		if (cases[n].cc.set)
			t.c_cc[cases[n].cc.index] = cases[n].cc.value;
		tcsetattr(p.slave, TCSANOW, &t);
		pty_type(&p, cases[n].typed);
		snprintf(name, sizeof name, "%s: shown", cases[n].name);
		pty_ready(p.slave, cases[n].ready ? cases[n].ready : "in out", cases[n].name);
		pty_reads(p.master, cases[n].echo, name);
		snprintf(name, sizeof name, "%s: read", cases[n].name);
		for (int k = 0; k < 4 && cases[n].reads[k]; k++)
			pty_reads(p.slave, cases[n].reads[k], name);
		pty_close(&p);
	}
}

static void test_outputs(void)
{
	static const struct modes none;

	for (unsigned n = 0; n < sizeof outputs / sizeof *outputs; n++) {
		ssize_t len = (ssize_t)strlen(outputs[n].written);
		struct pty p;

		if (pty_open(&p))
			tap_bail("no pty: %s", strerror(errno));
		set(p.slave, none, outputs[n].o, none);
		tap_is(write(p.slave, outputs[n].written, (size_t)len), len, "%s: all is written", outputs[n].name);
		pty_reads(p.master, outputs[n].shown, outputs[n].name);
		pty_close(&p);
	}
}

/* Lines longer than the buffer, and more bytes than it takes. */
static void test_full(void)
{
	static const struct modes none, raw = { 0, ICANON | ECHO };
	static char many[6000], got[8000];
	struct pty p;
	ssize_t n;

	memset(many, 'x', sizeof many);
	if (pty_open(&p))
		tap_bail("no pty: %s", strerror(errno));
	set(p.slave, none, none, (struct modes){ 0, ECHO });
	tap_is(write(p.master, many, sizeof many), sizeof many, "an endless line is taken");
	pty_type(&p, "yz\nnext\n");
	pty_ready(p.slave, "in out", "its end comes through");
	n = read(p.slave, got, sizeof got);
	tap_is(n, 4096, "of the line 4095 bytes and its end");
	tap_ok(n > 2 && got[n - 1] == '\n' && got[n - 2] == 'x', "what came too late is lost");
	pty_reads(p.slave, "next$", "and the next line");
	set(p.slave, none, none, raw);
	tap_is(write(p.master, many, sizeof many), sizeof many, "raw: more than the buffer holds is taken");
	pty_ready(p.slave, "in out", "raw");
	n = read(p.slave, got, sizeof got);
	tap_ok(n >= 4095, "a read gives at least a buffer full");
	while (n > 0 && n < (ssize_t)sizeof many) {
		ssize_t more = read(p.slave, got, sizeof got);

		if (more <= 0)
			break;
		n += more;
	}
	tap_is(n, sizeof many, "and then all the rest");
	pty_close(&p);
}

/* ICANON comes and goes while bytes wait. */
static void test_switch(void)
{
	static const struct modes none;
	struct pty p;

	if (pty_open(&p))
		tap_bail("no pty: %s", strerror(errno));
	set(p.slave, none, none, (struct modes){ 0, ECHO });
	pty_type(&p, "one\ntwo");
	pty_ready(p.slave, "in out", "a line and a half");
	set(p.slave, none, none, (struct modes){ 0, ICANON });
	pty_reads(p.slave, "one$two", "without ICANON all are bytes");
	pty_type(&p, "three\nfour");
	pty_ready(p.slave, "in out", "bytes");
	set(p.slave, none, none, (struct modes){ ICANON, 0 });
	pty_reads(p.slave, "three$four", "with ICANON what waited is a line");
	pty_reads(p.slave, NOTHING, "and no more");
	pty_type(&p, "ab\4");
	pty_type(&p, "cd");
	tap_ok(read(p.slave, (char[8]){ 0 }, 2) == 2, "a read of just the line takes its EOF along");
	pty_reads(p.slave, NOTHING, "no end of file is left");
	pty_close(&p);
}

int main(void)
{
	tap_plan(0);
	test_cases();
	test_outputs();
	test_full();
	test_switch();
	return tap_done();
}
