#pragma once
// What one model did with one image under one variant.

#include <cstdint>
#include <span>

namespace cuebench {

struct Outcome {
  int predicted = -1;                 ///< arg max of the logits, the lowest index wins ties
  float confidence = 0;               ///< softmax probability of `predicted`
  int rank_of_label = -1;             ///< 1 = top-1; ties count against the label; -1 when the label is unknown
  float negative_log_likelihood = 0;  ///< -log softmax[label], nats; NaN in memory (null in files) when no label
  float margin = 0;                   ///< logit[label] - max of the others; NaN when no label
};

/// Softmax and sums in double. `label` -1 means unknown. logits.size() >= 2, all finite, label < logits.size();
/// std::invalid_argument otherwise.
Outcome score_logits(std::span<const float> logits, int label);
/// The same of logits that were computed in double.
Outcome score_logits(std::span<const double> logits, int label);

}  // namespace cuebench
