#pragma once
// Architectures: one file each in src/networks/architectures, registered by one line there.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <cuebench/core/parameters.hpp>
#include <cuebench/networks/checkpoint.hpp>
#include <cuebench/networks/network.hpp>

namespace cuebench {

struct ArchitectureInfo {
  std::string_view name;     ///< "cifar_resnet"
  std::string_view summary;  ///< one sentence
  std::string_view source;   ///< paper; whose parameter names
  std::vector<ParameterSpec> parameters;
  /// Builds the network for an input {C, H, W} and a number of classes. @throws UsageError where they do not fit.
  /// `network.architecture` is NAME:CANONICAL, shapes are inferred.
  Network (*build)(const Parameters& parameters, const NodeShape& input, int classes);
  /// The parameters (as typed text, "depth=20,shortcut=append") when keys and shapes say so without doubt.
  std::optional<std::string> (*recognise)(const Checkpoint& checkpoint);
  /// {C, H, W} of the data it was made for; used where the sidecar has no input_size.
  NodeShape default_input;
};

std::span<const ArchitectureInfo* const> registered_architectures();

/// What FILE.json beside a checkpoint may hold; every field optional; a flag wins over it.
struct Sidecar {
  std::string arch, role, preset;
  std::vector<double> mean, std;         ///< per channel, pixel units of [0, 1]
  std::vector<std::string> classes;      ///< names in logit order
  std::vector<std::int64_t> input_size;  ///< {C, H, W}
  std::string channel_order = "rgb";     ///< rgb | bgr
  /// For arch "sequential": the layers, e.g. [{"conv": {...}}, "relu", "flatten", {"linear": 100}]; JSON text.
  std::string layers;
};
/// @throws UsageError naming file, key and remedy for malformed JSON, unknown keys or wrong types.
Sidecar read_sidecar(const std::filesystem::path& path);

/// A network with its weights checked: every slot filled, every shape right.
struct AssembledNetwork {
  Network network;
  Checkpoint checkpoint;
  int classes = 0;
};
/// `arch` is NAME[:key=value,...] or "" (recognise). `sidecar` supplies layers and input size.
/// @throws UsageError with a table of missing, unexpected and mis-shaped keys; never loads a half.
AssembledNetwork assemble_network(Checkpoint checkpoint, std::string_view arch, const Sidecar& sidecar,
                                  std::string_view file_name);

}  // namespace cuebench
