# Shell programs of some size.
fib() { if [ "$1" -lt 2 ]; then echo "$1"; else echo $(($(fib $(($1 - 1))) + $(fib $(($1 - 2))))); fi; }
fib 7
primes() { local n=2 d; while [ $n -lt "$1" ]; do d=2; while [ $((d * d)) -le $n ]; do [ $((n % d)) = 0 ] && break; d=$((d + 1)); done; [ $((d * d)) -gt $n ] && echo $n; n=$((n + 1)); done; }
primes 60 | tr '\n' ' '; echo
words="the quick brown fox jumps over the lazy dog the end"
for w in $words; do echo $w; done | sort | uniq -c | sort -k1nr -k2 | awk '{ print $2 "=" $1 }' | tr '\n' ' '; echo
set -- -a -b value file1 file2
while getopts ab: o; do case $o in a) echo "option a" ;; b) echo "option b $OPTARG" ;; esac; done; shift $((OPTIND - 1)); echo "$*"
count=0; for i in 1 2 3; do for j in a b; do [ $j = b ] && continue 2; count=$((count + 1)); done; done; echo $count
until [ $count -ge 6 ]; do count=$((count + 1)); done; echo $count
f() { local v=inner; g; echo "f $v"; }; g() { v=changed; }; v=outer; f; echo $v
s=; i=0; while [ $i -lt 200 ]; do s=$s$i; i=$((i + 1)); done; echo ${#s}
cat >table <<X
3 c
1 a
2 b
X
while read -r n l; do eval "row_$n=$l"; done <table; echo $row_1$row_2$row_3
awk 'BEGIN { n = 8; for (i = 1; i <= n; i++) { row = ""; for (j = 1; j <= n; j++) row = row ((i * j) % 7) " "; print row } }' | md5sum
sh -c 'x=$(cat); echo "${#x} bytes"' <table
alias 2>/dev/null; type cd >/dev/null; echo $?; command -v true; readonly r=1; (r=2) 2>/dev/null; echo $?
. ./none 2>/dev/null; echo "sourced: $?"; echo 'sourced=yes' >inc; . ./inc; echo $sourced
