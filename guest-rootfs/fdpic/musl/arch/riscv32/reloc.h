/* SPDX-License-Identifier: MIT */
/* What musl's dynamic linker must know of RV32 FDPIC (docs/fdpic-abi.md). */

#if defined __riscv_float_abi_soft
#define RISCV_FP_SUFFIX "-sf"
#elif defined __riscv_float_abi_single
#define RISCV_FP_SUFFIX "-sp"
#else
#define RISCV_FP_SUFFIX ""
#endif

#define LDSO_ARCH "riscv32" RISCV_FP_SUFFIX "-fdpic"

#define TPOFF_K 0

#define REL_SYMBOLIC     R_RISCV_32
#define REL_PLT          R_RISCV_JUMP_SLOT
#define REL_RELATIVE     R_RISCV_RELATIVE
#define REL_COPY         R_RISCV_COPY
#define REL_DTPMOD       R_RISCV_TLS_DTPMOD32
#define REL_DTPOFF       R_RISCV_TLS_DTPREL32
#define REL_TPOFF        R_RISCV_TLS_TPREL32
#define REL_TLSDESC      R_RISCV_TLSDESC
#define REL_FUNCDESC     192
#define REL_FUNCDESC_VAL 193

#define DL_FDPIC 1
#define DL_NOMMU_SUPPORT 1

/* e_flags: segments may lie at any distance; only such files are FDPIC. */
#define EF_RISCV_NONCONSTDISP 0x40

/* st_other of a function that works with whatever gp it is entered with */
#define STO_RISCV_FDPIC_ANY_GP 0x40

/* To the program's entry (a code address), by the dynamic linker: as the kernel enters a program. */
#define CRTJMP(pc, sp) do { \
	register void *a1 __asm__("a1") = app.loadmap; \
	register void *a2 __asm__("a2") = ldso.loadmap; \
	register void *a3 __asm__("a3") = app.dynv; \
	__asm__ __volatile__("mv sp, %1 ; jr %0" \
		: : "r"(pc), "r"(sp), "r"(a1), "r"(a2), "r"(a3) : "memory"); } while (0)
