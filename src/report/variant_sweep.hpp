#pragma once
// Variants of one transform that differ in one numeric parameter.

#include <string>
#include <utility>
#include <vector>

#include <cuebench/report/summary.hpp>

namespace cuebench {

struct VariantSweep {
  std::string family;      ///< the variant's text with the parameter's value replaced: "saturate:p=*"
  std::string transforms;  ///< "saturate"
  std::string parameter;   ///< "p"
  std::vector<std::pair<double, int>> points;  ///< value, variant; ascending, at least 2, all different
  std::vector<std::string> values;             ///< the points' values as the variants write them: "8/255"
  bool logarithmic = false;                    ///< the values are positive and span a factor of 16 or more
};

/// Every variant is in at most one sweep, the largest that it fits; clean is in none.
std::vector<VariantSweep> find_sweeps(const RunDescription& run);

}  // namespace cuebench
