#pragma once
// What the run says about models whose outputs are mapped to other classes.

#include <cuebench/report/summary.hpp>

namespace cuebench {

std::vector<AggregationScores> summarise_aggregations(const RunStore& store);

/// Images that are no part of the run since a model lacks their category, and these categories.
LeftOutImages left_out_images(const RunDescription& run);

}  // namespace cuebench
