#!/bin/sh
# The guest's reboot: on a terminal the machine starts again, from the image, with its disks as the guest left them; a script, or
# --no-reboot, has it end.
# timeout: 120
. "${0%/*}/lib/tap.sh"
lib=$(cd "${0%/*}/lib" && pwd)
cd "$TMPDIR" || exit 2
. "$lib/tmux.sh"
plan 12
image=$B/rootfs.cpio.gz
prompt() { until_line 'flat32:~#'; }

truncate -s 64K disk.img
keys "clear; stty -a | tail -n +2 >before; $FLAT32 boot --disk disk.img $image" Enter
ok "a prompt" prompt
first=$(emulator)
keys 'echo kept >/dev/vda; touch /lost; reboot' Enter
sleep 0.5
keys 'clear' Enter
ok "after reboot, another" prompt
same "it is the same process of the host" "$(emulator)" "$first"
keys 'head -n 1 /dev/vda; ls /lost' Enter
ok "the disk is as it was" until_line kept
ok "the image is fresh" until_line 'ls: /lost: No such file or directory'
keys 'clear' Enter
prompt
keys 'reboot -f' Enter
sleep 0.5
keys 'clear' Enter
ok "and once more, by force" prompt
keys 'poweroff' Enter
ok "poweroff ends it" until_line 'host>'
keys 'clear; stty -a | tail -n +2 >after; echo "status "$?' Enter
ok "with status 0" until_line 'status 0'
same "the terminal is as before" "$(cat after)" "$(cat before)"
keys "clear; $FLAT32 boot --no-reboot $image; echo status \$?" Enter
prompt
keys 'reboot' Enter
ok "--no-reboot: reboot ends it, too" until_line 'status 0'

timeout 20 "$FLAT32" boot --exec 'reboot -f; sleep 9' "$image" </dev/null >/dev/null 2>&1
same "commands of --exec are not begun again" $? 0
printf 'reboot -f\n' | timeout 20 "$FLAT32" boot "$image" >/dev/null 2>&1
same "nor is a script from a pipe" $? 0
finish
