#pragma once
// The relevance of a channel: the derivative of chosen logits by a constant added to the whole channel.

#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/models/model.hpp>

namespace cuebench {

/// The classes whose logits are summed, per image: {label} or {first, second}. Ties: the lowest index.
/// @throws UsageError for labels that are no classes, or fewer labels than images.
std::vector<std::vector<std::int64_t>> selected_classes(const std::vector<float>& logits, std::int64_t classes,
                                                        const std::vector<std::int64_t>& labels, RelevanceKind kind);

/// Gradients of the selected logits by each tap; a tap that the logits do not depend on gives an undefined tensor.
/// One backward pass serves the batch, since in eval mode images do not touch each other.
std::vector<at::Tensor> tap_gradients(const at::Tensor& logits, const std::vector<at::Tensor>& taps,
                                      const std::vector<std::vector<std::int64_t>>& selected);

/// Relevance by the closed form: the sum of the rows of `weights` [classes x C] that are selected.
TapMeans closed_form_relevance(const std::vector<double>& weights, std::int64_t channels,
                               const std::vector<std::vector<std::int64_t>>& selected);

}  // namespace cuebench
