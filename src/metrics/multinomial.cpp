#include "multinomial.hpp"

#include <cmath>
#include <numeric>
#include <stdexcept>

#include <boost/random/binomial_distribution.hpp>

namespace cuebench {
namespace {

/// Up to here the tables of one stratum stay in the second-level cache and beat Boost's method about four times.
constexpr std::int64_t kLargestTable = 64;

/// P[X <= x] of Binomial(n, p) for x = 0..n, 0 < p < 1; n <= 64, so (1 - p)^n is far from underflow unless p is within
/// 1e-4 of 1, where the recurrence from the other end is used.
std::vector<double> cumulative_binomial(std::int64_t n, double p) {
  const bool mirrored = p > 0.5;
  const double odds = mirrored ? (1 - p) / p : p / (1 - p);
  std::vector<double> mass(static_cast<std::size_t>(n) + 1);
  mass[0] = std::pow(mirrored ? p : 1 - p, static_cast<double>(n));
  for (std::size_t x = 1; x < mass.size(); ++x)
    mass[x] = mass[x - 1] * odds * static_cast<double>(mass.size() - x) / static_cast<double>(x);
  if (mirrored) mass.assign(mass.rbegin(), mass.rend());
  std::partial_sum(mass.begin(), mass.end(), mass.begin());
  mass.back() = 1;
  return mass;
}

}  // namespace

MultinomialSampler::MultinomialSampler(std::span<const std::int64_t> category_counts) {
  for (const std::int64_t count : category_counts) {
    if (count < 0) throw std::invalid_argument("a category count is not negative");
    n_ += count;
  }
  std::int64_t left = n_;
  for (std::size_t k = 0; k < category_counts.size() && left > 0; ++k) {
    if (category_counts[k] == 0) continue;
    if (category_counts[k] == left) {
      last_category_ = k;
      break;
    }
    steps_.push_back({k, static_cast<double>(category_counts[k]) / static_cast<double>(left), {}});
    if (n_ <= kLargestTable) steps_.back().tables.resize(static_cast<std::size_t>(n_) + 1);
    left -= category_counts[k];
  }
}

std::int64_t MultinomialSampler::draw(Step& step, std::int64_t left, RandomStream& stream) const {
  if (step.tables.empty())
    return boost::random::binomial_distribution<std::int64_t, double>(left, step.probability)(stream);
  auto& table = step.tables[static_cast<std::size_t>(left)];
  if (table.empty()) table = cumulative_binomial(left, step.probability);
  const double u = stream.uniform();
  auto x = static_cast<std::size_t>(step.probability * static_cast<double>(left));  // near the mean: few steps
  while (u >= table[x]) ++x;  // ends: the last entry is 1 and u < 1
  while (x > 0 && u < table[x - 1]) --x;
  return static_cast<std::int64_t>(x);
}

void MultinomialSampler::add_draw(RandomStream& stream, std::span<std::int64_t> pooled) {
  std::int64_t left = n_;
  for (Step& step : steps_) {
    if (left == 0) return;
    const std::int64_t drawn = draw(step, left, stream);
    pooled[step.category] += drawn;
    left -= drawn;
  }
  if (left > 0) pooled[last_category_] += left;
}

}  // namespace cuebench
