#pragma once
// The answer in one sentence.

#include <cuebench/report/summary.hpp>

namespace cuebench {

/// Sets verdict and sentence of a pair from its numbers; needs scores, cues and shape bias of `summary`.
void judge(PairComparison& pair, const RunSummary& summary);

/// What a run without pairs says about one model.
std::string describe_model(int model, const RunSummary& summary);

}  // namespace cuebench
