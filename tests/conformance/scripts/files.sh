# find, ls, cp, mv, ln, chmod, stat, dd, du, touch, test.
mkdir -p tree/a/b tree/c; echo one >tree/1; echo two >tree/a/2; echo three >tree/a/b/3; ln -s ../1 tree/c/link; ln tree/1 tree/hard
find tree | sort; find tree -type f -name '[12]' | sort; find tree -type l; find tree -size +0 -type f | wc -l; find tree -empty
find tree -type f -exec echo found {} \; | sort; find tree -name b -prune -o -type f -print | sort; find tree -maxdepth 1 -mindepth 1 | sort
cat tree/c/link; readlink tree/c/link; readlink -f tree/c/link | sed 's|.*/tree|tree|'; rm tree/c/link; ln -s none tree/c/dangling; cat tree/c/dangling; echo $?
stat -c '%n %F %s %h %a %U' tree/1 tree/a tree/c/dangling
chmod 640 tree/1; stat -c %a tree/1; chmod u+x,g-r,o=w tree/1; stat -c %a tree/1; chmod -R go= tree; stat -c %a tree/a/b; umask 077; touch private; stat -c %a private; umask 022
cp -r tree copy; diff -r tree copy; echo $?; cp -p tree/1 p; stat -c %a p; mv copy/a/b copy/moved; ls copy; mv p copy/; ls copy/p; cp none x; echo $?
rmdir tree; echo $?; rm tree; echo $?; rm -r tree copy; ls; rm none; echo $?; rm -f none; echo $?
dd if=/dev/zero of=big bs=1024 count=100 2>&1 | grep -v bytes; stat -c %s big; dd if=big of=part bs=512 skip=3 count=2 2>/dev/null; stat -c %s part
printf abc | dd of=big bs=1 seek=10 conv=notrunc 2>/dev/null; od -c big | head -n 2; truncate -s 5000 big; stat -c %s big; truncate -s 0 big; [ -s big ]; echo $?
touch -d '2020-02-03 04:05:06' dated; date -u -r dated +%F_%T; touch new; [ new -nt dated ]; echo $?; TZ=UTC stat -c %y dated | cut -c1-19
[ -L dated ]; echo $?; [ -x / ]; echo $?; [ -c /dev/null ]; echo $?; [ -p /dev/null ]; echo $?; test -e none; echo $?
ls -la dated | awk '{ print $1, $2, $3, $4, $5 }'; ls -d .; ls -1 -F / | grep -E '^(bin|dev|proc|tmp)'; ls none; echo $?
mkdir m; echo x >m/x; cd m; pwd | sed 's|.*/||'; cd ..; cd none; echo $?; mkdir m; echo $?; mkdir -m 700 n; stat -c %a n
mktemp -d -p . | wc -c; tee a b </dev/null; wc -c a b; split -l 2 /etc/passwd part.; cat part.* | cmp - /etc/passwd; echo $?
cd m && rm -r ../m && ls; echo $?; pwd >/dev/null; touch here; echo $?
