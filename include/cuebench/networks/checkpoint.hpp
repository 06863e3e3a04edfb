#pragma once
// Weights from a file, read without Python and without executing anything. What loads, what is peeled off and what is
// refused stands in docs/checkpoints.md.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cuebench/core/errors.hpp>

namespace cuebench {

/// Why a file was refused.
enum class CheckpointProblem {
  not_a_checkpoint,      ///< empty, HTML page, Git LFS pointer, text, image, no state_dict inside, ...
  other_format,          ///< a model file of another kind (ONNX, HDF5, tar, TorchScript where weights are wanted)
  truncated,             ///< the end of the file is missing
  malformed_archive,     ///< the zip directory contradicts itself
  suspicious_entry,      ///< an entry name that would leave the folder it is unpacked to
  checksum,              ///< the CRC-32 of an entry is wrong
  size_limit,            ///< it would take far more memory than its size justifies
  malformed_pickle,      ///< the pickle stream breaks its own rules, or is nested too deeply
  forbidden_global,      ///< the pickle names something that would have to be run
  malformed_header,      ///< the header of a safetensors file
  header_too_large,      ///< the same, above 100 MB
  overlap,               ///< two safetensors tensors share bytes
  hole,                  ///< bytes that belong to no safetensors tensor
  size_mismatch,         ///< declared bytes and shape disagree
  missing_storage,       ///< a tensor's data are not in the file
  storage_out_of_range,  ///< a tensor reaches past its data
  bad_geometry,          ///< negative sizes or strides, overflow, sizes and strides of different length
  unsupported_dtype,     ///< complex, quantised, 8-bit, sparse, big-endian, unknown
  non_finite,            ///< a weight is NaN or infinite, also after conversion to float32
  ambiguous,             ///< more than one state_dict, and nothing says which
  shape_mismatch,        ///< the weights do not fit the network
};
/// "not_a_checkpoint", "truncated", ...
std::string_view to_string(CheckpointProblem problem);

/// A file that was refused; the message names file, cause and remedy.
class CheckpointError : public UsageError {
 public:
  CheckpointError(CheckpointProblem problem, const std::string& message) : UsageError(message), problem_(problem) {}
  CheckpointProblem problem() const { return problem_; }

 private:
  CheckpointProblem problem_;
};

/// A dense tensor, widened to float32 (float16, bfloat16) or narrowed to it (float64), or kept as int64 (counters).
/// Strides, offsets and views of the file are resolved: values are row-major and its own.
struct WeightTensor {
  std::vector<std::int64_t> shape;     ///< {} for a scalar
  std::vector<float> values;           ///< row-major, finite; empty for integer tensors
  std::vector<std::int64_t> integers;  ///< row-major; empty for float tensors
  std::string stored_as;               ///< float16, bfloat16, float32, float64, bool, int16, int32, int64
  /// Number of elements: the product of `shape`.
  std::int64_t size() const;
};

using NamedTensor = std::pair<std::string, WeightTensor>;

enum class CheckpointFormat { torch_zip, torch_legacy, safetensors, torchscript };
/// "torch zip", "torch legacy", "safetensors", "TorchScript".
std::string_view to_string(CheckpointFormat format);

/// A state_dict, with what was peeled off it.
struct Checkpoint {
  CheckpointFormat format = CheckpointFormat::torch_zip;
  /// Names as the network uses them, in the file's order.
  std::vector<NamedTensor> tensors;
  /// What was removed on the way, outermost first: "state_dict", "[0]", "module.", "attacker. (36 copies)",
  /// "normalizer.mean"; for `inspect`.
  std::vector<std::string> peeled;
  /// Entries beside the weights that were not used, as "best_prec1 = 91.73".
  std::vector<std::string> others;
  /// Per channel, pixel units of [0, 1], of a normaliser that was saved inside the model; else empty. The network
  /// below expects images normalised so.
  std::vector<double> normaliser_mean, normaliser_std;

  const WeightTensor* find(std::string_view name) const;
};

/// The format that the content says (for a zip archive its directory is read, so the whole file is needed).
/// `name` is used in messages. @throws CheckpointError for what is no checkpoint, saying what it is.
CheckpointFormat checkpoint_format(std::span<const std::byte> bytes, std::string_view name);
CheckpointFormat checkpoint_format(const std::filesystem::path& path);

/// Reads a state_dict (not TorchScript). Only tensors, numbers, strings and containers are accepted; any other global
/// is refused by its name; nothing is ever called, nothing is written to disk. Memory is bounded: 16 times the file's
/// size for the weights, and 32 MiB; beside it at most a million small objects.
/// @throws CheckpointError with the reason and the remedy; UsageError when the file cannot be read.
Checkpoint read_checkpoint(const std::filesystem::path& path);
/// The same from memory; `name` is used in messages.
Checkpoint read_checkpoint(std::span<const std::byte> bytes, std::string_view name);

/// The tensors as a safetensors file: F32, or I64 for integers; header padded with blanks to a multiple of 8 bytes, its
/// entries by ascending offset, I64 before F32 and else in the given order, no holes. Names are unique valid UTF-8.
std::string safetensors_bytes(std::span<const NamedTensor> tensors,
                              const std::map<std::string, std::string>& metadata = {});
/// The same into a file, atomically. @throws RunError.
void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace cuebench
