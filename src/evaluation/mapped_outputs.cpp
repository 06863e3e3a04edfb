#include "mapped_outputs.hpp"

#include <algorithm>

namespace cuebench {
namespace {

/// The outcome among the classes that have outputs.
Outcome outcome_of(const std::vector<double>& logs, int label, int decided) {
  std::vector<double> available;
  int label_there = -1;
  for (std::size_t k = 0; k < logs.size(); ++k) {
    if (logs[k] == kNoMember) continue;
    if (static_cast<int>(k) == label) label_there = static_cast<int>(available.size());
    available.push_back(logs[k]);
  }
  Outcome outcome = score_logits(available, label_there);
  outcome.predicted = decided;
  return outcome;
}

bool is_alone_largest(const std::vector<double>& values, int label) {
  if (label < 0) return false;
  for (std::size_t k = 0; k < values.size(); ++k)
    if (static_cast<int>(k) != label && values[k] >= values[static_cast<std::size_t>(label)]) return false;
  return true;
}

}  // namespace

MappedOutcome score_mapped(std::span<const float> logits, const OutputMapping& mapping, int label) {
  const std::vector<double> probabilities = softmax(logits);
  MappedOutcome mapped;
  for (std::size_t a = 0; a < kAggregations.size(); ++a) {
    std::vector<double> values = aggregate(logits, probabilities, mapping.members, kAggregations[a]);
    mapped.decided[a] = decide(values, mapping.order);
    mapped.right[a] = is_alone_largest(values, label);
    if (kAggregations[a] == mapping.aggregation)
      mapped.outcome = outcome_of(log_values(std::move(values), mapping.aggregation), label, mapped.decided[a]);
  }
  return mapped;
}

}  // namespace cuebench
