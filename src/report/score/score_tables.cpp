#include "score_tables.hpp"

#include <cmath>
#include <set>

#include <fmt/format.h>

#include "../text.hpp"

namespace cuebench::score {
namespace {

using scoring::ObserverScores;
using scoring::SetScores;

Cell number(const Estimate& estimate, int decimals, double scale = 1) {
  if (!estimate.value) return {"n/a", estimate.method};
  return {decimal(scale * *estimate.value, decimals), estimate.method};
}

Cell interval(const Estimate& estimate, int decimals, double scale = 1) {
  if (!estimate.value) return {"", estimate.method};
  if (!estimate.low || !estimate.high) return {"", estimate.method};
  return {fmt::format("[{}, {}]", decimal(scale * *estimate.low, decimals), decimal(scale * *estimate.high, decimals)),
          estimate.method};
}

Cell count(std::int64_t n) {
  return {std::to_string(n)};
}

Cell p_cell(const std::optional<double>& p) {
  if (!p) return {"n/a", "two humans are not tested"};
  if (*p >= 0.001) return {decimal(*p, 3)};
  return {*p == 0 ? "<1e-300" : fmt::format("{:.1e}", *p)};
}

Cell share(const std::optional<double>& value, const char* reason) {
  return value ? Cell{decimal(100 * *value, 2)} : Cell{"n/a", reason};
}

Cell rank(const std::optional<double>& value) {
  if (!value) return {"", "not ranked"};
  return {std::abs(*value - std::round(*value)) < 1e-9 ? decimal(*value, 0) : decimal(*value, 2)};
}

/// "247,840"
std::string grouped(std::int64_t n) {
  std::string text = std::to_string(n);
  for (std::ptrdiff_t at = std::ssize(text) - 3; at > 0; at -= 3) text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

Cell name_of(const ObserverScores& observer) {
  return {observer.name};
}

}  // namespace

std::vector<const ObserverScores*> observers_of(const SetScores& set) {
  std::vector<const ObserverScores*> list;
  for (const ObserverScores& observer : set.observers) list.push_back(&observer);
  if (set.humans) list.push_back(&*set.humans);
  return list;
}

std::vector<const ObserverScores*> models_and_humans(const SetScores& set) {
  std::vector<const ObserverScores*> list;
  for (const ObserverScores& observer : set.observers)
    if (!observer.human || !set.humans) list.push_back(&observer);
  if (set.humans) list.push_back(&*set.humans);
  return list;
}

std::int64_t model_pairs(const SetScores& set) {
  std::int64_t pairs = 0;
  for (const auto& pair : set.pairs) pairs += !set.observers[pair.first].human && !set.observers[pair.second].human;
  return pairs;
}

Table benchmark_table(const scoring::Benchmark& benchmark) {
  Table table{"benchmark",
              "Models beside humans: squared accuracy difference, observed and error consistency with each human, "
              "averaged over conditions, humans and sets; OOD accuracy averaged over sets; ranks among the models.",
              {"observer", "acc. diff.", "observed", "95 %", "kappa", "95 %", "OOD acc., %", "95 %", "rank d", "rank o",
               "rank k", "mean rank"},
              {},
              1};
  const auto add = [&](const scoring::BenchmarkRow& row) {
    table.rows.push_back({{row.observer},
                          number(row.squared_accuracy_difference, 4),
                          number(row.observed, 4),
                          interval(row.observed, 3),
                          number(row.kappa, 4),
                          interval(row.kappa, 3),
                          number(row.ood_accuracy, 2, 100),
                          interval(row.ood_accuracy, 1, 100),
                          rank(row.rank_difference),
                          rank(row.rank_observed),
                          rank(row.rank_kappa),
                          rank(row.mean_rank)});
  };
  for (const auto& row : benchmark.models) add(row);
  if (benchmark.humans) add(*benchmark.humans);
  return table;
}

Table overview_table(const SetScores& set) {
  Table table{
      "accuracy",
      fmt::format("{}: accuracy with Wilson interval, entropy of the answers (bits), and consistency with the "
                  "(other) humans.",
                  set.name),
      {"observer", "trials", "no answer", "accuracy, %", "95 %", "entropy", "observed", "expected", "kappa", "95 %"},
      {},
      1};
  for (const ObserverScores* observer : observers_of(set)) {
    const bool pooled = set.humans && observer == &*set.humans;
    const scoring::Consistency& consistency = pooled ? set.among_humans : observer->with_humans;
    table.rows.push_back(
        {name_of(*observer), count(observer->all.n), count(observer->all.no_answer), number(observer->accuracy, 2, 100),
         interval(observer->accuracy, 1, 100), number(observer->entropy, 3), number(consistency.observed, 4),
         number(consistency.expected, 4), number(consistency.kappa, 4), interval(consistency.kappa, 3)});
  }
  return table;
}

Table condition_table(const SetScores& set) {
  Table table{"conditions", fmt::format("{}: accuracy in every condition, %.", set.name), {"observer"}, {}, 1};
  for (std::size_t i = 0; i < set.conditions.size(); ++i)
    table.header.push_back(set.condition_name(i) + (set.in_benchmark[i] ? "" : "*"));
  for (const ObserverScores* observer : observers_of(set)) {
    std::vector<Cell> row{name_of(*observer)};
    for (const auto& counts : observer->conditions) row.push_back(share(counts.accuracy(), "no trials"));
    table.rows.push_back(std::move(row));
  }
  const bool left_out = std::find(set.in_benchmark.begin(), set.in_benchmark.end(), false) != set.in_benchmark.end();
  if (left_out) table.caption += " * left out of consistency and benchmark, as model-vs-human does.";
  return table;
}

Table shape_bias_table(const SetScores& set) {
  Table table{
      "shape-bias",
      fmt::format("{}: shape bias = shape / (shape + texture decisions), on trials whose shape and texture "
                  "differ, with Wilson and Clopper-Pearson intervals.",
                  set.name),
      {"observer", "shape", "texture", "other", "shape bias, %", "Wilson 95 %", "exact 95 %", "category mean, %"},
      {},
      1};
  for (const ObserverScores* observer : observers_of(set)) {
    if (!observer->cues) continue;
    const scoring::CueScores& cues = *observer->cues;
    table.rows.push_back({name_of(*observer), count(cues.counts.shape), count(cues.counts.texture),
                          count(cues.counts.other), number(cues.bias, 2, 100), interval(cues.bias, 1, 100),
                          interval(cues.exact_bias, 1, 100), number(cues.category_mean, 2, 100)});
  }
  return table;
}

Table category_table(const SetScores& set) {
  Table table{"shape-bias-categories",
              fmt::format("{}: shape bias by category of the shape, %.", set.name),
              {"category"},
              {},
              1};
  const auto observers = models_and_humans(set);
  for (const ObserverScores* observer : observers)
    if (observer->cues) table.header.push_back(observer->name);
  for (int category = 0; category < scoring::kCategories; ++category) {
    std::vector<Cell> row{{std::string(scoring::category_name(category))}};
    for (const ObserverScores* observer : observers) {
      if (!observer->cues) continue;
      const CueCounts& counts = observer->cues->categories[category];
      Cell cell = share(shape_bias_of(counts.shape, counts.texture), "no decision for shape or texture");
      if (cell.remark.empty())
        cell.remark = fmt::format("{} shape, {} texture, {} other", counts.shape, counts.texture, counts.other);
      if (cell.text != "n/a") cell.text = decimal(100 * *shape_bias_of(counts.shape, counts.texture), 1);
      row.push_back(std::move(cell));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table pair_table(const SetScores& set) {
  Table table{
      "pairs",
      fmt::format("{}: every two models on the same images: who is right, McNemar's exact test with mid-p, and "
                  "p adjusted over all pairs with a model (Holm; Benjamini and Hochberg); error consistency.",
                  set.name),
      {"first", "second", "both", "only first", "only second", "neither", "p", "mid-p", "Holm", "BH", "kappa", "95 %"},
      {},
      2};
  if (set.cue_conflict) {
    table.header.insert(table.header.end(), {"shape bias diff.", "95 %"});
    table.caption += " Shape bias of the first less that of the second, in points.";
  }
  for (const auto& pair : set.pairs) {
    const ObserverScores &first = set.observers[pair.first], &second = set.observers[pair.second];
    if (first.human || second.human) continue;
    std::vector<Cell> row{name_of(first),
                          name_of(second),
                          count(pair.all.both),
                          count(pair.all.only_first),
                          count(pair.all.only_second),
                          count(pair.all.neither),
                          p_cell(pair.mcnemar),
                          p_cell(pair.mcnemar_mid),
                          p_cell(pair.holm),
                          p_cell(pair.benjamini_hochberg),
                          number(pair.consistency.kappa, 4),
                          interval(pair.consistency.kappa, 3)};
    if (set.cue_conflict) {
      const Estimate none{{}, {}, {}, 0, "not cue-conflict trials"};
      const Estimate& difference = pair.shape_bias_difference ? *pair.shape_bias_difference : none;
      row.push_back(number(difference, 2, 100));
      row.push_back(interval(difference, 1, 100));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table confusion_table(const SetScores& set, const ObserverScores& observer) {
  Table table{"confusion",
              fmt::format("{}, {}: trials by category shown (rows) and answered (columns).", set.name, observer.name),
              {"shown"},
              {},
              1};
  for (int category = 0; category < scoring::kCategories; ++category)
    table.header.emplace_back(scoring::category_name(category));
  table.header.emplace_back("na");
  for (int shown = 0; shown < scoring::kCategories; ++shown) {
    std::vector<Cell> row{{std::string(scoring::category_name(shown))}};
    for (const std::int64_t n : observer.confusion[shown]) row.push_back({n == 0 ? "." : std::to_string(n)});
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table corruption_table(const scoring::Scores::CorruptionFile& file) {
  const auto& all = file.models;
  Table table{"corruptions",
              fmt::format("{}: accuracy, error and mCE, % ({}). Own: relative to this table's AlexNet; customary: to "
                          "AlexNet on the 50,000 images of ImageNet-C.",
                          file.table.file, all.empty() ? "" : all.front().error.method),
              {"model", "accuracy", "error", "mCE own", "mCE customary", "relative own", "relative customary"},
              {},
              1};
  bool all_19 = false;
  for (const auto& model : all) all_19 = all_19 || model.error_19.value.has_value();
  if (all_19) table.header.insert(table.header.end(), {"error, 19", "mCE own, 19"});
  for (const auto& model : all) {
    std::vector<Cell> row{{model.model},
                          number(model.accuracy, 2, 100),
                          number(model.error, 2, 100),
                          number(model.mce_own, 2, 100),
                          number(model.mce_customary, 2, 100),
                          number(model.relative_mce_own, 2, 100),
                          number(model.relative_mce_customary, 2, 100)};
    if (all_19) {
      row.push_back(number(model.error_19, 2, 100));
      row.push_back(number(model.mce_own_19, 2, 100));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table corruption_error_table(const scoring::Scores::CorruptionFile& file) {
  Table table{"corruption-errors",
              fmt::format("{}: error under each corruption, mean over severities, %.", file.table.file),
              {"model"},
              {},
              1};
  for (const std::string& corruption : file.table.corruptions) table.header.push_back(corruption);
  for (const auto& model : file.models) {
    std::vector<Cell> row{{model.model}};
    for (const double error : model.mean_error) row.push_back({decimal(100 * error, 1)});
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table sample_size_table(const scoring::Scores& scores, double half_width) {
  Table table{
      "sample-size",
      fmt::format("Trials that a Wilson interval of plus or minus {} points needs at the share that was found; "
                  "{} at a share of 50 %. For the shape bias these are decisions for shape or texture.",
                  decimal(100 * half_width, 2), items_for_half_width(0.5, half_width, scores.options.confidence)),
      {"set", "observer", "share", "value, %", "n", "now, points", "n needed"},
      {},
      3};
  const auto add = [&](const SetScores& set, const ObserverScores& observer, const char* share_name,
                       const Estimate& estimate) {
    if (!estimate.value || !estimate.low || !estimate.high) return;
    const double half = (*estimate.high - *estimate.low) / 2;
    table.rows.push_back({{set.name},
                          name_of(observer),
                          {share_name},
                          number(estimate, 2, 100),
                          count(estimate.n),
                          {decimal(100 * half, 2)},
                          count(items_for_half_width(*estimate.value, half_width, scores.options.confidence))});
  };
  for (const SetScores& set : scores.sets)
    for (const ObserverScores* observer : models_and_humans(set)) {
      add(set, *observer, "accuracy", observer->accuracy);
      if (observer->cues) add(set, *observer, "shape bias", observer->cues->bias);
    }
  return table;
}

std::string what_was_scored(const scoring::Scores& scores) {
  std::set<std::string> models, humans;
  for (const SetScores& set : scores.sets)
    for (const ObserverScores& observer : set.observers) (observer.human ? humans : models).insert(observer.name);
  const auto counted = [](std::int64_t n, const char* one, const char* many) {
    return fmt::format("{} {}", grouped(n), n == 1 ? one : many);
  };
  std::string text;
  if (scores.trials > 0)
    text = fmt::format("{} in {}: {}, {}, {}", counted(scores.trials, "trial", "trials"),
                       counted(scores.trial_files, "file", "files"),
                       counted(static_cast<std::int64_t>(scores.sets.size()), "set", "sets"),
                       counted(static_cast<std::int64_t>(models.size()), "model", "models"),
                       counted(static_cast<std::int64_t>(humans.size()), "human observer", "human observers"));
  if (!scores.corruptions.empty())
    text += fmt::format("{}{}", text.empty() ? "" : "; ",
                        counted(static_cast<std::int64_t>(scores.corruptions.size()),
                                "table of accuracies under corruptions", "tables of accuracies under corruptions"));
  return text;
}

std::string published_sentence(const scoring::Scores& scores) {
  if (scores.published.empty()) return "";
  std::int64_t equal = 0, compared = 0;
  std::string different;
  for (const auto& one : scores.published) {
    if (!one.computed) continue;
    ++compared;
    if (std::abs(*one.computed - one.published) < 1e-9)
      ++equal;
    else if (different.empty())
      different = fmt::format("; the first that differs: {} of {}, {} published and {} found", one.set, one.observer,
                              one.published, *one.computed);
  }
  return fmt::format("{} of {} published accuracies agree with the trials{}; {} could not be compared", equal, compared,
                     different, scores.published.size() - static_cast<std::size_t>(compared));
}

std::string benchmark_sentence(const scoring::Benchmark& benchmark) {
  if (benchmark.missing.empty()) return "Over all 17 sets of model-vs-human.";
  return fmt::format(
      "Over {} of model-vs-human's 17 sets: {}. Not here with models and humans: {}. Rows of other sets "
      "cannot be compared with published ones.",
      benchmark.sets.size(), join_names(benchmark.sets), join_names(benchmark.missing));
}

}  // namespace cuebench::score
