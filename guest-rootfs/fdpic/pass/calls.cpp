/* SPDX-License-Identifier: MIT
 *
 * Calls through descriptors: the helper gets the descriptor as the "static chain", which is t2 whatever the arguments are.
 */
#include "pass.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace fdpic {

// No more words than this does a value take among the arguments. One of 8 bytes may skip a word, FP registers may be used up.
static uint64_t words(const DataLayout &Layout, Type *T)
{
	uint64_t Sum = 0;
	if (auto *S = dyn_cast<StructType>(T)) {
		for (Type *Element : S->elements())
			Sum += words(Layout, Element);
		return Sum;
	}
	if (auto *A = dyn_cast<ArrayType>(T))
		return A->getNumElements() * words(Layout, A->getElementType());
	uint64_t Bytes = Layout.getTypeAllocSize(T).getKnownMinValue();
	return Bytes <= 4 ? 1 : divideCeil(Bytes, 4) + 1;
}

// No more bytes of arguments than this lie on the stack.
static uint64_t stackBytes(const CallBase &Call)
{
	const DataLayout &Layout = Call.getModule()->getDataLayout();
	Type *Result = Call.getType();
	uint64_t Sum = Result->isVoidTy() || words(Layout, Result) <= 3 ? 0 : 1;	// the place for a large result
	for (const Use &Arg : Call.args())
		Sum += words(Layout, Arg->getType());
	return Sum <= 8 ? 0 : alignTo((Sum - 8) * 4, 16);
}

// A call that may leave the module is made by a stub of the link tool, which does not know of arguments on the stack.
bool isIndirect(const CallBase &Call)
{
	const Value *Callee = Call.getCalledOperand();
	if (isa<InlineAsm>(Callee))
		return false;
	const auto *F = dyn_cast<GlobalValue>(Callee);
	if (!F || !isa<FunctionType>(F->getValueType()))
		return true;
	if (const auto *Known = dyn_cast<Function>(F))
		if (Known->isIntrinsic())
			return false;
	return !Unit::isOurs(*F) && stackBytes(Call) > 0;
}

static FunctionCallee helper(Module &M, uint64_t Bytes)
{
	std::string Name = "__fdpic_icall";
	if (Bytes)
		Name += "." + std::to_string(Bytes);
	FunctionCallee Helper = M.getOrInsertFunction(Name, FunctionType::get(Type::getVoidTy(M.getContext()), false));
	cast<Function>(Helper.getCallee())->setDSOLocal(true);
	return Helper;
}

static void viaHelper(CallBase &Call)
{
	LLVMContext &Ctx = Call.getContext();
	FunctionType *Old = Call.getFunctionType();
	SmallVector<Type *, 8> Types = {PointerType::getUnqual(Ctx)};
	append_range(Types, Old->params());
	FunctionType *New = FunctionType::get(Old->getReturnType(), Types, Old->isVarArg());

	AttributeList Attributes = Call.getAttributes();
	SmallVector<AttributeSet, 8> OfArguments = {AttributeSet::get(Ctx, {Attribute::get(Ctx, Attribute::Nest)})};
	SmallVector<Value *, 8> Arguments = {Call.getCalledOperand()};
	for (unsigned N = 0; N < Call.arg_size(); N++) {
		OfArguments.push_back(Attributes.getParamAttrs(N));
		Arguments.push_back(Call.getArgOperand(N));
	}
	// It names arguments by their numbers, which are others now.
	AttributeSet OfCall = Attributes.getFnAttrs().removeAttribute(Ctx, Attribute::AllocSize);

	SmallVector<OperandBundleDef, 1> Bundles;
	Call.getOperandBundlesAsDefs(Bundles);
	Value *Helper = helper(*Call.getModule(), stackBytes(Call)).getCallee();
	CallBase *Made;
	if (auto *I = dyn_cast<InvokeInst>(&Call)) {
		Made = InvokeInst::Create(New, Helper, I->getNormalDest(), I->getUnwindDest(), Arguments, Bundles, "", Call.getIterator());
	} else {
		auto *C = CallInst::Create(New, Helper, Arguments, Bundles, "", Call.getIterator());
		C->setTailCallKind(cast<CallInst>(Call).getTailCallKind());
		Made = C;
	}
	Made->setAttributes(AttributeList::get(Ctx, OfCall, Attributes.getRetAttrs(), OfArguments));
	Made->setCallingConv(Call.getCallingConv());
	Made->copyMetadata(Call);
	if (isa<FPMathOperator>(Made))
		Made->copyFastMathFlags(&Call);
	Made->takeName(&Call);
	Call.replaceAllUsesWith(Made);
	Call.eraseFromParent();
}

void rewriteCalls(Unit &U, Function &F)
{
	for (BasicBlock &B : F)
		for (Instruction &I : make_early_inc_range(B)) {
			auto *Call = dyn_cast<CallBase>(&I);
			if (!Call || !isIndirect(*Call))
				continue;
			if (Call->isMustTailCall())
				U.refuse(I, "a call through a pointer, or one with arguments on the stack, cannot be a guaranteed tail call");
			else if (Call->hasFnAttr(Attribute::ReturnsTwice))
				U.refuse(I, "a function that returns twice cannot be called through a pointer");
			else if (Call->getCallingConv() != CallingConv::C)
				U.refuse(I, "a call through a pointer cannot have a calling convention of its own");
			else
				viaHelper(*Call);
		}
}

} // namespace fdpic
