#pragma once

#include "command.hpp"

namespace cuebench::cli {

/// `cuebench list attacks`: the part of `list` that needs LibTorch.
std::function<void()> declare_list_attacks(CLI::App& app, const CommonOptions& common);

}  // namespace cuebench::cli
