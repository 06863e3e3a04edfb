#pragma once
// The JSON header of a safetensors file, strictly: no duplicate keys, no unknown ones, no other nesting.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint_file.hpp"

namespace cuebench {

struct SafetensorsEntry {
  std::string name, dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;  ///< bytes of the data that follow the header
};

/// The tensors in the header's order; __metadata__ goes to `metadata` as "key = value". @throws CheckpointError.
std::vector<SafetensorsEntry> parse_safetensors_header(std::string_view json, std::vector<std::string>& metadata,
                                                       const CheckpointFile& file);

}  // namespace cuebench
