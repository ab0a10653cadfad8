#!/bin/sh
# Install the packages a section of deps.txt asks for; silent and quick when all are there.
#
#   deps.sh [-l] SECTION		-l only lists the section's packages
#
# DEPS=no forbids installing: what is missing is named and the exit status is 1. Without dpkg
# (not a Debian or Ubuntu machine) the names are shown once as a hint and the build goes on.
# apt's output goes to build/log/deps.log.

list=no
if [ "$1" = -l ]; then
	list=yes
	shift
fi
section=$1
here=${0%/*}
log=${LOG:-build/log}/deps.log

packages=
while read -r word _; do
	case $word in
	'' | '#'*) ;;
	"[$section]") last=yes ;;
	'['*)
		[ -z "$last" ] || break
		;;
	*) packages="$packages $word" ;;
	esac
done <"$here/deps.txt"
if [ -z "$last" ]; then
	echo "deps.sh: no section [$section] in deps.txt" >&2
	exit 2
fi
if [ $list = yes ]; then
	echo "${packages# }"
	exit 0
fi

if ! command -v dpkg-query >/dev/null; then
	[ -e "$log" ] && exit 0
	mkdir -p "${log%/*}"
	echo "deps.sh: no dpkg here; see that you have what these Debian packages hold:$packages" | tee "$log" >&2
	exit 0
fi

# look: sets missing. One dpkg-query for all; "ii" is installed, anything else (or no line) is missing. The
# architecture is left out of the names, so a package counts whichever way dpkg lists it.
look() {
	# shellcheck disable=SC2086
	have=$(dpkg-query -W -f '${db:Status-Abbrev}${Package} ' $packages 2>/dev/null)
	missing=
	for p in $packages; do
		case " $have" in
		*" ii $p "* | *" hi $p "*) ;;
		*) missing="$missing $p" ;;
		esac
	done
}

look
[ -n "$missing" ] || exit 0

if [ "$DEPS" = no ]; then
	echo "deps.sh: DEPS=no, and these packages are missing:$missing" >&2
	echo "deps.sh: install them with: apt-get install --no-install-recommends$missing" >&2
	exit 1
fi

root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "deps.sh: not root, and no sudo here. As root: apt-get install --no-install-recommends$missing" >&2
		exit 1
	fi
	root=sudo
fi

# make may ask for two sections at once. One at a time: whoever waited looks again.
mkdir -p "${log%/*}"
exec 9>"${log%/*}/deps.lock"
flock 9
look
[ -n "$missing" ] || exit 0
echo "$(date '+%Y-%m-%d %H:%M:%S') [$section]$missing" >>"$log"

# apt's own progress reports (APT::Status-Fd) come on stderr, which sudo passes on; one line is shown
# for each tenth of the download and of the unpacking. Everything else goes to the log.
apt() {
	echo "[deps] apt-get $*" | cut -c1-"${COLUMNS:-100}" >&2
	{
		$root env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 \
			-o APT::Status-Fd=2 "$@" 2>&1 >>"$log"
		echo "exit:$?"
	} | awk -F: -v log_file="$log" '
		/^(dl|pm)status:/ {
			what = $1 == "dlstatus" ? "download" : "unpack and configure"
			tenth = int($3 / 10)
			if (what tenth != shown)
				printf "[deps] %s %d%%\n", what, tenth * 10
			shown = what tenth
			next
		}
		/^exit:/ { status = $2; next }
		{ print >> log_file }
		END { exit status }' >&2
}

# "Which URIs would you fetch" costs nothing and tells whether the package lists are there at all;
# lists that are there but stale show only when the download fails.
# shellcheck disable=SC2086
if apt-get -qq --print-uris --no-install-recommends install $missing >/dev/null 2>&1; then
	apt install --no-install-recommends $missing && exit 0
fi
# A repository of the machine's own that fails to update need not concern us; install tells.
apt update
# shellcheck disable=SC2086
if ! apt install --no-install-recommends $missing; then
	tail -n 20 "$log" >&2
	echo "deps.sh: apt-get failed; all of its output is in $log" >&2
	exit 1
fi
