// TorchScript made by PyTorch now, and what PyTorch says about it.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <ATen/Context.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>
#include <cuebench/networks/checkpoint.hpp>

#include "../../../src/models/script_errors.hpp"
#include "tensors.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

using Json = nlohmann::json;
constexpr std::int64_t kImages = 2, kSide = 64;

std::vector<double> numbers(const Json& rows) {
  std::vector<double> values;
  for (const Json& row : rows)
    for (const Json& value : row) values.push_back(value.get<double>());
  return values;
}

at::Tensor images() {
  std::vector<float> pixels(kImages * 3 * kSide * kSide);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>((i * 37) % 256) / 255.0f;
  return tensor_of(pixels, {kImages, 3, kSide, kSide});
}

std::filesystem::path oracle_script() {
  return CUEBENCH_SOURCE_DIR "/tests/parity/models_torch.py";
}

/// Where the oracle's files lie: below the build folder and named after the script's time, so that the tests of one
/// build run each version once.
std::filesystem::path oracle_folder() {
  const auto changed = std::filesystem::last_write_time(oracle_script()).time_since_epoch().count();
  return std::filesystem::path(CUEBENCH_BINARY_DIR) / "tests" / ("models_torch-" + std::to_string(changed));
}

class ScriptModel : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(oracle_folder())) run_oracle();
    if (status_ == 0) expected_ = Json::parse(std::ifstream(oracle_folder() / "expected.json"));
  }

  /// Works in a folder of its own and renames it: tests in other processes may do the same at the same time.
  static void run_oracle() {
    const std::filesystem::path own = oracle_folder().string() + "." + std::to_string(getpid());
    std::filesystem::create_directories(own);
    const std::string command = "/usr/bin/python3 " + oracle_script().string() + " " + own.string() + " 2>&1";
    FILE* const pipe = popen(command.c_str(), "r");
    if (!pipe) throw std::runtime_error("cannot start a shell");
    char buffer[512];
    while (std::fgets(buffer, sizeof buffer, pipe)) output_ += buffer;
    status_ = WEXITSTATUS(pclose(pipe));
    std::error_code other_was_first;
    if (status_ == 0) std::filesystem::rename(own, oracle_folder(), other_was_first);
    std::filesystem::remove_all(own, other_was_first);
  }

  void SetUp() override {
    constexpr int kNoTorch = 77, kNoPython = 127;
    if (status_ == 0) return;
    const bool absent = status_ == kNoTorch || status_ == kNoPython;
    ASSERT_TRUE(absent) << "the oracle failed:\n" << output_;
    if (must_have_shared_data()) FAIL() << "python3-torchvision is missing in CI:\n" << output_;
    GTEST_SKIP() << "no PyTorch oracle here (python3-torchvision): " << output_;
  }

  static ModelSpec spec(const std::string& name) {
    ModelSpec result;
    result.name = name;
    result.file = oracle_folder() / (name + ".pt");
    return result;
  }
  static Model load(const std::string& name, const std::vector<std::string>& taps = {},
                    ExecutionWay way = ExecutionWay::automatic) {
    return Model::load(spec(name), taps, {3, kSide, kSide}, way);
  }
  static std::string refusal(const std::string& name) {
    try {
      load(name);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }
  static std::vector<std::string> keys(const Json& object) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : object.items()) names.push_back(name);
    return names;
  }

  inline static Json expected_;
  inline static std::string output_;
  inline static int status_ = 0;
};

TEST_F(ScriptModel, EveryModuleOutputEqualsItsForwardHookOnBothWays) {
  for (const auto& [name, expected] : expected_.items())
    for (const ExecutionWay way : {ExecutionWay::plain, ExecutionWay::blocked}) {
      const std::vector<std::string> taps = keys(expected.at("means"));
      const Model model = load(name, taps, way);
      SCOPED_TRACE(name + " " + model.info().way);
      EXPECT_EQ(model.info().classes, 10);
      const Inference inference = model.infer(images());
      // 18 layers of float32 sums in another order, folded normalisation.
      EXPECT_LE(relative_difference(inference.logits, numbers(expected.at("logits"))), 1e-5);
      for (std::size_t t = 0; t < taps.size(); ++t)
        EXPECT_LE(relative_difference(inference.taps[t].values, numbers(expected.at("means").at(taps[t]))), 1e-5)
            << taps[t];
    }
}

TEST_F(ScriptModel, AvailableTapsAreTheModulesThatHooksSee) {
  for (const auto& [name, expected] : expected_.items()) {
    std::vector<std::string> available;
    for (const TapInfo& tap : load(name).available_taps()) available.push_back(tap.name);
    std::sort(available.begin(), available.end());
    EXPECT_EQ(available, keys(expected.at("means"))) << name;
  }
}

TEST_F(ScriptModel, RelevanceEqualsPythonAutogradDespiteInPlaceOperations) {
  for (const auto& [name, expected] : expected_.items()) {
    const std::vector<std::string> taps = keys(expected.at("relevance"));
    const Model model = load(name, taps);
    const auto result = model.infer_with_relevance(images(), expected.at("labels"), RelevanceKind::true_class);
    for (std::size_t t = 0; t < taps.size(); ++t) {
      const std::vector<double> wanted = numbers(expected.at("relevance").at(taps[t]));
      // Folded weights move a few ReLU inputs across 0: their gradients open or close.
      EXPECT_LE(relative_difference(result.relevance[t].values, wanted), 2e-3) << name << " " << taps[t];
      EXPECT_LE(relative_difference(result.inference.taps[t].values, numbers(expected.at("means").at(taps[t]))), 1e-5)
          << name << " " << taps[t];
    }
  }
}

TEST_F(ScriptModel, ClosedFormIsFoundBehindDropoutAndFlattenAndNotBeforeAScaledMap) {
  EXPECT_FALSE(load("resnet18_traced", {"layer4"}).closed_form_weights(0).empty());
  EXPECT_FALSE(load("resnet18_scripted", {"layer4.1"}).closed_form_weights(0).empty());
  EXPECT_FALSE(load("branches_scripted", {"blocks.2"}).closed_form_weights(0).empty());
  EXPECT_TRUE(load("resnet18_scripted", {"layer3"}).closed_form_weights(0).empty());
  EXPECT_TRUE(load("trap_scripted", {"relu_1"}).closed_form_weights(0).empty());
  EXPECT_TRUE(load("trap_traced", {"relu_1"}).closed_form_weights(0).empty());
}

TEST_F(ScriptModel, LogitsAreDifferentiableByTheImage) {
  const Model model = load("trap_scripted");
  const at::Tensor batch = images();
  batch.requires_grad_(true);
  const at::Tensor logits = model.differentiable_logits(batch);
  ASSERT_TRUE(logits.requires_grad());
  logits.sum().backward();
  const std::vector<float> gradient = values_of(batch.grad());
  EXPECT_TRUE(std::any_of(gradient.begin(), gradient.end(), [](float v) { return v != 0; }));
}

TEST_F(ScriptModel, SoftmaxAtTheEndIsNoted) {
  const Model model = load("probabilities");
  ASSERT_EQ(model.info().notes.size(), 1u);
  EXPECT_NE(model.info().notes[0].find("look like softmax"), std::string::npos);
  EXPECT_TRUE(load("resnet18_traced").info().notes.empty());
}

TEST_F(ScriptModel, HalfPrecisionAndFrozenModulesRun) {
  EXPECT_EQ(load("half").infer(images()).logits.size(), 20u);
  const Model frozen = load("frozen");
  EXPECT_EQ(frozen.infer(images()).logits.size(), 20u);
  EXPECT_TRUE(frozen.available_taps().empty());
}

TEST_F(ScriptModel, ModulesThatAreNoClassifierAreRefusedInOneSentence) {
  EXPECT_NE(refusal("no_forward").find("without a forward method"), std::string::npos) << refusal("no_forward");
  EXPECT_NE(refusal("two_inputs").find("more than one input"), std::string::npos) << refusal("two_inputs");
  EXPECT_NE(refusal("tuple").find("not one tensor"), std::string::npos) << refusal("tuple");
  EXPECT_NE(refusal("counter").find("changes the module's own state"), std::string::npos) << refusal("counter");
}

TEST_F(ScriptModel, FilesThatThisLibTorchCannotLoadAreOneSentenceWithTheRemedy) {
  const std::pair<const char*, const char*> files[] = {
      {"version_9999", "file format 9999, and this LibTorch"},
      {"version_0", "file format 0, and this LibTorch"},
      {"version_word", "entry 'version' is missing or no number"},
      {"no_version", "entry 'version' is missing or no number"},
      {"no_code", "without its code: part of it was lost"},
      {"no_constants", "without its constants.pkl: part of it was lost"},
      {"no_data", "without its entry 'data.pkl'"},
      {"no_weights", "without its entry 'data/0'"},
      {"new_operator", "uses the operator aten::softestmax, which this LibTorch"},
      {"new_arguments", "calls aten::softmax"},
      {"foreign_operator", "uses the operator torchvision::nms, which is not part of LibTorch"},
      {"syntax", "is not TorchScript that this LibTorch"},
      {"cut", "the file was cut"},
      {"flipped", "its checksum is wrong"},
      {"dictionary", "Dict(str, Tensor), not one tensor"}};
  for (const auto& [name, says] : files) {
    const std::string message = refusal(name);
    EXPECT_NE(message.find(says), std::string::npos) << name << ": " << message;
    EXPECT_NE(message.find(std::string(name) + ".pt"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_NE(message.find_first_of(";:"), std::string::npos) << "no remedy: " << message;
  }
}

TEST_F(ScriptModel, QuantisedWeightsRunOnThePlainWayWithoutGradients) {
  if (!std::filesystem::exists(spec("quantised").file)) GTEST_SKIP() << "PyTorch has no engine for 8-bit integers here";
  const Model model = load("quantised");
  EXPECT_EQ(model.info().way, "script");
  ASSERT_EQ(model.info().notes.size(), 1u);
  EXPECT_NE(model.info().notes[0].find("quantised to 8-bit integers"), std::string::npos) << model.info().notes[0];
  const Checkpoint wanted = read_checkpoint(oracle_folder() / "quantised_logits.pth");
  ASSERT_EQ(wanted.tensors.size(), 1u);
  // One step of the 8-bit output where engines round otherwise.
  EXPECT_LE(relative_difference(model.infer(images()).logits, wanted.tensors[0].second.values), 0.02);
  try {
    model.differentiable_logits(images());
    FAIL() << "a gradient of integers";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("no gradient passes"), std::string::npos) << error.what();
  }
}

TEST_F(ScriptModel, QuantisedWeightsWithoutAnEngineAreRefused) {
  if (!std::filesystem::exists(spec("quantised").file)) GTEST_SKIP() << "PyTorch has no engine for 8-bit integers here";
  const at::QEngine engine = at::globalContext().qEngine();
  at::globalContext().setQEngine(at::QEngine::NoQEngine);
  const std::string message = refusal("quantised");
  at::globalContext().setQEngine(engine);
  EXPECT_NE(message.find("has no engine that computes with them; export the float32 model"), std::string::npos)
      << message;
}

TEST(ScriptLoadProblem, NamesWhatLibTorchSaysInItsOwnWords) {
  const std::pair<const char*, const char*> errors[] = {
      {"[enforce fail at inline_container.cc:221] . Attempted to read a PyTorch file with version 11, but the maximum "
       "supported version for reading is 10. Please upgrade.",
       "is written in TorchScript's file format 11, and this LibTorch"},
      {"\nUnknown builtin op: aten::scaled_dot_product_attention.\nCould not find any similar ops",
       "uses the operator aten::scaled_dot_product_attention, which this LibTorch"},
      {"Unknown custom class type quantized.LinearPackedParamsBase. Please ensure it is registered.",
       "uses the class quantized.LinearPackedParamsBase, which"},
      {"\nArguments for call are not valid.\nThe following variants are available:\n  \n  aten::gelu(Tensor self) -> "
       "Tensor:",
       "calls aten::gelu in a way that this LibTorch"},
      {"Didn't find engine for operation quantized::conv2d_prepack NoQEngine", "has no engine"},
      {" \n [enforce fail at x.cc:1] . something else.\nmore", ": something else; export it again"},
      {"", "no reason given"}};
  for (const auto& [error, says] : errors) {
    const std::string problem = script_load_problem(error);
    EXPECT_NE(problem.find(says), std::string::npos) << problem;
    EXPECT_EQ(problem.find('\n'), std::string::npos) << problem;
  }
}

TEST_F(ScriptModel, UnknownTapNamesItsNearestNames) {
  try {
    load("resnet18_traced", {"layer4.1.relu_2"});
    FAIL() << "an unknown tap was taken";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("layer4.1.relu_1"), std::string::npos) << error.what();
  }
}

TEST_F(ScriptModel, SizeIsFoundWithoutAHintAndAWrongSizeIsNamed) {
  EXPECT_EQ(Model::load(spec("branches_scripted"), {}, {}).info().input, (NodeShape{3, 224, 224}));
  ModelSpec fixed = spec("resnet18_traced");
  fixed.sidecar.input_size = {3, kSide, kSide};
  EXPECT_THROW(Model::load(fixed, {}, {3, 32, 32}), UsageError);
  EXPECT_THROW(Model::load(spec("resnet18_traced"), {}, {1, kSide, kSide}), UsageError);
}

}  // namespace
}  // namespace cuebench::test
