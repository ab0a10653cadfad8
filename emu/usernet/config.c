/* SPDX-License-Identifier: MIT
 *
 * --net user,hostfwd=[tcp|udp]:[ADDRESS]:PORT-[10.0.2.15]:PORT,restrict=on|off: spelled as QEMU's -netdev user has it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/usernet/usernet.h"

/* The piece of *text up to `end`, which is passed over: false if there is no such end, or the piece is too long. */
static bool piece(const char **text, char end, char *out, size_t size)
{
	const char *at = strchr(*text, end);
	size_t len = at ? (size_t)(at - *text) : 0;

	if (!at || len >= size)
		return false;
	memcpy(out, *text, len);
	out[len] = 0;
	*text = at + 1;
	return true;
}

static bool port(const char *text, uint16_t *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !n || n > 65535)
		return false;
	*out = (uint16_t)n;
	return true;
}

static bool forward(const char *text, struct host_forward *f)
{
	char word[64];

	*f = (struct host_forward){ 0 };
	memcpy(f->guest, usernet_ip4 + 12, 4);
	if (!piece(&text, ':', word, sizeof word) || (*word && strcmp(word, "tcp") && strcmp(word, "udp")))
		return false;
	f->udp = *word == 'u';
	if (!piece(&text, ':', word, sizeof word) || (*word && inet_pton(AF_INET, word, f->host) != 1))
		return false;
	if (!piece(&text, '-', word, sizeof word) || !port(word, &f->host_port))
		return false;
	if (!piece(&text, ':', word, sizeof word) || (*word && inet_pton(AF_INET, word, f->guest) != 1))
		return false;
	return port(text, &f->guest_port);
}

static int option(const char *text, struct usernet_config *c, char why[LIBRARY_WHY])
{
	if (!strcmp(text, "restrict=on") || !strcmp(text, "restrict=yes") || !strcmp(text, "restrict=off") ||
	    !strcmp(text, "restrict=no")) {
		c->restricted = text[9] == 'y' || !strcmp(text + 9, "on");
		return 0;
	}
	if (strncmp(text, "hostfwd=", 8)) {
		snprintf(why, LIBRARY_WHY, "'%s' is not known; there are hostfwd=... and restrict=on|off", text);
		return -EINVAL;
	}
	if (c->forwards == USERNET_FORWARDS) {
		snprintf(why, LIBRARY_WHY, "more than %d forwarded ports", USERNET_FORWARDS);
		return -EINVAL;
	}
	if (!forward(text + 8, &c->forward[c->forwards])) {
		snprintf(why, LIBRARY_WHY, "'%s' should be hostfwd=[tcp|udp]:[ADDRESS]:PORT-[ADDRESS]:PORT", text);
		return -EINVAL;
	}
	if (memcmp(c->forward[c->forwards].guest, usernet_ip4 + 12, 4)) {
		snprintf(why, LIBRARY_WHY, "'%s': the guest's address is 10.0.2.15", text);
		return -EINVAL;
	}
	c->forwards++;
	return 0;
}

int usernet_parse(const char *text, struct usernet_config *c, char why[LIBRARY_WHY])
{
	char word[128];

	*c = (struct usernet_config){ 0 };
	while (*text) {
		size_t len = strcspn(text + 1, ",");
		int err;

		snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1), text + 1);
		err = *text == ',' ? option(word, c, why) : -EINVAL;
		if (*text != ',')
			snprintf(why, LIBRARY_WHY, "write user,OPTION,...");
		if (err)
			return err;
		text += 1 + len;
	}
	return 0;
}
