#include <fmt/format.h>

#include <cuebench/report/score_report.hpp>

#include "../aligned_columns.hpp"
#include "../text.hpp"
#include "score_tables.hpp"

namespace cuebench {
namespace {

using score::Table;

constexpr std::int64_t kFewPairs = 15;
constexpr std::size_t kFewConfusions = 4;

std::string render(const Table& table) {
  std::vector<std::vector<std::string>> rows{table.header};
  for (const auto& row : table.rows) {
    rows.emplace_back();
    for (const auto& cell : row) rows.back().push_back(valid_utf8(cell.text));
  }
  return valid_utf8(table.caption) + "\n\n" + align_columns(rows, table.text_columns) + "\n";
}

std::string heading(std::string_view text) {
  return fmt::format("== {} ==\n\n", valid_utf8(text));
}

std::size_t confusion_count(const scoring::Scores& scores) {
  std::size_t count = 0;
  for (const auto& set : scores.sets) count += score::models_and_humans(set).size();
  return count;
}

std::string set_text(const scoring::SetScores& set, bool confusions) {
  std::string text = heading(fmt::format("{}: {} images", set.name, set.images));
  text += render(score::overview_table(set));
  if (set.conditions.size() > 1) text += render(score::condition_table(set));
  if (set.cue_conflict) {
    text += render(score::shape_bias_table(set));
    text += render(score::category_table(set));
  }
  const std::int64_t pairs = score::model_pairs(set);
  if (pairs > kFewPairs)
    text += fmt::format(
        "{} pairs of models: tests and differences are written with --out DIR, or printed with --json.\n\n", pairs);
  else if (pairs > 0)
    text += render(score::pair_table(set));
  if (confusions)
    for (const auto* observer : score::models_and_humans(set)) text += render(score::confusion_table(set, *observer));
  return text;
}

}  // namespace

std::string score_text(const scoring::Scores& scores, const ScoreTextOptions& options) {
  std::string text = score::what_was_scored(scores) + "\n";
  if (const auto published = score::published_sentence(scores); !published.empty()) text += published + "\n";
  text += "\n";
  const bool confusions = options.confusions || confusion_count(scores) <= kFewConfusions;
  for (const auto& set : scores.sets) text += set_text(set, confusions);
  if (!confusions && !scores.sets.empty())
    text += fmt::format("{} confusion matrices: --confusions prints them, --out DIR writes confusion.csv.\n\n",
                        confusion_count(scores));
  if (scores.benchmark) {
    text += heading("benchmark of model-vs-human");
    text += score::benchmark_sentence(*scores.benchmark) + "\n" + render(score::benchmark_table(*scores.benchmark));
  }
  for (const auto& file : scores.corruptions) {
    text += heading("corruptions");
    text += render(score::corruption_table(file)) + render(score::corruption_error_table(file));
  }
  if (options.target_half_width) {
    text += heading("how many trials");
    text += render(score::sample_size_table(scores, *options.target_half_width));
  }
  text.pop_back();
  return text;
}

}  // namespace cuebench
