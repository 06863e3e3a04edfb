// The same batch gives the same bits: first call or tenth, alone or beside another worker.

#include <atomic>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include <cuebench/models/model.hpp>

#include "naive_network.hpp"
#include "tensors.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

constexpr int kBatches = 6;

AssembledNetwork resnet20() {
  for (const ArchitectureInfo* const info : registered_architectures())
    if (info->name == "cifar_resnet") {
      AssembledNetwork assembled{
          info->build(resolve_parameters("cifar_resnet", info->parameters, {}), {3, 32, 32}, 10), {}, 10};
      fill_weights(assembled, 11);
      return assembled;
    }
  throw std::runtime_error("cifar_resnet is not registered");
}

at::Tensor batch(int number) {
  return noise_images(static_cast<std::uint64_t>(number), {7 + number, 3, 32, 32});
}

void expect_the_same_bits_from_two_workers(const Model& model) {
  std::vector<Inference> serial;
  for (int i = 0; i < kBatches; ++i) serial.push_back(model.infer(batch(i)));
  for (int repeat = 0; repeat < 3; ++repeat)
    for (int i = 0; i < kBatches; ++i) ASSERT_TRUE(same_bits(model.infer(batch(i)), serial[i])) << "call " << repeat;

  std::atomic<int> different{0};
  const auto worker = [&](int first) {
    prepare_libtorch_worker();
    for (int i = 0; i < 2 * kBatches; ++i) {
      const int number = (first + i) % kBatches;
      if (!same_bits(model.infer(batch(number)), serial[number])) ++different;
    }
  };
  std::thread one(worker, 0), two(worker, kBatches / 2);
  one.join();
  two.join();
  EXPECT_EQ(different, 0);
}

TEST(Determinism, NativeNetworkGivesTheSameBitsOnEveryWayAndThread) {
  ModelSpec spec;
  spec.name = "resnet20";
  for (const ExecutionWay way : native_ways()) {
    SCOPED_TRACE(static_cast<int>(way));
    expect_the_same_bits_from_two_workers(Model::from_network(resnet20(), spec, {"stage_1.0", "stage_3.2"}, {}, way));
  }
}

TEST(Determinism, RelevanceGivesTheSameBitsInTwoThreads) {
  ModelSpec spec;
  spec.name = "resnet20";
  const Model model = Model::from_network(resnet20(), spec, {"stage_2.0", "stage_3.2"});
  const at::Tensor images = batch(0);
  const auto relevance = [&] {
    const auto result = model.infer_with_relevance(images, {}, RelevanceKind::top2);
    return std::pair(result.relevance[0].values, result.inference.logits);
  };
  const auto alone = relevance();
  std::atomic<int> different{0};
  const auto worker = [&] {
    for (int i = 0; i < 4; ++i)
      if (relevance() != alone) ++different;
  };
  std::thread one(worker), two(worker);
  one.join();
  two.join();
  EXPECT_EQ(different, 0);
}

TEST(Determinism, TorchScriptGivesTheSameBitsOnTheFirstAndTheTenthCall) {
  CUEBENCH_REQUIRE_SHARED(file, "data/checkpoints/torchscript/vanilla-resnet20-std.pt");
  for (const ExecutionWay way : {ExecutionWay::plain, ExecutionWay::blocked}) {
    ModelSpec spec;
    spec.name = "script";
    spec.file = file;
    expect_the_same_bits_from_two_workers(Model::load(spec, {"stage_3.2"}, {3, 32, 32}, way));
  }
}

}  // namespace
}  // namespace cuebench::test
