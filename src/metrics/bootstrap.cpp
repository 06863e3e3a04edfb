#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

#include <fmt/format.h>

#include <cuebench/core/random.hpp>
#include <cuebench/metrics/bootstrap.hpp>

#include "multinomial.hpp"

namespace cuebench {
namespace {

void require_options(const BootstrapOptions& options) {
  if (options.replicates < 1 || !(options.confidence > 0 && options.confidence < 1))
    throw std::invalid_argument("a bootstrap needs at least one replicate and a confidence between 0 and 1");
}

/// Indices of the units of each stratum, in the order given.
std::map<int, std::vector<std::size_t>> units_by_stratum(std::span<const BootstrapUnit> units) {
  std::map<int, std::vector<std::size_t>> strata;
  for (std::size_t u = 0; u < units.size(); ++u) {
    if (units[u].sums.size() != units.front().sums.size())
      throw std::invalid_argument("bootstrap units have equally many sums");
    strata[units[u].stratum].push_back(u);
  }
  return strata;
}

std::vector<double> weighted_total(std::span<const BootstrapUnit> units, std::span<const std::int32_t> times) {
  std::vector<double> total(units.front().sums.size());
  for (std::size_t u = 0; u < units.size(); ++u) {
    if (times[u] == 0) continue;
    for (std::size_t d = 0; d < total.size(); ++d) total[d] += times[u] * units[u].sums[d];
  }
  return total;
}

}  // namespace

double sorted_quantile(std::span<const double> ascending, double p) {
  if (ascending.empty() || !(p >= 0 && p <= 1)) throw std::invalid_argument("a quantile needs values and p in [0, 1]");
  const double position = p * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, ascending.size() - 1);
  return std::lerp(ascending[below], ascending[above], position - static_cast<double>(below));
}

Estimate percentile_estimate(double value, std::vector<double> replicates, std::int64_t n, double confidence) {
  Estimate estimate;
  estimate.n = n;
  if (!std::isfinite(value)) {
    estimate.method = "undefined on these data";
    return estimate;
  }
  estimate.value = value;
  const std::size_t made = replicates.size();
  std::erase_if(replicates, [](double replicate) { return !std::isfinite(replicate); });
  const std::size_t undefined = made - replicates.size();
  const std::string note = undefined ? fmt::format(", {} undefined", undefined) : "";
  if (replicates.empty() || static_cast<double>(undefined) > kMaximumUndefinedShare * static_cast<double>(made)) {
    estimate.method = fmt::format("no interval: {} of {} bootstrap replicates undefined", undefined, made);
    return estimate;
  }
  std::sort(replicates.begin(), replicates.end());
  const double tail = (1 - confidence) / 2;
  estimate.low = sorted_quantile(replicates, tail);
  estimate.high = sorted_quantile(replicates, 1 - tail);
  estimate.method = fmt::format("percentile bootstrap {:g}%, {} replicates{}", 100 * confidence, made, note);
  return estimate;
}

Estimate bootstrap_counts(const CategoryCounts& counts,
                          const std::function<double(std::span<const std::int64_t>)>& statistic,
                          std::string_view purpose, const BootstrapOptions& options) {
  require_options(options);
  const std::size_t categories = counts.empty() ? 0 : counts.front().size();
  std::vector<std::int64_t> observed(categories);
  for (const auto& stratum : counts) {
    if (stratum.size() != categories) throw std::invalid_argument("strata have equally many categories");
    for (std::size_t k = 0; k < categories; ++k) observed[k] += stratum[k];
  }
  const std::int64_t n = std::accumulate(observed.begin(), observed.end(), std::int64_t{0});
  if (n == 0) return {{}, {}, {}, 0, "undefined: no items"};

  // Stratum by stratum, so that one stratum's tables are in the cache for all replicates.
  const auto replicates = static_cast<std::size_t>(options.replicates);
  std::vector<std::int64_t> pooled(replicates * categories);
  const auto pooled_of = [&](std::size_t r) { return std::span(pooled).subspan(r * categories, categories); };
  for (std::size_t s = 0; s < counts.size(); ++s) {
    MultinomialSampler sampler(counts[s]);
    RandomStream stream(options.seed, fmt::format("bootstrap stratum {}", s), purpose);
    for (std::size_t r = 0; r < replicates; ++r) sampler.add_draw(stream, pooled_of(r));
  }
  std::vector<double> values(replicates);
  for (std::size_t r = 0; r < replicates; ++r) values[r] = statistic(pooled_of(r));
  return percentile_estimate(statistic(observed), std::move(values), n, options.confidence);
}

Estimate bootstrap_sums(std::span<const BootstrapUnit> units,
                        const std::function<double(std::span<const double>)>& statistic, std::string_view purpose,
                        const BootstrapOptions& options, int minimum_units) {
  require_options(options);
  if (units.empty()) return {{}, {}, {}, 0, "undefined: no units"};
  const auto strata = units_by_stratum(units);
  const auto n = static_cast<std::int64_t>(units.size());
  const double value = statistic(weighted_total(units, std::vector<std::int32_t>(units.size(), 1)));
  for (const auto& [stratum, members] : strata) {
    if (!std::isfinite(value) || static_cast<std::int64_t>(members.size()) >= minimum_units) continue;
    return {value,
            {},
            {},
            n,
            fmt::format("no interval: stratum {} has {} blocks to resample, fewer than {}", stratum, members.size(),
                        minimum_units)};
  }

  std::vector<double> values(static_cast<std::size_t>(options.replicates));
  std::vector<std::int32_t> times(units.size());
  for (std::size_t r = 0; r < values.size(); ++r) {
    std::fill(times.begin(), times.end(), 0);
    for (const auto& [stratum, members] : strata) {
      RandomStream stream(options.seed, fmt::format("bootstrap replicate {} stratum {}", r, stratum), purpose);
      for (std::size_t i = 0; i < members.size(); ++i) ++times[members[stream.below(members.size())]];
    }
    values[r] = statistic(weighted_total(units, times));
  }
  return percentile_estimate(value, std::move(values), n, options.confidence);
}

}  // namespace cuebench
