// safetensors: what is written with its rules comes back, and what breaks them does not load.

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/networks/checkpoint.hpp>

#include "test_data.hpp"

namespace cuebench {
namespace {

std::string file_of(const std::string& header, const std::string& data) {
  const std::uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + header + data;
}

Checkpoint read(const std::string& file) {
  return read_checkpoint(std::as_bytes(std::span(file)), "x.safetensors");
}

std::string problem(const std::string& file) {
  try {
    read(file);
    return "loads";
  } catch (const CheckpointError& error) {
    return std::string(to_string(error.problem()));
  }
}

struct Written {
  std::string name;
  std::vector<std::int64_t> shape;
  bool integer;
  std::vector<float> values;
  std::vector<std::int64_t> integers;
};

// Ranges and numbers widen with RapidCheck's size; at the nominal one they are whole from the first case on.
template <typename T>
rc::Gen<T> whole_range(T minimum, T end) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(minimum, end));
}
template <typename T>
rc::Gen<std::vector<T>> numbers(std::size_t count, T minimum, T end) {
  return rc::gen::container<std::vector<T>>(count, whole_range<T>(minimum, end));
}

/// Up to four dimensions of 0 to 4, any finite float32 (by its bits) or any int64.
rc::Gen<Written> any_tensor() {
  return rc::gen::exec([] {
    Written tensor;
    tensor.shape = *numbers<std::int64_t>(*whole_range<std::size_t>(0, 5), 0, 5);
    const auto count = static_cast<std::size_t>(
        std::accumulate(tensor.shape.begin(), tensor.shape.end(), std::int64_t{1}, std::multiplies<>()));
    tensor.integer = *rc::gen::arbitrary<bool>();
    if (tensor.integer) {
      tensor.integers = *numbers<std::int64_t>(count, std::numeric_limits<std::int64_t>::min(),
                                               std::numeric_limits<std::int64_t>::max());
      return tensor;
    }
    for (const std::uint32_t bits : *numbers<std::uint32_t>(count, 0, std::numeric_limits<std::uint32_t>::max())) {
      float value;
      std::memcpy(&value, &bits, sizeof value);
      tensor.values.push_back(std::isfinite(value) ? value : 1.0F);
    }
    return tensor;
  });
}

std::vector<Written> any_tensors(std::size_t most) {
  auto tensors = *rc::gen::container<std::vector<Written>>(*whole_range<std::size_t>(1, most + 1), any_tensor());
  for (std::size_t i = 0; i < tensors.size(); ++i)
    tensors[i].name = std::string("layer").append(std::to_string(tensors.size() - i));
  return tensors;
}

std::string write(const std::vector<Written>& tensors) {
  std::string header = R"({"__metadata__":{"format":"pt"})", data;
  for (const Written& tensor : tensors) {
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(float));
    data.append(reinterpret_cast<const char*>(tensor.integers.data()), tensor.integers.size() * sizeof(std::int64_t));
    header += ",\"" + tensor.name + "\":{\"dtype\":\"" + (tensor.integer ? "I64" : "F32") + "\",\"shape\":[";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i)
      header.append(i ? "," : "").append(std::to_string(tensor.shape[i]));
    header += "],\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(data.size()) + "]}";
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return file_of(header, data);
}

RC_GTEST_PROP(Safetensors, AnyTensorsComeBackAsTheyWereWritten, ()) {
  const auto tensors = any_tensors(6);
  const Checkpoint checkpoint = read(write(tensors));
  RC_ASSERT(checkpoint.format == CheckpointFormat::safetensors);
  RC_ASSERT(checkpoint.tensors.size() == tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& [name, tensor] = checkpoint.tensors[i];
    RC_ASSERT(name == tensors[i].name);
    RC_ASSERT(tensor.shape == tensors[i].shape);
    RC_ASSERT(tensor.integers == tensors[i].integers);
    RC_ASSERT(tensor.values.size() == tensors[i].values.size());
    // Bits, not values: -0 is not 0.
    const std::size_t bytes = tensor.values.size() * sizeof(float);
    RC_ASSERT(bytes == 0 || std::memcmp(tensor.values.data(), tensors[i].values.data(), bytes) == 0);
  }
}

RC_GTEST_PROP(Safetensors, AnyCutIsRefused, ()) {
  const auto tensors = any_tensors(3);
  const std::string whole = write(tensors);
  const auto kept = *whole_range<std::size_t>(0, whole.size());
  RC_ASSERT_THROWS_AS(read(whole.substr(0, kept)), CheckpointError);
}

RC_GTEST_PROP(Safetensors, AnyFlippedByteIsRefusedOrGivesFiniteWeights, ()) {
  const auto tensors = any_tensors(3);
  std::string file = write(tensors);
  const auto at = *whole_range<std::size_t>(0, file.size());
  file[at] = static_cast<char>(file[at] ^ *whole_range<int>(1, 256));
  try {
    for (const auto& [name, tensor] : read(file).tensors) {
      RC_ASSERT(static_cast<std::size_t>(tensor.size()) == tensor.values.size() + tensor.integers.size());
      for (const float value : tensor.values) RC_ASSERT(std::isfinite(value));
    }
  } catch (const CheckpointError&) {
  }
}

TEST(Safetensors, HeaderBreakingTheRulesIsRefused) {
  const std::string four(4, '\0');
  const auto with = [&](const std::string& header) { return problem(file_of(header, four)); };
  EXPECT_EQ(with(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})"), "loads");
  EXPECT_EQ(with(R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})"), "loads");
  EXPECT_EQ(with(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})"), "malformed_header");
  EXPECT_EQ(with(R"({"a":{"dtype":"F32","shape":[1]}})"), "malformed_header");
  EXPECT_EQ(with(R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})"), "malformed_header");
  EXPECT_EQ(with(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})"), "malformed_header");
  EXPECT_EQ(with(R"({"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}})"), "malformed_header");
  EXPECT_EQ(with(R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})"), "malformed_header");
  EXPECT_EQ(with(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}})"), "malformed_header");
  EXPECT_EQ(with(R"({"a":null})"), "malformed_header");
  EXPECT_EQ(with(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x)"), "malformed_header");
  EXPECT_EQ(with(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}})"), "bad_geometry");
  EXPECT_EQ(with(R"({"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}})"), "unsupported_dtype");
  EXPECT_EQ(with(R"({"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}})"), "hole");
  EXPECT_EQ(with(R"({"a":{"dtype":"F16","shape":[1],"data_offsets":[2,4]}})"), "hole");
  EXPECT_EQ(with(R"({"__metadata__":{"a":"b"}})"), "hole");
  EXPECT_EQ(problem(file_of("{}", "")), "not_a_checkpoint");
}

TEST(Safetensors, PublishedCopiesHaveTheWeightsOfTheirOriginals) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints");
  for (const char* kind : {"std", "adv"}) {
    const bool robust = std::string(kind) == "adv";
    const Checkpoint copy =
        read_checkpoint(folder / "safetensors" / (std::string("vanilla-resnet20-") + kind + ".safetensors"));
    const Checkpoint original =
        read_checkpoint(folder / "original" / (robust ? "CIFAR10-resnet20-adv.pth" : "CIFAR10-resnet20.pth"));
    EXPECT_EQ(copy.format, CheckpointFormat::safetensors);
    ASSERT_EQ(copy.tensors.size(), original.tensors.size());
    for (const auto& [name, tensor] : original.tensors) {
      const WeightTensor* other = copy.find(name);
      ASSERT_NE(other, nullptr) << name;
      EXPECT_EQ(other->shape, tensor.shape) << name;
      EXPECT_EQ(other->values, tensor.values) << name;
      EXPECT_EQ(other->integers, tensor.integers) << name;
    }
  }
}

TEST(Checkpoints, TheSameWeightsInThreeFormatsAreEqual) {
  CUEBENCH_REQUIRE_SHARED(bad, "data/checkpoints/bad");
  const Checkpoint zip = read_checkpoint(bad / "ok_small.pth");
  const Checkpoint legacy = read_checkpoint(bad / "ok_small_legacy.pth");
  const Checkpoint deflated = read_checkpoint(bad / "zip_deflated_ok.pth");
  ASSERT_EQ(zip.tensors.size(), 2U);
  std::vector<float> counting(108);
  std::iota(counting.begin(), counting.end(), 0.0F);
  EXPECT_EQ(zip.find("conv1.weight")->shape, (std::vector<std::int64_t>{4, 3, 3, 3}));
  EXPECT_EQ(zip.find("conv1.weight")->values, counting);
  for (const Checkpoint* other : {&legacy, &deflated})
    for (const auto& [name, tensor] : zip.tensors) EXPECT_EQ(other->find(name)->values, tensor.values) << name;
}

}  // namespace
}  // namespace cuebench
