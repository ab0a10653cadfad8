/* SPDX-License-Identifier: MIT
 *
 * Which form the address of a symbol has, and the symbols that stand for it.
 */
#include "pass.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/Support/MD5.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace fdpic {

// Two objects of a program may have static variables of the same name, from source files of the same name; but their
// modules differ in something, were it only the functions they export. (Bitcode's own table of symbols is left out: with .symver it
// is not the same each time.)
static std::string hashOf(const Module &M)
{
	SmallString<0> Bitcode;
	BitcodeWriter Writer(Bitcode);
	Writer.writeModule(M);
	Writer.writeStrtab();
	MD5 Sum;
	Sum.update(M.getSourceFileName());
	Sum.update(Bitcode);
	MD5::MD5Result Result;
	Sum.final(Result);
	return toHex(ArrayRef<uint8_t>(Result.data(), 6), true);
}

Unit::Unit(Module &Mod) : M(Mod), Library(Mod.getPIELevel() == PIELevel::Default), Hash(hashOf(Mod))
{
}

// Mirrors TargetLoweringObjectFile::getKindForGlobal(): constants that the loader relocates are data. What another
// object or the section's name may put elsewhere is left to the link, which can do without the slot.
Form Unit::form(const GlobalValue &X) const
{
	if (X.isThreadLocal())
		return !Library && X.isDSOLocal() ? Form::Leave : Form::Tls;
	bool Here = !X.isDeclarationForLinker() && X.isDSOLocal() && !X.isWeakForLinker();
	if (isa<GlobalAlias>(X) && Here && !isa<Function>(cast<GlobalAlias>(X).getAliaseeObject()))
		return Form::Alias;
	const auto *V = dyn_cast<GlobalVariable>(&X);
	if (!V || !Here || V->hasSection() || V->hasImplicitSection())
		return Form::Got;
	return V->isConstant() && !V->getInitializer()->needsDynamicRelocation() ? Form::Leave : Form::Gp;
}

bool Unit::isOurs(const GlobalValue &F)
{
	return !F.isDeclarationForLinker() || F.hasLocalLinkage() || !F.hasDefaultVisibility();
}

// The name by which the link tool knows X. A static one gets a second, hidden name that is the only one in the program;
// its own stays for debuggers and for assembly that uses it.
std::string Unit::name(GlobalValue &X)
{
	std::string &Name = Names[&X];
	if (!Name.empty())
		return Name;
	Name = GlobalValue::dropLLVMManglingEscape(X.getName()).str();
	if (X.hasLocalLinkage()) {
		Name = (Name.empty() ? "unnamed" + utostr(Names.size()) : Name) + "." + Hash;
		auto *Second = GlobalAlias::create(X.getValueType(), X.getAddressSpace(), GlobalValue::ExternalLinkage, Name, &X, &M);
		Second->setVisibility(GlobalValue::HiddenVisibility);
		Second->setDSOLocal(true);
	} else if (X.isDiscardableIfUnused() && !X.hasAvailableExternallyLinkage()) {
		Kept.push_back(&X);
	}
	return Name;
}

GlobalVariable *Unit::symbol(const Twine &Name, Type *T, MaybeAlign A, bool Constant)
{
	std::string Text = Name.str();
	if (GlobalVariable *Old = M.getNamedGlobal(Text))
		return Old;
	auto *S = new GlobalVariable(M, T, Constant, GlobalValue::ExternalLinkage, nullptr, Text, nullptr,
				     GlobalValue::LocalExecTLSModel);
	S->setDSOLocal(true);
	S->setAlignment(A);
	return S;
}

Constant *Unit::data(GlobalVariable &X, uint64_t Offset)
{
	std::string Name = "__fdpic_gp." + name(X);
	if (Offset == 0)
		return symbol(Name, X.getValueType(), X.getAlign(), X.isConstant());
	uint64_t Rest = M.getDataLayout().getTypeAllocSize(X.getValueType()) - Offset;
	return symbol(Name + "+" + Twine(Offset), ArrayType::get(Type::getInt8Ty(M.getContext()), Rest),
		      commonAlignment(X.getAlign().valueOrOne(), Offset), X.isConstant());
}

// A slot of something that need not be anywhere is as weak: X itself may not be named by any other code.
Constant *Unit::slot(StringRef Kind, GlobalValue &X)
{
	GlobalVariable *S = symbol("__fdpic_" + Kind + "." + name(X), PointerType::getUnqual(M.getContext()), Align(4), true);
	if (X.hasExternalWeakLinkage())
		S->setLinkage(GlobalValue::ExternalWeakLinkage);
	return S;
}

// Nothing else does, if none of the libraries that it is linked with defines it. (In an executable all are known.)
void Unit::nameFunctions()
{
	for (Function &F : M) {
		bool Named = any_of(F.uses(), [](const Use &U) {
			const auto *Call = dyn_cast<CallBase>(U.getUser());
			return !Call || !Call->isCallee(&U);
		});
		if (Library && Named && F.isDeclarationForLinker() && !F.isIntrinsic())
			M.appendModuleInlineAsm("\t.type\t\"" + name(F) + "\", @function\n");
	}
}

void Unit::keep()
{
	if (!Kept.empty())
		appendToCompilerUsed(M, Kept);
}

void Unit::refuse(const Instruction &At, const Twine &Why)
{
	Refused = true;
	M.getContext().diagnose(DiagnosticInfoUnsupported(*At.getFunction(), "FDPIC: " + Why, At.getDebugLoc()));
}

void Unit::refuse(const Twine &Why)
{
	Refused = true;
	M.getContext().emitError("FDPIC: " + Why);
}

} // namespace fdpic
