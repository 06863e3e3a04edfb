#include <algorithm>
#include <functional>
#include <numeric>

#include <cuebench/core/files.hpp>
#include <cuebench/networks/checkpoint.hpp>

#include "checkpoint_file.hpp"
#include "peel.hpp"
#include "readers.hpp"

namespace cuebench {

std::string_view to_string(CheckpointProblem problem) {
  constexpr std::string_view kNames[] = {"not_a_checkpoint",
                                         "other_format",
                                         "truncated",
                                         "malformed_archive",
                                         "suspicious_entry",
                                         "checksum",
                                         "size_limit",
                                         "malformed_pickle",
                                         "forbidden_global",
                                         "malformed_header",
                                         "header_too_large",
                                         "overlap",
                                         "hole",
                                         "size_mismatch",
                                         "missing_storage",
                                         "storage_out_of_range",
                                         "bad_geometry",
                                         "unsupported_dtype",
                                         "non_finite",
                                         "ambiguous",
                                         "shape_mismatch"};
  return kNames[static_cast<int>(problem)];
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  for (const char c : text.substr(0, limit)) result += c >= 0x20 && c < 0x7f ? c : '?';
  if (text.size() > limit) result += "...";
  return result;
}

std::string in_quotes(std::string_view text, std::size_t limit) {
  std::string result(1, '\'');
  result += printable(text, limit);
  return result += '\'';
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  constexpr std::size_t kMost = 10;
  std::string text = "[";
  for (std::size_t i = 0; i < std::min(shape.size(), kMost); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() > kMost ? ", ...]" : "]");
}

std::int64_t WeightTensor::size() const {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

const WeightTensor* Checkpoint::find(std::string_view name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.first == name; });
  return found == tensors.end() ? nullptr : &found->second;
}

Checkpoint read_checkpoint(std::span<const std::byte> bytes, std::string_view name) {
  const CheckpointFormat format = checkpoint_format(bytes, name);
  CheckpointFile file(name, bytes.size());
  const auto read = [&] {
    switch (format) {
      case CheckpointFormat::torch_zip:
        return read_torch_zip(bytes, file);
      case CheckpointFormat::torch_legacy:
        return read_torch_legacy(bytes, file);
      case CheckpointFormat::safetensors:
        return read_safetensors(bytes, file);
      case CheckpointFormat::torchscript:
        break;
    }
    file.refuse(CheckpointProblem::other_format,
                "is a TorchScript archive: it holds a program beside its weights and is run by LibTorch; give a "
                "state_dict where weights alone are wanted");
  };
  Checkpoint checkpoint = read();
  checkpoint.format = format;
  peel_names(checkpoint, file);
  return checkpoint;
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  return read_checkpoint(read_file(path), path.string());
}

}  // namespace cuebench
