/* SPDX-License-Identifier: MIT
 *
 * What the tests of the JIT share: a scenario is run by the interpreter alone, which writes down
 * where each hart_run() stopped, and then once with each of several JITs, which must stop with the
 * same in all registers and the same in memory.  So a scenario must not depend on anything else.
 */
#ifndef JIT_KIT_H
#define JIT_KIT_H

#include "cpu/jit/jit.h"
#include "tests/unit/cpu_kit.h"

#include <errno.h>

#define X(n) (hart.regs->x[n])
#define PC (hart.regs->pc)

#define XOR(rd, rs1, rs2)	R_TYPE(0x33, 0, 4, rd, rs1, rs2)
#define SUB(rd, rs1, rs2)	R_TYPE(0x33, 0x20, 0, rd, rs1, rs2)
#define MUL(rd, rs1, rs2)	R_TYPE(0x33, 1, 0, rd, rs1, rs2)
#define ANDI(rd, rs1, imm)	I_TYPE(0x13, 7, rd, rs1, imm)
#define SLLI(rd, rs1, n)	I_TYPE(0x13, 1, rd, rs1, n)
#define SRLI(rd, rs1, n)	I_TYPE(0x13, 5, rd, rs1, n)
#define BEQ(rs1, rs2, off)	B_TYPE(0, rs1, rs2, off)
#define RET			JALR(ZERO, 0, RA)

struct kit_stop {
	enum hart_stop stop;
	struct hart_regs regs;
	struct hart_trap trap;
	uint64_t instret, noted;
};

#define KIT_STOPS 10000

static struct kit_stop kit_stops[KIT_STOPS];
static unsigned kit_count, kit_config;
static bool kit_jit;
static uint8_t kit_ram[RAM_SIZE];
/* A scenario's callbacks note here what they saw. */
static uint64_t kit_noted;

static const struct jit_config kit_configs[] = {
	{ .hot = 1 },
	{ .hot = 2, .region_max = 4 },
	{ .hot = 2, .cache_bytes = 16u << 10 },
	{ .hot = 1, .shuffle = 1 },
	{ .hot = 1, .shuffle = 20 },
	{ .hot = 20, .region_max = 40, .shuffle = 300 },
};

static inline void kit_note(uint64_t what)
{
	kit_noted = kit_noted * UINT64_C(6364136223846793005) + what + 1;
}

/* The state is written down, or must be the one that was. */
static inline void kit_compare(enum hart_stop stop)
{
	struct kit_stop now = { stop, *hart.regs, { 0 }, hart.instret, kit_noted };
	const struct kit_stop *was = &kit_stops[kit_count];

	if (stop == HART_FAULT || stop == HART_MISALIGNED || stop == HART_ILLEGAL)
		now.trap = hart.trap;
	ck_assert_uint_lt(kit_count, KIT_STOPS);
	if (!kit_jit) {
		kit_stops[kit_count++] = now;
		return;
	}
	ck_assert_msg(now.stop == was->stop && now.instret == was->instret && now.regs.pc == was->regs.pc,
		      "config %u, run %u: stop %d at %x after %llu, not %d at %x after %llu", kit_config, kit_count,
		      now.stop, now.regs.pc, (unsigned long long)now.instret,
		      was->stop, was->regs.pc, (unsigned long long)was->instret);
	for (unsigned i = 0; i < 32; i++) {
		ck_assert_msg(now.regs.x[i] == was->regs.x[i], "config %u, run %u: x%u is %x, not %x",
			      kit_config, kit_count, i, now.regs.x[i], was->regs.x[i]);
		ck_assert_msg(now.regs.f[i] == was->regs.f[i], "config %u, run %u: f%u is %llx, not %llx",
			      kit_config, kit_count, i, (unsigned long long)now.regs.f[i],
			      (unsigned long long)was->regs.f[i]);
	}
	ck_assert_uint_eq(now.regs.fcsr, was->regs.fcsr);
	ck_assert_uint_eq(now.trap.value, was->trap.value);
	ck_assert_int_eq(now.trap.access, was->trap.access);
	ck_assert_uint_eq(now.trap.size, was->trap.size);
	ck_assert_uint_eq(now.noted, was->noted);
	kit_count++;
}

static inline enum hart_stop go(uint64_t budget)
{
	enum hart_stop stop = hart_run(&hart, budget);

	kit_compare(stop);
	return stop;
}

/* look() is given what was counted with one of the configurations. */
static inline void on_all_engines(void (*scenario)(void),
				  void (*look)(const struct jit_config *config, const struct hart_stats *stats))
{
	unsigned stops;

	kit_setup();
	kit_jit = false;
	kit_count = 0;
	kit_noted = 0;
	scenario();
	stops = kit_count;
	memcpy(kit_ram, kit_base + RAM, RAM_SIZE);
	kit_teardown();
	for (kit_config = 0; kit_config < sizeof(kit_configs) / sizeof(kit_configs[0]); kit_config++) {
		int err;

		kit_setup();
		err = hart_enable_jit(&hart, &kit_configs[kit_config]);
		ck_assert_int_eq(err, jit_built_in ? 0 : -ENOSYS);
		kit_jit = true;
		kit_count = 0;
		kit_noted = 0;
		scenario();
		ck_assert_uint_eq(kit_count, stops);
		ck_assert_msg(memcmp(kit_ram, kit_base + RAM, RAM_SIZE) == 0, "config %u: memory differs", kit_config);
		if (!err) {
			struct hart_stats stats;

			hart_get_stats(&hart, &stats);
			ck_assert_uint_gt(stats.regions, 0);
			ck_assert_uint_gt(stats.runs, 0);
			if (look)
				look(&kit_configs[kit_config], &stats);
		}
		kit_teardown();
	}
}

/* A test that is one scenario. */
#define SCENARIO(name)                           \
	static void name##_scenario(void);       \
	START_TEST(name)                         \
	{                                        \
		on_all_engines(name##_scenario, NULL); \
	}                                        \
	END_TEST                                 \
	static void name##_scenario(void)

#endif
