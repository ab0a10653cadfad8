#!/bin/sh
# epoll of what flat32 itself was given as input: the host's pipe, level and edge triggered, and the console of a boot.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 5

cat >guest.c <<'C'
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct epoll_event e = { .events = EPOLLIN | (argc > 1 && !strcmp(argv[1], "edge") ? EPOLLET : 0) };
	int ep = epoll_create1(0), once = argc > 1 && !strcmp(argv[1], "once");
	char buf[100];
	ssize_t n = 1;

	fcntl(0, F_SETFL, O_NONBLOCK);
	if (epoll_ctl(ep, EPOLL_CTL_ADD, 0, &e)) {
		printf("%s\n", strerror(errno));
		return 1;
	}
	while (n > 0) {
		int ready = epoll_wait(ep, &e, 1, 5000);

		if (ready != 1) {
			printf("%d ready\n", ready);
			break;
		}
		while ((n = read(0, buf, sizeof buf)) > 0)
			printf("%.*s", (int)n, buf);
		if (once)
			break;
		n = n < 0 && errno == EAGAIN ? 1 : n;
	}
	printf("end\n");
	return 0;
}
C
"$FLAT32_CC" -O2 -o guest guest.c || exit 2

feed() {
	for word in one two three; do
		sleep 0.2
		echo $word
	done
}
want="one
two
three
end"
same "level triggered: each line as it comes, then the end" "$(feed | timeout 20 "$FLAT32" run guest level)" "$want"
same "edge triggered: the same" "$(feed | timeout 20 "$FLAT32" run guest edge)" "$want"
same "what was there before the epoll" "$( { echo early; sleep 0.5; } | { sleep 0.2; timeout 20 "$FLAT32" run guest once; })" "early
end"
same "a file of the host's cannot be watched" "$(timeout 20 "$FLAT32" run guest <guest.c)" "Operation not permitted"
mkdir -p root/bin && cp guest root/bin/guest
zcat "$B/rootfs.cpio.gz" >image
(cd root && echo bin/guest | cpio -o -H newc 2>/dev/null) >>image
same "the console" "$({ sleep 1; echo line; sleep 1; } | timeout 20 "$FLAT32" boot --exec '/bin/guest once' image 2>/dev/null | tr -d '\r' |
	grep -c '^end')" 1
finish
