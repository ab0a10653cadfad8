/* SPDX-License-Identifier: MIT
 *
 * Code generation adds no offset to the %tprel_lo of a thread-local variable: for a field it would first make the
 * variable's address. So fields have symbols of their own, one for a variable and function: that of the field which the
 * function names most often. From there the others are as near as they were from the beginning.
 */
#include "pass.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Operator.h"
#include <map>

using namespace llvm;

namespace fdpic {

GlobalVariable *variableAt(const Unit &U, Constant *C, int64_t &Offset)
{
	if (!C->getType()->isPointerTy())
		return nullptr;
	APInt Sum(32, 0);
	while (auto *E = dyn_cast<GEPOperator>(C)) {
		if (!E->accumulateConstantOffset(U.M.getDataLayout(), Sum))
			return nullptr;
		C = cast<Constant>(E->getPointerOperand());
	}
	auto *X = dyn_cast<GlobalVariable>(C);
	if (!X || U.form(*X) != Form::Gp)
		return nullptr;
	Offset = Sum.getSExtValue();
	return X;
}

BaseOffsets baseOffsets(const Unit &U, const Function &F)
{
	DenseMap<GlobalVariable *, std::map<int64_t, unsigned>> Uses;
	for (const BasicBlock &B : F)
		for (const Instruction &I : B)
			for (const Use &Op : I.operands()) {
				int64_t Offset;
				auto *C = dyn_cast<Constant>(Op.get());
				if (GlobalVariable *X = C ? variableAt(U, C, Offset) : nullptr)
					Uses[X][Offset]++;
			}
	BaseOffsets Bases;
	for (auto &[X, Counts] : Uses) {
		uint64_t Size = U.M.getDataLayout().getTypeAllocSize(X->getValueType());
		unsigned Most = 0;
		for (auto [Offset, Count] : Counts)
			if (Count > Most && Offset >= 0 && uint64_t(Offset) < Size && !X->getName().contains('+')) {
				Most = Count;
				Bases[X] = Offset;
			}
	}
	return Bases;
}

} // namespace fdpic
