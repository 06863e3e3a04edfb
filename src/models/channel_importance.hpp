#pragma once
// Channel-wise importance-based feature selection (CIFS, Yan et al., ICML 2021) and suppression (CAS, Bai et al.,
// ICLR 2021): a probe classifies from the channels' means, and the channels are weighed by what they mean to it.

#include <ATen/core/Tensor.h>

#include "native_plan.hpp"

namespace cuebench {

/// Logits [N, classes] of a channel_probe on a map [N, C, H, W].
at::Tensor probe_logits(const PlanStep& step, const at::Tensor& map);

/// [N, C]: the derivative of the selected probe logits, summed, by each channel's mean. `means` is [N, C], `selected`
/// [N, k] int64. In closed form, so that it can be differentiated again by weights and means.
at::Tensor probe_relevance(const PlanStep& step, const at::Tensor& means, const at::Tensor& selected);

/// [N, 1 or 2]: the classes whose logits the relevance is of. Those of the largest logits, of equal ones the lowest
/// index; with `labels` [N] int64 as in training: the label, and the class in the second place of the logits, whichever
/// it is (so that a label in that place counts twice).
at::Tensor selected_probe_classes(const ImportanceRule& rule, const at::Tensor& logits, const at::Tensor& labels = {});

/// [N, C]: factors from relevances.
at::Tensor importance_factors(const ImportanceRule& rule, const at::Tensor& relevance);

/// The map times its factors; `logits` are those of the probe on the same map.
at::Tensor weigh_channels(const PlanStep& step, const at::Tensor& map, const at::Tensor& logits,
                          const at::Tensor& labels = {});

}  // namespace cuebench
