# sed, awk, grep, sort, cut, tr, uniq, diff, cmp.
printf '%s\n' 'apple 3 red' 'pear 12 green' 'fig 7 purple' 'apple 1 green' >t
sed 's/apple/APPLE/; /fig/d; $a end' t
sed -n '2,3p' t; sed -n '/pear/=' t; sed 's/\([a-z]*\) \([0-9]*\)/\2 \1/' t; sed -i 's/red/RED/' t; sed '1!G;h;$!d' t
awk '{ n[$1] += $2 } END { for (k in n) print k, n[k] }' t | sort
awk 'BEGIN { printf "%.3f %d %s\n", 22 / 7, 1e6, toupper("up") } NR == 2 { print NF, length($0), substr($3, 2, 3) }' t
awk 'BEGIN { print sqrt(2), sin(1), cos(1), exp(1), log(10), int(-3.7), 2 ^ 31, 1e300 * 10 }'
awk 'BEGIN { "echo from a command" | getline x; print x; print "sorted" | "sort"; close("sort"); exit 3 }'; echo $?
grep -c apple t; grep -n green t; grep -v e t; grep -E '^(fig|pear)' t; grep -o '[0-9]*' t; grep -q none t; echo $?
sort t; sort -k2n t; sort -k1,1 -k2nr t; sort -u -k1,1 t; sort -c t; echo $?
cut -d' ' -f1,3 t; cut -c2-4 t; tr a-z A-Z <t | tr -d ' 0-9'; tr -s p <t
printf '%s\n' a a b c c c | uniq -c; printf '%s\n' a a b | uniq -d
sed 's/7/8/' t >u; diff t u; echo $?; diff -u t u | sed 1,2d; cmp t u; echo $?; cmp t t; echo $?
paste t u | head -n 1; nl t; rev t; tac t; fold -w 8 t | head -n 3; expand t >/dev/null; wc t; head -n 1 t; tail -n +3 t
seq 1 3 10; seq -w 8 11; seq 5 -2 1; factor 1000000007; echo '2 10 ^ p 7 3 / p' | dc; echo 'scale=5; 4*a(1)' | bc -l
md5sum t; sha256sum t; cksum t; od -An -tx1 t | head -n 2; hexdump -C t | head -n 2; base64 t; strings t | head -n 1
xargs -n 2 echo args <t; printf 'a\0b\0' | xargs -0 -n 1 echo; echo 1 2 3 | xargs -I{} echo '<{}>'
expr 3 + 4 \* 2; expr substr hello 2 3; expr hello : 'h\(.*\)o'; basename /a/b.c .c; dirname /a/b.c
