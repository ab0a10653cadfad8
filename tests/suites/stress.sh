#!/bin/sh
# Work that is checked: our own stressors (docs/stress.md), the programs fio, memtester and ioping.
#
#   stress.sh build | run	lib.sh says more
#
# The stressors are run one after the other; all at once by 264 workers; all at once with 24 MiB of memory; those of files on ext2 and on a
# share. A test is a stressor in one of these places. fio's are its engines, each of which verifies what it has written: on files in memory,
# on ext2, on a share, and on the flash.
. "${0%/*}/lib.sh"
own=$top/tests/stress

# fio's shared pools are 8 of 16 MiB, which are asked for at once; here they are of 1 MiB. Its engine for splice() wants a mapping at an
# address that it gives, where there is one.
fio() {
	cp -R "$src/fio" "$out/fio" && cd "$out/fio" || return 1
	sed -i 's/^#define INITIAL_SIZE.*/#define INITIAL_SIZE (1024 * 1024)/' smalloc.c &&
		sed -i 's/vmsplice_to_user_map = 1/vmsplice_to_user_map = 0/' engines/splice.c || return 1
	./configure --cpu=riscv32 --cc="$cc" --extra-cflags=-w --disable-numa --disable-native || return 1
	make -j"$JOBS" fio && "$sdk/bin/flat32-strip" -o "$out/files/fio" fio || return 1
	rm -rf "$out/fio"
}

# ioping's asynchronous calls are of a kernel interface that has no 32-bit form with times of 64 bits; it is not asked for them.
others() {
	cd "$src/memtester" && "$cc" -O2 -w -s -DPOSIX -D_POSIX_C_SOURCE=200809L -DTEST_NARROW_WRITES -o "$out/files/memtester" \
		memtester.c tests.c || return 1
	cd "$src/ioping" && "$cc" -std=gnu11 -O2 -w -s -D__NR_io_getevents=-1 -DVERSION='"1.3"' -o "$out/files/ioping" ioping.c -lm
}

compile() {
	"$cc" -std=gnu11 -O2 -ffp-contract=off -D_GNU_SOURCE -Wall -Wextra -Wshadow -Werror -s -o "$out/files/stress" "$own"/*.c "$own"/*/*.c &&
		others && fio
}

build() {
	fresh "$out/.done" "$0" "$src/.done" "$sdk/.done" "$own"/*.[ch] "$own"/*/*.c "$own/stressors.def" && return
	rm -rf "$out"
	mkdir -p "$out/files"
	step 1/1 'building the stressors' suites-stress 0 compile
	build_limit && touch "$out/.done"
}

# stressors PLACE OPTIONS STRESS-OPTION...: a guest of its own with flat32's options; a line for each stressor
stressors() {
	place=$1 options=$2
	shift 2
	guest=$out/run/$place
	mkdir -p "$guest" "$guest.share" && ln "$out/files/stress" "$out/limit" "$guest/" || return 1
	cat >"$guest/tests.sh" <<-END
		#!/bin/sh
		dmesg -n 1
		mkdir /ext2
		[ ! -e /dev/ram0 ] || { mke2fs /dev/ram0 >/dev/null && mount -t ext2 /dev/ram0 /ext2; }
		/limit 400 /stress --metrics --temp-path $*
		echo "END \$?"
	END
	# shellcheck disable=SC2086
	boot "$guest" $options
	sed 's/\r$//' "$guest.log" | awk -v place="$place" '
		/^stress: [a-z0-9-]* [0-9]+: / {
			name = $2
			sub(/^stress: [^:]*: /, "")
			wrong[name] = $0
		}
		/^stress: [a-z0-9-]*: [0-9]+ skipped: / {
			name = $2
			sub(/:$/, "", name)
			sub(/^[^:]*: [^:]*: [0-9]+ skipped: /, "")
			skipped[name] = $0
		}
		NF == 7 && $2 ~ /^[0-9]+$/ && / (passed|short|failed|skipped)$/ {
			result = $NF == "failed" ? "fail" : $NF == "skipped" ? "skip" : "pass"
			printf "%s\t%s/%s\t%s\n", result, place, $1, result == "fail" ? wrong[$1] : result == "skip" ? skipped[$1] : ""
		}
		/^END / { ended = 1 }
		END { if (!ended) printf "fail\t%s\tdid not come to its end\n", place }'
}

# jobs: lines for commands() of what fio does
jobs() {
	job() {
		name=$1
		shift
		echo "fio-$place/$name${tab}120${tab}cd $dir && mkdir d && cd d && /files/fio --thread --minimal --group_reporting --bs=4k \
--name=$name $*; status=\$?; cd .. && rm -rf d; exit \$status"
	}
	for place in memory ext2 share; do
		case $place in memory) dir=/tmp ;; *) dir=/$place ;; esac
		job psync --size=512k --ioengine=psync --rw=randrw --verify=crc32c --numjobs=4
		job pvsync2 --size=512k --ioengine=pvsync2 --rw=randwrite --bsrange=512-16k --verify=xxhash --numjobs=4
		job sync --size=512k --ioengine=sync --rw=write --verify=md5 --numjobs=2 --fsync=8
		job vsync --size=512k --ioengine=vsync --rw=randrw --verify=sha256 --numjobs=2
		job posixaio --size=512k --ioengine=posixaio --iodepth=8 --rw=randrw --verify=crc32c --numjobs=2
		job splice --size=512k --ioengine=splice --rw=randrw --verify=crc32c --numjobs=2
		job many --size=64k --ioengine=psync --rw=randrw --verify=crc32c --numjobs=40
		job ftruncate --size=512k --ioengine=ftruncate --rw=write --fallocate=none
		job filecreate --size=800k --ioengine=filecreate --rw=write --nrfiles=200 --openfiles=1 --filesize=4k --fallocate=none
		job filestat --size=200k --ioengine=filestat --rw=write --nrfiles=50 --filesize=4k
		job filedelete --size=200k --ioengine=filedelete --rw=write --nrfiles=50 --filesize=4k
		# Elsewhere nothing can be mapped to be shared; ext2 has no fallocate().
		[ $place != memory ] || job mmap --size=512k --ioengine=mmap --rw=randrw --verify=crc32c
		[ $place = ext2 ] || job falloc --size=512k --ioengine=falloc --rw=write --fallocate=none
	done
	place=other dir=/tmp
	job null --size=16m --ioengine=null --rw=randrw
	job cpuio --ioengine=cpuio --cpuload=50 --runtime=1 --time_based --numjobs=2
	job mtd --size=512k --ioengine=mtd --filename=/dev/mtd0 --rw=write --verify=crc32c
	for size in 64K 1M 16M; do
		echo "memtester/$size${tab}240${tab}/files/memtester $size 1"
	done
	for how in '' -WWW -L -D; do
		echo "ioping/read${how}${tab}60${tab}dd if=/dev/zero of=f bs=64k count=16 && /files/ioping -c 20 -i 0.001 $how f"
	done
}

programs() {
	mkdir -p "$out/run/programs/ext2" "$out/run/share" && cp -Rl "$out/files" "$out/run/programs/" || return 1
	options="--ramdisk 16M --flash :2M --share $out/run/share:/share"
	{
		echo "ext2${tab}60${tab}mke2fs /dev/ram0 && mount -t ext2 /dev/ram0 /ext2"
		jobs
	} | commands "$out/run/programs" 256M
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run"
	{
		programs >"$out/run/programs.results"
		stressors ext2 '-m 64M --ramdisk 24M' /ext2 --all 4 --class file -t 20 >"$out/run/ext2.results"
		stressors share "-m 64M --share $out/run/share.share:/share" /share --all 4 --class file -t 20 >"$out/run/share.results"
	} &
	stressors alone '-m 64M' /tmp --sequential 2 -t 1 >"$out/run/alone.results"
	wait
	stressors together '-m 128M' /tmp --all 3 -t 20 >"$out/run/together.results" &
	stressors tight '-m 24M --self-check' /tmp --all 2 -t 20 --mmap-bytes 2m --malloc-bytes 1m >"$out/run/tight.results"
	wait
	cat "$out"/run/*.results
}

case ${1-} in
build) build ;;
run) run ;;
esac
