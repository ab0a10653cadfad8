# Sourced by the scripts that build the SDK: one long step at a time, logged and with its progress shown.
# shellcheck shell=sh
#
#   step N/M TITLE LOGNAME LINES COMMAND ARGS...
#
# runs the command with its output in $LOG/LOGNAME.log and says what it does, how far it is and how long
# it took. LINES is about how many lines the command prints; 0 if nobody knows, then no percentage is shown.
# On failure the log's tail is shown and the calling script exits.

LOG=${LOG:-build/log}
mkdir -p "$LOG"

step() {
	step_title="[$1] $2"
	step_log=$LOG/$3.log
	step_lines=$4
	shift 4
	step_start=$(date +%s)
	echo "$step_title ..."
	"$@" >"$step_log" 2>&1 </dev/null &
	step_pid=$!
	trap 'kill $step_pid 2>/dev/null; exit 130' INT TERM
	step_shown=0
	step_next=$step_start
	while kill -0 $step_pid 2>/dev/null; do
		sleep 0.2
		if [ "$step_lines" -eq 0 ] || [ "$(date +%s)" -lt "$step_next" ]; then
			continue
		fi
		step_next=$(($(date +%s) + 2))
		step_now=$(($(wc -l <"$step_log") * 100 / step_lines / 10 * 10))
		if [ $step_now -gt $step_shown ] && [ $step_now -lt 100 ]; then
			echo "$step_title ... $step_now%"
			step_shown=$step_now
		fi
	done
	trap - INT TERM
	if ! wait $step_pid; then
		tail -n 25 "$step_log" >&2
		echo "$step_title: failed; all of its output is in $step_log" >&2
		exit 1
	fi
	echo "$step_title: done in $(($(date +%s) - step_start)) s"
}
