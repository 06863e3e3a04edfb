#pragma once
// After the last block: manifest, result files, report, and the headline on standard output.

#include <filesystem>

#include <cuebench/evaluation/evaluation.hpp>

namespace cuebench::cli {

/// Writes the files of the run folder. A shard gets its manifest only: its numbers mean nothing before `merge`.
void finish_run(const std::filesystem::path& folder, const EvaluationFacts& facts, bool predictions);

}  // namespace cuebench::cli
