// What is written follows the rules of the format and comes back to the bit.

#include <cstring>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include <cuebench/core/files.hpp>
#include <cuebench/networks/checkpoint.hpp>

#include "test_data.hpp"

namespace cuebench {
namespace {

NamedTensor floats(const std::string& name, std::vector<std::int64_t> shape, std::vector<float> values) {
  WeightTensor tensor;
  tensor.shape = std::move(shape);
  tensor.values = std::move(values);
  tensor.stored_as = "float32";
  return {name, tensor};
}

NamedTensor integers(const std::string& name, std::vector<std::int64_t> shape, std::vector<std::int64_t> values) {
  WeightTensor tensor;
  tensor.shape = std::move(shape);
  tensor.integers = std::move(values);
  tensor.stored_as = "int64";
  return {name, tensor};
}

std::vector<NamedTensor> some_tensors() {
  return {floats("b.weight", {2, 3}, {1, -0.0F, 3, 4.5F, 1e-38F, -7}),
          integers("b.num_batches_tracked", {}, {std::numeric_limits<std::int64_t>::min()}), floats("a", {1}, {0.1F}),
          floats("empty", {0, 9}, {}), integers("log", {2, 1}, {-1, 4})};
}

Checkpoint read_back(const std::string& bytes) {
  return read_checkpoint(std::as_bytes(std::span(bytes)), "x.safetensors");
}

TEST(SafetensorsWriter, TensorsComeBackToTheBit) {
  const auto written = some_tensors();
  const Checkpoint checkpoint = read_back(safetensors_bytes(written));
  ASSERT_EQ(checkpoint.tensors.size(), written.size());
  for (const auto& [name, tensor] : written) {
    const WeightTensor* const read = checkpoint.find(name);
    ASSERT_TRUE(read) << name;
    EXPECT_EQ(read->shape, tensor.shape);
    EXPECT_EQ(read->integers, tensor.integers);
    EXPECT_EQ(read->stored_as, tensor.stored_as);
    ASSERT_EQ(read->values.size(), tensor.values.size());
    EXPECT_TRUE(tensor.values.empty() ||
                std::memcmp(read->values.data(), tensor.values.data(), tensor.values.size() * sizeof(float)) == 0);
  }
}

TEST(SafetensorsWriter, HeaderIsPaddedAlignedAndSortedByOffset) {
  for (int length = 1; length <= 17; ++length) {
    const std::vector<NamedTensor> tensors{floats(std::string(length, 'x'), {1}, {1}), integers("n", {}, {2})};
    const std::string bytes = safetensors_bytes(tensors, {{"format", "pt"}});
    std::uint64_t header_size = 0;
    std::memcpy(&header_size, bytes.data(), sizeof header_size);
    EXPECT_EQ(header_size % 8, 0u);
    const auto header = nlohmann::ordered_json::parse(bytes.substr(8, header_size));
    EXPECT_EQ(header["__metadata__"]["format"], "pt");
    std::uint64_t end = 0;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") continue;
      EXPECT_EQ(entry["data_offsets"][0], end);  // no hole, ascending
      EXPECT_EQ(end % (entry["dtype"] == "I64" ? 8 : 4), 0u);
      end = entry["data_offsets"][1];
    }
    EXPECT_EQ(bytes.size(), 8 + header_size + end);
  }
}

TEST(SafetensorsWriter, NamesThatJsonMustEscapeComeBackInTheHeader) {
  const std::string bytes = safetensors_bytes(std::vector{floats("a\"b\\c", {1}, {1})});
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), sizeof header_size);
  EXPECT_TRUE(nlohmann::json::parse(bytes.substr(8, header_size)).contains("a\"b\\c"));
}

RC_GTEST_PROP(SafetensorsWriter, AnyFiniteValuesComeBack, (const std::vector<std::int64_t>& numbers)) {
  std::vector<float> values;
  for (const std::int64_t number : numbers) values.push_back(static_cast<float>(number) / 1024.0F);
  const auto count = static_cast<std::int64_t>(numbers.size());
  const Checkpoint checkpoint = read_back(
      safetensors_bytes(std::vector{floats("values", {count}, values), integers("numbers", {1, count}, numbers)}));
  RC_ASSERT(checkpoint.find("values")->values == values);
  RC_ASSERT(checkpoint.find("numbers")->integers == numbers);
}

TEST(SafetensorsWriter, AFileIsWrittenWhole) {
  const test::TemporaryFolder folder;
  write_safetensors(folder.path() / "x.safetensors", some_tensors());
  EXPECT_EQ(read_text_file(folder.path() / "x.safetensors"), safetensors_bytes(some_tensors()));
}

}  // namespace
}  // namespace cuebench
