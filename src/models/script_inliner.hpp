#pragma once
// Inlines a module's methods while it keeps track of which submodule each value came from.

#include <memory>
#include <string>

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

namespace cuebench {

/// The attribute of a prim::Print node that marks the output of a submodule; it holds the submodule's path.
extern const char* const kTapAttribute;

/// forward() of the module as one graph without calls; attributes have become constants, the module is no input.
/// @throws UsageError (`model` leads the sentence) for code that cannot be written this way.
std::shared_ptr<torch::jit::Graph> inline_module(const torch::jit::Module& module, const std::string& model);

}  // namespace cuebench
