#include "multinomial.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <boost/random/binomial_distribution.hpp>

namespace cuebench {
namespace {

/// Up to here the tables of one stratum stay in the second-level cache and beat Boost's method several times.
constexpr std::int64_t kLargestTable = 128;

/// P[X = x] of Binomial(n, p) for x = 0..n, 0 < p < 1. From the end where the first mass is largest, at least
/// 2^-128: no underflow.
std::vector<double> binomial_masses(std::int64_t n, double p) {
  const bool mirrored = p > 0.5;
  const double rare = mirrored ? 1 - p : p, odds = rare / (1 - rare);
  std::vector<double> mass(static_cast<std::size_t>(n) + 1);
  mass[0] = std::pow(1 - rare, static_cast<double>(n));
  for (std::size_t x = 1; x < mass.size(); ++x)
    mass[x] = mass[x - 1] * odds * static_cast<double>(mass.size() - x) / static_cast<double>(x);
  if (mirrored) std::reverse(mass.begin(), mass.end());
  return mass;
}

}  // namespace

MultinomialSampler::AliasTable MultinomialSampler::binomial_table(std::int64_t n, double p) {
  std::vector<double> mass = binomial_masses(n, p);
  AliasTable table(mass.size());
  std::vector<std::size_t> below, above;  // slots with less and with more than their share of the mass
  for (std::size_t x = 0; x < mass.size(); ++x) {
    mass[x] *= static_cast<double>(mass.size());
    (mass[x] < 1 ? below : above).push_back(x);
  }
  while (!below.empty() && !above.empty()) {
    const std::size_t poor = below.back(), rich = above.back();
    below.pop_back();
    table[poor] = {mass[poor], static_cast<std::int64_t>(rich)};
    mass[rich] -= 1 - mass[poor];
    if (mass[rich] < 1) {
      above.pop_back();
      below.push_back(rich);
    }
  }
  return table;  // slots left over have their share up to rounding, and are always kept
}

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

std::int64_t MultinomialSampler::draw(Step& step, std::int64_t left, RandomStream& stream) {
  if (step.tables.empty())
    return boost::random::binomial_distribution<std::int64_t, double>(left, step.probability)(stream);
  AliasTable& table = step.tables[static_cast<std::size_t>(left)];
  if (table.empty()) table = binomial_table(left, step.probability);
  const double place = stream.uniform() * static_cast<double>(table.size());
  const auto slot = std::min(static_cast<std::int64_t>(place), left);  // the product may round up to the size
  const Slot& chosen = table[static_cast<std::size_t>(slot)];
  return place - static_cast<double>(slot) < chosen.keep ? slot : chosen.alias;
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
