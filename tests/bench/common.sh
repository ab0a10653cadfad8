# shellcheck shell=sh disable=SC2154
# Sourced by bench.sh and cpu.sh: what is measured on what, and the lines of measure's plan. Wants FLAT32, D, SHORT, T and here.

qemu=$(command -v qemu-riscv32 || true)

# heading NATIVE_CC
heading() {
	echo "flat32     $("$FLAT32" --version | head -n 1) ($(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo 'no git'))"
	[ -z "$qemu" ] || echo "qemu       $($qemu --version | head -n 1)"
	echo "guest cc   $("$D/../sdk/bin/flat32-cc" --version | head -n 1), -O2, rv32gc, ilp32d, musl"
	# shellcheck disable=SC2086
	echo "native cc  $($1 --version | head -n 1), -O2${1#"${1%% *}"}, glibc $(ldd --version 2>/dev/null | sed -n '1s/.* //p')"
	echo "host       $(uname -srm), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors"
	echo "load       $(cut -d' ' -f1-3 /proc/loadavg)"
}

# wanted NAME: whether T names it
wanted() {
	[ -n "${T:-}" ] || return 0
	set -f		# patterns, not files
	for pattern in $T; do
		# shellcheck disable=SC2254
		case $1 in $pattern) set +f && return 0 ;; esac
	done
	set +f
	return 1
}

# names: those of programs.txt that are wanted, for themselves or for their memory
names() {
	sed -n 's/^\([a-z][a-z0-9_]*\).*/\1/p' "$here/programs.txt" | while read -r name; do
		if wanted "$name" || { [ "$name" = cold ] && wanted rss/cold; }; then echo "$name"; fi
	done
}

# one NAME KIND ROUNDS TITLE: a case of the plan; what to run is read from stdin, LABEL COMMAND a line
one() {
	wanted "$1" || return 0
	if [ -n "$SHORT" ]; then rounds=1; else rounds=$3; fi
	case $2 in
	ms/*) kind=$2; [ -z "$SHORT" ] || kind=ms/2 ;;
	*) kind=$2 ;;
	esac
	echo "case $1 $kind $rounds $4"
	while read -r label command; do
		[ "$label" != qemu-riscv32 ] || [ -n "$qemu" ] || continue
		case $command in
		"- "*) echo "note $label ${command#- }" ;;
		*) echo "run $label $command" ;;
		esac
	done
}
