#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/metrics/aggregation.hpp>

namespace cuebench {
namespace {

constexpr double kSmallestProbability = 1e-300;

double sum_of(std::span<const double> values, const std::vector<int>& members) {
  double sum = 0;
  for (const int output : members) sum += values[static_cast<std::size_t>(output)];
  return sum;
}

/// Relative to the first, so that the mean of equal numbers is that number: categories of different sizes can tie.
double mean_of(std::span<const double> values, const std::vector<int>& members) {
  const double first = values[static_cast<std::size_t>(members.front())];
  double sum = 0;
  for (const int output : members) sum += values[static_cast<std::size_t>(output)] - first;
  return first + sum / static_cast<double>(members.size());
}

template <typename Value>
double largest_of(std::span<const Value> values, const std::vector<int>& members) {
  double largest = kNoMember;
  for (const int output : members) largest = std::max<double>(largest, values[static_cast<std::size_t>(output)]);
  return largest;
}

double logsumexp_of(std::span<const float> logits, const std::vector<int>& members) {
  const double largest = largest_of(logits, members);
  double sum = 0;  // relative to the largest, so that nothing overflows
  for (const int output : members) sum += std::exp(logits[static_cast<std::size_t>(output)] - largest);
  return largest + std::log(sum);
}

}  // namespace

std::string_view to_string(Aggregation aggregation) {
  switch (aggregation) {
    case Aggregation::mean:
      return "mean";
    case Aggregation::sum:
      return "sum";
    case Aggregation::max:
      return "max";
    case Aggregation::logsumexp:
      return "logsumexp";
  }
  return "mean";
}

Aggregation parse_aggregation(std::string_view text) {
  for (const Aggregation aggregation : kAggregations)
    if (to_string(aggregation) == text) return aggregation;
  throw UsageError(fmt::format("--aggregation '{}' is unknown: choose mean, sum, max or logsumexp", text));
}

std::vector<double> softmax(std::span<const float> logits) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> probabilities;
  probabilities.reserve(logits.size());
  double sum = 0;
  for (const float logit : logits) {
    probabilities.push_back(std::exp(logit - largest));
    sum += probabilities.back();
  }
  for (double& probability : probabilities) probability /= sum;
  return probabilities;
}

std::vector<double> aggregate(std::span<const float> logits, std::span<const double> probabilities,
                              std::span<const std::vector<int>> members, Aggregation aggregation) {
  const auto value_of = [&](const std::vector<int>& outputs) {
    switch (aggregation) {
      case Aggregation::mean:
        return mean_of(probabilities, outputs);
      case Aggregation::sum:
        return sum_of(probabilities, outputs);
      case Aggregation::max:
        return largest_of(probabilities, outputs);
      case Aggregation::logsumexp:
        return logsumexp_of(logits, outputs);
    }
    return kNoMember;
  };
  std::vector<double> values;
  values.reserve(members.size());
  for (const auto& outputs : members) values.push_back(outputs.empty() ? kNoMember : value_of(outputs));
  return values;
}

std::vector<double> log_values(std::vector<double> values, Aggregation aggregation) {
  if (aggregation == Aggregation::logsumexp) return values;
  for (double& value : values)
    if (value != kNoMember) value = std::log(std::max(value, kSmallestProbability));
  return values;
}

int decide(std::span<const double> values, std::span<const int> order) {
  int best = order.front();
  for (const int category : order)
    if (values[static_cast<std::size_t>(category)] > values[static_cast<std::size_t>(best)]) best = category;
  return best;
}

}  // namespace cuebench
