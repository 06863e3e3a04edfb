// Every architecture against PyTorch on the same random weights: logits, each module's output, relevances, both ways.
// CUEBENCH_LARGE_ARCHITECTURES=1 adds the networks of hundreds of megabytes.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cuebench/models/model.hpp>

#include "tensors.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

using Json = nlohmann::json;
constexpr std::int64_t kImages = 3;
constexpr double kTolerance = 1e-4;
// A ReLU whose input is within rounding of 0 opens on one side only: PyTorch's own relevances for ResNeXt-50 here
// differ by 1.4e-2 on one image between float32 and float64. A wrong relevance differs by its own size.
constexpr double kRelevanceTolerance = 3e-2;

bool wants_large() {
  const char* const wish = std::getenv("CUEBENCH_LARGE_ARCHITECTURES");
  return wish && std::string(wish) == "1";
}

std::vector<double> numbers(const Json& rows) {
  std::vector<double> values;
  for (const Json& row : rows)
    for (const Json& value : row) values.push_back(value.get<double>());
  return values;
}

at::Tensor images(std::int64_t side) {
  std::vector<float> pixels(kImages * 3 * side * side);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto image = static_cast<float>(i / (3 * side * side) + 1);
    pixels[i] = static_cast<float>((i * 2654435761ULL % (1ULL << 32)) >> 24) / 255.0f * (image / kImages);
  }
  return tensor_of(pixels, {kImages, 3, side, side});
}

template <typename Values>
std::vector<std::ptrdiff_t> largest_of_rows(const Values& logits) {
  const std::ptrdiff_t classes = static_cast<std::ptrdiff_t>(logits.size()) / kImages;
  std::vector<std::ptrdiff_t> result;
  for (auto row = logits.begin(); row != logits.end(); row += classes)
    result.push_back(std::max_element(row, row + classes) - row);
  return result;
}

class ArchitectureParity : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::filesystem::path(CUEBENCH_BINARY_DIR) / "tests" / ("architectures." + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    const std::string command = "/usr/bin/python3 " CUEBENCH_SOURCE_DIR "/tests/parity/architectures_torch.py " +
                                folder_.string() + (wants_large() ? " all" : "") + " 2>&1";
    FILE* const pipe = popen(command.c_str(), "r");
    if (!pipe) throw std::runtime_error("cannot start a shell");
    char buffer[512];
    while (std::fgets(buffer, sizeof buffer, pipe)) output_ += buffer;
    status_ = WEXITSTATUS(pclose(pipe));
    if (status_ == 0) expected_ = Json::parse(std::ifstream(folder_ / "expected.json"));
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  void SetUp() override {
    constexpr int kNoTorch = 77, kNoPython = 127;
    if (status_ == 0) return;
    ASSERT_TRUE(status_ == kNoTorch || status_ == kNoPython) << "the oracle failed:\n" << output_;
    if (must_have_shared_data()) FAIL() << "python3-torchvision is missing in CI:\n" << output_;
    GTEST_SKIP() << "no PyTorch oracle here (python3-torchvision): " << output_;
  }

  static Model load(const std::string& name, const Json& expected, const std::vector<std::string>& taps,
                    ExecutionWay way) {
    ModelSpec spec;
    spec.name = name;
    spec.file = folder_ / (name + ".pth");
    spec.sidecar.arch = expected["arch"];
    const std::int64_t side = expected["side"];
    spec.sidecar.input_size = {3, side, side};
    return Model::load(spec, taps, {}, way);
  }

  inline static std::filesystem::path folder_;
  inline static Json expected_;
  inline static std::string output_;
  inline static int status_ = 0;
};

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : object.items()) names.push_back(name);
  return names;
}

TEST_F(ArchitectureParity, LogitsAndEveryModuleOutputEqualPyTorchOnEveryWay) {
  for (const auto& [name, expected] : expected_.items()) {
    SCOPED_TRACE(name);
    const std::vector<std::string> taps = keys(expected["means"]);
    const auto logits = numbers(expected["logits"]);
    for (const ExecutionWay way : native_ways()) {
      const Model model = load(name, expected, taps, way);
      const Inference inference = model.infer(images(expected["side"]));
      const double difference = relative_difference(inference.logits, logits);
      EXPECT_LE(difference, kTolerance) << model.info().way;
      EXPECT_EQ(largest_of_rows(inference.logits), largest_of_rows(logits));
      double worst = 0;
      for (std::size_t t = 0; t < taps.size(); ++t) {
        const double tap = relative_difference(inference.taps[t].values, numbers(expected["means"][taps[t]]));
        EXPECT_LE(tap, kTolerance) << taps[t] << " " << model.info().way;
        worst = std::max(worst, tap);
      }
      std::printf("%-22s %-7s logits %.1e  %3zu outputs %.1e  %s\n", name.c_str(), model.info().way.c_str(), difference,
                  taps.size(), worst, model.info().architecture.c_str());
    }
  }
}

/// Without taps every norm that can be is folded, and activations are overwritten.
TEST_F(ArchitectureParity, FoldedNetworksGiveTheSameLogits) {
  for (const auto& [name, expected] : expected_.items())
    for (const ExecutionWay way : native_ways()) {
      const Inference inference = load(name, expected, {}, way).infer(images(expected["side"]));
      const auto logits = numbers(expected["logits"]);
      EXPECT_LE(relative_difference(inference.logits, logits), kTolerance) << name;
      EXPECT_EQ(largest_of_rows(inference.logits), largest_of_rows(logits)) << name;
    }
}

TEST_F(ArchitectureParity, RelevancesEqualTheGradientsOfPyTorch) {
  for (const auto& [name, expected] : expected_.items()) {
    const std::vector<std::string> taps = keys(expected["relevance"]);
    if (taps.empty()) continue;
    const Model model = load(name, expected, taps, ExecutionWay::automatic);
    const auto result = model.infer_with_relevance(
        images(expected["side"]), expected["labels"].get<std::vector<std::int64_t>>(), RelevanceKind::true_class);
    for (std::size_t t = 0; t < taps.size(); ++t)
      EXPECT_LE(relative_difference(result.relevance[t].values, numbers(expected["relevance"][taps[t]])),
                kRelevanceTolerance)
          << name << " " << taps[t];
  }
}

TEST_F(ArchitectureParity, WhatWeightsDoNotShowIsAskedForByItsCandidates) {
  if (!expected_.contains("preact_raw")) GTEST_SKIP();
  Json untold = expected_["preact_raw"];
  untold["arch"] = "";
  try {
    load("preact_raw", untold, {}, ExecutionWay::automatic);
    FAIL() << "a guess was made";
  } catch (const UsageError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("arch=preact_resnet:shortcut=raw or arch=preact_resnet:shortcut=activated"), std::string::npos)
        << text;
  }
}

}  // namespace
}  // namespace cuebench::test
