#include <fmt/format.h>

#include <cuebench/report/score_report.hpp>

#include "../latex.hpp"
#include "score_tables.hpp"

namespace cuebench {

std::string score_latex(const scoring::Scores& scores) {
  std::string text = latex_head();
  if (scores.benchmark) {
    text += fmt::format("% {}\n", score::benchmark_sentence(*scores.benchmark));
    text += latex_table(score::benchmark_table(*scores.benchmark));
  }
  for (const auto& set : scores.sets) {
    text += latex_table(score::overview_table(set), set.name);
    if (set.conditions.size() > 1) text += latex_table(score::condition_table(set), set.name);
    if (!set.cue_conflict) continue;
    text += latex_table(score::shape_bias_table(set), set.name);
    text += latex_table(score::category_table(set), set.name);
  }
  for (std::size_t i = 0; i < scores.corruptions.size(); ++i)
    text += latex_table(score::corruption_table(scores.corruptions[i]), fmt::format("{}", i + 1));
  return text;
}

}  // namespace cuebench
