#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "attacked_batch.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <cuebench/attacks/reliability.hpp>
#include <cuebench/core/errors.hpp>

#include "first_images.hpp"

namespace cuebench {
namespace {

at::Tensor index_tensor(const std::vector<int>& values, const at::Device& device) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), tensor.data_ptr<std::int64_t>());
  return tensor.to(device);
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

/// How many images the signs of unreliable figures are looked for on.
constexpr std::size_t kImagesLookedAt = 16;

const PreparedModel* find_model(const Preparation& run, const std::string& name) {
  const auto found = std::find_if(run.models.begin(), run.models.end(),
                                  [&](const PreparedModel& prepared) { return prepared.model.info().name == name; });
  return found == run.models.end() ? nullptr : &*found;
}

void check_transfer(const Preparation& run, const PlannedVariant& variant) {
  const std::string& name = variant.attack->against;
  const PreparedModel* const attacked = find_model(run, name);
  if (!attacked) {
    std::vector<std::string> names;
    for (const PreparedModel& prepared : run.models) names.push_back(prepared.model.info().name);
    throw UsageError(unknown_name_message("model in against", name, names, "names are those of --model"));
  }
  for (const PreparedModel& prepared : run.models)
    if (prepared.geometry != attacked->geometry)
      throw UsageError(
          fmt::format("variant {}: images made against '{}' do not have the geometry of model '{}': give "
                      "both the same preset, or leave against out",
                      variant.text, name, prepared.model.info().name));
}

void check_classes(const PlannedVariant& variant, const PreparedModel& prepared, std::int64_t classes) {
  const AttackInfo& info = *variant.attack->info;
  if (!info.refuses_classes) return;
  const std::string reason = info.refuses_classes(variant.attack->parameters, classes);
  if (!reason.empty())
    throw UsageError(fmt::format("attack {} on model '{}': {}", info.name, prepared.model.info().name, reason));
}

void check_gradient(const Preparation& run, const PreparedModel& prepared) {
  const Geometry& geometry = run.geometries[static_cast<std::size_t>(prepared.geometry)];
  const std::string reason = why_not_attackable(attacked_classifier(prepared), grey_image(geometry));
  if (!reason.empty())
    throw UsageError(
        fmt::format("model '{}' cannot be attacked, {}: drop the attacks, or give a checkpoint that "
                    "gradients pass through",
                    prepared.model.info().name, reason));
}

AttackTarget make_target(const Preparation& run, const PreparedModel& prepared, std::uint64_t seed,
                         const at::Tensor& images, const std::vector<std::size_t>& items) {
  AttackTarget target;
  target.logits = attacked_classifier(prepared);
  if (prepared.model.info().probes > 0)
    target.outputs = [&prepared](const at::Tensor& batch) {
      std::vector<at::Tensor> outputs = prepared.model.differentiable_outputs(batch);
      for (at::Tensor& output : outputs) output = map_differentiably(output, prepared.outputs);
      return outputs;
    };
  target.images = to_device(images, prepared.model.placement().device);
  for (const std::size_t item : items) {
    target.labels.push_back(run.description.items[item].label);
    target.item_ids.push_back(run.description.items[item].id);
  }
  target.seed = seed;
  return target;
}

AttackTarget first_target(const Preparation& run, const PreparedModel& prepared, std::uint64_t seed) {
  const FirstImages first = first_images(run, prepared, kImagesLookedAt);
  return make_target(run, prepared, seed, first.images, first.items);
}

std::int64_t fooled_images(const RunStore& store, int model, int variant) {
  std::int64_t fooled = 0;
  store.for_each_outcome(model, variant,
                         [&](std::int64_t, const Outcome& outcome) { fooled += outcome.rank_of_label > 1; });
  return fooled;
}

/// Chain, model attacked, norm and epsilon: variants that agree in these may be compared.
std::string comparable_part(const PlannedVariant& variant) {
  std::string text = variant.transform.text + "|" + variant.attack->against;
  const auto typed = parse_named_parameters("attack", variant.attack->text).values;
  const auto value = [&](std::string_view name, const char* otherwise) {
    const auto found = std::find_if(typed.begin(), typed.end(), [&](const auto& entry) { return entry.first == name; });
    return found == typed.end() ? std::string(otherwise) : found->second;
  };
  return text + "|" + value("norm", "linf") + "|" + format_real(parse_real("epsilon", value("epsilon", "0")));
}

}  // namespace

namespace {

/// One column: log of the class's value, up to what is the same for all classes.
at::Tensor class_values(const at::Tensor& logits, const std::vector<int>& members, Aggregation aggregation) {
  const at::Tensor outputs = logits.index_select(1, index_tensor(members, logits.device()));
  if (aggregation == Aggregation::max) return outputs.amax({1});
  const at::Tensor sum = at::logsumexp(outputs, {1});
  return aggregation == Aggregation::mean ? sum.sub(std::log(static_cast<double>(members.size()))) : sum;
}

}  // namespace

at::Tensor map_differentiably(const at::Tensor& logits, const OutputMapping& mapping) {
  constexpr double kFarBelow = 100;  // finite, so that losses stay so
  if (mapping.identity()) return logits;
  std::vector<int> first;
  for (const auto& members : mapping.members)
    if (members.size() == 1) first.push_back(members.front());
  if (first.size() == mapping.members.size()) return logits.index_select(1, index_tensor(first, logits.device()));
  std::vector<at::Tensor> available;
  for (const auto& members : mapping.members)
    if (!members.empty()) available.push_back(class_values(logits, members, mapping.aggregation));
  const at::Tensor lacking = at::stack(available, 1).amin({1}).detach().sub(kFarBelow);
  std::vector<at::Tensor> classes;
  auto next = available.begin();
  for (const auto& members : mapping.members) classes.push_back(members.empty() ? lacking : *next++);
  return at::stack(classes, 1);
}

DifferentiableClassifier attacked_classifier(const PreparedModel& prepared) {
  return [&prepared](const at::Tensor& images) {
    return map_differentiably(prepared.model.differentiable_logits(images), prepared.outputs);
  };
}

at::Tensor attack_batch(const Preparation& run, const PreparedModel& prepared, const PlannedVariant& variant,
                        std::uint64_t seed, const at::Tensor& images, const std::vector<std::size_t>& items) {
  const DeviceTurn turn(prepared.model.placement().device);
  AttackTarget target = make_target(run, prepared, seed, images, items);
  target.variant = variant.text;
  target.joint = variant.attack->joint;
  return variant.attack->apply(target);
}

const PreparedModel& attacked_model(const Preparation& run, const PlannedVariant& variant,
                                    const PreparedModel& scored) {
  return variant.attack->against.empty() ? scored : *find_model(run, variant.attack->against);
}

void check_attacks(Preparation& run, std::uint64_t seed) {
  std::map<const PreparedModel*, bool> attacked;  // whether by gradient
  for (const PlannedVariant& variant : run.variants) {
    if (!variant.attack) continue;
    if (!variant.attack->against.empty()) check_transfer(run, variant);
    for (const PreparedModel& scored : run.models) {
      const PreparedModel& prepared = attacked_model(run, variant, scored);
      check_classes(variant, prepared, static_cast<std::int64_t>(run.classes.names.size()));
      bool& by_gradient = attacked[&prepared];
      by_gradient = by_gradient || variant.attack->info->uses_gradient;
    }
  }
  if (attacked.empty()) return;
  check_labels(run);
  for (const PreparedModel& prepared : run.models) {
    const auto found = attacked.find(&prepared);
    if (found == attacked.end()) continue;
    if (found->second) check_gradient(run, prepared);
    for (auto& warning :
         reliability_warnings(prepared.model.info().name, first_target(run, prepared, seed), found->second))
      run.notes.push_back(std::move(warning));
  }
}

std::vector<std::string> black_box_warnings(const Preparation& run, const RunStore& store) {
  constexpr double kClearly = 0.002;
  std::vector<std::string> warnings;
  for (int model = 0; model < static_cast<int>(run.models.size()); ++model) {
    std::map<std::string, std::int64_t> by_gradient;
    for (int v = 0; v < static_cast<int>(run.variants.size()); ++v) {
      const PlannedVariant& variant = run.variants[static_cast<std::size_t>(v)];
      if (!variant.attack || !variant.attack->info->uses_gradient) continue;
      std::int64_t& most = by_gradient[comparable_part(variant)];
      most = std::max(most, fooled_images(store, model, v));
    }
    for (int v = 0; v < static_cast<int>(run.variants.size()); ++v) {
      const PlannedVariant& variant = run.variants[static_cast<std::size_t>(v)];
      if (!variant.attack || variant.attack->info->uses_gradient) continue;
      const auto found = by_gradient.find(comparable_part(variant));
      if (found == by_gradient.end()) continue;
      const auto excess = static_cast<double>(fooled_images(store, model, v) - found->second);
      if (excess <= kClearly * static_cast<double>(run.chosen.size())) continue;
      warnings.push_back(fmt::format(
          "model '{}': {} fools {:.0f} images more than any attack by gradient of that epsilon, a "
          "sign of hidden gradients: do not trust the latter",
          run.models[static_cast<std::size_t>(model)].model.info().name, variant.attack->info->name, excess));
    }
  }
  return warnings;
}

}  // namespace cuebench
