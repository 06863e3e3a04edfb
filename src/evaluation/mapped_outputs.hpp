#pragma once
// One image's logits in the run's classes, where a class may have several outputs or none.

#include <array>
#include <span>

#include <cuebench/metrics/aggregation.hpp>
#include <cuebench/metrics/outcome.hpp>

#include "class_space.hpp"

namespace cuebench {

struct MappedOutcome {
  Outcome outcome;  ///< under the mapping's aggregation; classes without outputs take no part
  /// By aggregation: the decision, and whether the label alone has the largest value (as rank 1 of an outcome).
  std::array<int, kAggregations.size()> decided{};
  std::array<bool, kAggregations.size()> right{};
};

/// `label` is -1 or a class with outputs.
MappedOutcome score_mapped(std::span<const float> logits, const OutputMapping& mapping, int label);

}  // namespace cuebench
