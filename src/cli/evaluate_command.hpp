#pragma once

#include "command.hpp"

namespace cuebench::cli {

/// `cuebench evaluate`: variants in memory, every model on each, a run folder with the report.
std::function<void()> declare_evaluate(CLI::App& app, const CommonOptions& common);

}  // namespace cuebench::cli
