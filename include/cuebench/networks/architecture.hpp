#pragma once
// Architectures: one file each in src/networks/architectures, registered by one line there.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
  /// Outputs of the head as the weights have them; 0 when they do not say.
  int (*count_classes)(const Parameters& parameters, const Checkpoint& checkpoint);
  /// {C, H, W} of the data it was made for; used where the sidecar has no input_size.
  NodeShape default_input;
  /// A choice among `parameters` that published programs make differently and weights do not show; where neither the
  /// sidecar nor the user makes it, loading is refused with a sentence that names the candidates. "": there is none.
  std::string_view undecided = {};
};

std::span<const ArchitectureInfo* const> registered_architectures();

/// @throws UsageError with the nearest names.
const ArchitectureInfo& find_architecture(std::string_view name);
/// The network of NAME[:key=value,...]. @throws UsageError where the text, the input {C, H, W} or the number of classes
/// does not fit.
Network build_network(std::string_view architecture, const NodeShape& input, int classes);

/// What the program that exported a model computed for images that both sides make from a recipe. `cuebench doctor
/// --model` compares; nothing else reads it.
struct ReferenceLogits {
  std::string recipe;                       ///< one of reference_recipes()
  std::vector<std::int64_t> size;           ///< {C, H, W}
  std::vector<std::vector<double>> logits;  ///< a row for each image, all of one length; none: there is no reference
  std::string made_by, note;                ///< for people
};
/// Names of the recipes; the images themselves are made where tensors are (cuebench/models/reference_check.hpp).
std::span<const std::string_view> reference_recipes();

/// What FILE.json beside a checkpoint may hold; every field optional; a flag wins over it.
struct Sidecar {
  std::string arch;                      ///< NAME[:key=value,...]
  std::string role;                      ///< standard | robust
  std::string preset;                    ///< name of a geometry preset
  std::vector<double> mean, std;         ///< per channel, pixel units of [0, 1]
  std::vector<std::string> classes;      ///< names in logit order
  std::vector<std::int64_t> input_size;  ///< {C, H, W}
  std::string channel_order = "rgb";     ///< rgb | bgr
  /// For arch "sequential": the layers, e.g. [{"conv": {...}}, "relu", "flatten", {"linear": 100}]; JSON text.
  std::string layers;
  /// How the weights were trained: a JSON object that `cuebench train` writes (docs/training.md) and nothing reads.
  std::string training;
  ReferenceLogits reference;
};
/// @throws UsageError naming file, key and remedy for malformed JSON, unknown keys or wrong types.
Sidecar read_sidecar(const std::filesystem::path& path);
/// The text of a file that read_sidecar reads back to an equal value; empty fields are left out.
std::string sidecar_json(const Sidecar& sidecar);

/// A network with its weights checked: every slot filled, every shape right.
struct AssembledNetwork {
  Network network;
  Checkpoint checkpoint;
  int classes = 0;
};
/// `arch` is NAME[:key=value,...]; parameters that are not typed are those recognised from the weights, then the
/// defaults. "" is the sidecar's arch, "sequential" where it has layers, else what is recognised. The sidecar also
/// gives the input size. Weights that the network does not read (further heads) are named in `checkpoint.others`.
/// `file_name` is used in messages.
/// @throws UsageError where no architecture or more than one is recognised, or class names and outputs differ in
/// number; CheckpointError (shape_mismatch) with a table of missing, mis-shaped and unexpected keys; never loads a
/// half.
AssembledNetwork assemble_network(Checkpoint checkpoint, std::string_view arch, const Sidecar& sidecar,
                                  std::string_view file_name);

}  // namespace cuebench
