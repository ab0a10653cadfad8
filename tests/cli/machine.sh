#!/bin/sh
# flat32 machine: the list of devices, and the device tree as a blob and as text; what a guest is told of it.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
image=$B/rootfs.cpio.gz
plan 38

get() {
	fdtget "$@" 2>&1
}

same "RAM" "$("$FLAT32" machine -m 16M)" "$(printf '%s\n' \
	'addresses             size  kind       device      irq  what' \
	'00101000-00101fff       4K  registers  rtc0         11  registers' \
	'0c000000-0c200fff    2052K  registers  plic          -  registers' \
	'80000000-80ffffff      16M  memory     ram           -  System RAM' \
	'-                        -  -          watchdog0     -  flat32,watchdog')"
same "--list is what is done without options" "$("$FLAT32" machine --list --ramdisk 1M)" "$("$FLAT32" machine --ramdisk 1M)"
ok "the RAM disk lies in the RAM" sh -c '"$1" machine --ramdisk 1M | grep -q "^  8.*1M  part       ram0"' - "$FLAT32"

"$FLAT32" machine -m 16M --ramdisk 1M --dtb one.dtb; same "--dtb" $? 0
same "memory" "$(get -t x one.dtb /memory@80000000 reg)" "80000000 1000000"
same "its device_type" "$(get one.dtb /memory@80000000 device_type)" memory
same "the hart" "$(get one.dtb /cpus/cpu@0 compatible)" riscv
same "its clock" "$(get one.dtb /cpus timebase-frequency)" 10000000
same "no MMU" "$(get one.dtb /cpus/cpu@0 mmu-type)" riscv,none
plic=/soc/interrupt-controller@c000000
same "the interrupt controller" "$(get one.dtb $plic compatible)" "sifive,plic-1.0.0 riscv,plic0"
same "its sources" "$(get one.dtb $plic riscv,ndev)" 31
same "it leads to the hart's" "$(get one.dtb $plic interrupts-extended)" "$(get one.dtb /cpus/cpu@0/interrupt-controller phandle) 11"
same "whose sources are devices'" "$(get one.dtb /soc/rtc@101000 interrupts) $(get one.dtb /soc/rtc@101000 interrupt-parent)" \
	"11 $(get one.dtb $plic phandle)"
same "the command line" "$(get one.dtb /chosen bootargs)" console=ttyS0
ok "dtc finds no fault in it" sh -c '[ -z "$(dtc -I dtb -O dts -o /dev/null one.dtb 2>&1)" ]'
"$FLAT32" machine -m 16M --ramdisk 1M --dts >one.dts; same "--dts" $? 0
"$FLAT32" machine -m 16M --ramdisk 1M --dts=two.dts
ok "into a file" cmp -s one.dts two.dts
dtc -q -I dts -O dtb -o two.dtb one.dts
same "the text is the same tree" "$(dtc -q -s -I dtb -O dts two.dtb)" "$(dtc -q -s -I dtb -O dts one.dtb)"
"$FLAT32" machine -m 16M --ramdisk 1M --dtb - >three.dtb
ok "to standard output" cmp -s one.dtb three.dtb

"$FLAT32" machine --dtb /nowhere/x 2>err; same "a file that cannot be written: 125" $? 125
ok "and it is named" grep -q '/nowhere/x: No such file' err
"$FLAT32" machine something 2>err; same "an argument: 125" $? 125
"$FLAT32" machine --dtb /dev/full 2>err; same "no room: 125" $? 125

# What is in /proc is the same.
timeout 20 "$FLAT32" boot -m 16M --ramdisk 1M --exec 'mkdir -p /sys; mount -t sysfs sys /sys; cat /sys/firmware/fdt' "$image" \
	</dev/null >four.dtb
ok "/sys/firmware/fdt" sh -c 'dtc -q -s -I dtb -O dts four.dtb | sed /reg/d >a; dtc -q -s -I dtb -O dts one.dtb | sed /reg/d >b; cmp a b'

# What state they are in.
"$FLAT32" boot -m 16M --ramdisk 1M --deterministic --dump-devices --exec : "$image" </dev/null 2>err
same "--dump-devices" "$(sed 's/^devices after .*/devices/; s/  8.* part/  8 part/; /^rtc0/,/^  alarm o/d; 15,$d' err)" "$(printf '%s\n' devices ram \
	'  80000000-80ffffff memory: System RAM' 'plic: sifive,plic-1.0.0' '  0c000000-0c200fff registers: registers' '  threshold 0' '  source 11: down, priority 1, enabled' 'ram0: flat32,ramdisk' '  8 part: RAM disk')"
"$FLAT32" boot -m 16M --dump-devices=dump --exec 'exec 2>&-; exit 3' "$image" </dev/null 2>err
same "into a file, and the status stays the guest's" "$? $(grep -c System dump) $(cat err)" "3 1 "
ok "and what interrupts there were" grep -q '^irq 11: 0 of rtc0, heard$' dump
"$FLAT32" machine --uio flash0 2>err; same "what is not there cannot be left to programs: 125" $? 125
ok "and it is named" grep -q -e '--uio flash0: there is no such device' err
ok "a framebuffer needs no window here" sh -c 'DISPLAY= WAYLAND_DISPLAY= "$1" machine --display 320x200x8 | grep -q "video memory"' - "$FLAT32"
truncate -s 1M disk.img
ok "a disk has a line of its own" sh -c '"$1" machine --disk disk.img | grep -q "^-  .* vda .*flat32,disk"' - "$FLAT32"
"$FLAT32" boot -m 16M --disk disk.img:ro --dump-devices --exec : "$image" </dev/null 2>err
ok "and says what it is" grep -q '^  2048 sectors, read-only, in disk.img$' err
"$FLAT32" boot --dump-devices=/nowhere/x --exec : "$image" 2>err; same "which cannot be written: 125" $? 125
"$FLAT32" boot -m 16M --init /bin/sh "$image" -- -c 'echo up; sleep 30' >out 2>err </dev/null &
pid=$!
# until_in FILE TEXT: ten seconds at most
until_in() {
	for _ in $(seq 100); do
		! grep -q "$2" "$1" || break
		sleep 0.1
	done
}
until_in out up
kill -USR1 $pid
until_in err System
ok "on SIGUSR1" grep -q '80000000-80ffffff memory: System RAM' err
kill -USR2 $pid
until_in err ' sleep$'
ok "on SIGUSR2 load and memory" grep -q '^memory: 16384 KiB, [1-9][0-9]* free, the largest run [1-9][0-9]*;' err
ok "and the tasks: one that sleeps" grep -q '^ *[0-9]* *[0-9]* *1 S  *[0-9.]*  *[1-9][0-9]* clock_nanosleep[a-z0-9_]* *sleep$' err
ok "and its parent" grep -q '^ *1 *1 *0 [SD] .* sh$' err
kill $pid
wait $pid
same "which does not end it" $? 143
finish
