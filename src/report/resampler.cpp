#include "resampler.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/random.hpp>

#include "measure.hpp"

namespace cuebench {
ResamplingUnits::ResamplingUnits(const Strata& strata, std::int64_t maximum_units)
    : unit_(strata.of_item.size(), -1), units_(static_cast<std::size_t>(strata.count), 0) {
  std::vector<std::int64_t> sizes(units_.size(), 0);
  for (const int stratum : strata.of_item)
    if (stratum >= 0) ++sizes[static_cast<std::size_t>(stratum)];
  const std::int64_t smallest = sizes.empty() ? 0 : *std::min_element(sizes.begin(), sizes.end());
  images_per_unit_ = std::min((strata.items + maximum_units - 1) / maximum_units, smallest / kMinimumStratum);
  images_per_unit_ = std::max<std::int64_t>(1, images_per_unit_);
  std::vector<std::int64_t> seen(units_.size(), 0);
  for (std::size_t item = 0; item < unit_.size(); ++item) {
    const int stratum = strata.of_item[item];
    if (stratum < 0) continue;
    unit_[item] = static_cast<int>(seen[stratum]++ / images_per_unit_);
    units_[stratum] = unit_[item] + 1;
  }
}

void resample_stratum(std::span<const double> sums, int fields, std::string_view stratum, const ResamplingPlan& plan,
                      const std::function<void(int, std::span<const double>)>& visit) {
  const std::uint64_t units = sums.size() / static_cast<std::size_t>(fields);
  std::vector<double> total(static_cast<std::size_t>(fields));
  for (int replicate = 0; replicate < plan.replicates; ++replicate) {
    RandomStream random(plan.seed, stratum, fmt::format("resample {}", replicate));
    std::fill(total.begin(), total.end(), 0.0);
    for (std::uint64_t draw = 0; draw < units; ++draw) {
      const double* row = sums.data() + random.below(units) * static_cast<std::size_t>(fields);
      for (int field = 0; field < fields; ++field) total[field] += row[field];
    }
    visit(replicate, total);
  }
}

Measure percentile_measure(std::optional<double> value, std::vector<double> replicates, std::int64_t n,
                           const ResamplingPlan& plan, std::string method) {
  if (!value) return undefined_measure(n, std::move(method));
  return measure_of(percentile_estimate(*value, std::move(replicates), n, plan.confidence), std::move(method));
}

}  // namespace cuebench
