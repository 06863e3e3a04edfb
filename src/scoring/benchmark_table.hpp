#pragma once
// Means over the sets of model-vs-human.

#include <optional>
#include <span>

#include <cuebench/scoring/scores.hpp>

#include "set_consistency.hpp"

namespace cuebench::scoring {

/// Nothing where none of the 17 sets has both a model and a human. `replicates` by set, as `sets`.
std::optional<Benchmark> benchmark_table(std::span<const SetScores> sets, std::span<const SetReplicates> replicates,
                                         const ScoreOptions& options);

}  // namespace cuebench::scoring
