#pragma once
// Runs with known outcomes, for the tests of the report.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <cuebench/store/run_store.hpp>

namespace cuebench::test {

/// `outcome` gives what model m does with item i under variant v; nothing = no outcome is stored.
struct SyntheticRun {
  RunDescription description;
  std::function<std::optional<Outcome>(std::int64_t item, int model, int variant)> outcome;
  std::vector<std::pair<std::int64_t, BadImage>> bad_images;
  std::vector<BlockRecord::NoteRow> notes;
  std::vector<BlockRecord::Picture> pictures;
  std::vector<BlockRecord::InterventionRow> interventions;  ///< all in the first block
  std::vector<BlockRecord::AggregationRow> aggregations;    ///< all in the first block
  /// Activations and relevances of an item in a layer; empty: the run has no channel statistics.
  std::function<std::vector<double>(std::int64_t item, int layer, int variant)> activation;
  std::function<std::vector<double>(int label, int layer)> relevance;
  /// Blocks that are written; the others stay unfinished. Negative: all.
  std::int64_t finished_blocks = -1;

  /// Models "standard" and "robust", variants clean and `variants` (text, keeps), items labelled 0, 1, ... in turn.
  static SyntheticRun pair(std::vector<StoredVariant> variants, std::vector<std::string> classes, std::int64_t items);
  /// Writes run.sqlite into `folder`.
  RunStore store(const std::filesystem::path& folder) const;
};

/// Right or wrong with given confidence; a wrong answer names the next class.
Outcome answer(bool right, int label, int classes, float confidence = 0.9f);
/// Predicts `predicted` whatever the label.
Outcome decision(int predicted, int label);

/// 2 models, 11 variants, ten classes, one layer with 64 channels, pictures, a few bad images and automatic masks.
SyntheticRun realistic_run(std::int64_t items);

/// A PNG of 32 x 32 pixels with a pattern of its own for each seed.
std::vector<std::byte> tiny_png(std::uint64_t seed);

}  // namespace cuebench::test
