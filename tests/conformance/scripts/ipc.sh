# ipcs and ipcrm, and where they look.
ipcs; echo $?; ipcs -l; echo $?; ipcs -u | head -n 20
cat /proc/sysvipc/msg /proc/sysvipc/sem; cat /proc/sys/kernel/sem /proc/sys/kernel/msg[a-z]*; cat /proc/sys/fs/mqueue/*
ipcrm -q 0; echo $?; ipcrm -s 12345; echo $?; ipcrm -Q 0x1234; echo $?; ipcs -q -i 0; echo $?; ipcs -s -i 7; echo $?
mkdir mq; mount -t mqueue none mq; echo $?; ls mq; >mq/one; ls mq; cat mq/one; stat -c '%a %s %F' mq mq/one; mv mq/one mq/two; rm mq/one; ls mq; umount mq; echo $?
