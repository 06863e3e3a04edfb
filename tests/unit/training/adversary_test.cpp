// The inner maximisation: inside the ball and the box, and upwards; exact against the attack fixture.

#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "../../../src/training/adversary.hpp"

#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/models/model.hpp>

#include "test_data.hpp"
#include "toy.hpp"

namespace cuebench::test {
namespace {

using nlohmann::json;

// x + epsilon is rounded to float32 once: half a unit in the last place of numbers up to 2.
constexpr double kRounding = 1.2e-7;

double largest_change(const at::Tensor& moved, const at::Tensor& images) {
  return (moved - images).abs().max().item<double>();
}

double largest_length(const at::Tensor& moved, const at::Tensor& images) {
  return (moved - images).flatten(1).norm(2, 1).max().item<double>();
}

bool in_box(const at::Tensor& images) {
  return images.min().item<double>() >= 0 && images.max().item<double>() <= 1;
}

RC_GTEST_PROP(Projection, StaysInBallAndBoxAndKeepsWhatIsInside, (int seed)) {
  const at::Tensor images = toy_images(static_cast<std::uint64_t>(seed), 3);
  const at::Tensor far = images + 3 * normal_noise(images, 7);
  const double epsilon = *rc::gen::element(2.0 / 255, 8.0 / 255, 0.5, 1.0);
  const ThreatModel linf{Norm::linf, epsilon}, l2{Norm::l2, epsilon};
  const at::Tensor by_linf = project(linf, far, images), by_l2 = project(l2, far, images);
  RC_ASSERT(largest_change(by_linf, images) <= epsilon + kRounding);
  // A length of 192 rounded numbers.
  RC_ASSERT(largest_length(by_l2, images) <= epsilon * (1 + 1e-5) + kRounding);
  RC_ASSERT(in_box(by_linf) && in_box(by_l2));
  RC_ASSERT(largest_change(project(linf, by_linf, images), by_linf) <= kRounding);
  RC_ASSERT(largest_change(project(l2, images, images), images) == 0);
}

TEST(SteepestDirection, IsTheSignOrTheUnitVector) {
  at::Tensor gradient = at::zeros_like(toy_images(1, 2));
  gradient.select(0, 1).fill_(-3);
  const at::Tensor sign = steepest_direction({Norm::linf, 0.1}, gradient);
  EXPECT_EQ(sign.select(0, 0).abs().max().item<double>(), 0);  // sign(0) = 0
  EXPECT_EQ(sign.select(0, 1).max().item<double>(), -1);
  EXPECT_EQ(sign.select(0, 1).min().item<double>(), -1);
  const at::Tensor unit = steepest_direction({Norm::l2, 0.1}, gradient);
  EXPECT_EQ(unit.select(0, 0).abs().max().item<double>(), 0);
  EXPECT_NEAR(unit.select(0, 1).norm().item<double>(), 1, 1e-5);
}

TEST(RandomStart, FillsTheBallAndFollowsItsSeed) {
  const at::Tensor images = toy_images(1, 8).mul(0).add(0.5);  // far from the box
  const ThreatModel linf{Norm::linf, 0.1}, l2{Norm::l2, 0.1};
  const at::Tensor start = random_start(linf, images, 1);
  EXPECT_TRUE(start.equal(random_start(linf, images, 1)));
  EXPECT_FALSE(start.equal(random_start(linf, images, 2)));
  const at::Tensor change = start - images;
  EXPECT_LE(largest_change(start, images), 0.1 + kRounding);
  EXPECT_GT(largest_change(start, images), 0.099);
  // 1536 uniform numbers in +-0.1: mean 0 and deviation 0.0577, five standard errors wide.
  EXPECT_NEAR(change.mean().item<double>(), 0, 5 * 0.0577 / std::sqrt(1536.0));
  EXPECT_NEAR(change.std().item<double>(), 0.0577, 0.005);
  EXPECT_NEAR(largest_length(random_start(l2, images, 1), images), 0.1, 1e-5);
}

TEST(Maximise, RaisesTheLossWithinEpsilon) {
  prepare_libtorch();
  TrainableNetwork network(toy_network(2), {}, at::kCPU);
  network.forward(toy_images(9, 64), RunningStatistics::update);
  const FrozenNetwork frozen = network.freeze();
  const at::Tensor images = toy_images(1, 16), labels = toy_labels(1, 16);
  const Objective objective = [&](const at::Tensor& x) { return summed_cross_entropy(frozen(x).logits, labels); };
  const double before = objective(images).item<double>();
  for (const ThreatModel threat : {ThreatModel{Norm::linf, 8.0 / 255}, ThreatModel{Norm::l2, 0.5}}) {
    double last = before;
    for (const int steps : {1, 3, 10}) {
      const at::Tensor moved = maximise(threat, threat.epsilon / 4, steps, images, images, objective);
      const double size = threat.norm == Norm::linf ? largest_change(moved, images) : largest_length(moved, images);
      EXPECT_LE(size, threat.epsilon * (1 + 1e-5) + kRounding);
      EXPECT_TRUE(in_box(moved));
      EXPECT_GT(objective(moved).item<double>(), last);
      last = objective(moved).item<double>();
    }
  }
  for (const TrainableTensor& tensor : network.tensors()) EXPECT_FALSE(tensor.value.grad().defined()) << tensor.name;
}

TEST(AttackedNetwork, LeavesRunningStatisticsAlone) {
  prepare_libtorch();
  TrainableNetwork network(toy_network(2), {}, at::kCPU);
  const at::Tensor images = toy_images(1, 8);
  at::Tensor carried;
  TrainingStep step{network, images, toy_labels(1, 8), 0, 0, carried};
  const auto state = network.state_dict();
  attacked_network(step, true)(images);
  attacked_network(step, false)(images);
  const auto after = network.state_dict();
  for (std::size_t i = 0; i < state.size(); ++i) {
    EXPECT_EQ(state[i].second.values, after[i].second.values) << state[i].first;
    EXPECT_EQ(state[i].second.integers, after[i].second.integers) << state[i].first;
  }
}

TEST(ThreatModelText, RefusesAnEpsilonWithoutUnit) {
  const auto refused = [](const std::string& method) -> std::string {
    const NamedParameters named = parse_named_parameters("method", method);
    const TrainingMethodInfo& info = find_training_method(named.name);
    try {
      info.make(resolve_parameters("method", info.parameters, named.values));
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  for (const char* const name : {"pgd", "fast", "trades", "free"}) {
    EXPECT_NE(refused(std::string(name) + ":epsilon=8").find("epsilon 8 is above 1: write 8/255"), std::string::npos);
    EXPECT_NE(refused(std::string(name) + ":epsilon=0").find("not above 0"), std::string::npos);
    EXPECT_EQ(refused(std::string(name) + ":epsilon=8/255"), "");
  }
  EXPECT_EQ(refused("pgd:epsilon=3,norm=l2"), "");
}

// --- against reference/fixtures/channels.json

at::Tensor fixture_images(const json& integers) {
  const auto count = static_cast<std::int64_t>(integers.size());
  at::Tensor images = at::empty({count, 3, 6, 6}, at::kFloat);
  float* out = images.data_ptr<float>();
  for (const json& image : integers)
    for (const json& channel : image)
      for (const json& row : channel)
        for (const json& pixel : row) *out++ = static_cast<float>(pixel.get<double>() / 255);
  return images;
}

void flatten_into(const json& values, std::vector<float>& out) {
  if (!values.is_array()) return out.push_back(values.get<float>());
  for (const json& value : values) flatten_into(value, out);
}

/// The fixture's first network: conv 3->4, ReLU, conv 4->6, ReLU, global mean, linear.
AssembledNetwork fixture_network(const json& weights) {
  AssembledNetwork assembled;
  assembled.classes = 3;
  assembled.network =
      build_network("sequential:layers=conv4k3p1-relu-conv6k3p1-relu-global_average_pool-linear3", {3, 6, 6}, 3);
  const std::pair<const char*, const char*> names[] = {{"0.weight", "conv1_w"}, {"0.bias", "conv1_b"},
                                                       {"2.weight", "conv2_w"}, {"2.bias", "conv2_b"},
                                                       {"5.weight", "fc_w"},    {"5.bias", "fc_b"}};
  const auto slots = parameter_slots(assembled.network);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    WeightTensor tensor;
    tensor.shape = slots[i].shape;
    flatten_into(weights.at(names[i].second), tensor.values);
    assembled.checkpoint.tensors.emplace_back(names[i].first, tensor);
  }
  return assembled;
}

void expect_integers(const at::Tensor& change, const json& expected, const char* what) {
  const at::Tensor levels = (change * 255).contiguous();
  const float* value = levels.data_ptr<float>();
  std::vector<float> wanted;
  flatten_into(expected, wanted);
  ASSERT_EQ(static_cast<std::int64_t>(wanted.size()), levels.numel());
  for (const float integer : wanted) ASSERT_EQ(std::lround(*value++), std::lround(integer)) << what;
}

TEST(Maximise, GivesTheFixturesFgsmAndPgd) {
  CUEBENCH_REQUIRE_SHARED(path, "reference/fixtures/channels.json");
  prepare_libtorch();
  const json fixture = json::parse(read_text_file(path));
  const json& net = fixture["net_gap"];
  const TrainableNetwork network(fixture_network(net["weights"]), {}, at::kCPU);
  const FrozenNetwork frozen = network.freeze();
  const at::Tensor images = fixture_images(fixture["images_int"]);
  at::Tensor labels = at::empty({images.size(0)}, at::kLong);
  for (std::int64_t i = 0; i < images.size(0); ++i) labels.data_ptr<std::int64_t>()[i] = net["labels"][i];
  const ThreatModel threat{Norm::linf, 8.0 / 255};
  const auto attack = [&](double alpha, int steps) {
    return maximise(threat, alpha, steps, images, images,
                    [&](const at::Tensor& x) { return summed_cross_entropy(frozen(x).logits, labels); }) -
           images;
  };
  const json& attacks = net["attacks"];
  expect_integers(attack(8.0 / 255, 1), attacks["fgsm"]["delta_int"], "fgsm");
  expect_integers(attack(2.0 / 255, 5), attacks["pgd5"]["delta_int"], "pgd5");
}

TEST(CrossEntropy, IsTheFixtures) {
  CUEBENCH_REQUIRE_SHARED(path, "reference/fixtures/channels.json");
  const json losses = json::parse(read_text_file(path))["losses"];
  for (std::size_t i = 0; i < losses["labels"].size(); ++i) {
    at::Tensor logits = at::empty({1, 5}, at::kFloat), label = at::empty({1}, at::kLong);
    for (int k = 0; k < 5; ++k) logits.data_ptr<float>()[k] = losses["logits"][i][k].get<float>();
    label.data_ptr<std::int64_t>()[0] = losses["labels"][i];
    EXPECT_NEAR(mean_cross_entropy(logits, label, 0).item<double>(), losses["ce"][i].get<double>(), 1e-6);
  }
}

}  // namespace
}  // namespace cuebench::test
