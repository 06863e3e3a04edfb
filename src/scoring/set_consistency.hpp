#pragma once
// Comparisons of the observers of one set, with one bootstrap for all of them.

#include <vector>

#include <cuebench/scoring/scores.hpp>

#include "set_trials.hpp"

namespace cuebench::scoring {

/// Replicates that the benchmark averages over sets: by model (in the order of SetScores::observers), then replicate.
struct ModelReplicates {
  std::vector<double> observed, kappa, accuracy;  ///< accuracy in the conditions of the benchmark
};
struct SetReplicates {
  std::vector<ModelReplicates> models;
  ModelReplicates humans;  ///< among humans; accuracy of all of them together
};

/// Fills in pairs, with_humans and among_humans of `scores`, whose observers are those of `set`. The results do not
/// depend on `threads`.
SetReplicates compare_observers(const SetTrials& set, const ScoreOptions& options, int threads, SetScores& scores);

}  // namespace cuebench::scoring
