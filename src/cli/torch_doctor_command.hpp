#pragma once

#include "command.hpp"

namespace cuebench::cli {

/// LibTorch's part of `cuebench doctor`: what it reaches here or, with --model, whether models compute what the program
/// that exported them computed.
std::function<void()> declare_torch_doctor(CLI::App& app, const CommonOptions& common);

}  // namespace cuebench::cli
