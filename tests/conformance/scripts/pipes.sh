# Pipelines: order, statuses, early ends.
echo one two three | tr ' ' '\n' | sort -r | tr '\n' ' '; echo
printf '%s\n' b a c | cat | cat | cat | sort
seq 1 100000 | head -n 3
echo "status of the last: $?"
false | true; echo "false | true: $?"
true | false; echo "true | false: $?"
! true | false; echo "negated: $?"
yes | head -n 2 | wc -l
seq 1 2000 | tail -n 1
seq 1 5000 | while read -r n; do [ "$n" -gt 3 ] && break; echo "read $n"; done
echo "both streams" | { cat; echo "to the other" >&2; } 2>&1 | sort
{ echo 1; echo 2; echo 3; } | { read -r first; echo "first $first"; cat; }
head -c 200000 /dev/zero | wc -c
head -c 100000 /dev/zero | tr '\0' x | cksum
echo $(echo nested $(echo twice $(echo over)))
cat </dev/null | wc -c
mkfifo fifo
(echo through a fifo >fifo) &
cat fifo
wait
rm fifo
echo tee | tee copy | cat; cat copy; rm copy
