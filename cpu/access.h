/* SPDX-License-Identifier: MIT
 *
 * Loads and stores of guest memory that survive a host fault.
 *
 * Each accessor is one host instruction at base + address.  Its address and a landing
 * label are written to the section guest_extable; when the instruction faults, the
 * signal handler (hostfault.c) finds it there and resumes at the landing, where the
 * accessor returns false.  So the ordinary path pays nothing, and the fault path is
 * control flow the compiler knows of.  hart_catch_host_faults() must have been called.
 *
 * base is the host address of guest address 0; addresses are not checked and not
 * wrapped: the reservation has a margin behind 4 GiB (mm/flat.h).  Values are
 * little-endian, any alignment.  Loads leave *v alone when they fail; a store that
 * fails has changed nothing.
 */
#ifndef CPU_ACCESS_H
#define CPU_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#define GUEST_EXTABLE(landing)                                                  \
	"\t.pushsection guest_extable,\"a\",@progbits\n"                        \
	"\t.balign 4\n"                                                         \
	"\t.long 771b - ., " landing " - .\n"                                   \
	"\t.popsection\n"

#if defined(__x86_64__)

#define GUEST_LOAD(name, type, host_insn)                                       \
static inline __attribute__((always_inline))                                    \
bool name(const uint8_t *base, uint32_t addr, type *v)                          \
{                                                                               \
	type out;                                                               \
	__asm__ goto("771:\t" host_insn " (%1,%2), %0\n"                        \
		     GUEST_EXTABLE("%l[fault]")                                 \
		     : "=r"(out) : "r"(base), "r"((uint64_t)addr) : : fault);   \
	*v = out;                                                               \
	return true;                                                            \
fault:                                                                          \
	return false;                                                           \
}

#define GUEST_STORE(name, type, host_insn)                                      \
static inline __attribute__((always_inline))                                    \
bool name(uint8_t *base, uint32_t addr, type v)                                 \
{                                                                               \
	__asm__ goto("771:\t" host_insn ", (%1,%2)\n"                           \
		     GUEST_EXTABLE("%l[fault]")                                 \
		     : : "r"(v), "r"(base), "r"((uint64_t)addr) : "memory" : fault); \
	return true;                                                            \
fault:                                                                          \
	return false;                                                           \
}

GUEST_LOAD(guest_load_u8, uint32_t, "movzbl")
GUEST_LOAD(guest_load_s8, uint32_t, "movsbl")
GUEST_LOAD(guest_load_u16, uint32_t, "movzwl")
GUEST_LOAD(guest_load_s16, uint32_t, "movswl")
GUEST_LOAD(guest_load_u32, uint32_t, "movl")
GUEST_LOAD(guest_load_u64, uint64_t, "movq")
GUEST_STORE(guest_store_u8, uint32_t, "movb %b0")
GUEST_STORE(guest_store_u16, uint32_t, "movw %w0")
GUEST_STORE(guest_store_u32, uint32_t, "movl %k0")
GUEST_STORE(guest_store_u64, uint64_t, "movq %q0")

#elif defined(__aarch64__) && defined(__AARCH64EL__)

#define GUEST_LOAD(name, type, host_insn)                                       \
static inline __attribute__((always_inline))                                    \
bool name(const uint8_t *base, uint32_t addr, type *v)                          \
{                                                                               \
	type out;                                                               \
	__asm__ goto("771:\t" host_insn ", [%1, %2]\n"                          \
		     GUEST_EXTABLE("%l[fault]")                                 \
		     : "=r"(out) : "r"(base), "r"((uint64_t)addr) : : fault);   \
	*v = out;                                                               \
	return true;                                                            \
fault:                                                                          \
	return false;                                                           \
}

#define GUEST_STORE(name, type, host_insn)                                      \
static inline __attribute__((always_inline))                                    \
bool name(uint8_t *base, uint32_t addr, type v)                                 \
{                                                                               \
	__asm__ goto("771:\t" host_insn ", [%1, %2]\n"                          \
		     GUEST_EXTABLE("%l[fault]")                                 \
		     : : "r"(v), "r"(base), "r"((uint64_t)addr) : "memory" : fault); \
	return true;                                                            \
fault:                                                                          \
	return false;                                                           \
}

GUEST_LOAD(guest_load_u8, uint32_t, "ldrb %w0")
GUEST_LOAD(guest_load_s8, uint32_t, "ldrsb %w0")
GUEST_LOAD(guest_load_u16, uint32_t, "ldrh %w0")
GUEST_LOAD(guest_load_s16, uint32_t, "ldrsh %w0")
GUEST_LOAD(guest_load_u32, uint32_t, "ldr %w0")
GUEST_LOAD(guest_load_u64, uint64_t, "ldr %x0")
GUEST_STORE(guest_store_u8, uint32_t, "strb %w0")
GUEST_STORE(guest_store_u16, uint32_t, "strh %w0")
GUEST_STORE(guest_store_u32, uint32_t, "str %w0")
GUEST_STORE(guest_store_u64, uint64_t, "str %x0")

#else
#error "cpu/access.h has no accessors for this host: add its load and store instructions"
#endif

#undef GUEST_LOAD
#undef GUEST_STORE
#endif
