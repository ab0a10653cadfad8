/* SPDX-License-Identifier: MIT
 *
 * Addresses in code. They are operands of instructions, also deep inside constant expressions; these are taken apart into
 * instructions as far as an address that has to be loaded is in them. Within a basic block each is loaded once.
 */
#include "pass.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace fdpic {
namespace {

class Rewriter {
public:
	Rewriter(Unit &Un, const Function &F) : U(Un), Bases(baseOffsets(Un, F)) {}
	void block(BasicBlock &B);

private:
	bool concerns(Constant *C);
	Value *address(GlobalValue &X, Instruction *Before);
	Value *value(Constant *C, Instruction *Before);
	Constant *inData(GlobalVariable &X, int64_t Offset);
	Value *parts(Constant *C, Instruction *Before);
	void operand(Use &Op, Instruction *Before);
	void call(CallBase &Call);
	void threadLocal(IntrinsicInst &I);

	Unit &U;
	BaseOffsets Bases;
	DenseMap<Constant *, bool> Concerned;
	DenseMap<Constant *, Value *> Here;	// what this block has already made, further up
};

// Is there an address in C that has another form than code generation would give it?
bool Rewriter::concerns(Constant *C)
{
	if (auto *X = dyn_cast<GlobalValue>(C))
		return U.form(*X) != Form::Leave;
	if (isa<ConstantData>(C) || isa<BlockAddress>(C))
		return false;
	auto Known = Concerned.find(C);
	if (Known != Concerned.end())
		return Known->second;
	bool Any = any_of(C->operands(), [&](Use &Op) { return concerns(cast<Constant>(Op)); });
	return Concerned[C] = Any;
}

static LoadInst *loadSlot(IRBuilder<> &B, Type *T, Constant *Slot)
{
	LoadInst *L = B.CreateAlignedLoad(T, Slot, Align(4));
	L->setMetadata(LLVMContext::MD_invariant_load, MDNode::get(B.getContext(), {}));
	return L;
}

// The function changes nothing but a0 and t0, and always says the same in a thread.
static Value *askDistance(IRBuilder<> &B, Constant *Descriptor)
{
	FunctionType *T = FunctionType::get(B.getInt32Ty(), {B.getPtrTy()}, false);
	CallInst *Call = B.CreateCall(InlineAsm::get(T, "lw t0, 0(a0)\n\tjalr t0, t0", "={x10},{x10},~{x5}", false), {Descriptor});
	Call->setDoesNotAccessMemory();
	Call->setDoesNotThrow();
	return Call;
}

// In one function all addresses in X are relative to the same symbol: code generation takes different ones for different
// variables, whose accesses it may exchange.
Constant *Rewriter::inData(GlobalVariable &X, int64_t Offset)
{
	int64_t Base = Bases.lookup(&X);
	Constant *Symbol = U.data(X, Base);
	if (Offset == Base)
		return Symbol;
	LLVMContext &Ctx = X.getContext();
	return ConstantExpr::getGetElementPtr(Type::getInt8Ty(Ctx), Symbol, ConstantInt::getSigned(Type::getInt32Ty(Ctx), Offset - Base));
}

Value *Rewriter::address(GlobalValue &X, Instruction *Before)
{
	IRBuilder<> B(Before);
	switch (U.form(X)) {
	case Form::Leave:
		return &X;
	case Form::Gp:
		return inData(cast<GlobalVariable>(X), 0);
	case Form::Got: {
		bool Function = isa<FunctionType>(X.getValueType());
		return loadSlot(B, B.getPtrTy(), U.slot(Function ? "fn" : "got", X));
	}
	case Form::Tls: {
		Value *Distance = U.Library ? askDistance(B, U.slot("tlsdesc", X)) : loadSlot(B, B.getInt32Ty(), U.slot("tpoff", X));
		return B.CreateGEP(B.getInt8Ty(), B.CreateIntrinsic(Intrinsic::thread_pointer, {}, {}), Distance);
	}
	case Form::Alias:
		return value(cast<GlobalAlias>(X).getAliasee(), Before);
	}
	llvm_unreachable("no such form");
}

// A constant whose parts are addresses, as instructions; but as a constant if its parts have remained constants.
Value *Rewriter::parts(Constant *C, Instruction *Before)
{
	SmallVector<Value *, 8> Values;
	SmallVector<Constant *, 8> Constants;
	for (Use &Op : C->operands()) {
		Values.push_back(value(cast<Constant>(Op), Before));
		if (auto *Still = dyn_cast<Constant>(Values.back()))
			Constants.push_back(Still);
	}
	bool AllConstant = Constants.size() == Values.size();
	if (auto *E = dyn_cast<ConstantExpr>(C)) {
		if (AllConstant)
			return E->getWithOperands(Constants);
		Instruction *I = E->getAsInstruction();
		for (unsigned N = 0; N < Values.size(); N++)
			I->setOperand(N, Values[N]);
		I->insertBefore(Before);
		return I;
	}
	IRBuilder<> B(Before);
	Value *Whole = PoisonValue::get(C->getType());
	for (unsigned N = 0; N < Values.size(); N++)
		Whole = C->getType()->isVectorTy() ? B.CreateInsertElement(Whole, Values[N], N) : B.CreateInsertValue(Whole, Values[N], N);
	return Whole;
}

Value *Rewriter::value(Constant *C, Instruction *Before)
{
	if (!concerns(C))
		return C;
	if (Value *Made = Here.lookup(C))
		return Made;
	Value *Made;
	int64_t Offset;
	if (GlobalVariable *V = variableAt(U, C, Offset))
		Made = inData(*V, Offset);
	else if (auto *X = dyn_cast<GlobalValue>(C))
		Made = address(*X, Before);
	else if (auto *Same = dyn_cast<NoCFIValue>(C))
		Made = value(Same->getGlobalValue(), Before);
	else if (isa<DSOLocalEquivalent>(C)) {
		U.refuse(*Before, "dso_local_equivalent (relative vtables) is not supported");
		return C;
	} else
		Made = parts(C, Before);
	return Here[C] = Made;
}

void Rewriter::operand(Use &Op, Instruction *Before)
{
	if (auto *C = dyn_cast<Constant>(Op))
		Op.set(value(C, Before));
}

// An operand that the constraint wants as a constant stays one: the link tool sees what the assembly makes of it.
static bool wantsConstant(const InlineAsm::ConstraintInfo &C)
{
	return !C.Codes.empty() && all_of(C.Codes, [](const std::string &Code) {
		return Code == "i" || Code == "n" || Code == "s" || Code == "S";
	});
}

void Rewriter::call(CallBase &Call)
{
	SmallVector<bool, 8> Keep(Call.arg_size());
	if (auto *Asm = dyn_cast<InlineAsm>(Call.getCalledOperand())) {
		unsigned N = 0;
		for (const InlineAsm::ConstraintInfo &C : Asm->ParseConstraints())
			if (C.hasArg())
				Keep[N++] = wantsConstant(C);
	}
	if (isIndirect(Call)) {
		// Of a function that is named any descriptor will do, not only that which is its address.
		auto *F = dyn_cast<GlobalValue>(Call.getCalledOperand());
		if (F && U.form(*F) == Form::Got && isa<FunctionType>(F->getValueType())) {
			IRBuilder<> B(&Call);
			Call.setCalledOperand(loadSlot(B, B.getPtrTy(), U.slot("call", *F)));
		} else
			operand(Call.getCalledOperandUse(), &Call);
	}
	for (unsigned N = 0; N < Call.arg_size(); N++)
		if (!Keep[N])
			operand(Call.getArgOperandUse(N), &Call);
}

void Rewriter::threadLocal(IntrinsicInst &I)
{
	auto *X = cast<GlobalValue>(I.getArgOperand(0)->stripPointerCasts());
	if (U.form(*X) == Form::Leave)
		return;
	I.replaceAllUsesWith(value(X, &I));
	I.eraseFromParent();
}

void Rewriter::block(BasicBlock &B)
{
	Here.clear();
	for (Instruction &I : make_early_inc_range(B)) {
		if (isa<PHINode>(I) || isa<LandingPadInst>(I))
			continue;
		auto *Intrinsic = dyn_cast<IntrinsicInst>(&I);
		if (Intrinsic && Intrinsic->getIntrinsicID() == Intrinsic::threadlocal_address)
			threadLocal(*Intrinsic);
		else if (auto *Call = dyn_cast<CallBase>(&I))
			call(*Call);
		else
			for (Use &Op : I.operands())
				operand(Op, &I);
	}
	// What successors get from here is made here. (One that is entered on several ways gets the same on each.)
	for (BasicBlock *Next : successors(&B))
		for (PHINode &Phi : Next->phis())
			for (unsigned N = 0; N < Phi.getNumIncomingValues(); N++)
				if (Phi.getIncomingBlock(N) == &B)
					operand(Phi.getOperandUse(N), B.getTerminator());
}

} // namespace

void rewriteOperands(Unit &U, Function &F)
{
	Rewriter R(U, F);
	for (BasicBlock &B : F)
		R.block(B);
}

} // namespace fdpic
