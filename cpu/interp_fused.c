/* SPDX-License-Identifier: MIT
 *
 * Handlers that execute two records.  The translator puts one into the first record of a
 * pair listed in fuse.def; the second record stays what it is, so that execution can also
 * begin or resume there (after a fault that the bus resolved).
 */
#include "cpu/interp_fused.h"

#include "cpu/interp_flow.h"

/* Values of the operands of record r in each form. */
#define A_MEM(r) X((r)->rs1)
#define A_ACC1(r) acc
#define A_ACC2(r) X((r)->rs1)
#define B_MEM(r) X((r)->rs2)
#define B_ACC1(r) X((r)->rs2)
#define B_ACC2(r) acc

/* Executes record r, an instruction of the kind, with operands in the form. */
#define DO_REG(id, r, form) X((r)->rd) = acc = sem_##id(A_##form(r), B_##form(r))
#define DO_IMM(id, r, form) X((r)->rd) = acc = sem_##id(A_##form(r), (uint32_t)(r)->imm)
#define DO_LOAD(id, r, form)                                                    \
	do {                                                                    \
		if (!LOAD_##id(base, A_##form(r) + (uint32_t)(r)->imm, &acc)) { \
			ip = (r);                                               \
			TAIL op_access_failed(ARGS);                            \
		}                                                               \
		X((r)->rd) = acc;                                               \
	} while (0)
#define DO_STORE(id, r, form)                                                   \
	do {                                                                    \
		if (!STORE_##id(base, A_##form(r) + (uint32_t)(r)->imm, B_##form(r))) { \
			ip = (r);                                               \
			TAIL op_access_failed(ARGS);                            \
		}                                                               \
	} while (0)
#define DO_BRANCH(id, r, form)                                                  \
	do {                                                                    \
		if (cond_##id(A_##form(r), B_##form(r))) {                      \
			ip = (r);                                               \
			FOLLOW_LINK((uint32_t)ip->imm);                         \
		}                                                               \
	} while (0)
#define DO_RETURN(id, r, form)                                                  \
	do {                                                                    \
		uint32_t to_ = A_##form(r);                                     \
                                                                                \
		ip = (r);                                                       \
		FOLLOW_PC(to_);                                                 \
	} while (0)
#define DO_GOTO(id, r, form)                                                    \
	do {                                                                    \
		ip = (r);                                                       \
		FOLLOW_LINK((uint32_t)ip->imm);                                 \
	} while (0)

/* Records of an instruction of the kind. */
#define SIZE_REG 1
#define SIZE_IMM 1
#define SIZE_LOAD 1
#define SIZE_STORE 1
#define SIZE_BRANCH 2
#define SIZE_RETURN 1
#define SIZE_GOTO 2

#define FUSED(k1, id1, f1, k2, id2, f2)                                         \
static OP(op_##id1##_##id2##_##f1##_##f2)                                       \
{                                                                               \
	DO_##k1(id1, ip, f1);                                                   \
	DO_##k2(id2, ip + 1, f2);                                               \
	NEXT(1 + SIZE_##k2);                                                    \
}

#define FUSE(k1, id1, k2, id2)                                                  \
	FUSED(k1, id1, MEM, k2, id2, MEM)                                       \
	FUSED(k1, id1, MEM, k2, id2, ACC1)                                      \
	FUSED(k1, id1, MEM, k2, id2, ACC2)                                      \
	FUSED(k1, id1, ACC1, k2, id2, MEM)                                      \
	FUSED(k1, id1, ACC1, k2, id2, ACC1)                                     \
	FUSED(k1, id1, ACC1, k2, id2, ACC2)                                     \
	FUSED(k1, id1, ACC2, k2, id2, MEM)                                      \
	FUSED(k1, id1, ACC2, k2, id2, ACC1)                                     \
	FUSED(k1, id1, ACC2, k2, id2, ACC2)

#include "cpu/fuse.def"
#undef FUSE

/* The pairs, in the order of fuse.def. */
enum pair {
	PAIR_NONE,
#define FUSE(k1, id1, k2, id2) PAIR_##id1##_##id2,
#include "cpu/fuse.def"
#undef FUSE
	PAIR_COUNT,
};

static const uint8_t pairs[OP_COUNT][SECONDS] = {
#define FUSE(k1, id1, k2, id2) [OP_##id1][OP_##id2] = PAIR_##id1##_##id2,
#include "cpu/fuse.def"
#undef FUSE
};

_Static_assert(PAIR_COUNT <= 256, "pairs are bytes");

static op_fn *handler(unsigned number)
{
	/* No table: the addresses in it would have to be relocated each time the emulator is started, and hardly any is used. */
	switch (number) {
#define CASE(id1, id2, f1, f2)                                                  \
	case (PAIR_##id1##_##id2 * FORMS + FORM_##f1) * FORMS + FORM_##f2:      \
		return op_##id1##_##id2##_##f1##_##f2;
#define ROW(id1, id2, f1) CASE(id1, id2, f1, MEM) CASE(id1, id2, f1, ACC1) CASE(id1, id2, f1, ACC2)
#define FUSE(k1, id1, k2, id2) ROW(id1, id2, MEM) ROW(id1, id2, ACC1) ROW(id1, id2, ACC2)
#include "cpu/fuse.def"
#undef FUSE
	}
	return NULL;
}

/* What the switch has said: each time it is asked costs a jump that the host does not foresee. */
static op_fn *known[PAIR_COUNT * FORMS * FORMS];

op_fn *interp_fused(int first, enum form first_form, int second, enum form second_form)
{
	unsigned number = (pairs[first][second] * FORMS + first_form) * FORMS + second_form;
	op_fn *fn = __atomic_load_n(&known[number], __ATOMIC_RELAXED);

	if (fn || number < FORMS * FORMS)
		return fn;
	fn = handler(number);
	__atomic_store_n(&known[number], fn, __ATOMIC_RELAXED);
	return fn;
}
