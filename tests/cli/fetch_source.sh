#!/bin/sh
# guest-rootfs/fetch-source.sh with an apt-get of our own: make has several fetch into one folder at the same time.
. "${0%/*}/lib/tap.sh"
fetch=$(cd "${0%/*}/../../guest-rootfs" && pwd)/fetch-source.sh
plan 5

cd "$TMPDIR" || exit 1
mkdir bin
echo "deb http://localhost/debian stable main" >own.list
# It waits before it fetches a until it has fetched b: both are at it.
cat >bin/apt-get <<END
#!/bin/sh
for name; do :; done
case \$* in
*indextargets*) echo "$TMPDIR/own.list:1 stable main" ;;
*source\ *)
	for try in 1 2 3 4 5 6 7 8 9 10; do
		[ "\$name" = a ] && [ ! -e "$TMPDIR/dl/b_1.0.orig.tar.gz" ] && sleep 0.3
	done
	echo "source of \$name" >"\${name}_1.0.orig.tar.gz"
	;;
esac
END
chmod +x bin/apt-get
PATH=$TMPDIR/bin:$PATH
export UPSTREAM=yes

"$fetch" dl a=1.0 >a.log 2>&1 &
sleep 0.3
"$fetch" dl b=1.0 >b.log 2>&1
same "the second has its package" "$? $(cat dl/b_1.0.orig.tar.gz)" "0 source of b"
wait $!
same "and so has the first" "$? $(cat dl/a_1.0.orig.tar.gz)" "0 source of a"
same "from the newest suite" "$(cat a.log b.log | grep -c trying)" 2
same "nothing else is left" "$(ls dl)" "a_1.0.orig.tar.gz
b_1.0.orig.tar.gz"
echo 'exit 1' >bin/apt-get
same "what is there is not fetched again" "$("$fetch" dl a=1.0 b=0.9 2>&1) $?" " 0"
finish
