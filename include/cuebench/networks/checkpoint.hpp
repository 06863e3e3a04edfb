#pragma once
// Weights from a file, read without Python and without executing anything.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench {

/// A dense tensor, widened to float32 (float16, bfloat16, float64 too) or kept as int64 (counters).
struct WeightTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;           ///< row-major; empty for integer tensors
  std::vector<std::int64_t> integers;  ///< row-major; empty for float tensors
  std::string stored_as;               ///< "float32", "float16", "int64", ...
  std::int64_t size() const;
};

enum class CheckpointFormat { torch_zip, torch_legacy, safetensors, torchscript };
std::string_view to_string(CheckpointFormat format);

/// A state_dict, with what was peeled off it.
struct Checkpoint {
  CheckpointFormat format = CheckpointFormat::torch_zip;
  /// Names as the network uses them, in the file's order.
  std::vector<std::pair<std::string, WeightTensor>> tensors;
  /// What was removed on the way: "state_dict", "module.", "[0]", ... for `inspect`.
  std::vector<std::string> peeled;
  /// Entries beside the weights that were not used (best_prec1 = 91.73), as "name = value".
  std::vector<std::string> others;
  const WeightTensor* find(std::string_view name) const;
};

/// The format that the content says. @throws UsageError for what is no checkpoint, saying what it is (empty, HTML page,
/// Git LFS pointer, text, tar, ...).
CheckpointFormat checkpoint_format(std::span<const std::byte> head, std::uintmax_t file_size, std::string_view name);

/// Reads a state_dict (not TorchScript). Only tensors, numbers, strings and containers are accepted; any other global
/// is refused by its name, nothing is ever called.
/// @throws UsageError with the reason and the remedy.
Checkpoint read_checkpoint(const std::filesystem::path& path);
/// The same from memory; `name` is used in messages. For tests and fuzzing.
Checkpoint read_checkpoint(std::span<const std::byte> bytes, std::string_view name);

}  // namespace cuebench
