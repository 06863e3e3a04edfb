#include <fmt/format.h>

#include <cuebench/report/score_report.hpp>

#include "../csv_row.hpp"
#include "score_tables.hpp"

namespace cuebench {
namespace {

using scoring::category_name;
using scoring::ObserverScores;
using scoring::SetScores;

class ScoreTable {
 public:
  explicit ScoreTable(const scoring::Scores& scores) : scores_(scores) {
    text_ = "observer,set,condition,category,metric,value,low,high,n,method\n";
  }

  std::string write() {
    for (const SetScores& set : scores_.sets) {
      set_ = set.name;
      for (const ObserverScores* observer : score::observers_of(set)) {
        observer_ = observer->name;
        const bool pooled = set.humans && observer == &*set.humans;
        add_observer(set, *observer, pooled ? set.among_humans : observer->with_humans);
      }
      for (const auto& pair : set.pairs) add_pair(set, pair);
    }
    if (scores_.benchmark) add_benchmark(*scores_.benchmark);
    for (const auto& file : scores_.corruptions) add_corruptions(file);
    return std::move(text_);
  }

 private:
  void add(std::string_view condition, std::string_view category, std::string_view metric, const Estimate& estimate) {
    text_ +=
        csv_row({observer_, set_, condition, category, metric, csv_number(estimate.value), csv_number(estimate.low),
                 csv_number(estimate.high), std::to_string(estimate.n), estimate.method});
  }
  void add(std::string_view metric, const Estimate& estimate) { add("all", "all", metric, estimate); }
  void add_count(std::string_view category, std::string_view metric, std::int64_t count, std::int64_t n) {
    add("all", category, metric, {static_cast<double>(count), {}, {}, n, "count"});
  }
  void add_p(std::string_view metric, const std::optional<double>& p, std::int64_t n, std::string_view method) {
    if (p) add(metric, {*p, {}, {}, n, std::string(method)});
  }

  void add_observer(const SetScores& set, const ObserverScores& observer, const scoring::Consistency& consistency) {
    const double confidence = scores_.options.confidence;
    add("accuracy", observer.accuracy);
    add("accuracy", observer.exact_accuracy);
    add_count("all", "no_answer", observer.all.no_answer, observer.all.n);
    add("response_entropy", observer.entropy);
    for (std::size_t i = 0; i < set.conditions.size() && set.conditions.size() > 1; ++i) {
      const auto& counts = observer.conditions[i];
      const std::string condition = set.condition_name(i);
      add(condition, "all", "accuracy", wilson_interval(counts.correct, counts.n, confidence));
      add(condition, "all", "response_entropy", observer.condition_entropy[i]);
    }
    for (int category = 0; category < scoring::kCategories; ++category) {
      const auto& counts = observer.categories[category];
      if (counts.n == 0) continue;
      add("all", category_name(category), "accuracy", wilson_interval(counts.correct, counts.n, confidence));
    }
    if (observer.cues) add_cues(*observer.cues);
    add("consistency_with_humans_observed", consistency.observed);
    add("consistency_with_humans_expected", consistency.expected);
    add("consistency_with_humans_kappa", consistency.kappa);
    add("squared_accuracy_difference_with_humans", consistency.squared_accuracy_difference);
    if (const auto accuracy = observer.benchmark.accuracy())
      add("ood_accuracy", wilson_interval(observer.benchmark.correct, observer.benchmark.n, confidence));
  }

  void add_cues(const scoring::CueScores& cues) {
    add("shape_bias", cues.bias);
    add("shape_bias", cues.exact_bias);
    add("shape_bias_category_mean", cues.category_mean);
    const auto counts_of = [&](std::string_view category, const CueCounts& counts) {
      add_count(category, "shape_decisions", counts.shape, counts.n());
      add_count(category, "texture_decisions", counts.texture, counts.n());
      add_count(category, "other_decisions", counts.other, counts.n());
    };
    counts_of("all", cues.counts);
    for (int category = 0; category < scoring::kCategories; ++category) {
      const CueCounts& counts = cues.categories[category];
      if (counts.n() == 0) continue;
      Estimate bias = wilson_interval(counts.shape, counts.shape + counts.texture, scores_.options.confidence);
      if (!bias.value) bias.method = "undefined: no decision for shape or texture";
      add("all", category_name(category), "shape_bias", bias);
      counts_of(category_name(category), counts);
    }
  }

  void add_pair(const SetScores& set, const scoring::PairScores& pair) {
    observer_ = set.observers[pair.first].name + " | " + set.observers[pair.second].name;
    for (std::size_t i = 0; i < set.conditions.size(); ++i) {
      const auto consistency = error_consistency(pair.conditions[i]);
      if (!consistency) continue;
      const auto value = [&](double number) {
        return Estimate{number, {}, {}, pair.conditions[i].n(), "images that both saw"};
      };
      const std::string condition = set.condition_name(i);
      add(condition, "all", "observed", value(consistency->observed));
      add(condition, "all", "expected", value(consistency->expected));
      add(condition, "all", "kappa", value(consistency->kappa));
    }
    const std::int64_t n = pair.all.n();
    if (set.conditions.size() > 1) {
      if (const auto pooled = error_consistency(pair.all))
        add("pooled", "all", "kappa", {pooled->kappa, {}, {}, n, "all conditions as one table"});
    }
    add("mean", "all", "observed", pair.consistency.observed);
    add("mean", "all", "expected", pair.consistency.expected);
    add("mean", "all", "kappa", pair.consistency.kappa);
    add("mean", "all", "squared_accuracy_difference", pair.consistency.squared_accuracy_difference);
    if (pair.mcnemar) {
      add_count("all", "both_right", pair.all.both, n);
      add_count("all", "only_first_right", pair.all.only_first, n);
      add_count("all", "only_second_right", pair.all.only_second, n);
      add_count("all", "neither_right", pair.all.neither, n);
    }
    add_p("mcnemar_p", pair.mcnemar, n, "exact");
    add_p("mcnemar_p_mid", pair.mcnemar_mid, n, "mid-p");
    add_p("mcnemar_p_holm", pair.holm, n, "exact, Holm over the set's pairs with a model");
    add_p("mcnemar_p_benjamini_hochberg", pair.benjamini_hochberg, n,
          "exact, Benjamini-Hochberg over the set's pairs with a model");
    if (pair.shape_bias_difference) add("shape_bias_difference", *pair.shape_bias_difference);
  }

  void add_benchmark(const scoring::Benchmark& benchmark) {
    set_ = "benchmark";
    const auto add_row = [&](const scoring::BenchmarkRow& row) {
      observer_ = row.observer;
      add("squared_accuracy_difference", row.squared_accuracy_difference);
      add("observed", row.observed);
      add("kappa", row.kappa);
      add("ood_accuracy", row.ood_accuracy);
      const auto sets = static_cast<std::int64_t>(benchmark.sets.size());
      add_p("rank_accuracy_difference", row.rank_difference, sets, "rank among models");
      add_p("rank_observed", row.rank_observed, sets, "rank among models");
      add_p("rank_kappa", row.rank_kappa, sets, "rank among models");
      add_p("mean_rank", row.mean_rank, sets, "mean of the three ranks");
    };
    for (const auto& row : benchmark.models) add_row(row);
    if (benchmark.humans) add_row(*benchmark.humans);
  }

  void add_corruptions(const scoring::Scores::CorruptionFile& file) {
    set_ = file.table.file;
    for (const auto& model : file.models) {
      observer_ = model.model;
      add("accuracy", model.accuracy);
      add("error", model.error);
      add("mce_own", model.mce_own);
      add("mce_customary", model.mce_customary);
      add("relative_mce_own", model.relative_mce_own);
      add("relative_mce_customary", model.relative_mce_customary);
      add("error_19", model.error_19);
      add("mce_own_19", model.mce_own_19);
      for (std::size_t c = 0; c < file.table.corruptions.size(); ++c) {
        add(file.table.corruptions[c], "all", "error",
            {model.mean_error[c],
             {},
             {},
             static_cast<std::int64_t>(file.table.rows.front().error[c].size()),
             "mean over severities"});
        if (model.ce_own[c])
          add(file.table.corruptions[c], "all", "ce_own",
              {*model.ce_own[c], {}, {}, 1, "errors / those of the table's AlexNet"});
      }
    }
  }

  const scoring::Scores& scores_;
  std::string text_, observer_, set_;
};

}  // namespace

std::string score_csv(const scoring::Scores& scores) {
  return ScoreTable(scores).write();
}

std::string confusion_csv(const scoring::Scores& scores) {
  std::string text = "observer,set,shown,answered,count\n";
  for (const SetScores& set : scores.sets)
    for (const ObserverScores* observer : score::observers_of(set))
      for (int shown = 0; shown < scoring::kCategories; ++shown)
        for (int answered = 0; answered <= scoring::kCategories; ++answered)
          text += csv_row({observer->name, set.name, category_name(shown),
                           answered == scoring::kCategories ? "na" : category_name(answered),
                           std::to_string(observer->confusion[shown][answered])});
  return text;
}

}  // namespace cuebench
