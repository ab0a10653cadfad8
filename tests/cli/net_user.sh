#!/bin/sh
# --net user: connections and datagrams both ways, through libslirp to servers of this host, and what cannot be reached.
# timeout: 120
. "${0%/*}/lib/tap.sh"
source=$(cd "${0%/*}/../guest/helpers" && pwd)/peer.c
cd "$TMPDIR" || exit 2
plan 33
image=$B/rootfs.cpio.gz
guest=$B/guest-tests/helpers/peer

gcc -std=gnu11 -O2 -pthread -o peer "$source" || exit 2

# On the host: its number in $server, its port in $port.
serve() {
	: >port
	./peer serve "$1" >port &
	server=$!
	i=0
	while [ ! -s port ] && [ $i -lt 100 ]; do
		sleep 0.05
		i=$((i + 1))
	done
	port=$(cat port)
}

run() {
	timeout 30 "$FLAT32" run --net user "$@" 2>&1 </dev/null
}

# --- Out ---
serve 0
same "10 MB from a server of the host's" "$(run "$guest" get 10.0.2.2 "$port" 10000000)" \
	"10000000 bytes, right, then the end"
same "10 MB to one" "$(run "$guest" put 10.0.2.2 "$port" 10000000)" "10000000 bytes, right"
same "100 connections at once" "$(run "$guest" many 10.0.2.2 "$port" 100)" "100 of 100"
same "datagrams" "$(run "$guest" datagrams 10.0.2.2 "$port")" "0 1 1472 1473 9000 60000 "
same "a client that hangs up" "$(run "$guest" leave 10.0.2.2 "$port")" "began: 1"
same "where nobody listens: refused" "$(run "$guest" get 10.0.2.2 1 1)" "connect: Connection refused"
if [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6; then
	same "IPv6: 1 MB" "$(run "$guest" get fec0::2 "$port" 1000000)" "1000000 bytes, right, then the end"
	same "IPv6: datagrams" "$(run "$guest" datagrams fec0::2 "$port")" "0 1 1472 1473 9000 60000 "
else
	skip 2 "the host has no IPv6"
fi
same "not without --net user" "$(timeout 10 "$FLAT32" run "$guest" get 10.0.2.2 "$port" 1)" "connect: Network unreachable"
same "--self-check finds nothing wrong" "$(run --self-check "$guest" many 10.0.2.2 "$port" 20)" "20 of 20"

# What programs see of it; the server's port is the argument.
timeout 40 "$FLAT32" run --net user "$B/guest-tests/helpers/net_user" "$port" >out 2>&1 </dev/null
cat >want <<'END'
ok 1 - the source is eth0's address
ok 2 - getpeername()
ok 3 - connect() does not wait if it must not
ok 4 - and says that it goes on
ok 5 - poll() says when it stands
ok 6 - connect() once more: it stands
ok 7 - SO_ERROR of a refused one
ok 8 - epoll tells of data
ok 9 - MSG_PEEK leaves it there
ok 10 - and it can be read
ok 11 - after shutdown() the rest comes, and then the end
ok 12 - a write behind that is EPIPE
ok 13 - a reset is told once
ok 14 - then there is the end
ok 15 - a full buffer: EAGAIN
ok 16 - SO_SNDTIMEO
ok 17 - SO_RCVTIMEO
ok 18 - TCP_NODELAY, SO_KEEPALIVE and their like
ok 19 - bound to 127.0.0.1 nothing leads out: EINVAL
ok 20 - UDP: EINVAL as well
ok 21 - 10.0.2.15 is this machine
ok 22 - its own server is reached by that
ok 23 - other addresses cannot be bound to
ok 24 - a datagram that is not connected
ok 25 - IP_PKTINFO: it came by eth0's address
ok 26 - a port that is bound stays that one
ok 27 - broadcasts must be allowed
ok 28 - ICMP: 10.0.2.2 answers
ok 29 - routes: its network, and all else by the gateway
ok 30 - the route to 192.0.2.1
ok 31 - getifaddrs(): eth0's address, mask and broadcast address
ok 32 - eth0 down: unreachable
ok 33 - and up again: reached
ok 34 - interfaces by name and number
1..34
END
same "what programs see" "$(cat out)" "$(cat want)"

# --- In ---
# The machine forwards ports of the host's to a server in it.
forward=$((20000 + $$ % 20000))
timeout 60 "$FLAT32" run --net "user,hostfwd=tcp:127.0.0.1:$forward-:7000,hostfwd=udp:127.0.0.1:$forward-10.0.2.15:7000" \
	"$guest" serve 7000 >in 2>&1 </dev/null &
inside=$!
i=0
while [ ! -s in ] && [ $i -lt 100 ]; do
	sleep 0.05
	i=$((i + 1))
done
same "hostfwd: 10 MB out of the guest" "$(timeout 30 ./peer get 127.0.0.1 "$forward" 10000000)" \
	"10000000 bytes, right, then the end"
same "10 MB into it" "$(timeout 30 ./peer put 127.0.0.1 "$forward" 10000000)" "10000000 bytes, right"
same "100 connections at once" "$(timeout 30 ./peer many 127.0.0.1 "$forward" 100)" "100 of 100"
same "datagrams" "$(timeout 30 ./peer datagrams 127.0.0.1 "$forward")" "0 1 1472 1473 9000 60000 "
same "a client that hangs up" "$(timeout 30 ./peer leave 127.0.0.1 "$forward")" "began: 1"
same "and then another one" "$(timeout 30 ./peer get 127.0.0.1 "$forward" 1000)" "1000 bytes, right, then the end"
"$FLAT32" run --net "user,hostfwd=tcp:127.0.0.1:$forward-:1" "$guest" serve 1 2>said
same "a port of the host's that is taken" $? 125
same "is named" "$(sed 's/:[0-9]*:/:PORT:/' said)" \
	"flat32: --net user: the host's TCP port 127.0.0.1:PORT: Address already in use"
timeout 30 ./peer get 127.0.0.1 "$forward" 100000000 >cut &
client=$!
sleep 0.3
kill $inside
wait $client
ok "the end of the machine ends its connections" grep -q "wrong, then the end" cut

# --- BusyBox ---
timeout 60 "$FLAT32" boot --net user --exec "
grep -c eth0 /proc/net/dev /proc/net/route /proc/net/if_inet6
ifconfig eth0 | grep -o 'inet addr:[^ ]*'
mount -t sysfs sys /sys
cat /sys/class/net/eth0/address /sys/class/net/eth0/operstate
cat /etc/resolv.conf
printf 'E%s' through >text
nc 10.0.2.2 $port <text & sleep 0.5; kill %1
" "$image" >out 2>&1 </dev/null
same "the interface in /proc" "$(sed -n 1,3p out)" "/proc/net/dev:1
/proc/net/route:2
/proc/net/if_inet6:1"
same "in ifconfig" "$(sed -n 4p out)" "inet addr:10.0.2.15"
same "in /sys" "$(sed -n 5,6p out)" "52:54:00:12:34:56
up"
same "who answers for names" "$(grep nameserver out)" "nameserver 10.0.2.3"
same "nc to the host" "$(tail -n 1 out)" through

# The server dies in the middle; and nobody reads any more.
timeout 30 "$FLAT32" run --net user "$guest" get 10.0.2.2 "$port" 2000000000 >cut 2>&1 </dev/null &
client=$!
sleep 0.3
kill $server
wait $client
ok "a server that dies in the middle" grep -q "wrong, then" cut

# --- The command line ---
serve "$port"
same "restrict=on: nothing leads out" \
	"$(timeout 5 "$FLAT32" run --net user,restrict=on "$guest" get 10.0.2.2 "$port" 1 >restricted 2>&1 </dev/null
	grep -c right restricted)" 0
kill $server
for wrong in user,hostfwd=x user,hostfwd=tcp::80-:0 user,restrict=maybe user,smb=/ userland; do
	"$FLAT32" run --net "$wrong" "$guest" 2>said
	same "--net $wrong" "$? $(grep -c "flat32: --net '$wrong'" said)" "125 1"
done
"$FLAT32" run --net user --deterministic "$guest" 2>said
same "--net user with --deterministic" "$? $(grep -c 'with --deterministic' said)" "125 1"
finish
