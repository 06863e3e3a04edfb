#pragma once
// Which items are resampled together.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <cuebench/metrics/bootstrap.hpp>

namespace cuebench {

/// A class with fewer images than this cannot be resampled on its own: with one image it would never vary.
inline constexpr std::int64_t kMinimumStratum = 8;

struct Strata {
  std::vector<int> of_item;  ///< -1: not in the sample
  int count = 0;
  bool by_class = true;  ///< false: one stratum, because a class has fewer than kMinimumStratum images
  std::int64_t items = 0;
  /// "paired bootstrap 95%, 10000 replicates, stratified by class"
  std::string method(const BootstrapOptions& options) const;
};

/// `labels[item]` is the class of an item of the sample, or -1.
Strata stratify(std::span<const int> labels);

/// Items of the sample per stratum and category.
template <typename CategoryOf>
CategoryCounts count_categories(const Strata& strata, int categories, CategoryOf category_of) {
  CategoryCounts counts(static_cast<std::size_t>(strata.count), std::vector<std::int64_t>(categories, 0));
  for (std::size_t item = 0; item < strata.of_item.size(); ++item) {
    const int stratum = strata.of_item[item];
    if (stratum >= 0) ++counts[stratum][category_of(item)];
  }
  return counts;
}

}  // namespace cuebench
