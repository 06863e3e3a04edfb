#pragma once

#include "command.hpp"

namespace cuebench::cli {

/// Prints what `what` is. `torchscript` is called for a TorchScript archive, which only LibTorch can read.
void inspect(const std::string& what, const std::string& arch, const std::function<void()>& torchscript);

/// `cuebench inspect`: what is in a checkpoint, image, data set or run.
std::function<void()> declare_inspect(CLI::App& app, const CommonOptions& common);

}  // namespace cuebench::cli
