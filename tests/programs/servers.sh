#!/bin/sh
# Servers of Debian's in the guest, with this host's clients: Dropbear and ssh, lighttpd and curl; Redis with its own clients, which
# are guest programs, too. Needs what build.sh has made: make real-programs.
. "${0%/*}/../cli/lib/tap.sh"

bin=$B/programs/bin
image=$B/rootfs.cpio.gz
cd "$TMPDIR" || exit 2
mkdir share share/www
cp "$bin/dropbear" "$bin/dropbearkey" "$bin/lighttpd" "$bin/redis-server" "$bin/redis-cli" "$bin/redis-benchmark" share/
ssh-keygen -q -t ed25519 -N '' -f key && cp key.pub share/
head -c 3000000 "$FLAT32" >share/www/big
echo hello >share/www/index.html

cat >share/lighttpd.conf <<-'EOF'
	server.document-root = "/mnt/share/www"
	server.port = 80
	server.modules = ("mod_indexfile", "mod_dirlisting", "mod_staticfile", "mod_access")
	index-file.names = ("index.html")
	dir-listing.activate = "enable"
	url.access-deny = ("~")
	server.event-handler = "linux-sysepoll"
EOF
cat >share/serve <<-'EOF'
	mkdir -p /root/.ssh /etc/dropbear
	chmod 700 /root /root/.ssh
	cp /mnt/share/key.pub /root/.ssh/authorized_keys
	/mnt/share/dropbearkey -t ed25519 -f /etc/dropbear/dropbear_ed25519_host_key >/dev/null
	nc -ll -p 22 -e /mnt/share/dropbear -i -j -k 2>/dev/null &
	/mnt/share/lighttpd -D -f /mnt/share/lighttpd.conf 2>/mnt/share/lighttpd.log &
	while [ ! -e /mnt/share/end ]; do sleep 0.2; done
EOF

ssh_port=$((20000 + $$ % 20000))
http_port=$((ssh_port + 1))
web=http://127.0.0.1:$http_port

"$FLAT32" boot -m 128M --log 3 --net "user,hostfwd=tcp:127.0.0.1:$ssh_port-:22,hostfwd=tcp:127.0.0.1:$http_port-:80" --share share \
	--exec 'sh /mnt/share/serve' "$image" >boot.log 2>&1 </dev/null &
flat32=$!
i=0
until curl -s -o /dev/null "$web/" && [ -e share/lighttpd.log ] || [ $i -gt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done

# at COMMAND: in the guest, by ssh
at() {
	timeout 30 ssh -i key -p "$ssh_port" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes \
		-o LogLevel=ERROR ${tty-} root@127.0.0.1 "$@"
}

plan 17
# --- ssh
same "a command by ssh" "$(at 'uname -sm; id -u')" "Linux riscv32
0"
at 'exit 7'
same "its status" $? 7
same "3 MB there" "$(at md5sum <share/www/big)" "$(md5sum <share/www/big)"
same "3 MB back" "$(at 'cat /mnt/share/www/big' | md5sum)" "$(md5sum <share/www/big)"
for i in 1 2 3 4 5 6; do
	at "sleep 1; echo $i" >"at.$i" &
	pids="${pids-} $!"
done
# shellcheck disable=SC2086
wait $pids
same "six sessions at once" "$(cat at.?)" "$(seq 6)"
tty=-tt
same "a terminal" "$(sleep 1 | at tty | tr -d '\r')" /dev/pts/0
# The end of the input right behind the exit is a race of Dropbear's.
{ echo 'echo $((6 * 7))'; sleep 0.5; echo 'exit 3'; sleep 1; } | at >shell.out
same "a shell's status" $? 3
ok "which has worked" grep -q '^42' shell.out
tty=
# --- http
same "a page" "$(curl -s "$web/")" hello
same "a large file" "$(curl -s "$web/big" | md5sum)" "$(md5sum <share/www/big)"
same "a part of it" "$(curl -s -r 1000000-1999999 "$web/big" | md5sum)" "$(tail -c +1000001 share/www/big | head -c 1000000 | md5sum)"
same "what is not there" "$(curl -s -o /dev/null -w '%{http_code}' "$web/nothing")" 404
seq 300 | sed "s|.*|url = $web/\noutput = page.&|" >list
curl -sS --no-progress-meter --parallel --parallel-max 50 -K list
same "300 requests, 50 at once" "$(cat page.* | sort | uniq -c | tr -s ' ')" " 300 hello"
touch share/end
wait $flat32
same "the guest ends" $? 0

# --- Redis
cat >share/redis <<-'EOF'
	cd /tmp
	/mnt/share/redis-server --save '' --appendonly yes --loglevel warning >log &
	cli=/mnt/share/redis-cli
	until $cli ping >/dev/null 2>&1; do sleep 0.1; done
	$cli set n 1; $cli incr n; $cli rpush l a b c; $cli lrange l 0 -1; $cli eval 'return redis.call("incrby", KEYS[1], 40)' 1 n
	/mnt/share/redis-benchmark -q -n 5000 -c 50 -t set,get,incr,lpush,zadd >bench || echo benchmark: $?
	grep -c 'requests per second' bench
	$cli set counter 0 >/dev/null
	for i in 1 2 3 4; do /mnt/share/redis-cli -r 500 incr counter >/dev/null & done
	while [ "$($cli get counter)" != 2000 ]; do sleep 0.1; done
	$cli shutdown nosave
	wait
	/mnt/share/redis-server --save '' --appendonly yes --loglevel warning >>log &
	until $cli ping >/dev/null 2>&1; do sleep 0.1; done
	$cli get counter; $cli bgsave; $cli save; $cli shutdown nosave; wait
	grep -i -e 'bug report' -e crash log
EOF
redis=$(timeout 120 "$FLAT32" boot -m 256M --log 3 --share share --exec 'sh /mnt/share/redis' "$image" 2>/dev/null </dev/null | grep -v '^$')
same "Redis: values, a list, a script, five benchmarks" "$(echo "$redis" | head -n 8 | xargs)" "OK 2 3 a b c 42 5"
same "four clients; what was written is there after a new start" "$(echo "$redis" | sed -n 9p)" 2000
same "no fork is said, and saving works" "$(echo "$redis" | sed -n '10,$p' | xargs)" "ERR OK"
finish
