#pragma once
// Counts of one observer in one set.

#include <cuebench/scoring/scores.hpp>

#include "set_trials.hpp"

namespace cuebench::scoring {

/// Everything of ObserverScores but `with_humans`. `in_benchmark` by condition.
ObserverScores tally_observer(const TrialTable& table, const SetTrials& set, const SetTrials::Observer& observer,
                              const std::vector<bool>& in_benchmark, double confidence);

/// The trials of several observers as those of one.
ObserverScores pool_observers(std::span<const ObserverScores* const> observers, std::string name, double confidence);

}  // namespace cuebench::scoring
