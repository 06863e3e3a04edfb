#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include <cuebench/report/summary.hpp>

#include "accuracy_resamples.hpp"
#include "aggregation_summary.hpp"
#include "channel_summary.hpp"
#include "corruption_summary.hpp"
#include "csv_row.hpp"
#include "cue_evidence.hpp"
#include "headline.hpp"
#include "intervention_summary.hpp"
#include "outcome_table.hpp"
#include "pair_comparison.hpp"
#include "pictures.hpp"
#include "shape_bias.hpp"

namespace cuebench {
namespace {

/// Runs over the variants once; memory holds clean and one other variant.
class Summariser {
 public:
  Summariser(const RunStore& store, const SummaryOptions& options)
      : store_(store),
        run_(store.description()),
        sample_(make_sample(store)),
        conflicts_(make_conflict_sample(store, sample_.items)),
        pairs_(choose_pairs(run_.models, options.pairs)),
        corruptions_(run_, options.mce_baseline),
        resamples_(sample_, summary_.options.bootstrap) {
    summary_.description = run_;
    summary_.options = options;
    summary_.complete = store.complete();
    summary_.items = sample_.items.counts;
    summary_.bad_images = store.bad_images();
    summary_.pictures = choose_pictures(store, options.pictures);
    for (const auto& [robust, standard] : pairs_) {
      PairComparison& pair = summary_.pairs.emplace_back();
      pair.robust = robust;
      pair.standard = standard;
      pair.same_architecture = run_.models[robust].architecture == run_.models[standard].architecture;
    }
  }

  RunSummary run() {
    for (std::size_t variant = 0; variant < run_.variants.size(); ++variant) add_variant(static_cast<int>(variant));
    resamples_.draw();
    for (VariantScores& scores : summary_.scores) add_retained(scores, resamples_);
    if (!run_.layers.empty()) add_channels();
    summary_.corruptions = corruptions_.summarise(resamples_);
    summary_.interventions = summarise_interventions(store_, summary_.options);
    summary_.aggregations = summarise_aggregations(store_);
    summary_.left_out = left_out_images(run_);
    for (PairComparison& pair : summary_.pairs) {
      add_differences(pair, resamples_);
      adjust_over_variants(pair.variants);
      pair.cues = weigh_cues(pair.robust, pair.standard, run_, resamples_);
      judge(pair, summary_);
    }
    return std::move(summary_);
  }

 private:
  const BootstrapOptions& options() const { return summary_.options.bootstrap; }

  void add_variant(int variant) {
    VariantOutcomes outcomes;
    std::vector<VariantScores> scores = read_variant(store_, variant, sample_, outcomes);
    if (variant == 0) clean_ = outcomes;
    const bool conflicts = cues_conflict(run_, variant);
    if (conflicts) summary_.conflict_variants.push_back(variant);
    for (VariantScores& model_scores : scores) {
      compare_with_clean(model_scores, clean_, outcomes, sample_);
      if (conflicts)
        summary_.shape_bias.push_back(
            shape_bias(model_scores.model, variant, outcomes, conflicts_, run_.classes.size()));
      summary_.scores.push_back(std::move(model_scores));
    }
    for (PairComparison& pair : summary_.pairs) {
      VariantComparison comparison = compare_pair(pair.robust, pair.standard, variant, outcomes, sample_);
      if (conflicts)
        comparison.shape_bias_difference =
            shape_bias_difference(pair.robust, pair.standard, outcomes, conflicts_, options());
      else
        comparison.shape_bias_difference.method = "the data set has no cue labels";
      pair.variants.push_back(std::move(comparison));
    }
    resamples_.add(outcomes);
    summary_.notes.push_back(store_.note_counts(variant));
    add_answers(summary_.pictures, variant, outcomes, sample_);
  }

  void add_channels() {
    ChannelReport report = summarise_channels(store_, sample_, pairs_, summary_.scores, summary_.options);
    summary_.channels = std::move(report.layers);
    for (std::size_t pair = 0; pair < pairs_.size(); ++pair)
      summary_.pairs[pair].channels = std::move(report.of_pair[pair]);
  }

  const RunStore& store_;
  const RunDescription& run_;
  Sample sample_;
  ConflictSample conflicts_;
  std::vector<std::pair<int, int>> pairs_;
  CorruptionSets corruptions_;
  VariantOutcomes clean_;
  RunSummary summary_;
  AccuracyResamples resamples_;
};

}  // namespace

bool cues_conflict(const RunDescription& run, int variant) {
  return run.has_cues || run.variants[static_cast<std::size_t>(variant)].keeps == "conflict";
}

RunSummary summarise(const RunStore& store, const SummaryOptions& options) {
  return Summariser(store, options).run();
}

const VariantScores& RunSummary::score(int model, int variant) const {
  return scores.at(static_cast<std::size_t>(variant) * description.models.size() + static_cast<std::size_t>(model));
}

const ShapeBiasScores* RunSummary::bias(int model, int variant) const {
  const auto found = std::find_if(shape_bias.begin(), shape_bias.end(), [&](const ShapeBiasScores& one) {
    return one.model == model && one.variant == variant;
  });
  return found == shape_bias.end() ? nullptr : &*found;
}

const ChannelSummary* RunSummary::channel(int layer, int variant) const {
  const std::size_t index =
      static_cast<std::size_t>(layer) * description.variants.size() + static_cast<std::size_t>(variant);
  return index < channels.size() ? &channels[index] : nullptr;
}

std::string RunSummary::class_name(int label) const {
  return cuebench::class_name(description, label);
}

const Measure& ChannelGroup::measure(std::string_view name) const {
  const auto found =
      std::find_if(measures.begin(), measures.end(), [&](const auto& entry) { return entry.first == name; });
  if (found == measures.end()) throw std::out_of_range(fmt::format("no channel statistic is called {}", name));
  return found->second;
}

}  // namespace cuebench
