#!/bin/sh
# on-screen.sh COMMAND...: runs it with a screen: the user's, or an Xvfb of its own.
[ -z "${DISPLAY-}${WAYLAND_DISPLAY-}" ] || exec "$@"
number=$(mktemp)
Xvfb -displayfd 3 -screen 0 1280x720x24 -nolisten tcp 3>"$number" 2>/dev/null &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ -s "$number" ] && break
	sleep 0.3
done
DISPLAY=:$(cat "$number") "$@"
status=$?
kill "$server"
rm -f "$number"
exit $status
