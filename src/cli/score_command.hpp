#pragma once

#include "command.hpp"

namespace cuebench::cli {

std::function<void()> declare_score(CLI::App& app, const CommonOptions& common);

}  // namespace cuebench::cli
