#pragma once

#include "command.hpp"

namespace cuebench::cli {

/// `cuebench doctor`: what works on this machine. With --model the program that links LibTorch takes over.
std::function<void()> declare_doctor(CLI::App& app, const CommonOptions& common);

}  // namespace cuebench::cli
