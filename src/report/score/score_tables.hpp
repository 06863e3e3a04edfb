#pragma once
// The tables of `cuebench score`.

#include <optional>
#include <string>
#include <vector>

#include <cuebench/scoring/scores.hpp>

#include "../text_table.hpp"

namespace cuebench::score {

using Cell = TextCell;
using Table = TextTable;

Table benchmark_table(const scoring::Benchmark& benchmark);
Table overview_table(const scoring::SetScores& set);
/// Accuracy in every condition; for sets with several.
Table condition_table(const scoring::SetScores& set);
Table shape_bias_table(const scoring::SetScores& set);
/// Shape bias of every category; one column a model, one for all humans.
Table category_table(const scoring::SetScores& set);
/// Tests and differences between every two models.
Table pair_table(const scoring::SetScores& set);
Table confusion_table(const scoring::SetScores& set, const scoring::ObserverScores& observer);
Table corruption_table(const scoring::Scores::CorruptionFile& file);
/// Error under each corruption, mean over severities.
Table corruption_error_table(const scoring::Scores::CorruptionFile& file);
/// How many trials each share needs for an interval of plus or minus `half_width`.
Table sample_size_table(const scoring::Scores& scores, double half_width);

/// Observers to be shown one by one: models, single humans, and all humans together where there are several.
std::vector<const scoring::ObserverScores*> observers_of(const scoring::SetScores& set);
/// Models, and all humans together (or the only one).
std::vector<const scoring::ObserverScores*> models_and_humans(const scoring::SetScores& set);
std::int64_t model_pairs(const scoring::SetScores& set);

/// "3 sets, 12 observers, 15,360 trials in 12 files".
std::string what_was_scored(const scoring::Scores& scores);
/// One sentence about the published accuracies beside the trials; "" where there are none.
std::string published_sentence(const scoring::Scores& scores);
/// The sets that the benchmark is over, and those that it lacks.
std::string benchmark_sentence(const scoring::Benchmark& benchmark);

}  // namespace cuebench::score
