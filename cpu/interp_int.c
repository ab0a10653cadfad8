/* SPDX-License-Identifier: MIT
 *
 * Handlers of integer computation, made from insn.def and sem.h by format.
 */
#include "cpu/interp.h"

#define HANDLER_FMT_R(id) OP_FORMS(op_##id, RESULT(sem_##id(A, B)); NEXT(1);)
#define HANDLER_FMT_R1(id) OP_FORMS(op_##id, RESULT(sem_##id(A, 0)); NEXT(1);)
#define HANDLER_FMT_I(id) OP_FORMS(op_##id, RESULT(sem_##id(A, (uint32_t)ip->imm)); NEXT(1);)
#define HANDLER_FMT_SHAMT(id) HANDLER_FMT_I(id)

#define HANDLER_FMT_NONE(id)
#define HANDLER_FMT_LOAD(id)
#define HANDLER_FMT_STORE(id)
#define HANDLER_FMT_B(id)
#define HANDLER_FMT_U(id)
#define HANDLER_FMT_J(id)
#define HANDLER_FMT_JALR(id)
#define HANDLER_FMT_FENCE(id)
#define HANDLER_FMT_CSR(id)
#define HANDLER_FMT_CSRI(id)
#define HANDLER_FMT_LR(id)
#define HANDLER_FMT_AMO(id)
#define HANDLER_FMT_FLOAD(id)
#define HANDLER_FMT_FSTORE(id)
#define HANDLER_FMT_FFF(id)
#define HANDLER_FMT_FFF_RM(id)
#define HANDLER_FMT_FF_RM(id)
#define HANDLER_FMT_FFFF_RM(id)
#define HANDLER_FMT_XFF(id)
#define HANDLER_FMT_XF(id)
#define HANDLER_FMT_XF_RM(id)
#define HANDLER_FMT_FX(id)
#define HANDLER_FMT_FX_RM(id)

#define I(id, name, match, mask, fmt, ext) HANDLER_##fmt(id)
#include "cpu/insn.def"
#undef I

OP(op_li)
{
	RESULT((uint32_t)ip->imm);
	NEXT(1);
}

OP(op_mv)
{
	RESULT(X(ip->rs1));
	NEXT(1);
}

OP(op_mv_acc1)
{
	RESULT(acc);
	NEXT(1);
}

OP(op_nop)
{
	NEXT(1);
}
