#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "relevance.hpp"

#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/autograd.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

std::vector<std::int64_t> top_two(const float* row, std::int64_t classes) {
  std::int64_t first = 0, second = -1;
  for (std::int64_t c = 1; c < classes; ++c) {
    if (row[c] > row[first]) {
      second = first;
      first = c;
    } else if (second < 0 || row[c] > row[second]) {
      second = c;
    }
  }
  return second < 0 ? std::vector{first} : std::vector{first, second};
}

}  // namespace

std::vector<std::vector<std::int64_t>> selected_classes(const std::vector<float>& logits, std::int64_t classes,
                                                        const std::vector<std::int64_t>& labels, RelevanceKind kind) {
  const std::int64_t images = static_cast<std::int64_t>(logits.size()) / classes;
  std::vector<std::vector<std::int64_t>> selected(images);
  if (kind == RelevanceKind::top2) {
    for (std::int64_t i = 0; i < images; ++i) selected[i] = top_two(logits.data() + i * classes, classes);
    return selected;
  }
  if (static_cast<std::int64_t>(labels.size()) != images)
    throw UsageError("relevance of the true class needs one label per image: " + std::to_string(images) +
                     " images but " + std::to_string(labels.size()) + " labels");
  for (std::int64_t i = 0; i < images; ++i) {
    if (labels[i] < 0 || labels[i] >= classes)
      throw UsageError("label " + std::to_string(labels[i]) + " is not one of the model's classes 0 to " +
                       std::to_string(classes - 1) + "; check that data set and model share their classes");
    selected[i] = {labels[i]};
  }
  return selected;
}

std::vector<at::Tensor> tap_gradients(const at::Tensor& logits, const std::vector<at::Tensor>& taps,
                                      const std::vector<std::vector<std::int64_t>>& selected) {
  if (!logits.requires_grad()) return std::vector<at::Tensor>(taps.size());
  at::Tensor weights = at::zeros(logits.sizes(), at::kFloat);
  const std::int64_t classes = logits.size(1);
  for (std::size_t i = 0; i < selected.size(); ++i)
    for (const std::int64_t c : selected[i]) weights.data_ptr<float>()[static_cast<std::int64_t>(i) * classes + c] += 1;
  return torch::autograd::grad({logits}, taps, {weights.to(logits.device())}, /*retain_graph=*/false,
                               /*create_graph=*/false,
                               /*allow_unused=*/true);
}

TapMeans closed_form_relevance(const std::vector<double>& weights, std::int64_t channels,
                               const std::vector<std::vector<std::int64_t>>& selected) {
  TapMeans relevance{static_cast<std::int64_t>(selected.size()), channels, {}};
  relevance.values.assign(selected.size() * channels, 0.0);
  for (std::size_t i = 0; i < selected.size(); ++i)
    for (const std::int64_t c : selected[i])
      for (std::int64_t k = 0; k < channels; ++k) relevance.values[i * channels + k] += weights[c * channels + k];
  return relevance;
}

}  // namespace cuebench
