#include "channel_summary.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <cuebench/metrics/class_correlation.hpp>

#include "channel_intervals.hpp"
#include "channel_profiles.hpp"
#include "measure.hpp"

namespace cuebench {
namespace {

/// More images than this are drawn in runs of several (ResamplingUnits): bounds the time per layer and variant.
constexpr std::int64_t kMaximumUnits = 5000;

/// What of one layer's clean variant every other variant needs.
struct CleanLayer {
  ClassMoments moments;
  std::map<int, ClassRelevance> relevance;
  std::vector<double> relevance_all;
  std::vector<bool> dead;  ///< channels that are 0 on every clean image
  std::vector<std::optional<ChannelImageRecord>> records;
};

std::vector<std::optional<ChannelImageRecord>> read_records(const RunStore& store, int layer, int variant,
                                                            const Sample& sample) {
  std::vector<std::optional<ChannelImageRecord>> records(sample.labels.size());
  store.for_each_channel_image(layer, variant, [&](std::int64_t item, const ChannelImageRecord& record) {
    if (sample.items.scored[item]) records[item] = record;
  });
  return records;
}

/// Sums over the images that have a record both on clean and on the variant: by label, -1 = all.
std::map<int, std::pair<ChannelImageSums, ChannelImageSums>> paired_sums(const ImageRecords& records,
                                                                         const Sample& sample) {
  std::map<int, std::pair<ChannelImageSums, ChannelImageSums>> sums;
  for (std::size_t item = 0; item < sample.labels.size(); ++item) {
    if (!records.clean[item] || !records.variant[item]) continue;
    for (const int label : {-1, sample.labels[item]}) {
      sums[label].first.add(*records.clean[item]);
      sums[label].second.add(*records.variant[item]);
      if (sample.labels[item] < 0) break;
    }
  }
  return sums;
}

using Measures = std::vector<std::pair<std::string_view, Measure>>;

/// Every field of docs/results.md in its order, without intervals.
Measures measures_of(const ChannelGroupStatistics& group) {
  Measures measures;
  const std::int64_t n = group.n_images;
  const auto add = [&](std::string_view name, const std::optional<double>& value, std::int64_t count,
                       const char* method, const char* why_absent) {
    measures.emplace_back(name, value ? plain_measure(*value, count, method) : undefined_measure(count, why_absent));
  };
  constexpr const char* kNoImages = "no image";
  const char* const no_total =
      n > 0 && !group.pr_total ? "an activation is negative: the layer is no output of a ReLU" : kNoImages;
  const auto or_signed = [&](const char* why) { return n > 0 && !group.pr_total ? no_total : why; };
  constexpr const char* kConstant = "fewer than 3 channels, or activation or relevance is constant";
  constexpr const char* kZeroVector = "no image with a defined value (zero or constant activation)";
  add("pr_total", group.pr_total, n, "sum over images", no_total);
  add("nr_total", group.nr_total, n, "sum over images", no_total);
  add("neutral_total", group.neutral_total, n, "sum over images", no_total);
  add("pr_ratio", group.pr_ratio, n, "ratio of sums", or_signed("no positively relevant channel is active on clean"));
  add("nr_ratio", group.nr_ratio, n, "ratio of sums", or_signed("no negatively relevant channel is active on clean"));
  add("nr_share", group.nr_share, n, "ratio of sums", or_signed("no relevant channel is active"));
  add("nr_share_delta", group.nr_share_delta, n, "difference of ratios of sums",
      or_signed("no relevant channel is active"));
  add("nr_share_image_mean", group.nr_share_image_mean, group.nr_share_n_defined, "mean over images",
      or_signed("no image with a relevant channel active"));
  add("act_rel_spearman", group.act_rel_spearman, n, "over channels", kConstant);
  add("act_rel_pearson", group.act_rel_pearson, n, "over channels", kConstant);
  add("act_rel_spearman_alive", group.act_rel_spearman_alive, n, "over channels alive on clean", kConstant);
  add("act_rel_spearman_image", group.act_rel_spearman_image, group.act_rel_spearman_image_n_defined,
      "mean over images", kConstant);
  add("align_cosine_image_mean", group.align_cosine_image_mean, group.align_cosine_n_defined, "mean over images",
      kZeroVector);
  add("align_pearson_image_mean", group.align_pearson_image_mean, group.align_pearson_n_defined, "mean over images",
      kZeroVector);
  add("align_cosine_of_means", group.align_cosine_of_means, n, "of mean activations", "a mean activation is zero");
  add("align_pearson_of_means", group.align_pearson_of_means, n, "of mean activations",
      "a mean activation is constant over channels");
  add("align_rel_l2", group.align_rel_l2, group.align_rel_l2_n_defined, "mean over images", kZeroVector);
  add("freq_entropy", group.freq_entropy, n, "over channels", "no channel is active, or there is only one channel");
  add("relevance_shift_cosine", group.relevance_shift_cosine, n, "clean and variant relevance",
      "a relevance vector is zero");
  measures.emplace_back("dead_channels", n > 0 ? plain_measure(static_cast<double>(group.dead_channels), n, "count")
                                               : undefined_measure(0, kNoImages));
  return measures;
}

struct Replicates {
  const ImageReplicates& images;
  const ResamplingUnits& units;
  const std::map<int, std::vector<double>>& spearman;
  const ChannelUnits& blocks;
};

void add_intervals(Measures& measures, int label, const Replicates& replicates, bool by_class,
                   const ResamplingPlan& plan) {
  const std::string scheme =
      fmt::format(", bootstrap {}%, {} replicates, {} image{} a unit{}", plan.confidence * 100, plan.replicates,
                  replicates.units.images_per_unit(), replicates.units.images_per_unit() == 1 ? "" : "s",
                  by_class ? ", stratified by class" : "");
  const auto group = replicates.images.groups.find(label);
  const auto spearman = replicates.spearman.find(label);
  for (auto& [name, measure] : measures) {
    const int statistic = ImageStatistics::index(name);
    if (measure.value && statistic >= 0) {
      measure =
          group != replicates.images.groups.end()
              ? percentile_measure(measure.value, group->second[statistic], measure.n, plan, measure.method + scheme)
              : plain_measure(*measure.value, measure.n,
                              measure.method + ", no interval: a class has fewer than 8 images");
    }
    if (measure.value && name == "act_rel_spearman") {
      measure = spearman != replicates.spearman.end()
                    ? percentile_measure(measure.value, spearman->second, measure.n, plan,
                                         fmt::format("{}, bootstrap {}%, {} replicates, blocks of the run within class",
                                                     measure.method, plan.confidence * 100, plan.replicates))
                    : plain_measure(*measure.value, measure.n,
                                    measure.method + (replicates.blocks.too_large
                                                          ? ", no interval: too many channels and blocks to resample"
                                                          : ", no interval: fewer than 8 blocks hold a class"));
    }
  }
}

/// One field of every class that has one, by label.
std::map<int, std::optional<double>> values_by_class(const ChannelSummary& summary, std::string_view field) {
  std::map<int, std::optional<double>> values;
  for (const ChannelGroup& group : summary.groups)
    if (group.label >= 0) values[group.label] = group.measure(field).value;
  return values;
}

/// corr_*: over classes, the alignment under the variant and act_rel_spearman on clean, each against the accuracy under
/// the variant.
void add_class_correlations(ChannelSummary& summary, const std::map<int, std::optional<double>>& clean_act_rel,
                            const VariantScores& scores, const ResamplingPlan& plan) {
  if (summary.groups.empty()) return;
  const BootstrapOptions options{plan.replicates, plan.confidence, plan.seed};
  const auto correlate = [&](const std::map<int, std::optional<double>>& by_class, std::string_view purpose,
                             std::string_view pearson_name, std::string_view spearman_name) {
    std::vector<std::optional<double>> statistic, accuracy;
    for (const auto& [label, value] : by_class) {
      if (static_cast<std::size_t>(label) >= scores.class_top1.size()) continue;
      statistic.push_back(value);
      accuracy.push_back(scores.class_top1[static_cast<std::size_t>(label)].value);
    }
    const ClassCorrelation correlation = correlate_classes(statistic, accuracy, purpose, options);
    summary.groups.front().measures.emplace_back(pearson_name, measure_of(correlation.pearson));
    summary.groups.front().measures.emplace_back(spearman_name, measure_of(correlation.spearman));
  };
  correlate(values_by_class(summary, "align_cosine_image_mean"), "align_cosine_image_mean", "corr_align_acc_pearson",
            "corr_align_acc_spearman");
  correlate(clean_act_rel, "act_rel_spearman", "corr_actrel_acc_pearson", "corr_actrel_acc_spearman");
}

class LayerReader {
 public:
  LayerReader(const RunStore& store, const Sample& sample, int layer, const SummaryOptions& options)
      : store_(store),
        sample_(sample),
        layer_(layer),
        plan_{options.channel_replicates, options.bootstrap.confidence, options.bootstrap.seed},
        per_class_(static_cast<int>(store.description().classes.size()) <= options.maximum_channel_classes),
        units_(sample.strata, kMaximumUnits) {
    clean_.moments = merged_moments(store, layer, 0);
    clean_.relevance = relevance_of_layer(store, layer, clean_.moments);
    clean_.relevance_all = relevance_of_all(clean_.relevance);
    clean_.dead = dead_channels(moments_of_all(clean_.moments));
    clean_.records = read_records(store, layer, 0, sample);
  }

  /// The summary, and the replicates of the group `all` for differences between models.
  std::pair<ChannelSummary, GroupReplicates> read(int variant) const {
    ClassMoments moments;
    ChannelUnits blocks;
    store_.for_each_channel_block(layer_, variant, [&](std::int64_t, const ClassMoments& block) {
      for (const auto& [label, group] : block) moments.try_emplace(label, group.channels()).first->second.merge(group);
      add_channel_block(blocks, block);
    });
    const ImageRecords records{clean_.records,
                               variant == 0 ? clean_.records : read_records(store_, layer_, variant, sample_)};
    const auto sums = paired_sums(records, sample_);
    const ImageReplicates images = resample_images(records, sample_, units_, plan_, per_class_);
    const auto spearman = resample_act_rel_spearman(blocks, clean_.relevance, clean_.relevance_all, plan_);

    ChannelSummary summary;
    summary.layer = layer_;
    summary.variant = variant;
    const auto add_group = [&](int label, const ChannelMoments& clean, const ChannelMoments& now,
                               std::span<const double> relevance) {
      const auto group_sums = sums.find(label);
      if (group_sums == sums.end()) return;
      ChannelGroup group{label, measures_of(group_statistics(clean, now, group_sums->second.first,
                                                             group_sums->second.second, relevance, clean_.dead))};
      add_intervals(group.measures, label, {images, units_, spearman, blocks}, sample_.strata.by_class, plan_);
      summary.groups.push_back(std::move(group));
    };
    add_group(-1, moments_of_all(clean_.moments), moments_of_all(moments), clean_.relevance_all);
    for (const auto& [label, group] : moments) {
      const auto clean = clean_.moments.find(label);
      const auto relevance = clean_.relevance.find(label);
      if (clean != clean_.moments.end() && relevance != clean_.relevance.end())
        add_group(label, clean->second, group, relevance->second.mean);
    }
    add_profiles(summary, moments, clean_.moments, clean_.relevance);
    return {std::move(summary), images.groups.at(-1)};
  }

  const ResamplingPlan& plan() const { return plan_; }

 private:
  const RunStore& store_;
  const Sample& sample_;
  int layer_;
  ResamplingPlan plan_;
  bool per_class_;
  ResamplingUnits units_;
  CleanLayer clean_;
};

/// Robust minus standard of one field of the group `all`; replicates are paired because the draws are the same.
Measure subtract(const ChannelSummary& robust, const GroupReplicates& robust_replicates, const ChannelSummary& standard,
                 const GroupReplicates& standard_replicates, std::string_view name, const ResamplingPlan& plan) {
  if (robust.groups.empty() || standard.groups.empty()) return undefined_measure(0, "a model has no channel record");
  const Measure& left = robust.groups.front().measure(name);
  const Measure& right = standard.groups.front().measure(name);
  if (!left.value) return undefined_measure(left.n, left.method);
  if (!right.value) return undefined_measure(right.n, right.method);
  const int statistic = ImageStatistics::index(name);
  std::vector<double> replicates(robust_replicates[statistic].size());
  for (std::size_t i = 0; i < replicates.size(); ++i)
    replicates[i] = robust_replicates[statistic][i] - standard_replicates[statistic][i];
  return percentile_measure(
      *left.value - *right.value, std::move(replicates), std::min(left.n, right.n), plan,
      fmt::format("paired bootstrap {}%, {} replicates of images", plan.confidence * 100, plan.replicates));
}

}  // namespace

ChannelReport summarise_channels(const RunStore& store, const Sample& sample,
                                 const std::vector<std::pair<int, int>>& pairs,
                                 const std::vector<VariantScores>& scores, const SummaryOptions& options) {
  const RunDescription& run = store.description();
  ChannelReport report;
  report.of_pair.resize(pairs.size());
  std::vector<GroupReplicates> replicates;
  ResamplingPlan plan;
  for (std::size_t layer = 0; layer < run.layers.size(); ++layer) {
    const LayerReader reader(store, sample, static_cast<int>(layer), options);
    plan = reader.plan();
    std::map<int, std::optional<double>> clean_act_rel;
    for (std::size_t variant = 0; variant < run.variants.size(); ++variant) {
      auto [summary, all] = reader.read(static_cast<int>(variant));
      if (variant == 0) clean_act_rel = values_by_class(summary, "act_rel_spearman");
      add_class_correlations(summary, clean_act_rel, scores.at(variant * run.models.size() + run.layers[layer].model),
                             plan);
      if (static_cast<int>(run.classes.size()) > options.maximum_channel_classes && !summary.groups.empty())
        summary.groups.resize(1);
      report.layers.push_back(std::move(summary));
      replicates.push_back(std::move(all));
    }
  }
  for (std::size_t pair = 0; pair < pairs.size(); ++pair)
    for (std::size_t robust = 0; robust < run.layers.size(); ++robust)
      for (std::size_t standard = 0; standard < run.layers.size(); ++standard) {
        if (run.layers[robust].model != pairs[pair].first || run.layers[standard].model != pairs[pair].second ||
            run.layers[robust].name != run.layers[standard].name)
          continue;
        for (std::size_t variant = 0; variant < run.variants.size(); ++variant) {
          const std::size_t r = robust * run.variants.size() + variant, s = standard * run.variants.size() + variant;
          const auto difference = [&](std::string_view name) {
            return subtract(report.layers[r], replicates[r], report.layers[s], replicates[s], name, plan);
          };
          report.of_pair[pair].push_back({run.layers[robust].name, static_cast<int>(variant), difference("nr_share"),
                                          difference("nr_share_delta"), difference("align_cosine_image_mean"),
                                          difference("align_pearson_image_mean")});
        }
      }
  return report;
}

}  // namespace cuebench
