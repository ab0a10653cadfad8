#!/bin/sh
# The linker of flat32-cc -mfdpic: what it makes of the forms of addresses, what it refuses, objects that are damaged. No C
# library is used. (Libraries and real programs are fdpic_shared's and the suites'.)
# timeout: 300
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}/fdpic" && pwd)
cd "$TMPDIR" || exit 2
export TMPDIR
tool=${FLAT32_CC%cc}ld-fdpic
readelf=${FLAT32_CC%cc}readelf
plan 62

cc() {
	"$FLAT32_CC" -mfdpic -nostdlib "$@"
}

# foreign FILE.o: assembly on stdin, or C that is not compiled for FDPIC
assembly() {
	"$FLAT32_CC" -x assembler -c -o "$1" -
}

cc -c -o start.o "$here/start.S"

# --- programs, at every level, wherever text and data lie

for level in 0 1 2 3 s; do
	cc -O$level -static -o p$level start.o "$here/link_main.c" "$here/link_other.c" 2>&1
	same "-O$level" "$("$FLAT32" run p$level 2>&1)" 0003022
	same "-O$level, text and data anywhere" \
		"$(for seed in 1 2 3 4 5 6 7 8; do "$FLAT32" run --scatter $seed p$level 2>&1; done | sort -u)" 0003022
	cc -O$level -g -ffunction-sections -fdata-sections -static -Wl,--gc-sections,--no-relax -o q start.o "$here/link_main.c" "$here/link_other.c" 2>&1
	same "-O$level, all addresses in full" "$("$FLAT32" run q 2>&1)" 0003022
done

# --- what a finished file is like

same 'two segments' "$("$readelf" -lW p2 | awk '$1 == "LOAD" { print $7 $8 }' | tr '\n' ' ')" 'RE RW0x1000 '
same 'the mark' "$("$readelf" -hW p2 | sed -n 's/.*Flags: *\(0x[0-9a-f]*\).*/\1/p')" 0x65
ok 'DT_PLTGOT is there' sh -c '"$1" -dW p2 | grep -q PLTGOT' - "$readelf"
same 'only RELATIVE' "$("$readelf" -rW p2 | awk '/R_RISCV/ { print $3 }' | sort -u)" R_RISCV_RELATIVE
same 'none of the names that only the tool knows' "$("$readelf" -sW p2 | grep -c '__fdpic[$]\|__fdpic_g[op]t*[.]')" 0
same 'near variables are reached with one instruction' \
	"$("${FLAT32_CC%cc}objdump" -d p2 | grep -c 'add.*, gp$')" 0

echo 'int unused_data = 7; int (*unused_pointer)(void); int unused(void) { return unused_data++ + unused_pointer(); } int main(void) { return 0; }' >u.c
cc -O1 -ffunction-sections -fdata-sections -static -Wl,--gc-sections -o u start.o u.c
same 'what nothing needs is dropped' "$("$readelf" -sW u | grep -c unused)" 0
same 'its slots and thunks, too' "$("$readelf" -sW u | grep -c '__fdpic_icall')" 0

cc -O1 -static -s -o stripped start.o "$here/link_main.c" "$here/link_other.c"
same '-s' "$("$FLAT32" run stripped) $("$readelf" -SW stripped | grep -c 'symtab\|debug')" '0003022 0'

# --- archives: an address in code is a reason to take a member, a weak one is none

echo 'int f(void); int weak(void) __attribute__((weak)); static int (*volatile p)(void); int main(void) { p = f; return weak ? 9 : p(); }' >m.c
echo 'int g(void); int (*volatile q)(void); int f(void) { q = g; return q() + 1; }' >f.c
echo 'int g(void) { return 41; }' >g.c
echo 'int weak(void) { return 1; }' >w.c
for file in m f g w; do
	cc -O1 -c $file.c
done
"${FLAT32_CC%cc}ar" rc liball.a f.o g.o w.o
same 'members of an archive that only pointers ask for' "$(cc -static -o m start.o m.o -L. -lall 2>&1; "$FLAT32" run m; echo $?)" 42
echo 'int f(void); int __real_f(void); int __wrap_f(void) { return __real_f() + 100; }' >wrap.c
cc -O1 -c wrap.c
same '--wrap, of a pointer' "$(cc -static -Wl,--wrap=f -o m start.o m.o wrap.o -L. -lall 2>&1; "$FLAT32" run m; echo $?)" 142
echo '-o m start.o m.o -L. "-lall"' >words
same 'a response file' "$(cc -static @words 2>&1; "$FLAT32" run m; echo $?)" 42
same '-u, -e, --start-group, -Map, --build-id' "$(cc -static -Wl,-u,weak,-e,_start,--start-group,-Map=map,--build-id -o m start.o m.o -L. -lall -Wl,--end-group 2>&1; "$FLAT32" run m; echo $?; test -s map || echo no map)" 9

# --- refused: each message names the object, the section, the place and the symbol

refused() {
	message=$(cc -static -o r start.o ok.o bad.o 2>&1)
	case $message in
	*"$2"*) ok "$1" true ;;
	*) same "$1" "$message" "$2" ;;
	esac
}
echo 'int x = 1; int main(void) { return 0; } __thread int t;' >ok.c
cc -O1 -fno-data-sections -c ok.c

echo '.globl f; .type f,@function; f: lla a0, x' | assembly bad.o
refused 'pc-relative, to data' 'bad.o:(.text+0x0), in f: a pc-relative address of x: that lies in the data segment'
echo 'la a0, x' >la.s
"$FLAT32_CC" -fPIC -x assembler -c -o bad.o - <<END
	.option pic
	la a0, x
END
refused 'a pc-relative slot' 'bad.o:(.text+0x0): a pc-relative slot for x: was it compiled with -mfdpic?'
echo 'lui a0, %hi(x)' | assembly bad.o
refused 'an absolute address' 'bad.o:(.text+0x0): an absolute address of x'
echo '.section .rodata; .word main' | assembly bad.o
refused 'an address in read-only data' 'bad.o:(.rodata+0x0): read-only data holds the address of main'
echo '.section .rodata; .word x - .' | assembly bad.o
refused 'a distance from text to data' 'bad.o:(.rodata+0x0): '
echo 'call x' | assembly bad.o
refused 'a call of data' 'bad.o:(.text+0x0): a call of x: that is not code'
echo '.data; .word t' | assembly bad.o
refused 'the address of a thread-local variable' 'bad.o:(.data+0x0): the address of the thread-local variable t'
echo '.data; .word main + 4' | assembly bad.o
refused 'a function and four' 'bad.o:(.data+0x0): main+4 is not the address of a function'
echo 'f: jalr a0' | assembly bad.o
refused 'a jump through a pointer, in what was not compiled for FDPIC' 'bad.o:(.text+0x0): a jump through a pointer'
echo '.globl f; .type f,@function; f: jr a0' | assembly bad.o
refused 'the same, and not a call' 'bad.o:(.text+0x0), in f: a jump through a pointer'
echo 'call nowhere' | assembly bad.o
refused 'an undefined symbol' 'undefined symbol: nowhere'
echo 'extern int nowhere; int f(void) { return nowhere; }' | cc -x c -O1 -c -o bad.o -
refused 'one that only a slot would hold' 'undefined symbol: nowhere'
echo '.reloc ., R_RISCV_TPREL_HI20, __fdpic_gp.x; nop; nop' | assembly bad.o
refused 'a relocation on another instruction' 'bad.o:(.text+0x0): __fdpic_gp.x does not belong to the instruction'
echo 'lui a0, %tprel_hi(__fdpic_got.x + 4)' | assembly bad.o
refused 'the word behind a slot' 'bad.o:(.text+0x0): __fdpic_got.x+4'
echo 'lui a0, %tprel_hi(__fdpic_gp.main)' | assembly bad.o
refused 'a function for a variable' 'bad.o:(.text+0x0): main is taken for a variable in the data segment'
echo 'lui a0, %tprel_hi(__fdpic_got.t)' | assembly bad.o
refused 'a thread-local variable for an ordinary one' 'bad.o:(.text+0x0): t is thread-local'
echo 'lui a0, %tprel_hi(__fdpic_tpoff.x)' | assembly bad.o
refused 'and the other way round' 'bad.o:(.text+0x0): x is not thread-local'
echo 'call __fdpic_icall.7' | assembly bad.o
refused 'a call that the pass does not make' '__fdpic_icall.7: no such call'
echo 'call __fdpic_gp.x' | assembly bad.o
refused 'a call of a pseudo symbol' 'cannot refer to __fdpic_gp.x'
echo '.type i,@gnu_indirect_function; .globl i; i: ret; .data; .word i' | assembly bad.o
refused 'ifunc' 'i: indirect functions (ifunc) are not supported'

direct() {
	name=$1 message=$2
	shift 2
	same "$name" "$("$tool" "$@" 2>&1; echo $?)" "flat32-ld-fdpic: error: $message
1"
}
echo words >words.txt
"${CC:-gcc}" -c -o host.o -x c - <<END
int main(void) { return 0; }
END
direct 'no input' 'no input files' -o r
direct 'a linker script' '-T: the tool lays the file out itself' -T words.txt ok.o
direct 'fixed addresses' '-Ttext: a program has no fixed addresses' -Ttext 0x1000 ok.o
direct '--emit-relocs' '--emit-relocs: it would describe code that is no more' --emit-relocs ok.o
direct 'a file that is no object' 'words.txt: not an object, an archive or a shared library (linker scripts and bitcode are not taken)' words.txt
direct "the host's object" 'host.o: not for RV32' host.o
direct 'a library that is nowhere' 'unable to find library -lnowhere' -lnowhere
direct 'an option without its value' '-o: argument missing' -o
direct 'a file that is not there' 'cannot open nothing.o: No such file or directory' nothing.o
echo 'int h(void) { return 1; }' | "$FLAT32_CC" -fPIC -x c -c -o h.o -
ld.lld-19 -shared -o libh.so h.o
direct 'a library that is not FDPIC' 'libh.so: not an FDPIC library (it was not linked with -mfdpic)' ok.o libh.so

# --- files: nothing is left, nothing is half there, links side by side

mkdir temps
same 'no temporary file is left' "$(TMPDIR=$PWD/temps cc -static -o m start.o m.o -L. -lall && ls temps)" ''
cp m before
echo 'call nowhere' | assembly bad.o
"$tool" -pie --no-dynamic-linker -o m start.o ok.o bad.o 2>/dev/null
same 'a link that fails leaves the old file' "$(cmp m before; ls | grep '^m[.]......$'; ls temps)" ''
for i in 1 2 3 4 5 6; do
	cc -static -o many$i start.o m.o -L. -lall &
done
wait
same 'links side by side' "$(for i in 1 2 3 4 5 6; do cmp many$i before; done)" ''

# --- damage: bytes of an object are others; what comes of it is a file or a message, never a crash of the tool

damage() {
	size=$(wc -c <f.o)
	n=0
	while [ $n -lt 60 ]; do
		cp f.o d.o
		at=$(((n * 7919 + 13) % size))
		# shellcheck disable=SC2059
		printf "\\$(printf %o $(((n * 31 + 255) % 256)))" | dd of=d.o bs=1 seek=$at conv=notrunc 2>/dev/null
		"$tool" -pie --no-dynamic-linker -o damaged start.o m.o d.o g.o >d.out 2>&1
		[ $? -le 1 ] || { echo "byte $at: $(cat d.out)"; return 1; }
		n=$((n + 1))
	done
}
ok 'damaged objects' damage
finish
