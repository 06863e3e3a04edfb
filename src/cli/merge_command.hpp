#pragma once

#include "command.hpp"

namespace cuebench::cli {

/// `cuebench merge`: joins the shards of one run.
std::function<void()> declare_merge(CLI::App& app, const CommonOptions& common);

}  // namespace cuebench::cli
