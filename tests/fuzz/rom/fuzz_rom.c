/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a romfs or cramfs: see poke.h.
 *
 * Built with libFuzzer this is a fuzzer; with -DREPLAY it runs the files named on its command line.
 */
#include "tests/fuzz/rom/poke.h"

#include "emu/drivers/mtd.h"
#include "emu/event/epoll.h"
#include "emu/event/sigio.h"
#include "emu/host/terminal.h"
#include "emu/kernel/files.h"
#include "emu/kernel/task.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef REPLAY
/* What emu/fs wants of the rest of the emulator. */
void hart_flush(struct hart *h, uint32_t addr, uint32_t len) { (void)h; (void)addr; (void)len; }
void task_wake(struct task *t) { (void)t; }
struct task *task_current(struct machine *m) { (void)m; return NULL; }
int task_walk(struct task *t, int32_t dirfd, const char *path, unsigned flags, struct walk *out, struct vfs_cred *cred)
{
	(void)t, (void)dirfd, (void)path, (void)flags, (void)out, (void)cred;
	return -1;
}
void task_vfs_cred(const struct task *t, struct vfs_cred *out) { (void)t; (void)out; }
void epoll_file_closed(struct file *f) { (void)f; }
int64_t files_wait(struct task *t, struct file *f) { (void)t; (void)f; return -1; }
struct mtd *mtd_at(struct machine *mm, unsigned index) { (void)mm; (void)index; return NULL; }
struct mtd *mtd_by_name(struct machine *mm, const char *name) { (void)mm; (void)name; return NULL; }
void sigio_file_closed(struct file *f) { (void)f; }
bool task_capable(const struct task *t, int cap) { (void)t; (void)cap; return true; }
bool terminal_is_raw(void) { return false; }
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	poke(data, size);
	return 0;
}

#ifdef REPLAY
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
		poke(buf, n);
	}
	printf("%d inputs\n", argc - 1);
	return 0;
}
#endif
