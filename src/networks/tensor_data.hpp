#pragma once
// Element types, the geometry of views, and turning stored bytes into row-major float32 or int64.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "byte_reader.hpp"
#include "checkpoint_file.hpp"

namespace cuebench {

enum class ElementType { float16, bfloat16, float32, float64, boolean, int8, uint8, int16, int32, int64 };
std::string_view to_string(ElementType type);
std::int64_t element_bytes(ElementType type);

/// A storage as a pickle declares it. `first`..`first + elements` is the view into the root storage `key`.
struct StorageRecord {
  std::string key;
  ElementType type = ElementType::float32;
  std::int64_t root_elements = 0;
  std::int64_t first = 0;
  std::int64_t elements = 0;
};

/// A strided view into a storage, in elements.
struct TensorView {
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape, strides;
};

/// Row-major strides. The product of `shape` must fit (element_count).
std::vector<std::int64_t> contiguous_strides(const std::vector<std::int64_t>& shape);
/// The product, or nothing where it is negative or above 2^62.
std::optional<std::int64_t> element_count(const std::vector<std::int64_t>& shape);

/// Refuses views with impossible sizes (bad_geometry) or that reach past `elements` (storage_out_of_range).
void check_view(const TensorView& view, std::int64_t elements, const CheckpointFile& file);

/// Copies a checked view out of `storage` (the bytes of its elements, element 0 first), converting to float32 or int64.
/// `name` is used in messages. @throws CheckpointError: unsupported_dtype, non_finite, size_limit.
WeightTensor materialise(ElementType type, Bytes storage, const TensorView& view, std::string_view name,
                         CheckpointFile& file);

}  // namespace cuebench
