#pragma once
// How many outputs of a model become one category's value, and which category is decided for.

#include <array>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace cuebench {

/// mean, sum, max: of the members' softmax probabilities, where the softmax runs over all outputs, members or not;
/// logsumexp: of the members' logits.
enum class Aggregation { mean, sum, max, logsumexp };
inline constexpr std::array<Aggregation, 4> kAggregations{Aggregation::mean, Aggregation::sum, Aggregation::max,
                                                          Aggregation::logsumexp};

std::string_view to_string(Aggregation aggregation);
/// @throws UsageError naming the four.
Aggregation parse_aggregation(std::string_view text);

/// Softmax over all of `logits`, in double. Not empty, all finite.
std::vector<double> softmax(std::span<const float> logits);

/// A category without members cannot be decided for: below every value.
inline constexpr double kNoMember = -std::numeric_limits<double>::infinity();

/// One value a category; `members` are indices into `logits`. `probabilities` is softmax(logits): several aggregations
/// of one image share it. Sums are in double, in the order of the members.
std::vector<double> aggregate(std::span<const float> logits, std::span<const double> probabilities,
                              std::span<const std::vector<int>> members, Aggregation aggregation);

/// The values of `aggregate` as logarithms, so that their softmax is each category's share of the sum over categories.
/// Finite but for categories without members, which stay kNoMember.
std::vector<double> log_values(std::vector<double> values, Aggregation aggregation);

/// The largest value; of equal ones the first in `order`, which lists every category once.
int decide(std::span<const double> values, std::span<const int> order);

}  // namespace cuebench
