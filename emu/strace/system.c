/* SPDX-License-Identifier: MIT
 *
 * Calls about the machine: its name, its log, its end; words that the kernel writes.
 */
#include "emu/strace/internal.h"

#include <string.h>
#include "emu/strace/config.h"
#include "emu/sys/user.h"

bool print_outu32(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t v;

	if (!text_absent(o, c, i, &v, sizeof v))
		text_printf(o, "[%u]", v);
	return true;
}

bool print_outptr(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t v;

	if (text_absent(o, c, i, &v, sizeof v))
		return true;
	text_str(o, "[");
	text_pointer(o, v);
	text_str(o, "]");
	return true;
}

/* --- Names --- */

bool print_hostname(struct strace_text *o, const struct strace_call *c, int i)
{
	if (c->args[i + 1] > 64)
		text_pointer(o, c->args[i]);
	else
		text_bytes(o, c->task, c->args[i], c->args[i + 1]);
	return true;
}

bool print_uname(struct strace_text *o, const struct strace_call *c, int i)
{
	static const char *const fields[] = { "sysname", "nodename", "release", "version", "machine", "domainname" };
	char names[6][65];
	int shown = o->config && o->config->verbose ? 6 : 2;

	if (text_absent(o, c, i, names, sizeof names))
		return true;
	for (int n = 0; n < shown; n++) {
		text_printf(o, "%s%s=", n ? ", " : "{", fields[n]);
		text_quoted(o, names[n], strnlen(names[n], 65), false);
	}
	text_str(o, shown < 6 ? ", ...}" : "}");
	return true;
}

/* --- syslog --- */

/* Which arguments there are. */
enum { SYSLOG_READ = 2, SYSLOG_READ_ALL = 3, SYSLOG_READ_CLEAR = 4, SYSLOG_CONSOLE_LEVEL = 8, SYSLOG_LAST = 10 };

static bool reads(uint32_t command) { return command >= SYSLOG_READ && command <= SYSLOG_READ_CLEAR; }

bool late_syslogargs(const struct strace_call *c, int i) { return reads(c->args[i]); }

/* A number with its name as a comment, whatever -X says. */
static void told(struct strace_text *o, const struct strace_flags *f, uint32_t v)
{
	const char *name = strace_flag_name(f, v);

	text_printf(o, "%d /* %s */", (int32_t)v, name ? name : f->unknown);
}

LIST(loglevel) {
	{ 0, "LOGLEVEL_EMERG" }, { 1, "LOGLEVEL_ALERT" }, { 2, "LOGLEVEL_CRIT" }, { 3, "LOGLEVEL_ERR" },
	{ 4, "LOGLEVEL_WARNING" }, { 5, "LOGLEVEL_NOTICE" }, { 6, "LOGLEVEL_INFO" }, { 7, "LOGLEVEL_DEBUG" }, { 8, "LOGLEVEL_DEBUG+1" },
};
DEFINE(loglevel, ENUM, "LOGLEVEL_???")

bool print_syslogargs(struct strace_text *o, const struct strace_call *c, int i)
{
	const uint32_t *a = c->args + i;

	told(o, &flags_syslogcmd, a[0]);
	if (a[0] <= SYSLOG_LAST && !reads(a[0]) && a[0] != SYSLOG_CONSOLE_LEVEL)
		return true;
	text_str(o, ", ");
	if (reads(a[0]) && c->ok)
		text_buffer(o, c->task, a[1], (uint32_t)c->result, false);
	else
		text_pointer(o, a[1]);
	text_str(o, ", ");
	if (a[0] == SYSLOG_CONSOLE_LEVEL)
		told(o, &flags_loglevel, a[2]);
	else
		text_printf(o, "%d", (int32_t)a[2]);
	return true;
}

/* --- reboot --- */

LIST(rebootmagic1) { { 0xfee1dead, "LINUX_REBOOT_MAGIC1" } };
DEFINE(rebootmagic1, ENUM, "LINUX_REBOOT_MAGIC_???")
LIST(rebootmagic2) {
	{ 0x28121969, "LINUX_REBOOT_MAGIC2" }, { 0x05121996, "LINUX_REBOOT_MAGIC2A" }, { 0x16041998, "LINUX_REBOOT_MAGIC2B" },
	{ 0x20112000, "LINUX_REBOOT_MAGIC2C" },
};
DEFINE(rebootmagic2, ENUM, "LINUX_REBOOT_MAGIC_???")
LIST(rebootcmd) {
	{ 0, "LINUX_REBOOT_CMD_CAD_OFF" }, { 0x01234567, "LINUX_REBOOT_CMD_RESTART" },
	{ 0x45584543, "LINUX_REBOOT_CMD_KEXEC" }, { 0x4321fedc, "LINUX_REBOOT_CMD_POWER_OFF" },
	{ 0x89abcdef, "LINUX_REBOOT_CMD_CAD_ON" }, { 0xa1b2c3d4, "LINUX_REBOOT_CMD_RESTART2" },
	{ 0xcdef0123, "LINUX_REBOOT_CMD_HALT" }, { 0xd000fce2, "LINUX_REBOOT_CMD_SW_SUSPEND" },
};
DEFINE(rebootcmd, ENUM, "LINUX_REBOOT_CMD_???")

/* Only RESTART2 has one. */
bool print_rebootarg(struct strace_text *o, const struct strace_call *c, int i)
{
	if (c->args[i - 1] != 0xa1b2c3d4)
		return false;
	text_bounded_string(o, c->task, c->args[i], 255);
	return true;
}
