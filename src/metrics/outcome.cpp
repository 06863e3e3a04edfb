#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>

#include <cuebench/metrics/outcome.hpp>

namespace cuebench {
namespace {

template <typename Logit>
Outcome score(std::span<const Logit> logits, int label) {
  if (logits.size() < 2 || label < -1 || (label >= 0 && static_cast<std::size_t>(label) >= logits.size()))
    throw std::invalid_argument("score_logits: at least two logits, and a label below their number");
  std::size_t best = 0;
  for (std::size_t k = 0; k < logits.size(); ++k) {
    if (!std::isfinite(logits[k])) throw std::invalid_argument("score_logits: a logit is not finite");
    if (logits[k] > logits[best]) best = k;
  }

  double total = 0;  // relative to the largest, so that nothing overflows
  for (const Logit logit : logits) total += std::exp(static_cast<double>(logit) - logits[best]);

  Outcome outcome;
  outcome.predicted = static_cast<int>(best);
  outcome.confidence = static_cast<float>(1.0 / total);
  if (label < 0) {
    outcome.negative_log_likelihood = outcome.margin = std::numeric_limits<float>::quiet_NaN();
    return outcome;
  }
  const auto truth = static_cast<std::size_t>(label);
  Logit best_other = -std::numeric_limits<Logit>::infinity();
  outcome.rank_of_label = 1;
  for (std::size_t k = 0; k < logits.size(); ++k) {
    if (k == truth) continue;
    if (logits[k] >= logits[truth]) ++outcome.rank_of_label;
    if (logits[k] > best_other) best_other = logits[k];
  }
  const double below_best = static_cast<double>(logits[best]) - logits[truth];
  outcome.negative_log_likelihood = static_cast<float>(std::log(total) + below_best);
  outcome.margin = static_cast<float>(static_cast<double>(logits[truth]) - best_other);
  return outcome;
}

}  // namespace

Outcome score_logits(std::span<const float> logits, int label) {
  return score(logits, label);
}

Outcome score_logits(std::span<const double> logits, int label) {
  return score(logits, label);
}

}  // namespace cuebench
