#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/ops/empty.h>
#include <ATen/ops/flip.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/reference_check.hpp>

#include "executor.hpp"
#include "input_normalisation.hpp"

namespace cuebench {
namespace {

/// What a sidecar may say about the pixels.
struct Preprocessing {
  std::vector<double> mean, std;
  std::string channel_order;
};

std::vector<Preprocessing> frequent_preprocessings(std::size_t channels) {
  const auto same = [channels](double value) { return std::vector<double>(channels, value); };
  std::vector<Preprocessing> all{{same(0), same(1), "rgb"}, {same(0.5), same(0.5), "rgb"}};
  if (channels != 3) return all;
  all.push_back({{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}, "rgb"});
  all.push_back({{0.4914, 0.4822, 0.4465}, {0.2470, 0.2435, 0.2616}, "rgb"});
  all.push_back({{0.4914, 0.4822, 0.4465}, {0.2023, 0.1994, 0.2010}, "rgb"});
  const std::size_t rgb = all.size();
  for (std::size_t i = 0; i < rgb; ++i) all.push_back({all[i].mean, all[i].std, "bgr"});
  return all;
}

at::Tensor make_images(const ReferenceLogits& reference) {
  return reference_images(reference.recipe, static_cast<std::int64_t>(reference.logits.size()), reference.size);
}

std::string describe(const Preprocessing& candidate, const Sidecar& sidecar) {
  std::string text;
  if (candidate.mean != sidecar.mean || candidate.std != sidecar.std)
    text = fmt::format("mean [{}] and std [{}]", fmt::join(candidate.mean, ", "), fmt::join(candidate.std, ", "));
  if (candidate.channel_order != sidecar.channel_order)
    text += fmt::format("{}channel_order {}", text.empty() ? "" : " and ", candidate.channel_order);
  return text;
}

ModelSpec with(const ModelSpec& spec, const Preprocessing& preprocessing) {
  ModelSpec changed = spec;
  changed.sidecar.mean = preprocessing.mean;
  changed.sidecar.std = preprocessing.std;
  changed.sidecar.channel_order = preprocessing.channel_order;
  return changed;
}

Model load_plain(const ModelSpec& spec) {
  return Model::load(spec, {}, spec.sidecar.reference.size, ExecutionWay::plain);
}

bool passes_on(const Model& model, const at::Tensor& images, const ReferenceLogits& reference) {
  return compare_logits(model.infer(images).logits, reference.logits).passes();
}

}  // namespace

at::Tensor reference_images(std::string_view recipe, std::int64_t images, const NodeShape& size) {
  if (recipe != "hash_noise") throw UsageError(fmt::format("there is no recipe '{}' for reference images", recipe));
  at::Tensor batch = at::empty({images, size.at(0), size.at(1), size.at(2)}, at::kFloat);
  float* const pixels = batch.data_ptr<float>();
  const std::int64_t per_image = batch.numel() / images;
  for (std::int64_t i = 0; i < batch.numel(); ++i) {
    const auto hash = static_cast<std::uint32_t>(i * 2654435761) >> 24;
    const float brightness = static_cast<float>(i / per_image + 1) / static_cast<float>(images);
    pixels[i] = static_cast<float>(hash) / 255.0f * brightness;
  }
  return batch;
}

LogitDifference compare_logits(const std::vector<float>& logits, const std::vector<std::vector<double>>& reference) {
  LogitDifference result;
  double difference = 0, spread = 0, largest = 0;
  auto row = logits.begin();
  for (const std::vector<double>& wanted : reference) {
    for (std::size_t c = 0; c < wanted.size(); ++c) {
      difference = std::max(difference, std::abs(row[c] - wanted[c]));
      spread = std::max(spread, std::abs(wanted[c] - reference[0][c]));
      largest = std::max(largest, std::abs(wanted[c]));
    }
    const auto top = std::max_element(row, row + wanted.size()) - row;
    result.same_top1 += top == std::max_element(wanted.begin(), wanted.end()) - wanted.begin();
    ++result.images;
    row += wanted.size();
  }
  if (difference > 0) result.relative = largest > 0 ? difference / largest : std::numeric_limits<double>::infinity();
  if (spread > 0) result.spread = spread / largest;
  return result;
}

LogitDifference compare_with_reference(const Model& model, const ReferenceLogits& reference) {
  const std::size_t classes = reference.logits.at(0).size();
  if (classes != static_cast<std::size_t>(model.info().classes))
    throw UsageError(
        fmt::format("model '{}' ({}) has {} classes and its reference {}: they are of different models; "
                    "export the model again",
                    model.info().name, model.info().file, model.info().classes, classes));
  return compare_logits(model.infer(make_images(reference)).logits, reference.logits);
}

std::string explain_difference(const ModelSpec& spec) {
  const ReferenceLogits& reference = spec.sidecar.reference;
  const auto channels = reference.size.at(0);
  const at::Tensor images = make_images(reference);
  if (channels == 3 && passes_on(load_plain(spec), at::flip(images, {1}), reference))
    return spec.sidecar.channel_order == "bgr" ? "channel_order rgb" : "channel_order bgr";
  const auto candidates = frequent_preprocessings(static_cast<std::size_t>(channels));
  const Model raw = load_plain(with(spec, candidates[0]));
  for (const Preprocessing& candidate : candidates) {
    const auto normalisation = make_input_normalisation(with(spec, candidate).sidecar, channels, describe_model(spec));
    if (passes_on(raw, normalisation.apply(images), reference)) return describe(candidate, spec.sidecar);
  }
  return "";
}

}  // namespace cuebench
