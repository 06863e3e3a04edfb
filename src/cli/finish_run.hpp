#pragma once
// After the last block: manifest, result files, report, and the headline on standard output.

#include <filesystem>
#include <string>

#include <cuebench/evaluation/evaluation.hpp>

namespace cuebench::cli {

/// What is written besides the usual files.
struct ExtraFiles {
  bool predictions = false;
  std::filesystem::path trials;  ///< empty: none
  std::string trials_set;
};

/// Writes the files of the run folder. A shard gets its manifest only: its numbers mean nothing before `merge`.
void finish_run(const std::filesystem::path& folder, const EvaluationFacts& facts, const ExtraFiles& extra);

}  // namespace cuebench::cli
