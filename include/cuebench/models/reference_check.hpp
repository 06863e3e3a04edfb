#pragma once
// Does a model compute here what the program that exported it computed there? Both sides make the same images from a
// recipe, and the sidecar holds the exporting side's logits.

#include <cstdint>
#include <string>
#include <string_view>

#include <ATen/core/Tensor.h>

#include <cuebench/models/model.hpp>

namespace cuebench {

/// Largest difference of logits, as a share of the largest reference logit, at which a model passes. Sums of float32 in
/// another order differ by about 1e-6 of it; another mean, std or channel order by 1e-2 and more.
inline constexpr double kReferenceTolerance = 1e-4;

/// A batch [images, C, H, W] of float32 in [0, 1]. hash_noise: value number i of the batch, counted over images,
/// channels, rows and columns, is ((i * 2654435761) mod 2^32 div 2^24) / 255, and image k of n (from 1) is multiplied
/// by k/n. @throws UsageError for another recipe.
at::Tensor reference_images(std::string_view recipe, std::int64_t images, const NodeShape& size);

struct LogitDifference {
  double relative = 0;  ///< largest difference / largest logit of the reference
  /// How far the reference's own images are apart, by the same measure: near 0 the comparison says little.
  double spread = 0;
  int images = 0, same_top1 = 0;
  bool passes() const { return relative <= kReferenceTolerance; }
};
/// Below this spread a wrong mean or std may stay unseen.
inline constexpr double kLeastReferenceSpread = 1e-2;
/// `logits` has as many rows as the reference.
LogitDifference compare_logits(const std::vector<float>& logits, const std::vector<std::vector<double>>& reference);

/// The same for what `model` makes of the reference's images.
/// @throws UsageError where model and reference have different numbers of classes or channels.
LogitDifference compare_with_reference(const Model& model, const ReferenceLogits& reference);

/// A change of the sidecar that makes the model pass, as "mean [0, 0, 0] and std [1, 1, 1]"; "" where none that is
/// often mistaken does: no normalisation, those of ImageNet and CIFAR-10, 0.5, and each with the other channel order.
std::string explain_difference(const ModelSpec& spec);

}  // namespace cuebench
