#!/bin/sh
# BusyBox's network programs on the loopback: what people would try first. --net host is net_host.sh's.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 9
image=$B/rootfs.cpio.gz

guest() {
	timeout 60 "$FLAT32" boot "$@" "$image" </dev/null 2>&1
}

cat >served.sh <<'END'
ifconfig lo 127.0.0.1 up
mkdir /www && echo "a page" >/www/page.html && dd if=/dev/zero of=/www/large bs=1000 count=1000 2>/dev/null
httpd -p 127.0.0.1:8080 -h /www
sleep 0.1
netstat -ltn | grep -c 127.0.0.1:8080
wget -q -O - http://127.0.0.1:8080/page.html
wget -q -O - http://127.0.0.1:8080/large | wc -c
wget -q -O - http://127.0.0.1:8080/missing 2>&1 | grep -o 404
wget -q -O - http://127.0.0.1:8081/ 2>&1 | grep -o refused
END
guest --exec "$(cat served.sh)" >out
same "status" $? 0
same "netstat sees the server" "$(sed -n 1p out)" 1
same "wget gets a page from httpd" "$(sed -n 2p out)" "a page"
same "and a large file, whole" "$(sed -n 3p out)" 1000000
same "what is not there is 404" "$(sed -n 4p out)" 404
same "where nobody listens: refused" "$(sed -n 5p out)" refused

guest --exec 'ifconfig lo 127.0.0.1 up
nc -l -p 9000 >/heard & sleep 0.1
echo through | nc 127.0.0.1 9000
wait
cat /heard' >out
same "nc to nc" "$(cat out)" through

guest --exec 'wget -q -T 5 -O - http://192.0.2.1/ 2>&1 | grep -o unreachable' >out
same "without --net the network is out of reach" "$(cat out)" unreachable

guest --exec 'ifconfig' >out
ok "ifconfig lists lo" grep -q '^lo ' out
finish
