#pragma once

#include "command.hpp"

namespace cuebench::cli {

/// `cuebench list TOPIC`: names, parameters, defaults and sources, from the self-descriptions.
std::function<void()> declare_list(CLI::App& app, const CommonOptions& common);

}  // namespace cuebench::cli
