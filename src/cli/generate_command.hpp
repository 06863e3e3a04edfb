#pragma once

#include <filesystem>
#include <functional>

#include <cuebench/core/planar_network.hpp>

#include "command.hpp"

namespace cuebench::cli {

/// From a TorchScript file to the network in it; empty in the program without LibTorch.
using NetworkOpener = std::function<PlanarNetwork(const std::filesystem::path& file)>;

/// `cuebench generate`: writes variants of a data set as files. The command throws NeedsLibTorch, before it writes
/// anything, where a variant names a network and there is no opener.
std::function<void()> declare_generate(CLI::App& app, const CommonOptions& common, const NetworkOpener& open_network);

}  // namespace cuebench::cli
