#include <algorithm>

#include "readers.hpp"
#include "safetensors_header.hpp"
#include "tensor_data.hpp"

namespace cuebench {
namespace {

constexpr std::uint64_t kLongestHeader = 100'000'000;  // of the reference implementation
constexpr std::string_view kAgain = "; download or save it again";

struct Dtype {
  std::string_view name;
  ElementType type;
};
constexpr Dtype kDtypes[] = {{"F16", ElementType::float16},  {"BF16", ElementType::bfloat16},
                             {"F32", ElementType::float32},  {"F64", ElementType::float64},
                             {"BOOL", ElementType::boolean}, {"I8", ElementType::int8},
                             {"U8", ElementType::uint8},     {"I16", ElementType::int16},
                             {"I32", ElementType::int32},    {"I64", ElementType::int64}};

ElementType element_type(const SafetensorsEntry& entry, const CheckpointFile& file) {
  for (const Dtype& dtype : kDtypes)
    if (dtype.name == entry.dtype) return dtype.type;
  file.refuse(CheckpointProblem::unsupported_dtype, "holds the tensor '" + printable(entry.name) + "' of type '" +
                                                        printable(entry.dtype) + "'; save it as F32, F16, BF16 or F64");
}

/// Type, range and size of one tensor.
void check_entry(const SafetensorsEntry& entry, Bytes data, const CheckpointFile& file) {
  const std::string name = in_quotes(entry.name);
  const ElementType type = element_type(entry, file);
  if (entry.end < entry.begin)
    file.refuse(CheckpointProblem::bad_geometry,
                "has a tensor " + name + " that ends before it begins" + std::string(kAgain));
  if (entry.end > data.size())
    file.refuse(CheckpointProblem::storage_out_of_range,
                "has a tensor " + name + " that reaches past the end" + std::string(kAgain));
  // Strides of 0 check the shape alone.
  check_view({0, entry.shape, std::vector<std::int64_t>(entry.shape.size(), 0)}, 1, file);
  const auto elements = static_cast<std::uint64_t>(element_count(entry.shape).value());
  const auto width = static_cast<std::uint64_t>(element_bytes(type));
  if (elements > data.size() || elements * width != entry.end - entry.begin)
    file.refuse(CheckpointProblem::size_mismatch, "has a tensor " + name + " of shape " + shape_text(entry.shape) +
                                                      " with " + std::to_string(entry.end - entry.begin) + " bytes" +
                                                      std::string(kAgain));
}

/// The tensors must cover the data exactly: a byte that two own, or nobody, hides something.
void check_cover(std::vector<SafetensorsEntry> entries, std::uint64_t data_bytes, const CheckpointFile& file) {
  std::sort(entries.begin(), entries.end(), [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t covered = 0;
  for (const SafetensorsEntry& entry : entries) {
    if (entry.begin < covered)
      file.refuse(CheckpointProblem::overlap,
                  "has a tensor '" + printable(entry.name) + "' that shares bytes with another" + std::string(kAgain));
    if (entry.begin > covered) break;
    covered = entry.end;
  }
  const bool complete = entries.empty() ? data_bytes == 0 : covered == entries.back().end && covered == data_bytes;
  if (!complete)
    file.refuse(CheckpointProblem::hole, "has bytes that belong to no tensor (from byte " + std::to_string(covered) +
                                             " of its data)" + std::string(kAgain));
}

}  // namespace

Checkpoint read_safetensors(Bytes bytes, CheckpointFile& file) {
  if (bytes.size() < sizeof(std::uint64_t))
    file.refuse(CheckpointProblem::truncated, "is cut: its header is missing" + std::string(kAgain));
  const auto header_bytes = load<std::uint64_t>(bytes, 0);
  if (header_bytes > kLongestHeader)
    file.refuse(CheckpointProblem::header_too_large,
                "declares a header of " + std::to_string(header_bytes) + " bytes: refused; download or save it again");
  const auto header = slice(bytes, sizeof(std::uint64_t), header_bytes);
  if (!header)
    file.refuse(CheckpointProblem::truncated, "is cut: its header of " + std::to_string(header_bytes) +
                                                  " bytes is not all there" + std::string(kAgain));
  const Bytes data = bytes.subspan(sizeof(std::uint64_t) + header->size());

  Checkpoint checkpoint;
  const std::vector<SafetensorsEntry> entries = parse_safetensors_header(as_text(*header), checkpoint.others, file);
  for (const SafetensorsEntry& entry : entries) check_entry(entry, data, file);
  check_cover(entries, data.size(), file);
  if (entries.empty()) file.refuse(CheckpointProblem::not_a_checkpoint, "holds no tensor; save the weights again");
  for (const SafetensorsEntry& entry : entries)
    checkpoint.tensors.emplace_back(
        entry.name, materialise(element_type(entry, file), data.subspan(entry.begin, entry.end - entry.begin),
                                {0, entry.shape, contiguous_strides(entry.shape)}, entry.name, file));
  return checkpoint;
}

}  // namespace cuebench
