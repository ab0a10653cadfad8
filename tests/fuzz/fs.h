/* SPDX-License-Identifier: MIT
 *
 * What the fuzzers of file systems share.  With libFuzzer they are emu/fs and mm/ alone: here is what those want of the rest of the
 * emulator.  With -DREPLAY they are linked with all of it, and run the files named on their command line.
 */
#ifndef TESTS_FUZZ_FS_H
#define TESTS_FUZZ_FS_H

#include <stdio.h>
#include "emu/drivers/mtd.h"
#include "emu/event/epoll.h"
#include "emu/event/sigio.h"
#include "emu/host/terminal.h"
#include "emu/kernel/files.h"
#include "emu/kernel/task.h"
#include "emu/sysfs/sysfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef REPLAY

void hart_flush(struct hart *h, uint32_t addr, uint32_t len) { (void)h; (void)addr; (void)len; }
void task_wake(struct task *t) { (void)t; }
void task_yield(struct task *t) { (void)t; }
struct task *task_current(struct machine *machine) { (void)machine; return NULL; }
int task_walk(struct task *t, int32_t dirfd, const char *path, unsigned flags, struct walk *out, struct vfs_cred *cred)
{
	(void)t, (void)dirfd, (void)path, (void)flags, (void)out, (void)cred;
	return -1;
}
void task_vfs_cred(const struct task *t, struct vfs_cred *out) { (void)t; (void)out; }
void epoll_file_closed(struct file *f) { (void)f; }
int64_t files_wait(struct task *t, struct file *f) { (void)t; (void)f; return -1; }
struct mtd *mtd_at(struct machine *machine, unsigned index) { (void)machine; (void)index; return NULL; }
struct mtd *mtd_by_name(struct machine *machine, const char *name) { (void)machine; (void)name; return NULL; }
void sigio_file_closed(struct file *f) { (void)f; }
int sysfs_add_disk(struct machine *machine, const struct vfs_blkdev *disk) { (void)machine; (void)disk; return 0; }
void sysfs_remove_disk(struct machine *machine, const struct vfs_blkdev *disk) { (void)machine; (void)disk; }
bool task_capable(const struct task *t, int cap) { (void)t; (void)cap; return true; }
bool terminal_is_raw(void) { return false; }

#else

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *in = fopen(argv[i], "rb");
		static uint8_t buf[1 << 20];
		size_t n;

		if (!in) {
			perror(argv[i]);
			return 1;
		}
		n = fread(buf, 1, sizeof buf, in);
		fclose(in);
		LLVMFuzzerTestOneInput(buf, n);
	}
	printf("%d inputs\n", argc - 1);
	return 0;
}

#endif
#endif
