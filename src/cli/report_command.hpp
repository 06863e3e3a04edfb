#pragma once

#include "command.hpp"

namespace cuebench::cli {

/// `cuebench report`: writes a run folder's result files and report from run.sqlite.
std::function<void()> declare_report(CLI::App& app, const CommonOptions& common);

}  // namespace cuebench::cli
