// What a run writes down about device and precision, and batches on another device.

#include "../../../src/evaluation/placed_run.hpp"

#include <ATen/ops/full.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>

#include "../../../src/evaluation/attacked_batch.hpp"
#include "../../../src/evaluation/image_tensors.hpp"
#include "gpu.hpp"
#include "second_device.hpp"

namespace cuebench::test {
namespace {

const nlohmann::json kBefore = {{"seed", 3}};

nlohmann::json recorded(const Placement& placement) {
  nlohmann::json configuration = kBefore;
  record_placement(configuration, placement);
  return configuration;
}

TEST(PlacedRun, ADefaultRunLeavesNoTrace) {
  EXPECT_EQ(recorded({}), kBefore);
  EXPECT_EQ(way_with_gradients({}), "eager with gradients");
  EXPECT_TRUE(compare_precision({}).empty());
}

/// So that a run folder of another device or precision is refused by its first difference.
TEST(PlacedRun, DeviceAndPrecisionDecideResults) {
  const at::Device first(at::kCUDA, 0), second(at::kCUDA, 1);
  EXPECT_EQ(recorded({first, Precision::bf16}),
            (nlohmann::json{{"seed", 3}, {"device", "cuda"}, {"precision", "bf16"}}));
  EXPECT_EQ(recorded({at::kCPU, Precision::bf16}), (nlohmann::json{{"seed", 3}, {"precision", "bf16"}}));
  EXPECT_EQ(recorded({first, Precision::fp32}), recorded({second, Precision::fp32}));
  EXPECT_EQ(way_with_gradients({first, Precision::fp16}), "eager with gradients on cuda");
}

TEST(PlacedRun, ARequestIsSettledOrRefused) {
  EvaluationRequest request;
  Preparation run;
  settle_placement(request, run);
  EXPECT_TRUE(is_default(run.placement));
  EXPECT_EQ(run.device_name, "");
  request.device = "tpu";
  EXPECT_THROW(settle_placement(request, run), UsageError);
  request.device = "cpu";
  request.precision = "fp8";
  EXPECT_THROW(settle_placement(request, run), UsageError);
}

TEST(PlacedRun, OutputsAreMappedAndPicturesMadeOnASecondDevice) {
  OutputMapping mapping;
  mapping.members = {{2}, {0, 1}};
  at::Tensor logits = at::full({2, 4}, 1.0, at::kFloat);
  logits.select(1, 2).fill_(0.25);
  const at::Tensor here = map_differentiably(logits, mapping);
  const at::Tensor there = map_differentiably(logits.to(second_device()), mapping);
  EXPECT_EQ(there.device(), second_device());
  EXPECT_TRUE(there.to(at::kCPU).equal(here));

  Image image(3, 2);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(13 * i);
  const at::Tensor pixels = to_tensor({&image}).to(second_device());
  EXPECT_EQ(to_image(pixels.select(0, 0)).pixels, image.pixels);
}

TEST(PlacedRunCuda, TheGpuIsNamed) {
  CUEBENCH_REQUIRE_GPU(device);
  EvaluationRequest request;
  request.device = "cuda";
  Preparation run;
  settle_placement(request, run);
  EXPECT_EQ(run.placement.device, device);
  EXPECT_EQ(run.device_name.rfind("cuda:0", 0), 0U);
}

}  // namespace
}  // namespace cuebench::test
