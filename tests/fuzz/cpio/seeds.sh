#!/bin/sh
# seeds.sh FOLDER: small archives for the fuzzer to start from, made by the host's cpio.
set -eu
out=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$out" "$tmp/a/b"
echo hello >"$tmp/a/hello"
ln "$tmp/a/hello" "$tmp/a/b/again"
ln -s ../hello "$tmp/a/b/link"
mkfifo "$tmp/a/fifo"
: >"$tmp/a/empty"
head -c 5000 /dev/zero >"$tmp/a/zeros"
(cd "$tmp/a" && find . | sort | cpio -o -H newc 2>/dev/null) >"$tmp/plain"
(cd "$tmp/a" && find . | sort | cpio -o -H crc 2>/dev/null) >"$tmp/crc"
{ cat "$tmp/plain"; printf '\0'; } >"$out/plain"
{ cat "$tmp/plain"; printf '\1'; } >"$out/packed"
{ cat "$tmp/crc"; printf '\0'; } >"$out/crc"
{ gzip -c "$tmp/plain"; printf '\0'; } >"$out/gzip"
{ cat "$tmp/plain"; gzip -c "$tmp/plain"; printf '\0'; } >"$out/both"
{ cat "$tmp/plain" "$tmp/plain"; printf '\1'; } >"$out/twice"
