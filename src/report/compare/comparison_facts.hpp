#pragma once
// What runs have in common.

#include <cuebench/report/comparison.hpp>

namespace cuebench {

/// Images, classes, variants, and everything else that decides the results. `common_images` are those that all runs
/// list.
std::vector<ComparisonFact> compare_facts(const std::vector<ComparedRun>& runs, std::int64_t common_images);

}  // namespace cuebench
