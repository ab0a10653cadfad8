/* SPDX-License-Identifier: MIT
 *
 * One link: what all steps between the joined object and the finished file share.
 *
 *	scan.c		finds the places that code refers to X by (sites), and refuses what FDPIC cannot have
 *	kinds.c		what X is: a function or data, here or in a library
 *	forms.c		chooses each site's form: gp-relative, pc-relative, a constant, or through a slot
 *	words.c		pointers to functions in data, and calls
 *	make.c		slots, descriptors, stubs
 *	thunks.c	the code that calls through descriptors
 *	anygp.c		the functions for which gp need not change
 *	after.c		puts the values into the finished file, once addresses are known
 *
 * A place whose address is wanted after the last step gets a label: a local symbol of its own. lld keeps it where its
 * instruction or variable goes, drops it with a section that nothing needs, and the last step removes it.
 */
#ifndef FDPIC_LINK_H
#define FDPIC_LINK_H

#include "abi.h"
#include "args.h"
#include "object.h"
#include "shared.h"

#define LABEL_PREFIX	"__fdpic$"
#define GP_SYMBOL	"__fdpic_gp"
#define NO_LABEL	0u

enum kind {
	KIND_UNSEEN,
	KIND_FUNCTION,			/* here, in the text */
	KIND_DATA,			/* here, in the data segment */
	KIND_CONST,			/* here, in the text segment */
	KIND_ABSOLUTE,			/* a number */
	KIND_TLS,			/* here */
	KIND_NULL,			/* weak and nowhere: its address is 0 */
	KIND_LINKER,			/* lld will define it */
	KIND_IMPORT_FUNCTION,		/* in a library */
	KIND_IMPORT_DATA,
	KIND_IMPORT_TLS,
	KIND_IMPORT_UNKNOWN,		/* in a library that is not in this link */
	KIND_MISSING,			/* nowhere */
};

/* What is known of a symbol, and what has been made for it: labels, NO_LABEL if there is none. */
struct thing {
	enum kind kind;
	bool exported;			/* others may see it, so its descriptor is the dynamic linker's */
	bool called;			/* something here calls it */
	bool function, variable;	/* something here says that it is one */
	bool reported;
	uint32_t label;			/* where it is */
	uint32_t slot;			/* the word that holds its address, or its descriptor's */
	uint32_t descriptor;		/* {entry, gp}, ours */
	uint32_t pair;			/* {entry, gp}, filled in at start from another module */
	uint32_t stub;			/* code that calls it: a symbol's handle */
	uint32_t alias;			/* a local symbol at its place: a handle */
	uint32_t tpoff, tlsdesc;
};

/* What stands for X in code: __fdpic_gp.X and the like. */
enum pseudo_kind { PSEUDO_NONE, PSEUDO_GP, PSEUDO_GOT, PSEUDO_TPOFF, PSEUDO_TLSDESC, PSEUDO_LINK };

/* How the value comes about: X - gp, X - the auipc's address, or X alone. */
enum base { BASE_GP, BASE_PC, BASE_NONE, BASE_TP };

struct pseudo {
	uint32_t symbol;		/* its own handle */
	enum pseudo_kind kind;
	const char *name;		/* X */
	const char *key;		/* tells it from all others, in either round */
	uint32_t x;			/* X's handle */
	uint32_t offset;		/* into X: the N of __fdpic_gp.X+N */
	bool plain;			/* used by %hi and %lo: no instruction may change */
	bool loads_only;		/* all users are lw */
	bool call;			/* what it is wanted for: any descriptor of X will do */
	enum base base;
	bool no_load;			/* lw becomes addi */
	bool is_short;			/* within 2 KiB of gp: lui and add are left out */
	uint32_t target;		/* label; NO_LABEL: the value is 0, or that of target_name */
	const char *target_name;
};

enum part { PART_HI, PART_ADD, PART_LO_I, PART_LO_S };

struct site {
	uint32_t pseudo;
	uint32_t section, offset, rel;
	uint32_t function;		/* where: for messages and to tell which hi belongs to which lo */
	enum part part;
	int32_t addend;
	uint32_t label;
	uint32_t hi;			/* another site: the hi (one of them) that a lo belongs to */
};

/* What a word in the data is to be, when the relocation that lld made for it is looked at. */
enum mark_kind { MARK_FUNCDESC, MARK_FUNCDESC_OWN, MARK_FUNCDESC_VALUE, MARK_TPREL, MARK_TPREL_OWN, MARK_TLSDESC };

struct mark {
	uint32_t label;
	enum mark_kind kind;
	const char *name;		/* the symbol */
};

struct link {
	const struct args *args;
	struct object *o;
	struct shared shared;
	bool one_module;		/* a static executable: gp is the same everywhere */
	struct thing *things, *new_things;
	uint32_t n_new_things;
	struct pseudo *pseudos;
	uint32_t n_pseudos;
	uint32_t *pseudo_of;		/* symbol -> index + 1 */
	struct site *sites;
	uint32_t n_sites;
	struct mark *marks;
	uint32_t n_marks;
	uint32_t n_labels;
	uint32_t gp;			/* label */
	uint32_t gp_align;
	uint32_t tls_resolver;		/* label */
	uint32_t nowhere;		/* a symbol's handle */
	uint32_t leave, since_leave;	/* the code that stubs near gp share: a symbol's handle; bytes of code since */
	uint32_t *any_gp;		/* labels at functions that are right with any gp: see anygp.c */
	uint32_t n_any_gp;
	const struct names *near;	/* pseudo symbols that may be short; NULL in the first round */
	uint32_t *label_handles;
	struct link_counts {
		unsigned gp, relaxed_gp, relaxed_pc, constant, slots, descriptors, stubs, near;
	} counts;
};

/* A new label at a place. */
uint32_t link_label(struct link *l, uint32_t section, uint32_t offset);

/* The symbol's handle of a label. As a function, since the call that makes the label may move the table. */
static inline uint32_t link_symbol_of(const struct link *l, uint32_t label)
{
	return l->label_handles[label];
}

/* kinds.c: what the symbol is. */
struct thing *link_thing(struct link *l, uint32_t handle);
/* Code says what it is: must come before link_thing(). */
void link_hint(struct link *l, uint32_t handle, bool function, bool variable);
/* The label at a thing that is here. */
uint32_t link_label_of(struct link *l, uint32_t handle);
/* Says, once, that a symbol that code at a place needs is nowhere. */
void link_missing(struct link *l, uint32_t handle, uint32_t section, uint32_t offset);
/* X's handle by name, --wrap applied; makes an undefined symbol if need be. */
uint32_t link_find(struct link *l, const char *name, uint8_t bind);

/* scan.c */
void link_scan(struct link *l);
/* checks.c: one relocation that is not one of our sites. */
void link_check(struct link *l, uint32_t section, uint32_t rel);
/* foreign.c: objects that were not compiled for FDPIC. */
void link_check_foreign(struct link *l);

/* forms.c, words.c */
void link_choose(struct link *l);
void link_words(struct link *l);
/* Whether calls inside this library must find the function of that name that others may define. */
bool link_interposed(const struct link *l, const char *name);

/* make.c: each makes what it is asked for at the first call, and answers a label, or a symbol's handle (stub, alias). */
void link_make_gp(struct link *l);
void link_make_commons(struct link *l);
uint32_t link_slot(struct link *l, uint32_t handle);
uint32_t link_descriptor(struct link *l, uint32_t handle);
uint32_t link_pair(struct link *l, uint32_t handle);
uint32_t link_tpoff(struct link *l, uint32_t handle);
uint32_t link_tlsdesc(struct link *l, uint32_t handle);
uint32_t link_alias(struct link *l, uint32_t handle);
void link_mark(struct link *l, uint32_t section, uint32_t offset, enum mark_kind kind, const char *name);

/* thunks.c */
uint32_t link_stub(struct link *l, uint32_t handle);
uint32_t link_tls_resolver(struct link *l);
/* Where the calls of a weak function that is not there go. */
uint32_t link_nowhere(struct link *l);
void link_icalls(struct link *l);

/* anygp.c: when all code is there. */
void link_any_gp(struct link *l);

/* A site in code we make ourselves. */
void link_add_site(struct link *l, uint32_t section, uint32_t offset, enum part part, uint32_t pseudo);

/* after.c: path is what lld made. link_near() tells which pseudo symbols lie near enough to gp; link_finish() makes the
 * finished file of it. */
struct names link_near(struct link *l, const char *path);
void link_finish(struct link *l, const char *path);

#endif
