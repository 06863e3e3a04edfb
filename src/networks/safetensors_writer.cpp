#include <bit>

#include <nlohmann/json.hpp>

#include <cuebench/core/files.hpp>
#include <cuebench/networks/checkpoint.hpp>

namespace cuebench {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

constexpr std::size_t kAlignment = 8;

bool is_integer(const WeightTensor& tensor) {
  return !tensor.integers.empty() || tensor.stored_as == "int64";
}

std::size_t byte_count(const WeightTensor& tensor) {
  return is_integer(tensor) ? tensor.integers.size() * sizeof(std::int64_t) : tensor.values.size() * sizeof(float);
}

/// Wider elements first, so that every tensor lies at a multiple of its element's size.
std::vector<const NamedTensor*> in_file_order(std::span<const NamedTensor> tensors) {
  std::vector<const NamedTensor*> order;
  for (const bool integers : {true, false})
    for (const NamedTensor& tensor : tensors)
      if (is_integer(tensor.second) == integers) order.push_back(&tensor);
  return order;
}

std::string header_of(const std::vector<const NamedTensor*>& tensors,
                      const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t begin = 0;
  for (const NamedTensor* const tensor : tensors) {
    const std::size_t end = begin + byte_count(tensor->second);
    header[tensor->first] = {{"dtype", is_integer(tensor->second) ? "I64" : "F32"},
                             {"shape", tensor->second.shape},
                             {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string text = header.dump();
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  return text;
}

}  // namespace

std::string safetensors_bytes(std::span<const NamedTensor> tensors,
                              const std::map<std::string, std::string>& metadata) {
  const std::vector<const NamedTensor*> order = in_file_order(tensors);
  const std::string header = header_of(order, metadata);
  const std::uint64_t header_size = header.size();
  std::size_t size = sizeof header_size + header.size();
  for (const NamedTensor* const tensor : order) size += byte_count(tensor->second);
  std::string bytes;
  bytes.reserve(size);
  bytes.append(reinterpret_cast<const char*>(&header_size), sizeof header_size);
  bytes += header;
  for (const NamedTensor* const tensor : order) {
    const WeightTensor& weight = tensor->second;
    const void* const data =
        is_integer(weight) ? static_cast<const void*>(weight.integers.data()) : weight.values.data();
    bytes.append(static_cast<const char*>(data), byte_count(weight));
  }
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const std::map<std::string, std::string>& metadata) {
  write_file_atomically(path, safetensors_bytes(tensors, metadata));
}

}  // namespace cuebench
