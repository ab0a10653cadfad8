# Globbing, quoting, expansion.
touch a.c b.c ab.c .hidden 'with space' '[x]' z1 z2 z10
mkdir sub; touch sub/a.c sub/b.h
echo *
echo *.c; echo ?.c; echo [ab].c; echo [!a]*.c; echo z[0-9]; echo z?*; echo .h*; echo */*.c
echo none*; echo 'a*' "a*" a\*; echo \[x]
for f in *' '*; do echo "<$f>"; done
v='a.c b.c'; set -- $v; echo $#; set -- "$v"; echo $#; IFS=:; v=1:2::3; set -- $v; echo $# "$3"; unset IFS
x=path/to/file.tar.gz; echo ${x##*/} ${x%/*} ${x%%.*} ${x#*/} ${#x}
echo ${unset-default} ${unset:-other} ${x:+set} ${x:5:2}
echo $((2 + 3 * 4)) $((7 / 2)) $((7 % 3)) $((1 << 10)) $((0x1f)) $((010)) $((-5 / 2)) $((5 > 3 && 2 > 1))
case file.txt in *.c) echo c ;; *.txt | *.md) echo text ;; *) echo other ;; esac
echo ~ | grep -c /
echo {a,b}{1,2}
echo "tab:	'single' \"double\" \$dollar \\back"
printf '%5d|%-5s|%05.1f|%x|%o|%c|%%|%b\n' 42 ab 3.14159 255 8 xyz 'a\tb'
printf '%s-%s\n' 1 2 3 4
echo -e 'a\tb\x41' | od -c
