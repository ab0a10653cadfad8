#!/bin/sh
# A guest tries to leave the folder it was lent: by names, links, /proc, mounts, nodes, and while a process of the host exchanges
# and moves things under it. Beside the folder is a canary that it must not read, and nothing there may change.
# ESCAPE_SECONDS: how long each race is.							timeout: 180
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}" && pwd)
cd "$TMPDIR" || exit 2
image=$B/rootfs.cpio.gz
seconds=${ESCAPE_SECONDS:-3}
plan 18

cc -O2 -Wall -o swapper "$here/lib/swapper.c" || { echo "Bail out! cannot build the swapper"; exit 2; }

# tree: everything anew
tree() {
	cd "$TMPDIR" || exit 2
	rm -rf top
	mkdir top && cd top || exit 2
	mkdir -p share/sub share/d share/m outside
	echo CANARY-TEXT, not for guests >outside/canary
	echo the victim, long enough to be cut >outside/victim
	echo to be removed >outside/victim2
	chmod 600 outside/*
	touch -d @1000000000 outside/*
	for f in share/f share/t share/d/victim share/d/canary share/d/victim2 share/spare share/share-file; do
		echo harmless >$f
	done
	cp "$B/guest-tests/helpers/share_escape" share/
	outside=$PWD/outside
	ln -s "$outside" share/out-absolute
	ln -s ../outside share/out-relative
	ln -s ../outside/canary share/out-file
	ln -s sub/../out-absolute share/out-chain
	ln -s /proc/self/root share/out-proc-self
	ln -s /proc/1/root share/out-proc-1
	ln -s /proc/self/fd/3 share/out-proc-fd
	ln -s /proc/self/cwd share/out-cwd
	ln -s out-loop share/out-loop
	ln -s /dev/fd/3 share/out-dev-fd
	mkfifo share/host-fifo
	ln -s "$outside" share/swapped-d
	ln -s "$outside/victim" share/swapped-f
	mkfifo share/swapped-t
	if [ "$(id -u)" = 0 ]; then
		mknod share/host-null c 1 3 && mknod share/host-disk b 1 0 && mknod share/host-kmsg c 1 11
		chmod 600 share/host-null
	fi 2>/dev/null
	state >../before
}

# state: all there is to know about what is outside, the current folder without share/
state() {
	find . -path ./share -prune -o -printf '%p %y %s %m %U %G %T@ %n\n' | sort
	cat outside/*
}

# unharmed NAME: nothing outside has changed
unharmed() {
	state >../after
	if cmp -s ../before ../after; then
		verdict 0 "$1"
	else
		verdict 1 "$1"
		diff ../before ../after | sed 's/^/# /'
	fi
}

guest() {
	timeout 100 "$FLAT32" boot "$1" "$2" --exec "$3" "$image" 2>../err </dev/null
}

# --- once each

tree
guest --share share "/mnt/share/share_escape still /mnt/share $PWD/outside" >../out
same "all ways, one after the other" "$(sed 's/^[0-9]* //' ../out)" "tries, some of which opened something: yes"
unharmed "nothing outside is changed"
tree
guest --share share:/mnt/share:ro "/mnt/share/share_escape still /mnt/share $PWD/outside" >../out
same "the same, read only" "$(sed 's/^[0-9]* //' ../out)" "tries, some of which opened something: yes"
unharmed "nothing outside is changed"
tree
find share -printf '%p %s %m %i %T@\n' | sort >../inside
guest --share share:/mnt/share:ro "/mnt/share/share_escape still /mnt/share $PWD/outside" >../out
find share -printf '%p %s %m %i %T@\n' | sort >../inside-after
ok "nor, read only, anything inside" cmp ../inside ../inside-after
same "a guest with a tree of its own instead of links" "$(guest --share share 'cd /mnt/share; for i in $(seq 60); do mkdir l && cd l; done
	p=; for i in $(seq 80); do p=$p../; done; cat ${p}outside/canary; cat $(pwd -P)/../../outside/canary; cd /; rm -r /mnt/share/l; echo end')" end
unharmed "nothing outside is changed"

# --- races

# race NAME WHAT...: the guest's, with the process of the host that does WHAT
race() {
	name=$1
	shift
	tree
	(cd share && exec ../../swapper "$@") 2>../swapper.err &
	swapper=$!
	guest --share share "cd /mnt/share && ./share_escape race $seconds" >../out
	status=$?
	ok "$name: the process of the host was at it" kill $swapper
	wait $swapper 2>/dev/null
	same "$name: no leak, no hang" "$status $(sed '/rounds$/d' ../out)" "0 enough: yes; opened something: yes"
	[ ! -s ../swapper.err ] || sed 's/^/# /' ../swapper.err
}

race "a folder, and a link to one outside" swap d swapped-d
unharmed "nothing outside is changed"
race "a file, and a link to one outside" swap f swapped-f
unharmed "nothing outside is changed"
race "a file, and a FIFO" swap t swapped-t
mkdir "$TMPDIR/gone"
race "a folder that is moved out, and back" move m ../../gone/m CANARY-TEXT
unharmed "nothing outside is changed"
finish
