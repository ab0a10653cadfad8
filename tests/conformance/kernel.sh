#!/bin/sh
# Build a real RV32 no-MMU Linux from Debian's linux-source package: the judge of our behaviour.
#
#   kernel.sh OUTDIR		makes OUTDIR/Image (about five minutes on two processors); does nothing if it is there
#				and this script is the one that made it
#
# The configuration is nommu_virt plus 32-bit, with what our tests use switched on. Two bugs of 6.12 are repaired: without
# an MMU its shmat() is always ENODEV, because the files of SysV segments do not say that they can be mapped directly; and
# vfb panics at the start, and its memory cannot be mapped, because both ask for what only an MMU can do, where drivers with a
# display's own memory have fb_io_mmap(), and get_fb_unmapped_area(), which cannot be configured alone.

set -eu
out=$1
. guest-rootfs/step.sh
[ -e "$out/Image" ] && cmp -s "$0" "$out/made-by" && exit 0
tarball=$(ls /usr/src/linux-source-6.*.tar.xz 2>/dev/null | sort -V | tail -n 1)
if [ -z "$tarball" ]; then
	echo "kernel.sh: no /usr/src/linux-source-6.*.tar.xz; install Debian's linux-source-6.12" >&2
	exit 1
fi
mkdir -p "$out"
out=$(cd "$out" && pwd)
jobs=$(nproc)

unpack() {
	rm -rf "$out/src"
	mkdir "$out/src"
	tar -C "$out/src" --strip-components=1 -xf "$tarball"
}

repair() {
	sed -i '/^static const struct file_operations shm_file_operations = {/ {
		i\static unsigned shm_mmap_capabilities(struct file *f)
		i\{
		i\	return NOMMU_MAP_DIRECT | NOMMU_MAP_COPY | NOMMU_MAP_READ | NOMMU_MAP_WRITE | NOMMU_MAP_EXEC;
		i\}
		a\	.mmap_capabilities = shm_mmap_capabilities,
	}' "$out/src/ipc/shm.c"
	sed -i '/^config FB_PROVIDE_GET_FB_UNMAPPED_AREA/,/help/ s/^\tbool$/\tdef_bool y/' "$out/src/drivers/video/fbdev/core/Kconfig"
	sed -i 's/vmalloc_32_user(size)/vzalloc(size)/
		s/remap_vmalloc_range(vma, (void \*)info->fix.smem_start, vma->vm_pgoff)/vm_iomap_memory(vma, info->fix.smem_start, info->fix.smem_len)/' \
		"$out/src/drivers/video/fbdev/vfb.c"
}

kmake() {
	make -C "$out/src" -s ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu- "$@"
}

configure() {
	repair
	kmake nommu_virt_defconfig 32-bit.config
	(
		cd "$out/src"
		scripts/config -e SYSVIPC -e POSIX_MQUEUE -e PROC_SYSCTL -e ROMFS_FS -e BLK_DEV_RAM -e BINFMT_FLAT \
			-e BINFMT_ZFLAT -e BINFMT_SCRIPT -e MMAP_ALLOW_UNINITIALIZED -e COREDUMP -e ELF_CORE -e POSIX_TIMERS -e UNIX \
			-e NET -e EPOLL -e SIGNALFD -e TIMERFD -e EVENTFD -e SHMEM -e TMPFS -e DEVTMPFS -e INOTIFY_USER \
			-e FILE_LOCKING -e MULTIUSER -e FUTEX -e PRINTK -e BLK_DEV_INITRD -e RD_GZIP \
			-e HIGH_RES_TIMERS -e ADVISE_SYSCALLS -e MEMFD_CREATE -e PROC_CHILDREN -e DEVMEM \
			--set-val BLK_DEV_RAM_COUNT 4 --set-val BLK_DEV_RAM_SIZE 1024 -e EXT2_FS \
			-e MTD -e MTD_BLOCK -e MTD_MTDRAM --set-val MTDRAM_TOTAL_SIZE 1024 --set-val MTDRAM_ERASE_SIZE 64 \
			-e ROMFS_BACKED_BY_BOTH -e CRAMFS -e CRAMFS_BLOCKDEV -e CRAMFS_MTD -e MISC_FILESYSTEMS \
			-e FB -e FB_DEVICE -e FB_VIRTUAL -e VT -e FRAMEBUFFER_CONSOLE -e FONTS -e FONT_8x16 \
			-e INPUT -e INPUT_EVDEV -e INPUT_MOUSEDEV -e INPUT_MISC -e INPUT_UINPUT -d SERIO -e VIRTIO_MMIO -e VIRTIO_INPUT \
			-e SOUND -e SND -e SND_DRIVERS -e SND_DUMMY -e SND_OSSEMUL -e SND_PCM_OSS -e SND_MIXER_OSS -e SND_HRTIMER \
			-e MTD_CFI -e MTD_CFI_INTELEXT -e MTD_CFI_AMDSTD -e MTD_PHYSMAP -e MTD_PHYSMAP_OF -e MTD_CMDLINE_PARTS -e KALLSYMS \
			-e RTC_CLASS -e GOLDFISH -e RTC_DRV_GOLDFISH -e WATCHDOG -e SOFT_WATCHDOG \
			-e BLK_DEV_LOOP -e INET -e IPV6 -e PACKET -e FHANDLE -e TMPFS_XATTR -e CROSS_MEMORY_ATTACH \
			-e NAMESPACES -e UTS_NS -d TIME_NS -d IPC_NS -d USER_NS -d PID_NS -d NET_NS -d CGROUPS \
			-d SMP -d RISCV_ISA_V -d CMDLINE_FORCE -d EXPERT_NONE
	)
	kmake olddefconfig
}

step 1/3 "unpacking the kernel source" kernel-unpack 0 unpack
step 2/3 "configuring the kernel" kernel-configure 0 configure
step 3/3 "building the kernel" kernel-build 1400 kmake V=0 -j"$jobs" Image
cp "$out/src/arch/riscv/boot/Image" "$out/Image.tmp"
cp "$out/src/.config" "$out/config"
rm -rf "$out/src"
mv "$out/Image.tmp" "$out/Image"
cp "$0" "$out/made-by"
