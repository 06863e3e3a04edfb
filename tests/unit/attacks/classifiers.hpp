#pragma once
// Small classifiers under attack, written out operation by operation, in either precision.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <cuebench/attacks/attack.hpp>

namespace cuebench::test {

/// Every number of a nested list, in order.
std::vector<double> numbers(const nlohmann::json& json);
at::Tensor tensor_of(const std::vector<double>& values, const std::vector<std::int64_t>& shape, at::ScalarType type);
std::vector<double> values_of(const at::Tensor& tensor);

/// Weights by name ("conv1_w"), as the fixture writes them.
using Weights = nlohmann::json;
/// `name`: "net_gap" (two convolutions, global mean, linear) or "net_flat" (strided convolution, two linear layers).
DifferentiableClassifier make_classifier(const std::string& name, const Weights& weights, at::ScalarType type);
/// Normal weights for net_gap, the same for the same seed.
Weights random_weights(std::uint64_t seed, std::size_t classes = 3);

/// Uniform in [0, 1]; a fifth of the values are exactly 0 or 1, where the box cuts.
at::Tensor random_images(std::uint64_t seed, std::int64_t count, at::ScalarType type, std::int64_t side = 6);

/// A target with item ids "item0", "item1", ...
AttackTarget make_target(DifferentiableClassifier logits, at::Tensor images, std::vector<std::int64_t> labels,
                         std::string_view variant = "a variant");

at::Tensor logits_without_gradient(const DifferentiableClassifier& logits, const at::Tensor& images);
/// -log softmax(z)_y per image, in double.
std::vector<double> cross_entropies(const AttackTarget& target, const at::Tensor& images);

}  // namespace cuebench::test
