// Which devices and precisions are taken, and what is said where they are not there.

#include <functional>
#include <sstream>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/placement.hpp>

#include "../../../src/models/compute_facts.hpp"
#include "tensors.hpp"

namespace cuebench::test {
namespace {

ComputeFacts with_gpus(int count, int capability = 90) {
  ComputeFacts facts;
  facts.cuda_build = true;
  facts.gpus.assign(static_cast<std::size_t>(count), GpuFacts{"Example GPU", capability});
  facts.onednn = true;
  return facts;
}

void expect_refused(const std::function<void()>& work, const std::vector<std::string>& words) {
  try {
    work();
    FAIL() << "was taken";
  } catch (const UsageError& error) {
    for (const std::string& word : words)
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << word << " is not in: " << error.what();
  }
}

void expect_device_refused(const std::string& text, const ComputeFacts& facts, const std::vector<std::string>& words) {
  SCOPED_TRACE(text);
  expect_refused([&] { parse_device(text, facts); }, words);
}

void expect_precision_refused(const std::string& text, const at::Device& device, const ComputeFacts& facts,
                              const std::vector<std::string>& words) {
  SCOPED_TRACE(text);
  expect_refused([&] { parse_precision(text, device, facts); }, words);
}

TEST(Placement, DevicesAreCpuAndTheGpusThereAre) {
  EXPECT_EQ(parse_device("cpu", {}), at::Device(at::kCPU));
  EXPECT_EQ(parse_device("cpu", with_gpus(2)), at::Device(at::kCPU));
  EXPECT_EQ(parse_device("cuda", with_gpus(2)), at::Device(at::kCUDA, 0));
  EXPECT_EQ(parse_device("cuda:1", with_gpus(2)), at::Device(at::kCUDA, 1));
}

TEST(Placement, AGpuThatIsNotThereIsRefusedWithTheRemedy) {
  expect_device_refused("cuda", {}, {"--device cuda", "built without CUDA", "--device cpu"});
  expect_device_refused("cuda", with_gpus(0), {"sees no GPU", "nvidia-smi", "CUDA_VISIBLE_DEVICES", "--device cpu"});
  expect_device_refused("cuda:7", with_gpus(2), {"there are 2 GPUs here", "cuda:0 to cuda:1"});
  expect_device_refused("cuda:1", with_gpus(1), {"there is 1 GPU here", "cuda:0"});
  expect_device_refused("cuda:99999999999", with_gpus(1), {"number"});
}

TEST(Placement, WordsThatAreNoDeviceComeWithTheChoices) {
  for (const char* const text : {"gpu", "CUDA", "", "cuda0", "cpu:0", "mps", "auto"})
    expect_device_refused(text, with_gpus(2), {"cpu, cuda and cuda:N"});
  for (const char* const text : {"cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda: 1"})
    expect_device_refused(text, with_gpus(2), {text, "cuda:0 for the first"});
}

TEST(Placement, Float32WorksEverywhere) {
  EXPECT_EQ(parse_precision("fp32", at::kCPU, {}), Precision::fp32);
  EXPECT_EQ(parse_precision("fp32", at::Device(at::kCUDA, 0), with_gpus(1, 35)), Precision::fp32);
}

TEST(Placement, ACpuTakesBfloat16WhereProcessorAndOneDnnHaveIt) {
  ComputeFacts facts;
  expect_precision_refused("bf16", at::kCPU, facts, {"without oneDNN", "fp32"});
  facts.onednn = true;
  expect_precision_refused("bf16", at::kCPU, facts, {"no AVX-512", "choose fp32", "--device cuda"});
  for (const char* const text : {"fp16", "tf32"})
    expect_precision_refused(text, at::kCPU, facts, {"is for GPUs", "choose fp32, or --device cuda"});
  facts.bf16_processor = true;
  EXPECT_EQ(parse_precision("bf16", at::kCPU, facts), Precision::bf16);
  expect_precision_refused("fp16", at::kCPU, facts, {"choose fp32 or bf16"});
}

TEST(Placement, AGpuTakesWhatItsComputeCapabilityHas) {
  const at::Device gpu(at::kCUDA, 0);
  for (const char* const text : {"bf16", "tf32"}) {
    EXPECT_EQ(to_string(parse_precision(text, gpu, with_gpus(1, 80))), text);
    EXPECT_EQ(to_string(parse_precision(text, gpu, with_gpus(1, 0))), text);
    expect_precision_refused(text, gpu, with_gpus(1, 75), {"cuda:0, Example GPU", "7.5", "8.0", "fp16 or fp32"});
  }
  EXPECT_EQ(parse_precision("fp16", gpu, with_gpus(1, 70)), Precision::fp16);
}

TEST(Placement, WordsThatAreNoPrecisionComeWithTheChoices) {
  for (const char* const text : {"float32", "bfloat16", "", "FP32", "int8"})
    expect_precision_refused(text, at::kCPU, with_gpus(1), {"fp32, bf16, fp16 and tf32"});
}

TEST(Placement, ProcessorFlagsAreReadFromTheirLine) {
  std::istringstream avx2("processor : 0\nmodel name : avx512bw avx512vl avx512dq\nflags : fpu avx avx2 fma\n");
  EXPECT_FALSE(has_bf16_flags(avx2));
  std::istringstream part("flags\t\t: avx2 avx512f avx512vl avx512dq\n");
  EXPECT_FALSE(has_bf16_flags(part));
  std::istringstream whole("flags\t\t: avx2 avx512f avx512dq avx512bw avx512vl\nflags\t\t: avx2\n");
  EXPECT_TRUE(has_bf16_flags(whole));
  std::istringstream nothing("");
  EXPECT_FALSE(has_bf16_flags(nothing));
}

TEST(Placement, DevicesAreDescribedWithTheirName) {
  EXPECT_EQ(describe_device(at::kCPU, {}), "cpu");
  EXPECT_EQ(describe_device(at::Device(at::kCUDA, 0), with_gpus(1)), "cuda:0, Example GPU");
}

TEST(Placement, ATensorThatIsThereAlreadyIsNotCopied) {
  const at::Tensor images = noise_images(1, {1, 3, 4, 4});
  EXPECT_TRUE(to_device(images, at::kCPU).is_same(images));
}

}  // namespace
}  // namespace cuebench::test
