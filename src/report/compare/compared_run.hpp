#pragma once
// One run of a comparison: what it says, and its decisions, variant by variant.

#include <filesystem>
#include <map>

#include <cuebench/report/comparison.hpp>

#include "../outcome_table.hpp"

namespace cuebench {

/// An open run with what every variant is read through.
struct OpenRun {
  RunStore store;
  Sample sample;
  std::map<std::pair<std::int64_t, int>, std::vector<std::byte>> pictures;  ///< by item and variant

  explicit OpenRun(const std::filesystem::path& folder);
  const RunDescription& run() const { return store.description(); }
  /// Index of a variant by its text, or -1.
  int variant(const std::string& text) const;
  /// Empty where the run has none.
  std::vector<std::byte> picture(std::int64_t item, int variant) const;
};

/// Everything but the scores, which are there and empty.
ComparedRun describe_run(const OpenRun& open, std::string name);
/// Reads a variant and files its scores.
VariantOutcomes read_variant(const OpenRun& open, int variant, ComparedRun& compared);

/// "1 image", "12 images"
std::string count_of(std::int64_t n, std::string_view thing);

}  // namespace cuebench
