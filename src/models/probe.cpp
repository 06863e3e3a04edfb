#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "probe.hpp"

#include <algorithm>
#include <cmath>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/random.hpp>

#include "placed_model.hpp"
#include "relevance.hpp"
#include "tap_means.hpp"

namespace cuebench {
namespace {

constexpr std::int64_t kProbeImages = 2;
// Both ways add float32 products in another order; real networks differ by 1e-6 of the largest value.
constexpr double kWayTolerance = 1e-3;
// Closed form and autograd read the same weights; autograd adds H*W copies of W / (H*W) in float32.
constexpr double kClosedFormTolerance = 1e-5;

template <typename Values>
double largest(const Values& values) {
  double result = 0;
  for (const auto value : values) result = std::max(result, std::abs(static_cast<double>(value)));
  return result;
}

template <typename Values>
double largest_difference(const Values& a, const Values& b) {
  double result = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    result = std::max(result, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return result;
}

template <typename Values>
bool close(const Values& a, const Values& b, double tolerance) {
  return a.size() == b.size() && largest_difference(a, b) <= tolerance * largest(a);
}

void check_logits(const std::vector<float>& logits, const ModelSpec& spec) {
  if (std::any_of(logits.begin(), logits.end(), [](float v) { return !std::isfinite(v); }))
    throw UsageError(describe_model(spec) +
                     " gives logits that are not finite for a noise image; its weights or its mean and std are wrong");
}

void check_classes(LoadedModel& loaded, std::int64_t outputs, const ModelSpec& spec) {
  if (loaded.info.classes == 0) loaded.info.classes = static_cast<int>(outputs);
  if (outputs < 2)
    throw UsageError(fmt::format("{} has {} output; a classifier needs at least two", describe_model(spec), outputs));
  const std::size_t names = spec.sidecar.classes.size();
  if (names != 0 && static_cast<std::int64_t>(names) != outputs)
    throw UsageError(fmt::format("{} has {} outputs but its sidecar names {} classes; name every class in logit order",
                                 describe_model(spec), outputs, names));
  loaded.info.class_names = spec.sidecar.classes;
}

/// Softmax where logits should be makes relevances vanish for confident images (checks of AutoAttack, same limits).
bool looks_like_probabilities(const std::vector<float>& outputs, std::int64_t classes) {
  for (std::size_t row = 0; row < outputs.size(); row += classes) {
    double sum = 0;
    for (std::int64_t c = 0; c < classes; ++c) {
      if (outputs[row + c] < -1e-5f || outputs[row + c] > 1 + 1e-5f) return false;
      sum += outputs[row + c];
    }
    if (std::abs(sum - 1) > 1e-5) return false;
  }
  return true;
}

bool agrees(const Inference& reference, const Inference& other) {
  if (!close(reference.logits, other.logits, kWayTolerance)) return false;
  for (std::size_t i = 0; i < reference.taps.size(); ++i)
    if (!close(reference.taps[i].values, other.taps[i].values, kWayTolerance)) return false;
  return true;
}

/// Empties every closed form that one batch of gradients contradicts.
void verify_closed_forms(LoadedModel& loaded, const at::Tensor& images) {
  const auto has_one = [](const std::vector<double>& weights) { return !weights.empty(); };
  if (std::none_of(loaded.closed_form.begin(), loaded.closed_form.end(), has_one)) return;
  const at::AutoGradMode recording(true);
  const ForwardTensors forward = loaded.plain.differentiate(images, TapGradients::yes);
  std::vector<std::vector<std::int64_t>> selected(images.size(0));
  for (std::size_t i = 0; i < selected.size(); ++i) selected[i] = {static_cast<std::int64_t>(i) % loaded.info.classes};
  const std::vector<at::Tensor> gradients = tap_gradients(forward.logits, forward.taps, selected);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    std::vector<double>& weights = loaded.closed_form[i];
    if (weights.empty()) continue;
    const std::int64_t channels = loaded.chosen[i].shape.at(0);
    const bool fits = gradients[i].defined() &&
                      static_cast<std::int64_t>(weights.size()) == channels * loaded.info.classes &&
                      close(closed_form_relevance(weights, channels, selected).values,
                            spatial_sums(gradients[i]).values, kClosedFormTolerance);
    if (!fits) weights.clear();
  }
}

/// "" where the way fits, else why not.
std::string why_not(const Executor& faster, const Inference& reference, const at::Tensor& images) {
  if (!faster.infer) return "this LibTorch was built without oneDNN";
  std::string reason = "its results differ from the plain way";
  try {
    if (agrees(reference, faster.infer(images))) return "";
  } catch (const c10::Error& error) {
    reason = error.what_without_backtrace();
  } catch (const UsageError& error) {
    reason = error.what();
  }
  reason = reason.substr(0, reason.find('\n'));
  if (const std::size_t cause = reason.find("RuntimeError: "); cause != std::string::npos)
    reason = reason.substr(cause + 14);
  return reason;
}

Executor choose(LoadedModel& loaded, const Inference& reference, const at::Tensor& images, const ModelSpec& spec,
                ExecutionWay way) {
  if (!is_default(loaded.placement)) return choose_placed(loaded, images, spec, way);
  loaded.info.way = loaded.plain_name;
  if (way == ExecutionWay::plain) return loaded.plain;
  if (way == ExecutionWay::automatic && loaded.faster.empty()) return loaded.plain;
  std::string reason = "there is no such way for this kind of file";
  for (const FasterWay& faster : loaded.faster) {
    if (way != ExecutionWay::automatic && way != faster.way) continue;
    const Executor executor = faster.make();
    reason = why_not(executor, reference, images);
    if (!reason.empty()) continue;
    loaded.info.way = faster.name;
    return Executor{executor.infer, loaded.plain.differentiate, executor.differentiable_logits};
  }
  if (way != ExecutionWay::automatic)
    throw UsageError(describe_model(spec) + " cannot run in oneDNN layouts: " + reason + "; choose the plain way");
  loaded.info.notes.push_back("oneDNN layouts do not fit this model (" + reason +
                              "), inference takes the slower plain way");
  return loaded.plain;
}

}  // namespace

at::Tensor probe_images(const NodeShape& size) {
  at::Tensor images = at::empty({kProbeImages, size.at(0), size.at(1), size.at(2)}, at::kFloat);
  RandomStream stream(0, "probe", "models");
  float* const pixels = images.data_ptr<float>();
  for (std::int64_t i = 0; i < images.numel(); ++i) pixels[i] = static_cast<float>(stream.uniform());
  return images;
}

Executor probe_model(LoadedModel& loaded, const ModelSpec& spec, ExecutionWay way) {
  const at::Tensor images = to_device(probe_images(loaded.probe_size), loaded.placement.device);
  Executor chosen;
  {
    const c10::InferenceMode inference_mode;
    const Inference reference = loaded.plain.infer(images);
    const std::int64_t outputs = static_cast<std::int64_t>(reference.logits.size()) / kProbeImages;
    check_logits(reference.logits, spec);
    check_classes(loaded, outputs, spec);
    if (looks_like_probabilities(reference.logits, outputs))
      loaded.info.notes.push_back(
          "outputs look like softmax: rows are not negative and sum to 1, so relevances and margins mix all classes; "
          "export the model without its last softmax");
    chosen = choose(loaded, reference, images, spec, way);
  }
  verify_closed_forms(loaded, images);
  return chosen;
}

}  // namespace cuebench
