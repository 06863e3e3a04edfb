#pragma once

#include "command.hpp"

namespace cuebench::cli {

/// `cuebench train`: a network from images; a folder with the weights, their sidecar, the log and its curve.
std::function<void()> declare_train(CLI::App& app, const CommonOptions& common);

}  // namespace cuebench::cli
