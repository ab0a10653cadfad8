/* SPDX-License-Identifier: MIT
 *
 * A batch of cases as an ELF file with the runtime described in isa.h, and running it
 * under qemu-riscv32.  The runtime is assembled here, so no guest toolchain is needed.
 */
#include "tests/fuzz/isa/isa.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the context lies in the ucontext that QEMU gives a handler. */
#define UCONTEXT_CONTEXT 160

#define CONTEXT_WORDS (offsetof(struct context, unused) / 4)

_Static_assert(sizeof(struct context) == 392, "packed as in a signal frame");
_Static_assert(sizeof(struct outcome) == 8 + sizeof(struct state), "copied word by word");
_Static_assert(CODE + MAX_BATCH * SLOT_SIZE <= STATES && STATES + MAX_BATCH * sizeof(struct state) <= OUTCOMES &&
	       OUTCOMES + (MAX_BATCH + 1) * sizeof(struct outcome) <= IMAGE_END, "the image has room for a batch");

enum { ZERO, RA, SP, GP, TP, T0, T1, T2, S0, S1, A0, A1, A2, A3, A4, A5, A6, A7, T3 = 28, T4, T5, T6 };

struct code {
	uint32_t *out;
	unsigned n;
};

static void emit(struct code *c, uint32_t w)
{
	c->out[c->n++] = w;
}

static void addi(struct code *c, uint32_t rd, uint32_t rs, int32_t imm)
{
	emit(c, (uint32_t)imm << 20 | rs << 15 | rd << 7 | 0x13);
}

static void li(struct code *c, uint32_t rd, uint32_t v)
{
	emit(c, ((v + 0x800) & 0xfffff000) | rd << 7 | 0x37);
	addi(c, rd, rd, (int32_t)(v << 20) >> 20);
}

static void lw(struct code *c, uint32_t rd, uint32_t rs, int32_t imm)
{
	emit(c, (uint32_t)imm << 20 | rs << 15 | 2 << 12 | rd << 7 | 0x03);
}

static void sw(struct code *c, uint32_t rd, uint32_t rs, int32_t imm)
{
	uint32_t i = (uint32_t)imm;

	emit(c, (i >> 5 & 127) << 25 | rd << 20 | rs << 15 | 2 << 12 | (i & 31) << 7 | 0x23);
}

/* bne rs1, rs2 to the instruction with number target */
static void bne(struct code *c, uint32_t rs1, uint32_t rs2, unsigned target)
{
	uint32_t o = (target - c->n) * 4;

	emit(c, (o >> 12 & 1) << 31 | (o >> 5 & 63) << 25 | rs2 << 20 | rs1 << 15 | 1 << 12 | (o >> 1 & 15) << 8 |
		(o >> 11 & 1) << 7 | 0x63);
}

static void ecall(struct code *c, uint32_t number)
{
	li(c, A7, number);
	emit(c, 0x73);
}

/* Copies words from t2 to t1; both end behind what was copied. */
static void copy(struct code *c, uint32_t words)
{
	unsigned loop;

	li(c, T3, words);
	loop = c->n;
	lw(c, T4, T2, 0);
	sw(c, T4, T1, 0);
	addi(c, T1, T1, 4);
	addi(c, T2, T2, 4);
	addi(c, T3, T3, -1);
	bne(c, T3, ZERO, loop);
}

/* Variables of the runtime. */
#define VAR_OUT		(IMAGE + 0x800)		/* next outcome */
#define VAR_STATE	(IMAGE + 0x804)		/* next initial state */
#define ACTION		(IMAGE + 0x810)		/* struct sigaction */
#define STACK		(IMAGE + 0x830)		/* stack_t */
#define HANDLER		(IMAGE + 0x100)

enum { SYS_write = 64, SYS_exit = 93, SYS_sigaltstack = 132, SYS_rt_sigaction = 134, SYS_rt_sigreturn = 139 };

static void make_start(struct code *c)
{
	static const uint8_t signals[] = { SIGILL, SIGTRAP, SIGBUS, SIGSEGV };

	li(c, A0, STACK);
	li(c, A1, 0);
	ecall(c, SYS_sigaltstack);
	for (unsigned i = 0; i < sizeof(signals); i++) {
		li(c, A0, signals[i]);
		li(c, A1, ACTION);
		li(c, A2, 0);
		li(c, A3, 8);
		ecall(c, SYS_rt_sigaction);
	}
	/* The first trap: its outcome is thrown away. */
	emit(c, 0);
}

static void make_handler(struct code *c, unsigned count)
{
	unsigned patch, bytes = count * sizeof(struct outcome), loop;

	/* a0 signal, a1 siginfo, a2 ucontext */
	li(c, T0, VAR_OUT);
	emit(c, 0x1802a02f);	/* sc.w zero, zero, (t0): fails, and ends the case's reservation */
	lw(c, T1, T0, 0);
	sw(c, A0, T1, 0);
	lw(c, T2, A1, 12);
	sw(c, T2, T1, 4);
	addi(c, T1, T1, 8);
	addi(c, T2, A2, UCONTEXT_CONTEXT);
	copy(c, CONTEXT_WORDS);
	addi(c, T1, T1, 4);
	li(c, T2, SCRATCH);
	copy(c, SCRATCH_SIZE / 4);
	sw(c, T1, T0, 0);

	lw(c, T2, T0, 4);
	li(c, T5, STATES + count * sizeof(struct state));
	patch = c->n++;
	/* All done: write the outcomes, in as many pieces as the pipe wants. */
	li(c, A1, OUTCOMES + sizeof(struct outcome));
	li(c, T6, bytes);
	loop = c->n;
	li(c, A0, 1);
	addi(c, A2, T6, 0);
	ecall(c, SYS_write);
	emit(c, 0x00a585b3);	/* add a1, a1, a0 */
	emit(c, 0x40af8fb3);	/* sub t6, t6, a0 */
	bne(c, T6, ZERO, loop);
	li(c, A0, 0);
	ecall(c, SYS_exit);

	{
		struct code branch = { c->out, patch };

		bne(&branch, T2, T5, c->n);
	}
	addi(c, T1, A2, UCONTEXT_CONTEXT);
	copy(c, CONTEXT_WORDS);
	addi(c, T2, T2, 4);
	li(c, T1, SCRATCH);
	copy(c, SCRATCH_SIZE / 4);
	sw(c, T2, T0, 4);
	ecall(c, SYS_rt_sigreturn);
}

static void put32(uint8_t *image, uint32_t addr, uint32_t v)
{
	memcpy(image + (addr - IMAGE), &v, 4);
}

/* An image of the batch as loaded at IMAGE, up to OUTCOMES.  NULL: no memory. */
static uint8_t *make_image(const struct fuzz_case *cases, unsigned count, const bool *skip)
{
	uint8_t *image = calloc(1, OUTCOMES - IMAGE);
	struct code c;

	if (!image)
		return NULL;
	c = (struct code){ (uint32_t *)(void *)image, 0 };
	make_start(&c);
	c = (struct code){ (uint32_t *)(void *)(image + (HANDLER - IMAGE)), 0 };
	make_handler(&c, count);

	put32(image, VAR_OUT, OUTCOMES);
	put32(image, VAR_STATE, STATES);
	put32(image, ACTION, HANDLER);
	put32(image, ACTION + 4, 0x4 | 0x08000000 | 0x40000000);	/* SIGINFO, ONSTACK, NODEFER */
	put32(image, STACK, ALTSTACK);
	put32(image, STACK + 8, ALTSTACK_SIZE);

	for (unsigned k = 0; k < count; k++) {
		struct state s = cases[k].state;
		uint8_t code[CODE_SIZE];

		s.context.pc = case_pc(&cases[k]);
		memcpy(image + (STATES - IMAGE) + k * sizeof(s), &s, sizeof(s));
		/* One that is left out is an illegal instruction. */
		if (skip[k])
			continue;
		memcpy(image + (s.context.pc - IMAGE), code, place_case(&cases[k], s.context.pc, code, NULL));
	}
	return image;
}

static Elf32_Phdr segment(uint32_t addr, uint32_t end, uint32_t offset, uint32_t file_size)
{
	return (Elf32_Phdr){
		.p_type = PT_LOAD, .p_offset = offset, .p_vaddr = addr, .p_paddr = addr, .p_filesz = file_size,
		.p_memsz = end - addr, .p_flags = PF_R | PF_W | PF_X, .p_align = 4096,
	};
}

static int write_elf(FILE *f, const uint8_t *image)
{
	Elf32_Phdr ph[] = {
		segment(IMAGE, IMAGE_END, 4096, OUTCOMES - IMAGE),
		segment(SCRATCH_PAGE, SCRATCH + SCRATCH_SIZE, 0, 0),
	};
	Elf32_Ehdr eh = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_RISCV, .e_version = EV_CURRENT, .e_entry = IMAGE,
		.e_phoff = sizeof(eh), .e_flags = 0x5, .e_ehsize = sizeof(eh),
		.e_phentsize = sizeof(ph[0]), .e_phnum = 2,
	};

	if (fwrite(&eh, sizeof(eh), 1, f) != 1 || fwrite(ph, sizeof(ph), 1, f) != 1 ||
	    fseek(f, 4096, SEEK_SET) != 0 || fwrite(image, OUTCOMES - IMAGE, 1, f) != 1 || fflush(f) != 0)
		return -EIO;
	return 0;
}

/*
 * The hart's extensions and no others.  zfh, v and the like are off by default; what is on by
 * default and has instructions is switched off.
 */
#define QEMU_CPU "rv32,h=false,zba=true,zbb=true,zbc=false,zbs=true"

static int run_file(const char *path, struct outcome *out, size_t size)
{
	size_t got = 0;
	int fd[2], status;
	pid_t pid;

	if (pipe(fd) != 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		dup2(fd[1], 1);
		close(fd[0]);
		close(fd[1]);
		/* A batch takes a fraction of a second, on a busy host some. */
		alarm(300);
		execlp("qemu-riscv32", "qemu-riscv32", "-cpu", QEMU_CPU, path, (char *)NULL);
		_exit(127);
	}
	close(fd[1]);
	while (got < size) {
		ssize_t n = read(fd[0], (char *)out + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	close(fd[0]);
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return got == size && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

int run_qemu(const struct fuzz_case *cases, unsigned count, const bool *skip, struct outcome *out)
{
	char path[] = "/tmp/fuzz-isa-XXXXXX";
	uint8_t *image = make_image(cases, count, skip);
	FILE *f = NULL;
	int fd = -1, err = -ENOMEM;

	if (!image)
		return -ENOMEM;
	fd = mkstemp(path);
	if (fd < 0) {
		err = -errno;
		goto free_image;
	}
	f = fdopen(fd, "wb");
	if (!f) {
		close(fd);
		goto unlink_file;
	}
	err = write_elf(f, image);
	if (!err && fchmod(fd, 0700) != 0)
		err = -errno;
	fclose(f);
	if (!err)
		err = run_file(path, out, count * sizeof(*out));
unlink_file:
	unlink(path);
free_image:
	free(image);
	return err;
}
