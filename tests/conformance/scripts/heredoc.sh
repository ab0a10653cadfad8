# Here-documents and redirections.
name=world
cat <<X
hello $name, $((6 * 7)), $(echo command)
X
cat <<'X'
raw $name $(echo command) \n
X
cat <<-X
	tabs cut
		all of them
	X
cat <<A; cat <<B
first
A
second
B
read -r one two <<X
word1 word2 word3
X
echo "$one|$two"
i=0
while [ $i -lt 3000 ]; do echo "line $i of a long document"; i=$((i + 1)); done >long
{ echo 'wc -lc <<X'; cat long; echo X; } >big.sh
sh big.sh
exec 3>file; echo three >&3; echo four >&3; exec 3>&-
cat file
exec 4<file; read -r a <&4; read -r b <&4; read -r c <&4; echo "$a $b [$c] $?"; exec 4<&-
echo appended >>file; tail -n 1 file
echo to stderr 2>&1 >/dev/null; (echo to stderr >&2) 2>&1 | tr a-z A-Z
echo x >/none/file; echo "no such directory: $?"
cat <none; echo "no such file: $?"
set -C; echo x >file; echo "noclobber: $?"; echo y >|file; cat file; set +C
cat 3<file <&3
: >empty; wc -c <empty
echo both >all 2>&1; cat all
echo bad >&9; echo "descriptor not open: $?"
