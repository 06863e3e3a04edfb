#pragma once

#include "command.hpp"

namespace cuebench::cli {

/// `cuebench doctor`: what works on this machine.
std::function<void()> declare_doctor(CLI::App& app, const CommonOptions& common);

}  // namespace cuebench::cli
