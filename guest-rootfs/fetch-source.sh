#!/bin/sh
# Fetch the Debian source package of each "name=minimum version" asked for, signatures checked.
#
#   fetch-source.sh DIR NAME=VERSION[..BELOW]...	environment: UPSTREAM=yes, only the upstream tarball of each
#
# DIR then holds NAME_*.dsc and the files it lists, or NAME_*.orig.tar.* alone: apt checks either against its signed
# index. Packages already there are not fetched again, so a filled DIR works without a network. apt itself downloads and checks, through a
# private configuration in DIR/apt.*, one for each who fetches at the same time: own state, lists and cache, and one deb-src entry made
# from the machine's own entry for its main archive (so the same mirror, keys and options), with the suite replaced where the machine's
# own release is too old to have these versions. The machine's apt configuration is only read.

set -u
dir=$1
shift

fail() {
	echo "fetch-source.sh: $*" >&2
	exit 1
}

# newest NAME: best_version is the highest version of it in DIR.
newest() {
	best_version=''
	for f in "$dir/$1"_*"$whole"*; do
		[ -e "$f" ] || continue
		case $whole in
		.dsc) version=$(sed -n 's/^Version: //p' "$f" | head -n 1) ;;
		*) version=${f##*_} version=${version%"$whole"*} ;;
		esac
		if [ -z "$best_version" ] || dpkg --compare-versions "$version" gt "$best_version"; then
			best_version=$version
		fi
	done
	[ -n "$best_version" ]
}

# have NAME=VERSION[..BELOW]: whether DIR has it whole. A download under way lives in DIR/apt.*/new.
have() {
	range=${1#*=}
	newest "${1%%=*}" && dpkg --compare-versions "$best_version" ge "${range%%..*}" || return 1
	case $range in
	*..*) dpkg --compare-versions "$best_version" lt "${range#*..}" ;;
	esac
}

# The file that says that a package is there.
if [ -z "${UPSTREAM-}" ]; then
	part=--download-only whole=.dsc
else
	part=--tar-only whole=.orig.tar.
fi

wanted=
for p; do
	have "$p" || wanted="$wanted $p"
done
[ -n "$wanted" ] || exit 0

command -v apt-get >/dev/null || fail "no apt-get here; put the .dsc and its files of$wanted into $dir"
mkdir -p "$dir" || exit 1
apt=$(mktemp -d "$(cd "$dir" && pwd)/apt.XXXXXX") || exit 1
trap 'rm -rf "$apt"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/sources" "$apt/new" || exit 1

# The suites to try. Releases older than these lack most of the versions wanted; the own one has what was removed since.
ID='' ID_LIKE='' VERSION_CODENAME='' UBUNTU_CODENAME=''
# shellcheck disable=SC1091
. /etc/os-release
case " $ID $ID_LIKE " in
*' ubuntu '*)
	own=${UBUNTU_CODENAME:-$VERSION_CODENAME}
	suites="$own resolute"
	components='main universe'
	;;
*)
	own=$VERSION_CODENAME
	suites="$own trixie"
	components=main
	;;
esac
case $own in
bullseye | bookworm) suites="trixie $own" ;;
focal | jammy | noble) suites="resolute $own" ;;
esac

# entries: "FILE:N" of each configured entry for the own release (by its codename or an alias), main
# component. N counts stanzas in a .sources file and lines in a .list file.
entries() {
	# shellcheck disable=SC2016
	apt-get indextargets --no-release-info --format '$(SOURCESENTRY) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 2>/dev/null |
		awk -v own="$own" '$3 == "main" && !seen[$1]++ &&
			($2 == own || $2 ~ /^(oldstable|stable|testing|unstable|sid)$/) { print $1 }'
}

# as_source FILE:N SUITE: that entry as a deb-src entry for SUITE.
as_source() {
	file=${1%:*} n=${1##*:}
	case $file in
	*.sources)
		awk -v n="$n" -v suite="$2" -v components="$components" '
			/^[ \t]*$/ { if (inside) inside = 0; next }
			/^#/ { next }
			!inside { inside = 1; count++ }
			count != n { next }
			/^[^ \t]/ { drop = tolower($1) ~ /^(types|suites|components|architectures|enabled):/ }
			!drop { print }
			END { print "Types: deb-src\nSuites: " suite "\nComponents: " components }' "$file"
		;;
	*)
		sed -n "${n}p" "$file" | sed -E \
			"s/^[[:space:]]*deb(-src)?[[:space:]]+(\[[^]]*\][[:space:]]*)?([^[:space:]]+).*/deb-src \2\3 $2 $components/"
		;;
	esac
}

private_apt_get() {
	apt-get -q -y -o Dir::State="$apt" -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" \
		-o Dir::State::status=/var/lib/dpkg/status \
		-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$apt/sources" \
		-o Dir::Etc::PreferencesParts=/dev/null -o Dir::Etc::Preferences=/dev/null \
		-o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# try ENTRY SUITE: fetches what is wanted from there; what it does not have is still wanted then.
try() {
	rm -rf "$apt/sources" && mkdir -p "$apt/sources"
	case ${1%:*} in
	*.sources) as_source "$1" "$2" >"$apt/sources/flat32.sources" ;;
	*) as_source "$1" "$2" >"$apt/sources/flat32.list" ;;
	esac
	echo "trying suite $2, from the entry $1"
	private_apt_get -o APT::Update::Error-Mode=any update || return 1
	missing=
	for p in $wanted; do
		get "$p" || missing="$missing $p"
	done
	wanted=$missing
	[ -z "$wanted" ]
}

# get NAME=VERSION: from the suite that is being tried, into DIR.
get() {
	rm -rf "$apt/new" && mkdir -p "$apt/new"
	(cd "$apt/new" && private_apt_get --only-source --download-only "$part" source "${1%%=*}") || return 1
	if ! (dir=$apt/new && have "$1"); then
		echo "suite $suite has no ${1%%=*} of version ${1#*=}"
		return 1
	fi
	# the .dsc last: it says that the rest is complete
	for f in "$apt"/new/*; do
		case $f in
		*.dsc) ;;
		*) mv "$f" "$dir/" || return 1 ;;
		esac
	done
	[ "$whole" != .dsc ] || mv "$apt"/new/*.dsc "$dir/"
}

all=$(entries)
[ -n "$all" ] || fail "apt's configuration has no entry for the release $own, component main"
for suite in $suites; do
	for entry in $all; do
		if try "$entry" "$suite"; then
			exit 0
		fi
	done
done
fail "could not fetch$wanted (suites tried: $suites)"
