# Background jobs, wait, kill, trap.
sleep 0.1 & p=$!
wait $p; echo "wait: $?"
sh -c 'exit 3' & wait $!; echo "its status: $?"
(sleep 0.05; echo from the background) & wait
sh -c 'sleep 5' & kill $!; wait $! 2>/dev/null; echo "killed: $?"
sleep 5 & kill -KILL $!; wait $! 2>/dev/null; echo "killed hard: $?"
wait 99999; echo "not a child: $?"
kill -0 $$; echo "we are there: $?"
kill -0 99999; echo "nobody: $?"
kill -l 15; kill -l | head -n 3
trap 'echo caught USR1' USR1; kill -USR1 $$; echo after
trap '' USR1; kill -USR1 $$; echo ignored
trap - USR1; sh -c 'kill -USR1 $$'; echo "default: $?"
sh -c 'trap "echo leaving" EXIT; echo working; exit 4'; echo $?
sh -c 'trap "echo term; exit 5" TERM; kill -TERM $$; echo not reached'; echo $?
trap '' INT; sh -c 'kill -INT $$; echo an ignored signal is inherited'; trap - INT
sleep 0.3 & a=$!; sleep 0.1 & b=$!; wait $a $b; echo "both: $?"
trap 'echo interrupted' USR2; (sleep 0.1; kill -USR2 $$) & sleep 0.3; echo "after sleep"; wait
sleep 1 & s=$!; kill -STOP $s; kill -CONT $s; kill -TERM $s; wait $s 2>/dev/null; echo "stopped, continued, ended: $?"
(trap 'echo child got it; exit 0' TERM; sleep 0.5 & wait) & sleep 0.1; kill $!; wait $!; echo $?
i=0; while [ $i -lt 20 ]; do true & i=$((i + 1)); done; wait; echo "20 at once: $?"
time -p true 2>&1 | sed 's/[0-9.]*$//'
