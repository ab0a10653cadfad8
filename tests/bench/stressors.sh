# shellcheck shell=sh disable=SC2154
# Sourced by bench.sh: what stressors (docs/stress.md) do in a second, of each class some; a worker each. Under qemu-riscv32 those of processes cannot
# work. Files are on the host for all.

stressors() {
	stress=$D/../stress/stress
	if [ -n "$SHORT" ]; then much='--ops 20'; else much='-t 1'; fi
	mkdir -p "$scratch"
	for name in cpu fp matrix qsort memcpy malloc vm mmap pipe sock dgram poll epoll eventfd switch pthread futex mutex cond sem \
		sigq signest sigsegv hdd seek dentry flock get vforkexec kill; do
		what=$("$stress.native" --stressors | sed -n "s/^$name  *[a-z]*  *//p")
		options="--$name 1 $much --metrics --temp-path $scratch"
		{
			echo "flat32 $here/ops.sh $FLAT32 run $stress $options"
			case $name in
			vforkexec | kill) ;;
			*) echo "qemu-riscv32 $here/ops.sh $qemu $stress $options" ;;
			esac
			echo "native $here/ops.sh $stress.native $options"
		} | one "stress/$name" rate 3 "$name: $what"
	done
}
