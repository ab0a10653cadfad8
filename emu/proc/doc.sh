#!/bin/sh
# Prints docs/proc.md: what there is in /proc, made from proc_files.def.
cd "${0%/*}/../.." || exit 1

cat <<'M'
# What there is in /proc

Made by `emu/proc/doc.sh` from `emu/proc/proc_files.def`, the table that /proc itself works from. The formats are those
of Linux 6.12 without an MMU. `PID/` stands for a process's directory, `self/` and `thread-self/` lead to the reader's;
"T" in the last column: also in `PID/task/TID/`, there about the one thread.

| file | mode | what it is | |
|---|---|---|---|
M
{
	cat <<'H'
#define FILE_(where, name, mode, doc, t) ENTRY_ where @ name @ mode @ doc @ t @
#define PROC_DIR(id, where, name, mode, doc) ENTRY_ DIR id @ where @ name @
#define PROC_TASK_DIR(id, name, mode, doc) ENTRY_ DIR id @ PID @ name @ ENTRY_ id @ "N" @ mode @ doc @ "T" @
#define PROC_FILE(where, name, mode, show, store, doc) FILE_(where, name, mode, doc, "")
#define PROC_SPECIAL(where, name, mode, fops, doc) FILE_(where, name, mode, doc, "")
#define PROC_LINK(where, name, link, doc) FILE_(where, name, 0777, doc, "")
#define PROC_PLACE(where, name, link, doc) FILE_(where, name, 0777, doc, "")
#define PROC_TASK_FILE(name, mode, show, store, doc) FILE_(PID, name, mode, doc, "T")
#define PROC_TASK_LINK(name, link, doc) FILE_(PID, name, 0777, doc, "T")
H
	cat emu/proc/proc_files.def
} | ${CC:-cc} -E -P -x c - | tr -d '\n' | sed 's/ENTRY_/\n/g' | awk -F@ '
	function bare(s) { gsub(/"/, "", s); gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
	/^ *DIR/ { sub(/^ *DIR/, ""); dir[bare($1)] = dir[bare($2)] bare($3) "/"; next }
	NF > 4 {
		where = bare($1)
		sub(/\| *PROC_OURS/, "", $3)
		mode = bare($3) == "0777" ? "link" : bare($3)
		line[++n] = where SUBSEP bare($2) SUBSEP mode SUBSEP bare($4) SUBSEP bare($5)
	}
	BEGIN { dir["PID"] = "PID/"; dir["TID"] = "PID/task/TID/" }
	END {
		for (i = 1; i <= n; i++) {
			split(line[i], f, SUBSEP)
			printf "| `%s%s` | %s | %s | %s |\n", dir[f[1]], f[2], f[3], f[4], f[5]
		}
	}'
