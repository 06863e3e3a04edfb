#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "classifiers.hpp"

#include <algorithm>
#include <cmath>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/relu.h>

#include <cuebench/core/random.hpp>

namespace cuebench::test {
namespace {

void flatten_into(const nlohmann::json& json, std::vector<double>& values) {
  if (json.is_number()) return values.push_back(json.get<double>());
  for (const auto& part : json) flatten_into(part, values);
}

at::Tensor weight(const Weights& weights, const std::string& name, at::ScalarType type) {
  std::vector<std::int64_t> shape;
  for (const nlohmann::json* level = &weights.at(name); level->is_array(); level = &level->front())
    shape.push_back(static_cast<std::int64_t>(level->size()));
  return tensor_of(numbers(weights.at(name)), shape, type);
}

constexpr std::string_view kItemIds[] = {"item0", "item1", "item2",  "item3",  "item4",  "item5",  "item6",  "item7",
                                         "item8", "item9", "item10", "item11", "item12", "item13", "item14", "item15"};

}  // namespace

std::vector<double> numbers(const nlohmann::json& json) {
  std::vector<double> values;
  flatten_into(json, values);
  return values;
}

at::Tensor tensor_of(const std::vector<double>& values, const std::vector<std::int64_t>& shape, at::ScalarType type) {
  at::Tensor tensor = at::empty(shape, at::kDouble);
  std::copy(values.begin(), values.end(), tensor.data_ptr<double>());
  return tensor.to(type);
}

std::vector<double> values_of(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.detach().to(at::kDouble).contiguous();
  return {dense.data_ptr<double>(), dense.data_ptr<double>() + dense.numel()};
}

DifferentiableClassifier make_classifier(const std::string& name, const Weights& weights, at::ScalarType type) {
  const auto get = [&](const char* key) { return weight(weights, key, type); };
  if (name == "net_gap")
    return [w1 = get("conv1_w"), b1 = get("conv1_b"), w2 = get("conv2_w"), b2 = get("conv2_b"), w = get("fc_w"),
            b = get("fc_b")](const at::Tensor& images) {
      const at::Tensor first = at::relu(at::conv2d(images, w1, b1, 1, 1));
      const at::Tensor second = at::relu(at::conv2d(first, w2, b2, 1, 1));
      return at::linear(at::mean(second, {2, 3}), w, b);
    };
  return [w1 = get("conv1_w"), b1 = get("conv1_b"), w2 = get("fc1_w"), b2 = get("fc1_b"), w = get("fc2_w"),
          b = get("fc2_b")](const at::Tensor& images) {
    const at::Tensor first = at::relu(at::conv2d(images, w1, b1, 2, 1));
    return at::linear(at::relu(at::linear(first.flatten(1), w2, b2)), w, b);
  };
}

Weights random_weights(std::uint64_t seed, std::size_t classes) {
  RandomStream stream(seed, "weights", "tests");
  const auto list = [&](std::size_t size, auto make) {
    Weights array = Weights::array();
    for (std::size_t i = 0; i < size; ++i) array.push_back(make());
    return array;
  };
  const auto normal = [&] { return stream.normal(); };
  const auto kernel = [&] { return list(3, [&] { return list(3, normal); }); };
  return {{"conv1_w", list(4, [&] { return list(3, kernel); })},    {"conv1_b", list(4, normal)},
          {"conv2_w", list(5, [&] { return list(4, kernel); })},    {"conv2_b", list(5, normal)},
          {"fc_w", list(classes, [&] { return list(5, normal); })}, {"fc_b", list(classes, normal)}};
}

at::Tensor random_images(std::uint64_t seed, std::int64_t count, at::ScalarType type, std::int64_t side) {
  RandomStream stream(seed, "images", "tests");
  std::vector<double> values(static_cast<std::size_t>(count * 3 * side * side));
  for (double& value : values) {
    const double kind = stream.uniform();
    value = kind < 0.1 ? 0 : kind < 0.2 ? 1 : stream.uniform();
  }
  return tensor_of(values, {count, 3, side, side}, type);
}

AttackTarget make_target(DifferentiableClassifier logits, at::Tensor images, std::vector<std::int64_t> labels,
                         std::string_view variant) {
  AttackTarget target;
  target.logits = std::move(logits);
  target.images = std::move(images);
  target.labels = std::move(labels);
  target.item_ids.assign(std::begin(kItemIds), std::begin(kItemIds) + target.images.size(0));
  target.seed = 5;
  target.variant = variant;
  return target;
}

at::Tensor logits_without_gradient(const DifferentiableClassifier& logits, const at::Tensor& images) {
  const at::AutoGradMode recording(false);
  return logits(images);
}

std::vector<double> cross_entropies(const AttackTarget& target, const at::Tensor& images) {
  const at::Tensor logits = logits_without_gradient(target.logits, images);
  const std::vector<double> values = values_of(logits);
  const auto classes = static_cast<std::size_t>(logits.size(1));
  std::vector<double> losses;
  for (std::size_t i = 0; i < target.labels.size(); ++i) {
    const double* const row = values.data() + i * classes;
    const double largest = *std::max_element(row, row + classes);
    double sum = 0;
    for (std::size_t k = 0; k < classes; ++k) sum += std::exp(row[k] - largest);
    losses.push_back(target.labels[i] < 0 ? 0 : std::log(sum) + largest - row[target.labels[i]]);
  }
  return losses;
}

}  // namespace cuebench::test
