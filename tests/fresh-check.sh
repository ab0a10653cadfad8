#!/bin/sh
# The two commands of README on a machine with nothing on it: a bare Debian (debootstrap's minbase, with
# gcc and make) in a folder, a clean clone of HEAD in it, `make run` twice and `make check` as root in a
# chroot. So nothing installed by hand is relied on. Needs root (sudo is tried), a network and about 3 GB.
#
# Environment: SUITE, the Debian release (bookworm, that is Debian 12); FRESH, the folder to use
# (build/fresh); downloads are kept in build/dl/debs. Mirrors and
# apt's network settings are the machine's own. The folder is removed when all went well.

set -u
cd "${0%/*}/.." || exit 2
if [ "$(id -u)" != 0 ]; then
	exec sudo env FRESH="${FRESH:-}" SUITE="${SUITE:-}" tests/fresh-check.sh
fi
# Own mount namespace where that is allowed: what is mounted here goes away with this script.
if [ "${FLAT32_FRESH_NS:-}" = '' ] && unshare -m true 2>/dev/null; then
	exec env FLAT32_FRESH_NS=1 unshare -m tests/fresh-check.sh
fi

suite=${SUITE:-bookworm}
root=${FRESH:-build/fresh}
mkdir -p "$root" build/dl/debs build/log
root=$(cd "$root" && pwd)
log=$(pwd)/build/log/fresh-check.log
: >"$log"

say() {
	echo "[fresh] $*" | tee -a "$log"
}

unmount() {
	umount "$root/dev/pts" "$root/proc" 2>/dev/null
}

fail() {
	say "FAILED: $*"
	unmount
	echo "the machine is left in $root, the log is $log" >&2
	exit 1
}
trap unmount EXIT
trap 'exit 130' INT TERM

# URI and release of each of the machine's own Debian entries (main component), with this suite's names.
# shellcheck disable=SC1091
own=$(. /etc/os-release && echo "$VERSION_CODENAME")
# shellcheck disable=SC2016
entries=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
	'Created-By: Packages' | awk -v own="$own" -v suite="$suite" '
		$3 == "main" && ($2 == own || index($2, own "-") == 1) {
			sub(own, suite, $2)
			if (!seen[$1 $2]++)
				print $1, $2
		}')
mirror=$(echo "$entries" | awk -v suite="$suite" '$2 == suite { print $1; exit }')
[ -n "$mirror" ] || fail "no entry for the Debian archive in apt's configuration"

git diff --quiet HEAD || say 'note: uncommitted changes are not part of the clone'

say "debootstrap $suite (minbase, gcc, make)"
unmount
rm -rf "$root"
debootstrap --variant=minbase --include=gcc,make,ca-certificates --cache-dir="$(pwd)/build/dl/debs" \
	"$suite" "$root" "$mirror" >>"$log" 2>&1 || fail 'debootstrap'
echo "$entries" | sed 's/^/deb /; s/$/ main/' >"$root/etc/apt/sources.list"
apt-config dump | grep -E '^Acquire::(http|https|Retries|Check-|ForceIPv)' >"$root/etc/apt/apt.conf.d/50host"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
git clone -q --no-local . "$root/root/flat32" || fail 'git clone'
mount -t proc proc "$root/proc" 2>>"$log" || say 'note: no /proc in the chroot'
{ mkdir -p "$root/dev/pts" && mount -t devpts -o ptmxmode=666,newinstance devpts "$root/dev/pts" &&
	ln -sf pts/ptmx "$root/dev/ptmx"; } 2>>"$log" || say 'note: no pseudo-terminals in the chroot'

# inside COMMAND: run by a shell in the clone, with a clean environment
inside() {
	env -i HOME=/root TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		chroot "$root" /bin/sh -c "cd /root/flat32 && $1"
}

# shellcheck disable=SC2016
commands='echo fresh-$((6 * 7)) $(uname -m); ls /bin | grep -c .; exit'
make_run() {
	start=$(date +%s%N)
	echo "$commands" | inside 'make run' >"$root/run.log" 2>&1
	status=$?
	took=$((($(date +%s%N) - start) / 1000000))
	cat "$root/run.log" >>"$log"
	[ $status = 0 ] || { tail -n 20 "$root/run.log"; fail "$1: status $status"; }
	grep -q '^fresh-42 riscv32' "$root/run.log" || fail "$1: no answer from the guest's shell"
	say "$1: $((took / 1000)).$(printf %03d $((took % 1000))) s"
}

slow=
say 'make run'
make_run 'first make run'
[ $took -lt 600000 ] || slow='the first make run took more than 10 minutes'
make_run 'second make run'
[ $took -lt 2000 ] || slow=${slow:-the second make run took more than 2 seconds}

say 'make check'
inside 'make check' </dev/null >"$root/check.log" 2>&1
status=$?
cat "$root/check.log" >>"$log"
grep -E '^[0-9]+ (passed|skipped)' "$root/check.log"
[ $status = 0 ] || { tail -n 30 "$root/check.log"; fail "make check: status $status"; }

[ -z "$slow" ] || fail "$slow (load average now: $(cut -d' ' -f1-3 /proc/loadavg))"
trap - EXIT
unmount
rm -rf "$root"
say 'passed'
