#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "attacked_batch.hpp"

#include <algorithm>
#include <cmath>

#include <ATen/ops/empty.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

at::Tensor index_tensor(const std::vector<int>& values) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), tensor.data_ptr<std::int64_t>());
  return tensor;
}

/// Any image shows whether there is a way for gradients.
at::Tensor grey_image(const Geometry& geometry) {
  at::Tensor image = at::empty({1, 3, geometry.height, geometry.width}, at::kFloat);
  std::fill_n(image.data_ptr<float>(), image.numel(), 0.5F);
  return image;
}

void check_labels(Preparation& run) {
  const auto& items = run.description.items;
  const auto unlabelled = std::count_if(items.begin(), items.end(), [](const auto& item) { return item.label < 0; });
  if (unlabelled == static_cast<std::ptrdiff_t>(items.size()))
    throw UsageError(
        fmt::format("an attack needs labels, and no image of '{}' has one: drop the attacks or label the data",
                    run.dataset.source));
  if (unlabelled > 0)
    run.notes.push_back(fmt::format("{} images have no label: attacks leave them as they are", unlabelled));
}

}  // namespace

at::Tensor map_differentiably(const at::Tensor& logits, const OutputMapping& mapping) {
  if (mapping.identity()) return logits;
  std::vector<int> first;
  bool single = true;
  for (const auto& members : mapping.members) {
    first.push_back(members.front());
    single = single && members.size() == 1;
  }
  if (single) return logits.index_select(1, index_tensor(first));
  std::vector<at::Tensor> classes;
  for (const auto& members : mapping.members)
    classes.push_back(at::logsumexp(logits.index_select(1, index_tensor(members)), {1})
                          .sub(std::log(static_cast<double>(members.size()))));
  return at::stack(classes, 1);
}

DifferentiableClassifier attacked_classifier(const PreparedModel& prepared) {
  return [&prepared](const at::Tensor& images) {
    return map_differentiably(prepared.model.differentiable_logits(images), prepared.outputs);
  };
}

at::Tensor attack_batch(const Preparation& run, const PreparedModel& prepared, const PlannedVariant& variant,
                        std::uint64_t seed, const at::Tensor& images, const std::vector<std::size_t>& items) {
  AttackTarget target;
  target.logits = attacked_classifier(prepared);
  target.images = images;
  for (const std::size_t item : items) {
    target.labels.push_back(run.description.items[item].label);
    target.item_ids.push_back(run.description.items[item].id);
  }
  target.seed = seed;
  target.variant = variant.text;
  return variant.attack->apply(target);
}

namespace {

template <typename Asked>
bool any_attack(const Preparation& run, Asked asked) {
  return std::any_of(run.variants.begin(), run.variants.end(),
                     [asked](const PlannedVariant& v) { return v.attack.has_value() && asked(*v.attack->info); });
}

/// @throws UsageError where an attack aims at more classes than there are.
void check_classes(const Preparation& run, const PreparedModel& prepared, std::int64_t classes) {
  for (const PlannedVariant& variant : run.variants) {
    if (!variant.attack || !variant.attack->info->refuses_classes) continue;
    const std::string reason = variant.attack->info->refuses_classes(variant.attack->parameters, classes);
    if (!reason.empty())
      throw UsageError(fmt::format("{} cannot attack model '{}': {}", variant.attack->info->name,
                                   prepared.model.info().name, reason));
  }
}

}  // namespace

void check_attacks(Preparation& run) {
  if (!any_attack(run, [](const AttackInfo&) { return true; })) return;
  check_labels(run);
  for (const PreparedModel& prepared : run.models) {
    const Geometry& geometry = run.geometries[static_cast<std::size_t>(prepared.geometry)];
    const DifferentiableClassifier logits = attacked_classifier(prepared);
    const at::Tensor grey = grey_image(geometry);
    check_classes(run, prepared, logits(grey).size(1));
    if (!any_attack(run, [](const AttackInfo& info) { return info.uses_gradient; })) continue;
    const std::string reason = why_not_attackable(logits, grey);
    if (!reason.empty())
      throw UsageError(
          fmt::format("model '{}' cannot be attacked, {}: drop the attacks, or give a checkpoint that "
                      "gradients pass through",
                      prepared.model.info().name, reason));
  }
}

Image to_image(const at::Tensor& pixels) {
  const at::Tensor dense = pixels.contiguous();
  Image image(static_cast<int>(dense.size(1)), static_cast<int>(dense.size(2)));
  const float* const values = dense.data_ptr<float>();
  const std::int64_t plane = dense.size(1) * dense.size(2);
  for (std::int64_t p = 0; p < plane; ++p)
    for (std::int64_t c = 0; c < 3; ++c)
      image.pixels[static_cast<std::size_t>(3 * p + c)] =
          static_cast<std::uint8_t>(std::lround(values[c * plane + p] * 255.0F));
  return image;
}

}  // namespace cuebench
