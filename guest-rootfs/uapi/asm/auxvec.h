/* SPDX-License-Identifier: MIT */
/* riscv's own auxiliary vector entries: the vDSO, then size and geometry of each cache. */
#ifndef ASM_AUXVEC_H
#define ASM_AUXVEC_H
#define AT_SYSINFO_EHDR		33
#define AT_L1I_CACHESIZE	40
#define AT_L1I_CACHEGEOMETRY	41
#define AT_L1D_CACHESIZE	42
#define AT_L1D_CACHEGEOMETRY	43
#define AT_L2_CACHESIZE		44
#define AT_L2_CACHEGEOMETRY	45
#define AT_L3_CACHESIZE		46
#define AT_L3_CACHEGEOMETRY	47
#define AT_VECTOR_SIZE_ARCH	10
#define AT_MINSIGSTKSZ		51
#endif
