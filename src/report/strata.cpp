#include "strata.hpp"

#include <map>

#include <fmt/format.h>

namespace cuebench {

std::string Strata::method(const BootstrapOptions& options) const {
  return fmt::format("paired bootstrap {}%, {} replicates, {}", options.confidence * 100, options.replicates,
                     by_class ? "stratified by class"
                              : fmt::format("not stratified (a class has fewer than {} images)", kMinimumStratum));
}

Strata stratify(std::span<const int> labels) {
  std::map<int, std::int64_t> images;
  Strata strata;
  for (const int label : labels)
    if (label >= 0) ++images[label], ++strata.items;
  std::map<int, int> stratum_of_label;
  for (const auto& [label, n] : images) {
    stratum_of_label.emplace(label, static_cast<int>(stratum_of_label.size()));
    if (n < kMinimumStratum) strata.by_class = false;
  }
  strata.count = strata.by_class ? static_cast<int>(images.size()) : 1;
  strata.of_item.assign(labels.size(), -1);
  for (std::size_t item = 0; item < labels.size(); ++item)
    if (labels[item] >= 0) strata.of_item[item] = strata.by_class ? stratum_of_label.at(labels[item]) : 0;
  return strata;
}

}  // namespace cuebench
