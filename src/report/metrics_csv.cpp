#include <fmt/format.h>

#include <cuebench/report/writers.hpp>

#include "csv_row.hpp"

namespace cuebench {
namespace {

class MetricsTable {
 public:
  explicit MetricsTable(const RunSummary& summary) : summary_(summary), run_(summary.description) {
    text_ = "model,role,variant,class,metric,value,low,high,n,method\n";
  }

  std::string write() {
    for (const VariantScores& scores : summary_.scores) add_scores(scores);
    for (const ShapeBiasScores& bias : summary_.shape_bias) add_shape_bias(bias);
    for (const AggregationScores& scores : summary_.aggregations) add_aggregation(scores);
    for (const CorruptionSummary& corruptions : summary_.corruptions) add_corruptions(corruptions);
    for (const ChannelSummary& channel : summary_.channels) add_channels(channel);
    for (const PairComparison& pair : summary_.pairs) add_pair(pair);
    return std::move(text_);
  }

 private:
  void add(std::string_view class_name, std::string_view metric, const Measure& measure) {
    text_ += csv_row({model_, role_, variant_, class_name, metric, csv_number(measure.value), csv_number(measure.low),
                      csv_number(measure.high), std::to_string(measure.n), measure.method});
  }

  void choose(int model, int variant) {
    model_ = run_.models.at(model).name;
    role_ = run_.models.at(model).role;
    variant_ = run_.variants.at(variant).text;
  }

  void add_scores(const VariantScores& scores) {
    choose(scores.model, scores.variant);
    add("all", "top1", scores.top1);
    add("all", "top5", scores.top5);
    add("all", "accuracy_retained", scores.retained);
    add("all", "agreement_with_clean", scores.agreement);
    add("all", "negative_log_likelihood", scores.negative_log_likelihood);
    add("all", "expected_calibration_error", scores.calibration_error);
    add("all", "mean_confidence", scores.confidence);
    for (std::size_t label = 0; label < scores.class_top1.size(); ++label)
      add(summary_.class_name(static_cast<int>(label)), "top1", scores.class_top1[label]);
  }

  void add_shape_bias(const ShapeBiasScores& bias) {
    choose(bias.model, bias.variant);
    add("all", "shape_bias", bias.bias);
    add("all", "shape_bias_class_mean", bias.class_mean);
    add("all", "shape_share", bias.shape_share);
    add("all", "texture_share", bias.texture_share);
    add("all", "other_share", bias.other_share);
    for (std::size_t label = 0; label < bias.class_bias.size(); ++label)
      add(summary_.class_name(static_cast<int>(label)), "shape_bias", bias.class_bias[label]);
  }

  void add_aggregation(const AggregationScores& scores) {
    choose(scores.model, scores.variant);
    add("all", fmt::format("top1[{}]", scores.aggregation), scores.top1);
    if (scores.conflicts) add("all", fmt::format("shape_bias[{}]", scores.aggregation), scores.bias);
  }

  void add_corruptions(const CorruptionSummary& summary) {
    for (const CorruptionScoresOfModel& scores : summary.models) {
      choose(scores.model, 0);
      variant_ = "imagenet_c, 15 corruptions";
      if (!summary.setting.empty()) variant_ += "," + summary.setting;
      add("all", "corruption_error", scores.error);
      add("all", "mce", scores.mce);
      add("all", "relative_mce", scores.relative_mce);
      if (summary.corruptions.size() > 15) {
        variant_.replace(0, std::string_view("imagenet_c, 15").size(), "imagenet_c, 19");
        add("all", "corruption_error", scores.error_19);
        add("all", "mce", scores.mce_19);
      }
      for (std::size_t c = 0; c < summary.corruptions.size(); ++c) {
        variant_ = fmt::format("imagenet_c:corruption={}{}{}", summary.corruptions[c],
                               summary.setting.empty() ? "" : ",", summary.setting);
        add("all", "corruption_error", scores.corruption_error[c]);
      }
    }
  }

  void add_channels(const ChannelSummary& channel) {
    const StoredLayer& layer = run_.layers.at(channel.layer);
    choose(layer.model, channel.variant);
    for (const ChannelGroup& group : channel.groups)
      for (const auto& [name, measure] : group.measures)
        add(group.label < 0 ? "all" : summary_.class_name(group.label), fmt::format("{}[{}]", name, layer.name),
            measure);
  }

  void add_pair(const PairComparison& pair) {
    model_ = run_.models.at(pair.robust).name + "-" + run_.models.at(pair.standard).name;
    role_ = "difference";
    for (const VariantComparison& now : pair.variants) {
      variant_ = run_.variants.at(now.variant).text;
      add("all", "top1_difference", now.difference);
      add("all", "mcnemar_p", now.mcnemar_p);
      add("all", "holm_p", now.holm_p);
      add("all", "benjamini_hochberg_p", now.benjamini_hochberg_p);
      add("all", "relative_to_clean", now.relative_to_clean);
      if (!summary_.shape_bias.empty()) add("all", "shape_bias_difference", now.shape_bias_difference);
    }
    for (const ChannelDifference& difference : pair.channels) {
      variant_ = run_.variants.at(difference.variant).text;
      const auto name = [&](const char* field) { return fmt::format("{}_difference[{}]", field, difference.layer); };
      add("all", name("nr_share"), difference.nr_share);
      add("all", name("nr_share_delta"), difference.nr_share_delta);
      add("all", name("align_cosine_image_mean"), difference.align_cosine_image_mean);
      add("all", name("align_pearson_image_mean"), difference.align_pearson_image_mean);
    }
    variant_ = "shape-keeping variants";
    add("all", "accuracy_retained_difference", pair.cues.shape_difference);
    variant_ = "texture-keeping variants";
    add("all", "accuracy_retained_difference", pair.cues.texture_difference);
    variant_ = "shape-keeping minus texture-keeping variants";
    add("all", "accuracy_retained_difference", pair.cues.contrast);
  }

  const RunSummary& summary_;
  const RunDescription& run_;
  std::string text_, model_, role_, variant_;
};

}  // namespace

std::string metrics_csv(const RunSummary& summary) {
  return MetricsTable(summary).write();
}

std::string bad_images_csv(const RunSummary& summary) {
  std::string text = "path,bytes,reason\n";
  for (const auto& [item, image] : summary.bad_images)
    text += csv_row({image.path, std::to_string(image.bytes), image.reason});
  return text;
}

}  // namespace cuebench
