/* SPDX-License-Identifier: MIT
 *
 * FDPIC for RV32: text and data of a module lie at any distance from each other, and gp points to the data's GOT. This pass
 * rewrites a module's code, last of all before machine code is made from it, so that no address is reached in a way which
 * supposes that distance. Stock code generation then does the rest: whatever shall become "an offset from gp" is shown to
 * it as a thread-local variable of the local-exec model, an offset from tp,
 *
 *	lui rX, %tprel_hi(S);  add rX, rX, tp, %tprel_add(S);  lw rY, %tprel_lo(S)(rX)
 *
 * and the link tool (../link), which knows these symbols by their names, puts gp in tp's place:
 *
 *	__fdpic_gp.X		the address of X
 *	__fdpic_gp.X+N		the address of X, and N (decimal) bytes more
 *	__fdpic_got.X		a word that holds the address of X, or 0 if there is no X
 *	__fdpic_fn.X		the same for a function: a word that holds the address of its descriptor
 *	__fdpic_call.X		the same to call it: any descriptor of X will do
 *	__fdpic_tpoff.X		a word that holds the distance of the thread-local X from tp
 *	__fdpic_tlsdesc.X	two words that describe it: a function (its code's address) that tells the distance, and its argument
 *	__fdpic_icall		the function that calls through the descriptor in t2
 *	__fdpic_icall.N		the same for calls with up to N bytes of arguments on the stack
 *
 * What the pass cannot get right is an error of the compiler, at its place in the source.
 */
#ifndef FDPIC_PASS_H
#define FDPIC_PASS_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Module.h"
#include <string>

namespace fdpic {

// How code comes to the address of a symbol.
enum class Form {
	Leave,		// relative to the program counter, or to tp: it lies in the text, or is thread-local of this executable
	Gp,		// relative to gp: it lies in this module's data
	Got,		// from the GOT
	Tls,		// from tp and a distance that is in the GOT, or that a function tells
	Alias,		// as that of what the alias stands for
};

// The module that is compiled, and the symbols made for it.
class Unit {
public:
	explicit Unit(llvm::Module &M);

	llvm::Module &M;
	const bool Library;		// -fPIC: for a shared library

	Form form(const llvm::GlobalValue &X) const;

	// Symbols in tp's (that is, gp's) name. data() is X from byte Offset on; slot() is a word of the GOT of
	// that kind: "got", "fn", "call", "tpoff", "tlsdesc".
	llvm::Constant *data(llvm::GlobalVariable &X, uint64_t Offset);
	llvm::Constant *slot(llvm::StringRef Kind, llvm::GlobalValue &X);

	// Lets the object say of functions that only its data names that they are functions.
	void nameFunctions();

	// Keeps what only the symbols made here speak of: passes after this one drop what nobody uses.
	void keep();

	// Is the callee in this module for certain? (A library calls its own functions, whoever else has one of that name.)
	static bool isOurs(const llvm::GlobalValue &F);

	// An error, once for each place; false if there was none at all.
	void refuse(const llvm::Instruction &At, const llvm::Twine &Why);
	void refuse(const llvm::Twine &Why);
	bool refused() const { return Refused; }

private:
	std::string name(llvm::GlobalValue &X);
	llvm::GlobalVariable *symbol(const llvm::Twine &Name, llvm::Type *T, llvm::MaybeAlign A, bool Constant);

	std::string Hash;		// tells this module's static symbols from those of others
	llvm::DenseMap<const llvm::GlobalValue *, std::string> Names;
	llvm::SmallVector<llvm::GlobalValue *, 8> Kept;
	bool Refused = false;
};

// refuse.cpp: errors for all that has no FDPIC form.
void refuseWhatIsImpossible(Unit &U);

// bases.cpp: is C an address in a variable of form Gp, and how many bytes into it? And the byte of each such variable to
// which a function's accesses are relative.
using BaseOffsets = llvm::DenseMap<const llvm::GlobalVariable *, uint64_t>;
llvm::GlobalVariable *variableAt(const Unit &U, llvm::Constant *C, int64_t &Offset);
BaseOffsets baseOffsets(const Unit &U, const llvm::Function &F);

// operands.cpp: addresses in the code of a function become what form() says.
void rewriteOperands(Unit &U, llvm::Function &F);

// calls.cpp: is the call one through a pointer, or to be made one? Then its callee is an address like others, and
// rewriteCalls(), when all addresses are done, has the helper call it.
bool isIndirect(const llvm::CallBase &Call);
void rewriteCalls(Unit &U, llvm::Function &F);

} // namespace fdpic

#endif
