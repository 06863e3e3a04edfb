#pragma once
// Accuracy under interventions on channels, as curves with intervals.

#include <cuebench/report/summary.hpp>

namespace cuebench {

std::vector<InterventionCurve> summarise_interventions(const RunStore& store, const SummaryOptions& options);

}  // namespace cuebench
