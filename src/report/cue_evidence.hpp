#pragma once
// What the variants that keep one cue say together about a pair.

#include "accuracy_resamples.hpp"

namespace cuebench {

/// Cues of the clean images conflict where the run has cue labels; then every measure is absent.
CueEvidence weigh_cues(int robust, int standard, const RunDescription& run, const AccuracyResamples& resamples);

}  // namespace cuebench
