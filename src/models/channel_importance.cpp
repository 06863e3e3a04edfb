#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "channel_importance.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/sort.h>

namespace cuebench {
namespace {

constexpr double kSoftplusBeta = 5;  // of the published code

/// The rows of [classes, C] that are selected, summed: [N, C].
at::Tensor summed_rows(const at::Tensor& weight, const at::Tensor& selected) {
  return at::embedding(weight, selected).sum(1);
}

at::Tensor channel_means(const at::Tensor& map) {
  return at::mean(map, {2, 3});
}

}  // namespace

at::Tensor probe_logits(const PlanStep& step, const at::Tensor& map) {
  const at::Tensor first = at::linear(channel_means(map), step.weight, step.bias);
  if (!step.second_weight.defined()) return first;
  return at::linear(at::softplus(first, kSoftplusBeta), step.second_weight, step.second_bias);
}

at::Tensor probe_relevance(const PlanStep& step, const at::Tensor& means, const at::Tensor& selected) {
  if (!step.second_weight.defined()) return summed_rows(step.weight, selected);
  const at::Tensor before = at::linear(means, step.weight, step.bias);
  const at::Tensor slope = at::sigmoid(before * kSoftplusBeta);  // of softplus
  return at::matmul(slope * summed_rows(step.second_weight, selected), step.weight);
}

at::Tensor selected_probe_classes(const ImportanceRule& rule, const at::Tensor& logits, const at::Tensor& labels) {
  const at::Tensor order = std::get<1>(at::sort(logits.detach(), /*stable=*/true, 1, /*descending=*/true));
  const at::Tensor first = labels.defined() ? labels.unsqueeze(1) : order.slice(1, 0, 1);
  if (!rule.top_two || logits.size(1) < 2) return first;
  return at::cat({first, order.slice(1, 1, 2)}, 1);
}

at::Tensor importance_factors(const ImportanceRule& rule, const at::Tensor& relevance) {
  const at::Tensor g = relevance / rule.temperature;
  const auto factors = [&]() -> at::Tensor {
    switch (rule.map) {
      case ImportanceRule::Map::softmax:
        return at::softmax(g, 1);
      case ImportanceRule::Map::sigmoid:
        return at::sigmoid(g);
      case ImportanceRule::Map::softplus:
        return at::softplus(g, kSoftplusBeta);
      case ImportanceRule::Map::relu:
        return at::relu(g);
      case ImportanceRule::Map::identity:
        return g;
    }
    return g;
  };
  return factors() * rule.scale;
}

at::Tensor weigh_channels(const PlanStep& step, const at::Tensor& map, const at::Tensor& logits,
                          const at::Tensor& labels) {
  const at::Tensor selected = selected_probe_classes(step.importance, logits, labels);
  const at::Tensor source = step.importance.differentiate_factors ? map : map.detach();
  const at::Tensor means = step.second_weight.defined() ? channel_means(source) : at::Tensor();
  const at::Tensor factors = importance_factors(step.importance, probe_relevance(step, means, selected));
  return map * factors.unsqueeze(-1).unsqueeze(-1);
}

}  // namespace cuebench
