/* SPDX-License-Identifier: MIT
 *
 * The pass as clang loads it: -fpass-plugin=. It runs at every level of optimisation, after all that works on IR.
 */
#include "pass.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Passes/PassPlugin.h"

using namespace llvm;

namespace {

// By this note the link tool knows that an object has been through here. Its word: 1 for a library's, 0 for an executable's.
void mark(fdpic::Unit &U)
{
	U.M.appendModuleInlineAsm("\t.pushsection .note.fdpic,\"\",@note\n"
				  "\t.p2align 2\n"
				  "\t.word 6, 4, 1\n"
				  "\t.asciz \"FDPIC\"\n"
				  "\t.p2align 2\n"
				  "\t.word " + std::string(U.Library ? "1" : "0") + "\n"
				  "\t.popsection\n");
}

struct FdpicPass : PassInfoMixin<FdpicPass> {
	PreservedAnalyses run(Module &M, ModuleAnalysisManager &)
	{
		fdpic::Unit U(M);
		fdpic::refuseWhatIsImpossible(U);
		if (U.refused())
			return PreservedAnalyses::none();
		for (Function &F : M) {
			fdpic::rewriteOperands(U, F);
			fdpic::rewriteCalls(U, F);
		}
		U.keep();
		U.nameFunctions();
		mark(U);
		return PreservedAnalyses::none();
	}
	static bool isRequired() { return true; }
};

} // namespace

extern "C" __attribute__((visibility("default"))) PassPluginLibraryInfo llvmGetPassPluginInfo()
{
	return {LLVM_PLUGIN_API_VERSION, "flat32-fdpic", "1", [](PassBuilder &Builder) {
		Builder.registerOptimizerLastEPCallback([](ModulePassManager &Passes, OptimizationLevel) { Passes.addPass(FdpicPass()); });
		Builder.registerPipelineParsingCallback([](StringRef Name, ModulePassManager &Passes, ArrayRef<PassBuilder::PipelineElement>) {
			if (Name == "flat32-fdpic")
				Passes.addPass(FdpicPass());
			return Name == "flat32-fdpic";
		});
	}};
}
