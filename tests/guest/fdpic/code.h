/* SPDX-License-Identifier: MIT
 *
 * Code as a function and back, for tests that make code or look at it. In an FDPIC program a function pointer is the address of a
 * descriptor, {code, gp}; elsewhere it is the code's address.
 *
 *	int (*f)(void) = (int (*)(void))function_at(p, (void *[2]){ 0 });	// the array lives as long as f is used
 *	uint32_t *insns = code_of(main);
 */
#ifndef CODE_H
#define CODE_H

#ifdef __FDPIC__
static inline void *function_at(void *code, void *descriptor[2])
{
	descriptor[0] = code;
	__asm__ volatile("" : "+r"(descriptor) : : "memory");
	return descriptor;
}
#define code_of(function) (*(void **)(function))
#else
static inline void *function_at(void *code, void *descriptor[2])
{
	(void)descriptor;
	return code;
}
#define code_of(function) ((void *)(function))
#endif

/* int f(void), whose code is there, is called. */
static inline int call_code(void *code)
{
	void *descriptor[2] = { 0 };

	return ((int (*)(void))function_at(code, descriptor))();
}

#endif
