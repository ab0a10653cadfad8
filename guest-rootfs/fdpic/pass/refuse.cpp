/* SPDX-License-Identifier: MIT
 *
 * What has no FDPIC form.
 */
#include "pass.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace fdpic {

static bool usesGp(const InlineAsm &Asm)
{
	for (const InlineAsm::ConstraintInfo &C : Asm.ParseConstraints())
		for (const std::string &Code : C.Codes)
			if (Code == "{gp}" || Code == "{x3}")
				return true;
	return false;
}

static void call(Unit &U, const CallBase &Call)
{
	if (auto *Asm = dyn_cast<InlineAsm>(Call.getCalledOperand()))
		if (usesGp(*Asm))
			U.refuse(Call, "assembly may not have a value in gp, or change it");
	if (Call.hasOperandBundlesOtherThan({LLVMContext::OB_deopt, LLVMContext::OB_funclet}) && !isa<IntrinsicInst>(Call))
		U.refuse(Call, "control flow integrity is not supported");
	for (unsigned N = 0; N < Call.arg_size(); N++)
		if (Call.paramHasAttr(N, Attribute::Nest))
			U.refuse(Call, "a call with a static chain is not supported");
	switch (Call.getIntrinsicID()) {
	case Intrinsic::init_trampoline:
	case Intrinsic::adjust_trampoline:
		U.refuse(Call, "nested functions are not supported");
		break;
	case Intrinsic::experimental_stackmap:
	case Intrinsic::experimental_patchpoint_void:
	case Intrinsic::experimental_patchpoint:
	case Intrinsic::experimental_gc_statepoint:
		U.refuse(Call, "stack maps are not supported");
		break;
	case Intrinsic::write_register:
	case Intrinsic::read_register: {
		const auto *Node = cast<MDNode>(cast<MetadataAsValue>(Call.getArgOperand(0))->getMetadata());
		StringRef Name = cast<MDString>(Node->getOperand(0))->getString();
		if (Name == "gp" || Name == "x3")
			U.refuse(Call, "a variable cannot be in gp");
		break;
	}
	default:
		break;
	}
}

static void function(Unit &U, const Function &F)
{
	const Instruction &First = F.getEntryBlock().front();
	for (const Argument &A : F.args())
		if (A.hasNestAttr())
			U.refuse(First, "nested functions are not supported");
	for (Attribute::AttrKind Protector : {Attribute::StackProtect, Attribute::StackProtectStrong, Attribute::StackProtectReq})
		if (F.hasFnAttribute(Protector))
			U.refuse(First, "the stack protector is not supported");
	if (F.hasFnAttribute(Attribute::ShadowCallStack))
		U.refuse(First, "a shadow call stack wants gp for itself");
	if (F.hasFnAttribute(Attribute::SafeStack) || F.hasFnAttribute("split-stack"))
		U.refuse(First, "split stacks are not supported");
	if (F.hasPrefixData() || F.hasPrologueData())
		U.refuse(First, "data before or in a function's code is not supported");
	if (F.hasGC())
		U.refuse(First, "garbage collection is not supported");
	for (const BasicBlock &B : F)
		for (const Instruction &I : B) {
			if (auto *C = dyn_cast<CallBase>(&I))
				call(U, *C);
			if (I.isEHPad())
				U.refuse(I, "exceptions are not supported");
		}
}

void refuseWhatIsImpossible(Unit &U)
{
	Triple Target(U.M.getTargetTriple());
	if (!Target.isRISCV32())
		U.refuse("only RV32 has it, not " + Target.str());
	if (U.M.getPICLevel() == PICLevel::NotPIC)
		U.refuse("code must be compiled with -fPIE or -fPIC");
	for (const GlobalIFunc &F : U.M.ifuncs())
		U.refuse("ifunc is not supported: " + F.getName());
	for (const Function &F : U.M)
		if (!F.isDeclaration())
			function(U, F);
}

} // namespace fdpic
