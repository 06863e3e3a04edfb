#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <fmt/format.h>

#include <cuebench/metrics/intervals.hpp>

namespace cuebench {
namespace {

void require_proportion(std::int64_t successes, std::int64_t n, double confidence) {
  if (successes < 0 || successes > n) throw std::invalid_argument("a proportion needs 0 <= successes <= n");
  if (!(confidence > 0 && confidence < 1)) throw std::invalid_argument("confidence lies between 0 and 1");
}

Estimate proportion(std::int64_t successes, std::int64_t n, std::string_view name, double confidence) {
  Estimate estimate;
  estimate.n = n;
  if (n == 0) {
    estimate.method = "undefined: no items";
    return estimate;
  }
  estimate.value = static_cast<double>(successes) / static_cast<double>(n);
  estimate.method = fmt::format("{} {:g}%", name, 100 * confidence);
  return estimate;
}

}  // namespace

Estimate wilson_interval(std::int64_t successes, std::int64_t n, double confidence) {
  require_proportion(successes, n, confidence);
  Estimate estimate = proportion(successes, n, "wilson", confidence);
  if (n == 0) return estimate;

  const double z = boost::math::quantile(boost::math::normal(), 0.5 + confidence / 2);
  const double count = static_cast<double>(n), p = *estimate.value, per_item = z * z / count;
  const double centre = (p + per_item / 2) / (1 + per_item);
  const double half = z / (1 + per_item) * std::sqrt(p * (1 - p) / count + per_item / (4 * count));
  // The bounds reach 0 and 1 exactly at the ends; rounding must not leave them a hair inside or outside.
  estimate.low = successes == 0 ? 0.0 : std::clamp(centre - half, 0.0, p);
  estimate.high = successes == n ? 1.0 : std::clamp(centre + half, p, 1.0);
  return estimate;
}

Estimate clopper_pearson_interval(std::int64_t successes, std::int64_t n, double confidence) {
  require_proportion(successes, n, confidence);
  Estimate estimate = proportion(successes, n, "clopper-pearson", confidence);
  if (n == 0) return estimate;

  using Binomial = boost::math::binomial_distribution<double>;
  const double count = static_cast<double>(n), found = static_cast<double>(successes), tail = (1 - confidence) / 2;
  estimate.low = successes == 0 ? 0.0 : Binomial::find_lower_bound_on_p(count, found, tail);
  estimate.high = successes == n ? 1.0 : Binomial::find_upper_bound_on_p(count, found, tail);
  return estimate;
}

double mcnemar_exact(std::int64_t only_first, std::int64_t only_second) {
  if (only_first < 0 || only_second < 0) throw std::invalid_argument("discordant counts are not negative");
  if (only_first == only_second) return 1;
  const boost::math::binomial_distribution<double> null(static_cast<double>(only_first + only_second), 0.5);
  return std::min(1.0, 2 * boost::math::cdf(null, static_cast<double>(std::min(only_first, only_second))));
}

double mcnemar_mid_p(std::int64_t only_first, std::int64_t only_second) {
  if (only_first < 0 || only_second < 0) throw std::invalid_argument("discordant counts are not negative");
  if (only_first == only_second) return 1;
  const boost::math::binomial_distribution<double> null(static_cast<double>(only_first + only_second), 0.5);
  const auto smaller = static_cast<double>(std::min(only_first, only_second));
  return std::min(1.0, 2 * boost::math::cdf(null, smaller) - boost::math::pdf(null, smaller));
}

std::vector<double> holm_adjust(const std::vector<double>& p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return p_values[a] < p_values[b]; });

  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    largest = std::max(largest, static_cast<double>(order.size() - rank) * p_values[order[rank]]);
    adjusted[order[rank]] = std::min(1.0, largest);
  }
  return adjusted;
}

std::vector<double> benjamini_hochberg_adjust(const std::vector<double>& p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return p_values[a] > p_values[b]; });

  const auto count = static_cast<double>(p_values.size());
  std::vector<double> adjusted(p_values.size());
  double smallest = 1;
  for (std::size_t place = 0; place < order.size(); ++place) {
    smallest = std::min(smallest, p_values[order[place]] * count / (count - static_cast<double>(place)));
    adjusted[order[place]] = smallest;
  }
  return adjusted;
}

std::int64_t items_for_half_width(double p, double half_width, double confidence) {
  if (!(p >= 0 && p <= 1) || !(half_width > 0 && half_width < 0.5) || !(confidence > 0 && confidence < 1))
    throw std::invalid_argument("a sample size needs p in [0, 1] and a half width in (0, 0.5)");
  const double z = boost::math::quantile(boost::math::normal(), 0.5 + confidence / 2);
  const auto half = [&](std::int64_t n) {
    const double count = static_cast<double>(n), per_item = z * z / count;
    return z / (1 + per_item) * std::sqrt(p * (1 - p) / count + per_item / (4 * count));
  };
  // Between p near 0 or 1 and 1/2 the width falls with n everywhere; a bracket is found by doubling.
  std::int64_t high = 1;
  while (half(high) > half_width) high *= 2;
  std::int64_t low = high / 2;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (half(middle) > half_width ? low : high) = middle;
  }
  return high;
}

}  // namespace cuebench
