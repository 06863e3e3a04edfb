#pragma once

#include "command.hpp"

namespace cuebench::cli {

/// `cuebench generate`: writes variants of a data set as files.
std::function<void()> declare_generate(CLI::App& app, const CommonOptions& common);

}  // namespace cuebench::cli
