#pragma once
// LibTorch's errors about a TorchScript file are pages long and speak to those who wrote LibTorch. Here they become
// what a user can act on.

#include <string>
#include <string_view>

namespace cuebench {

/// The end of a sentence that begins with the model: what is wrong with the file, and the remedy. `error` is what
/// torch::jit::load threw.
std::string script_load_problem(std::string_view error);

}  // namespace cuebench
