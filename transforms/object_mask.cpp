#include "object_mask.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

#include "kernels/automatic_mask.hpp"
#include "network_file.hpp"

namespace cuebench {
namespace {

/// Below this side nothing can be told from its background, and GrabCut has no border to learn from.
constexpr int kSmallestSide = 12;

Plane thresholded(const Plane& mask, int threshold) {
  Plane result(mask.height, mask.width);
  std::transform(mask.pixels.begin(), mask.pixels.end(), result.pixels.begin(),
                 [threshold](std::uint8_t value) -> std::uint8_t { return value >= threshold ? 255 : 0; });
  return result;
}

/// One channel: the probability of the object. Several: a score for each class, the first being the ground.
Plane segmented(const PlanarNetwork& network, const Image& image) {
  const Planes given = planes_of(image);
  const Planes scores = network({&given, 1});
  if (scores.height != image.height || scores.width != image.width)
    throw UsageError(
        fmt::format("mask_model gives a {}x{} mask for a {}x{} image: it must keep the size (resize inside the model)",
                    scores.width, scores.height, image.width, image.height));
  Plane mask(image.height, image.width);
  const std::size_t pixels = mask.pixels.size();
  for (std::size_t i = 0; i < pixels; ++i) {
    bool object = scores.channels == 1 && scores.values[i] >= 0.5F;
    for (int c = 1; c < scores.channels; ++c) object = object || scores.values[c * pixels + i] > scores.values[i];
    mask.pixels[i] = object ? 255 : 0;
  }
  return mask;
}

Plane automatic(const Image& image, std::string_view method, const PlanarNetwork& network) {
  if (method == "model") return segmented(network, image);
  return method == "grabcut" ? grabcut_mask(image) : barrier_mask(image);
}

}  // namespace

std::vector<ParameterSpec> with_mask_parameters(std::vector<ParameterSpec> others) {
  std::vector<ParameterSpec> all = {
      {.name = "mask",
       .kind = ParameterKind::choice,
       .default_value = "auto",
       .choices = {"auto", "file", "mbd", "grabcut", "model"},
       .doc = "auto: the data set's mask, else mbd; file: the data set's, an image without one is an error; "
              "mbd (fast), grabcut (slow), model (the network mask_model): always from the image."},
      {.name = "threshold",
       .kind = ParameterKind::integer,
       .default_value = "128",
       .minimum = 1,
       .maximum = 255,
       .doc = "Least value of the data set's mask that is object."},
      {.name = "mask_model",
       .kind = ParameterKind::file,
       .doc =
           "TorchScript file for mask=model: an image in [0, 1] to one channel (probability of the object) or several "
           "(scores of classes, the ground first), of the image's size."}};
  std::move(others.begin(), others.end(), std::back_inserter(all));
  return all;
}

ObjectMask::ObjectMask(std::string_view transform, const Parameters& parameters, const TransformResources& resources)
    : transform_(transform),
      method_(parameters.text("mask")),
      threshold_(static_cast<int>(parameters.integer("threshold"))) {
  const std::filesystem::path file = parameters.file("mask_model");
  if ((method_ == "model") == file.empty())
    throw UsageError(fmt::format("{}: {}", transform_,
                                 file.empty() ? "mask=model needs mask_model=FILE, a TorchScript segmentation network"
                                              : "mask_model acts with mask=model only: add it"));
  if (!file.empty()) network_ = open_network(transform, resources, file);
}

ObjectMask::Found ObjectMask::of(const Image& image, const Plane* given, std::string_view item_id) const {
  const bool want_file = method_ == "file" || method_ == "auto";
  if (want_file && given) {
    if (given->height != image.height || given->width != image.width)
      throw UsageError(
          fmt::format("{}: the mask of '{}' is {}x{} and its image {}x{}: masks must have the size of their "
                      "images",
                      transform_, item_id, given->width, given->height, image.width, image.height));
    return {thresholded(*given, threshold_), "mask=file"};
  }
  if (method_ == "file")
    throw UsageError(
        fmt::format("{}: '{}' has no mask: give masks with the data, or use mask=auto", transform_, item_id));
  if (std::min(image.height, image.width) >= kSmallestSide) {
    Plane mask = automatic(image, method_, network_);
    if (is_plausible_mask(mask)) return {std::move(mask), method_ == "model" ? "mask=model" : "mask=automatic"};
  }
  return {centred_disc(image.height, image.width), "mask=fallback_disc"};
}

}  // namespace cuebench
