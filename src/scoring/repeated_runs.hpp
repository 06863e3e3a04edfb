#pragma once
// Files that hold the same run: published folders repeat files of each other, and two networks may bear one name.

#include <cstdint>
#include <vector>

#include <cuebench/scoring/trials.hpp>

namespace cuebench::scoring {

/// Takes out the runs (one set, observer and session of one file) that repeat an earlier file, and renames observers of
/// later folders whose answers differ. Runs with the same answers in two sets stay, with a finding. Returns the number
/// of trials taken out.
/// @throws UsageError naming both files when two of one folder contradict each other.
std::int64_t settle_repeated_runs(TrialTable& table, std::vector<Finding>& findings);

}  // namespace cuebench::scoring
