// The same weights, batches and recipes in PyTorch (tests/parity/training_torch.py): weights, statistics, momentum,
// average, losses and schedules after some steps.

#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include <cuebench/core/files.hpp>
#include <cuebench/models/model.hpp>

#include "../../../src/training/adversary.hpp"
#include "../../../src/training/methods/trades.hpp"
#include "../../../src/training/optimiser.hpp"
#include "../../../src/training/schedule.hpp"
#include "../../../src/training/weight_average.hpp"
#include "test_data.hpp"
#include "toy.hpp"

namespace cuebench::test {
namespace {

using nlohmann::json;

constexpr int kTorchMissing = 77;
constexpr int kSteps = 4;
constexpr std::int64_t kImages = 12;
// Both sides compute in float32; sums of a few hundred products in another order (channels_last here, dense there) part
// by about 1e-6 of their size, and four steps at rates of 0.1 to 0.4 carry that on.
constexpr double kTolerance = 2e-5;

const std::vector<double> kMean{0.45, 0.5, 0.4}, kStd{0.25, 0.2, 0.3};

json case_of(const json& changes) {
  json values = {{"momentum", 0.9},
                 {"weight_decay", 5e-4},
                 {"nesterov", false},
                 {"label_smoothing", 0.0},
                 {"decay_weights_only", false},
                 {"average_decay", 0.9},
                 {"rates", {0.1, 0.4, 0.2, 0.05}},
                 {"beta", nullptr},
                 {"cifs", nullptr}};
  values.update(changes);
  return values;
}

json cifs_case(const char* importance, const char* select, const char* probes, double weight) {
  return case_of({{"label_smoothing", 0.1},
                  {"rates", {0.05, 0.05, 0.05, 0.05}},
                  {"cifs",
                   {{"importance", importance},
                    {"select", select},
                    {"probes", probes},
                    {"temperature", 0.5},
                    {"scale", 2.0},
                    {"weight", weight}}}});
}

std::string modules_of(const json& values) {
  if (values["cifs"].is_null()) return "";
  const json& cifs = values["cifs"];
  return fmt::format("cifs:after=block1/block2,hidden=5,importance={},select={},probes={},temperature={},scale={}",
                     cifs["importance"].get<std::string>(), cifs["select"].get<std::string>(),
                     cifs["probes"].get<std::string>(), cifs["temperature"].get<double>(), cifs["scale"].get<double>());
}

json all_cases() {
  return {{"plain", case_of({{"momentum", 0.0}, {"weight_decay", 0.0}})},
          {"momentum", case_of(json::object())},
          {"nesterov", case_of({{"nesterov", true}, {"weight_decay", 0.01}})},
          {"smoothing", case_of({{"label_smoothing", 0.1}})},
          {"decay_weights_only", case_of({{"decay_weights_only", true}, {"weight_decay", 0.1}})},
          {"slow_average", case_of({{"average_decay", 0.2}})},
          {"trades", case_of({{"beta", 6.0}})},
          {"cifs", cifs_case("softmax", "top2", "nonlinear/linear", 2.0)},
          {"cifs_sigmoid", cifs_case("sigmoid", "top2", "nonlinear/nonlinear", 0.5)},
          {"cifs_softplus", cifs_case("softplus", "top2", "linear/linear", 2.0)},
          {"cas", cifs_case("identity", "top1", "linear/linear", 2.0)}};
}

json all_schedules() {
  const auto schedule = [](const char* kind, int steps, int warmup) {
    return json{{"kind", kind},           {"learning_rate", 0.3},   {"steps", steps},
                {"warmup_steps", warmup}, {"milestones", {20, 31}}, {"gamma", 0.2}};
  };
  return {schedule("constant", 10, 3),  schedule("cosine", 40, 0), schedule("cosine", 41, 7),
          schedule("step", 40, 0),      schedule("step", 40, 5),   schedule("triangular", 40, 0),
          schedule("triangular", 31, 0)};
}

at::Tensor moved_images(int step) {
  return project({Norm::linf, 8.0 / 255}, toy_images(500 + step, kImages), toy_images(step, kImages));
}

WeightTensor weight_of(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.detach().contiguous();
  WeightTensor weight;
  weight.shape = dense.sizes().vec();
  if (dense.scalar_type() == at::kLong) {
    weight.integers.assign(dense.data_ptr<std::int64_t>(), dense.data_ptr<std::int64_t>() + dense.numel());
  } else {
    weight.values.assign(dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel());
  }
  return weight;
}

void write_start(const std::filesystem::path& folder) {
  std::vector<NamedTensor> tensors;
  for (auto& [name, tensor] : toy_network(1).checkpoint.tensors) tensors.emplace_back("network/" + name, tensor);
  const json cases = all_cases();
  for (const auto& [name, values] : cases.items())
    for (const auto& [tensor, weight] : toy_network(1, modules_of(values)).checkpoint.tensors)
      if (tensor.starts_with("cifs.")) tensors.emplace_back("modules/" + name + "/" + tensor, weight);
  for (int step = 0; step < kSteps; ++step) {
    const std::string number = std::to_string(step);
    tensors.emplace_back("images/" + number, weight_of(toy_images(step, kImages)));
    tensors.emplace_back("moved/" + number, weight_of(moved_images(step)));
    tensors.emplace_back("labels/" + number, weight_of(toy_labels(step, kImages)));
  }
  write_safetensors(folder / "start.safetensors", tensors);
  write_file_atomically(
      folder / "cases.json",
      json{{"cases", all_cases()}, {"schedules", all_schedules()}, {"mean", kMean}, {"std", kStd}}.dump());
}

/// What a case leaves, under the names that the oracle uses.
struct Result {
  std::vector<double> losses;
  std::map<std::string, at::Tensor> tensors;
};

Result run_case(const json& values) {
  Sidecar normalisation;
  normalisation.mean = kMean;
  normalisation.std = kStd;
  TrainableNetwork network(toy_network(1, modules_of(values)), normalisation, at::kCPU);
  Sgd sgd(network, {values["momentum"], values["weight_decay"], values["nesterov"], values["decay_weights_only"]});
  WeightAverage average(network, values["average_decay"]);
  const double smoothing = values["label_smoothing"];
  Result result;
  for (int step = 0; step < kSteps; ++step) {
    const at::Tensor images = toy_images(step, kImages), labels = toy_labels(step, kImages);
    at::Tensor carried;
    const double probe_weight = values["cifs"].is_null() ? 2 : values["cifs"]["weight"].get<double>();
    const TrainingStep training{network, images, labels, smoothing, 0, carried, probe_weight};
    const at::Tensor loss =
        values["beta"].is_null()
            ? mean_joint_loss(network.forward(images, RunningStatistics::update, labels), training)
            : trades_loss(network, images, moved_images(step), labels, values["beta"], smoothing).loss;
    loss.backward();
    sgd.step(values["rates"][step]);
    average.update(network, step + 1);
    result.losses.push_back(loss.item<double>());
  }
  const auto& tensors = network.tensors();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    result.tensors["network/" + tensors[i].name] = tensors[i].value;
    result.tensors["average/" + tensors[i].name] = average.values()[i];
    if (tensors[i].trained && values["momentum"] > 0)
      result.tensors["momentum/" + tensors[i].name] = sgd.momentum_buffers()[i];
  }
  return result;
}

void expect_as_torch(const Result& ours, const Checkpoint& theirs, const json& losses) {
  for (int step = 0; step < kSteps; ++step)
    EXPECT_NEAR(ours.losses[step], losses[step].get<double>(), kTolerance * (1 + std::fabs(ours.losses[step])));
  EXPECT_EQ(theirs.tensors.size(), ours.tensors.size());
  for (const auto& [name, expected] : theirs.tensors) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(ours.tensors.contains(name));
    const WeightTensor actual = weight_of(ours.tensors.at(name));
    ASSERT_EQ(actual.shape, expected.shape);
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < actual.values.size(); ++i) {
      largest = std::max<double>(largest, std::fabs(expected.values[i]));
      difference = std::max<double>(difference, std::fabs(actual.values[i] - expected.values[i]));
    }
    EXPECT_LE(difference, kTolerance * std::max(1.0, largest));
  }
}

TEST(TrainingParity, StepsLossesStatisticsAveragesAndSchedulesAreAsPyTorchHasThem) {
  prepare_libtorch();
  const TemporaryFolder folder;
  write_start(folder.path());
  const std::string command =
      "/usr/bin/python3 '" CUEBENCH_SOURCE_DIR "/tests/parity/training_torch.py' '" + folder.path().string() + "'";
  const int status = std::system(command.c_str());
  if (WEXITSTATUS(status) == kTorchMissing) {
    if (must_have_shared_data()) FAIL() << "python3-torch is missing in CI";
    GTEST_SKIP() << "python3-torch is not installed: nothing to compare with";
  }
  ASSERT_EQ(status, 0);
  const json losses = json::parse(read_text_file(folder.path() / "losses.json"));
  const json cases = all_cases();
  for (const auto& [name, values] : cases.items()) {
    SCOPED_TRACE(name);
    expect_as_torch(run_case(values), read_checkpoint(folder.path() / (name + ".safetensors")), losses[name]);
  }

  const json theirs = json::parse(read_text_file(folder.path() / "schedules.json"));
  const json schedules = all_schedules();
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    const json& s = schedules[i];
    const Schedule schedule{parse_schedule(s["kind"].get<std::string>()),
                            s["learning_rate"],
                            s["steps"],
                            s["warmup_steps"],
                            s["milestones"],
                            s["gamma"]};
    ASSERT_EQ(theirs[i].size(), schedule.steps);
    // PyTorch computes most schedules recursively: a few rounding errors of double add up.
    for (std::int64_t t = 0; t < schedule.steps; ++t)
      EXPECT_NEAR(schedule.at(t), theirs[i][t].get<double>(), 1e-9) << s["kind"] << " at " << t;
  }
}

}  // namespace
}  // namespace cuebench::test
