#pragma once
// From paths to tables: CSV files, gzip, tar archives of them, folders with all of these.

#include <filesystem>
#include <string>
#include <vector>

#include <cuebench/scoring/corruption_table.hpp>
#include <cuebench/scoring/trials.hpp>

namespace cuebench::scoring {

/// An accuracy that somebody published beside the trials (model-vs-human's raw-data/performances).
struct PublishedAccuracy {
  std::string observer, set;
  double accuracy = 0;
};

struct Inputs {
  TrialTable trials;
  std::vector<CorruptionTable> corruptions;
  std::vector<PublishedAccuracy> published;
  std::vector<Finding> findings;
  std::int64_t trial_files = 0;
  std::int64_t repeated_trials = 0;  ///< in files that only repeat others; they are not in `trials`
};

/// Reads *.csv, *.csv.gz, *.tar, *.tar.gz, *.tgz and RobustBench's model_info (*.json, *.jsonl, *.jsonl.gz, for
/// accuracies on clean images); folders recursively, in the order of their names, CSV files only. In folders and
/// archives a CSV file of another kind is left out with a finding; a file that is named must be usable.
///
/// Runs that meet: two files with the same set, observer and session and the same answers to the same images count
/// once; with different answers and in different folders they are taken for two observers, the later named "NAME
/// (FOLDER)"; both with a finding.
/// @throws UsageError that names every unusable file with line and reason (twenty at most, then their number).
Inputs read_inputs(const std::vector<std::filesystem::path>& paths);

}  // namespace cuebench::scoring
