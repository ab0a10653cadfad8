# Processes as tools show and change them.
ps -o pid,comm | sed 's/^ *[0-9]* *//' | grep -E '^(COMMAND|ps|sh)$' | sort -u
sh -c 'echo $PPID' | grep -c "^$$\$"
nice -n 5 nice; nice -n 5 sh -c 'renice -n 3 $$ >/dev/null; nice'; nice -n -5 nice
setsid sh -c 'ps -o pid,sid,pgid | awk -v me=$$ "\$1 == me { print (\$1 == \$2 && \$2 == \$3) }"'
ulimit -n; (ulimit -n 20; ulimit -n); ulimit -c; ulimit -s; ulimit -u >/dev/null; echo $?
id -u; id -g; id -un; whoami; groups; hostname >/dev/null; uname -s; uname -m; nproc; arch
sh -c 'exec sh -c "echo exec keeps the pid: \$\$ = $$"' | sed 's/[0-9][0-9]*/N/g'
env -i A=1 B=2 env | sort; env -u HOME sh -c 'echo ${HOME-unset}'; export X=exported; sh -c 'echo $X'; unset X; sh -c 'echo ${X-gone}'
(cd /; exec sh -c pwd); (umask 027; umask); umask
chroot / /bin/echo chrooted; su -s /bin/sh nobody -c 'id -u; echo x >/etc/passwd; echo $?; kill -0 1; echo $?' 2>&1
usleep 1000; echo $?; sleep 0.01; echo $?; date -u -d @86400 +%F; cal 2 2024 | head -n 2; which sh
tail -f /dev/null & pidof tail | wc -w; killall tail; wait 2>/dev/null; pgrep -x tail; echo $?
free | awk 'NR == 1 || /Mem/ { print NF }'; uptime | grep -c load; df -P /tmp | awk '{ print NF }' | head -n 1; mount | grep -c 'proc on /proc type proc'
mkdir m; mount -t tmpfs none m; touch m/x; ls m; umount m; ls m; umount m; echo $?
logger hello 2>/dev/null; sync; echo $?; tty; echo $?; stty 2>&1; echo $?
sh -c 'ulimit -f 1; head -c 5000 /dev/zero >limited; echo $?'; stat -c %s limited
