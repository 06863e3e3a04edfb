// Reference images and logits: made as the recipe says, compared, and differences explained.

#include <cmath>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/reference_check.hpp>
#include <cuebench/networks/checkpoint.hpp>

#include "tensors.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

TEST(ReferenceImages, FollowTheRecipe) {
  const at::Tensor images = reference_images("hash_noise", 3, {3, 5, 7});
  ASSERT_EQ(images.sizes(), (std::vector<std::int64_t>{3, 3, 5, 7}));
  const std::vector<float> pixels = values_of(images);
  // By hand: 0, 2654435761 div 2^24 = 158, and (2 * 2654435761 mod 2^32) div 2^24 = 60.
  EXPECT_EQ(pixels[0], 0.0f);
  EXPECT_FLOAT_EQ(pixels[1], 158.0f / 255.0f / 3.0f);
  EXPECT_FLOAT_EQ(pixels[2], 60.0f / 255.0f / 3.0f);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double hash = std::floor(std::fmod(static_cast<double>(i) * 2654435761.0, 4294967296.0) / 16777216.0);
    EXPECT_FLOAT_EQ(pixels[i], static_cast<float>(hash / 255 * static_cast<double>(i / 105 + 1) / 3)) << i;
  }
  EXPECT_THROW(reference_images("photographs", 1, {3, 4, 4}), UsageError);
}

TEST(CompareLogits, MeasuresAgainstTheLargestReferenceLogit) {
  const LogitDifference difference = compare_logits({1.0f, -4.5f, 3.0f, 2.0f}, {{1, -5}, {2, 2.5}});
  EXPECT_DOUBLE_EQ(difference.relative, 1.0 / 5);
  EXPECT_DOUBLE_EQ(difference.spread, 7.5 / 5);
  EXPECT_EQ(difference.images, 2);
  EXPECT_EQ(difference.same_top1, 1);
  EXPECT_FALSE(difference.passes());
  EXPECT_TRUE(compare_logits({1.0f, 2.0f}, {{1, 2.0001}}).passes());
  EXPECT_TRUE(compare_logits({0.0f, 0.0f}, {{0, 0}}).passes());
  EXPECT_TRUE(std::isinf(compare_logits({0.0f, 1.0f}, {{0, 0}}).relative));
}

/// A convolution, pooling and a linear layer, whose sidecar says how it was exported and what it gave.
class ReferenceOfAModel : public testing::Test {
 protected:
  ReferenceOfAModel() {
    const std::vector<NamedTensor> tensors{{"0.weight", numbers({4, 3, 3, 3}, 0.9)},
                                           {"0.bias", numbers({4}, 0.1)},
                                           {"3.weight", numbers({3, 4}, 0.7)},
                                           {"3.bias", numbers({3}, 0.2)}};
    write_safetensors(spec_.file, tensors);
    spec_.name = "m";
    spec_.sidecar.arch = "sequential";
    spec_.sidecar.layers =
        R"([{"conv": {"out": 4, "kernel": 3}}, "relu", "global_average_pool", {"linear": "classes"}])";
    spec_.sidecar.input_size = {3, 9, 9};
    spec_.sidecar.mean = {0.485, 0.456, 0.406};
    spec_.sidecar.std = {0.229, 0.224, 0.225};
    ReferenceLogits& reference = spec_.sidecar.reference;
    reference.recipe = "hash_noise";
    reference.size = {3, 9, 9};
    const auto logits = load().infer(reference_images("hash_noise", 3, reference.size)).logits;
    for (std::size_t row = 0; row < 9; row += 3)
      reference.logits.push_back({logits.begin() + row, logits.begin() + row + 3});
  }

  static WeightTensor numbers(std::vector<std::int64_t> shape, double scale) {
    WeightTensor tensor;
    tensor.shape = std::move(shape);
    for (std::int64_t i = 0; i < tensor.size(); ++i)
      tensor.values.push_back(static_cast<float>(scale * std::sin(static_cast<double>(i * i + 1))));
    return tensor;
  }
  Model load() const { return Model::load(spec_, {}, spec_.sidecar.reference.size); }
  bool passes() const { return compare_with_reference(load(), spec_.sidecar.reference).passes(); }

  TemporaryFolder folder_;
  ModelSpec spec_{"m", folder_.path() / "m.safetensors", "", "", {}};
};

TEST_F(ReferenceOfAModel, PassesAsItWasExported) {
  EXPECT_TRUE(passes());
  spec_.sidecar.reference.logits[1][2] += 0.01;
  EXPECT_FALSE(passes());
  EXPECT_EQ(explain_difference(spec_), "");
}

TEST_F(ReferenceOfAModel, AWrongNormalisationIsNamed) {
  spec_.sidecar.mean = {0.5, 0.5, 0.5};
  EXPECT_FALSE(passes());
  EXPECT_EQ(explain_difference(spec_), "mean [0.485, 0.456, 0.406] and std [0.229, 0.224, 0.225]");
}

TEST_F(ReferenceOfAModel, AWrongChannelOrderIsNamed) {
  spec_.sidecar.channel_order = "bgr";
  EXPECT_FALSE(passes());
  EXPECT_EQ(explain_difference(spec_), "channel_order rgb");
}

TEST_F(ReferenceOfAModel, AnotherNumberOfClassesIsAnotherModel) {
  for (auto& row : spec_.sidecar.reference.logits) row.push_back(0);
  EXPECT_THROW(passes(), UsageError);
}

}  // namespace
}  // namespace cuebench::test
