#include <nlohmann/json.hpp>

#include <cuebench/core/version.hpp>
#include <cuebench/report/writers.hpp>

#include "json_measure.hpp"

namespace cuebench {
namespace {

using Json = nlohmann::ordered_json;

class ResultsWriter {
 public:
  explicit ResultsWriter(const RunSummary& summary) : summary_(summary), run_(summary.description) {}

  Json write() const {
    Json json;
    json["schema_version"] = kResultsSchemaVersion;
    json["tool"] = {{"name", "cuebench"}, {"version", version()}, {"revision", revision()}};
    json["complete"] = summary_.complete;
    json["configuration"] = Json::parse(run_.configuration, nullptr, false);
    if (json["configuration"].is_discarded()) json["configuration"] = run_.configuration;
    json["bootstrap"] = {{"replicates", summary_.options.bootstrap.replicates},
                         {"channel_replicates", summary_.options.channel_replicates},
                         {"confidence", summary_.options.bootstrap.confidence},
                         {"seed", summary_.options.bootstrap.seed}};
    json["items"] = items();
    if (summary_.left_out.images > 0)
      json["left_out"] = {{"images", summary_.left_out.images}, {"no_output_for", summary_.left_out.classes}};
    json["classes"] = run_.classes;
    json["models"] = models();
    json["variants"] = variants();
    json["scores"] = scores();
    json["shape_bias"] = shape_bias();
    if (!summary_.aggregations.empty()) json["aggregations"] = aggregations();
    json["pairs"] = pairs();
    if (!summary_.corruptions.empty()) json["corruptions"] = corruptions();
    json["channels"] = channels();
    if (!summary_.interventions.empty()) json["interventions"] = interventions();
    json["bad_images"] = bad_images();
    json["pictures"] = pictures();
    return json;
  }

 private:
  Json items() const {
    const ItemCounts& counts = summary_.items;
    return {{"total", counts.total},       {"scored", counts.scored},
            {"labelled", counts.labelled}, {"bad", counts.bad},
            {"pending", counts.pending},   {"partial", counts.partial},
            {"blocks", counts.blocks},     {"finished_blocks", counts.finished_blocks}};
  }

  Json models() const {
    Json list = Json::array();
    for (const StoredModel& model : run_.models)
      list.push_back({{"name", model.name},
                      {"role", model.role},
                      {"architecture", model.architecture},
                      {"file", model.file},
                      {"sha256", model.sha256},
                      {"way", model.way},
                      {"classes", model.classes},
                      {"parameters", model.parameters}});
    return list;
  }

  Json variants() const {
    Json list = Json::array();
    for (std::size_t variant = 0; variant < run_.variants.size(); ++variant)
      list.push_back({{"variant", run_.variants[variant].text},
                      {"keeps", run_.variants[variant].keeps},
                      {"notes", summary_.notes.at(variant)}});
    return list;
  }

  std::string variant_name(int variant) const { return run_.variants.at(variant).text; }
  std::string model_name(int model) const { return run_.models.at(model).name; }

  Json by_class(const std::vector<Measure>& measures) const {
    Json list = Json::array();
    for (std::size_t label = 0; label < measures.size(); ++label) {
      Json entry = {{"class", summary_.class_name(static_cast<int>(label))}};
      entry.update(to_json(measures[label]));
      list.push_back(std::move(entry));
    }
    return list;
  }

  Json scores() const {
    Json list = Json::array();
    for (const VariantScores& scores : summary_.scores)
      list.push_back({{"model", model_name(scores.model)},
                      {"variant", variant_name(scores.variant)},
                      {"top1", to_json(scores.top1)},
                      {"top5", to_json(scores.top5)},
                      {"accuracy_retained", to_json(scores.retained)},
                      {"agreement_with_clean", to_json(scores.agreement)},
                      {"negative_log_likelihood", to_json(scores.negative_log_likelihood)},
                      {"expected_calibration_error", to_json(scores.calibration_error)},
                      {"mean_confidence", to_json(scores.confidence)},
                      {"top1_by_class", by_class(scores.class_top1)}});
    return list;
  }

  Json shape_bias() const {
    Json list = Json::array();
    for (const ShapeBiasScores& bias : summary_.shape_bias) {
      Json classes = Json::array();
      for (std::size_t label = 0; label < bias.class_bias.size(); ++label)
        classes.push_back({{"class", summary_.class_name(static_cast<int>(label))},
                           {"shape", bias.class_counts[label].shape},
                           {"texture", bias.class_counts[label].texture},
                           {"other", bias.class_counts[label].other},
                           {"shape_bias", to_json(bias.class_bias[label])}});
      list.push_back({{"model", model_name(bias.model)},
                      {"variant", variant_name(bias.variant)},
                      {"shape", bias.counts.shape},
                      {"texture", bias.counts.texture},
                      {"other", bias.counts.other},
                      {"shape_bias", to_json(bias.bias)},
                      {"shape_bias_class_mean", to_json(bias.class_mean)},
                      {"shape_share", to_json(bias.shape_share)},
                      {"texture_share", to_json(bias.texture_share)},
                      {"other_share", to_json(bias.other_share)},
                      {"by_shape_class", std::move(classes)}});
    }
    return list;
  }

  Json aggregations() const {
    Json list = Json::array();
    for (const AggregationScores& scores : summary_.aggregations) {
      Json entry = {{"model", model_name(scores.model)},
                    {"variant", variant_name(scores.variant)},
                    {"aggregation", scores.aggregation},
                    {"used", scores.used},
                    {"top1", to_json(scores.top1)}};
      if (scores.conflicts) {
        entry["shape"] = scores.counts.shape;
        entry["texture"] = scores.counts.texture;
        entry["other"] = scores.counts.other;
        entry["shape_bias"] = to_json(scores.bias);
      }
      list.push_back(std::move(entry));
    }
    return list;
  }

  Json cues(const CueEvidence& evidence) const {
    const auto names = [&](const std::vector<int>& variants) {
      Json list = Json::array();
      for (const int variant : variants) list.push_back(variant_name(variant));
      return list;
    };
    return {{"shape_variants", names(evidence.shape_variants)},
            {"texture_variants", names(evidence.texture_variants)},
            {"retained_shape_robust", to_json(evidence.robust_shape)},
            {"retained_shape_standard", to_json(evidence.standard_shape)},
            {"retained_shape_difference", to_json(evidence.shape_difference)},
            {"retained_texture_robust", to_json(evidence.robust_texture)},
            {"retained_texture_standard", to_json(evidence.standard_texture)},
            {"retained_texture_difference", to_json(evidence.texture_difference)},
            {"shape_minus_texture", to_json(evidence.contrast)}};
  }

  Json comparison(const VariantComparison& now) const {
    return {{"variant", variant_name(now.variant)},
            {"top1_difference", to_json(now.difference)},
            {"only_robust_right", now.only_robust},
            {"only_standard_right", now.only_standard},
            {"mcnemar_p", to_json(now.mcnemar_p)},
            {"holm_p", to_json(now.holm_p)},
            {"benjamini_hochberg_p", to_json(now.benjamini_hochberg_p)},
            {"relative_to_clean", to_json(now.relative_to_clean)},
            {"shape_bias_difference", to_json(now.shape_bias_difference)}};
  }

  Json pairs() const {
    Json list = Json::array();
    for (const PairComparison& pair : summary_.pairs) {
      Json entry = {{"robust", model_name(pair.robust)},
                    {"standard", model_name(pair.standard)},
                    {"same_architecture", pair.same_architecture},
                    {"verdict", to_string(pair.verdict)},
                    {"sentence", pair.sentence},
                    {"cues", cues(pair.cues)}};
      entry["variants"] = Json::array();
      for (const VariantComparison& now : pair.variants) entry["variants"].push_back(comparison(now));
      entry["channels"] = Json::array();
      for (const ChannelDifference& difference : pair.channels)
        entry["channels"].push_back(
            {{"layer", difference.layer},
             {"variant", variant_name(difference.variant)},
             {"nr_share_difference", to_json(difference.nr_share)},
             {"nr_share_delta_difference", to_json(difference.nr_share_delta)},
             {"align_cosine_image_mean_difference", to_json(difference.align_cosine_image_mean)},
             {"align_pearson_image_mean_difference", to_json(difference.align_pearson_image_mean)}});
      list.push_back(std::move(entry));
    }
    return list;
  }

  Json corruptions() const {
    Json list = Json::array();
    for (const CorruptionSummary& summary : summary_.corruptions) {
      Json models = Json::array();
      for (const CorruptionScoresOfModel& scores : summary.models) {
        Json errors = Json::object();
        for (std::size_t c = 0; c < summary.corruptions.size(); ++c)
          errors[summary.corruptions[c]] = to_json(scores.corruption_error[c]);
        models.push_back({{"model", model_name(scores.model)},
                          {"error", to_json(scores.error)},
                          {"mce", to_json(scores.mce)},
                          {"relative_mce", to_json(scores.relative_mce)},
                          {"error_19", to_json(scores.error_19)},
                          {"mce_19", to_json(scores.mce_19)},
                          {"error_by_corruption", std::move(errors)}});
      }
      list.push_back({{"setting", summary.setting},
                      {"corruptions", summary.corruptions},
                      {"baseline", summary.baseline.empty() ? Json(nullptr) : Json(summary.baseline)},
                      {"models", std::move(models)}});
    }
    return list;
  }

  Json channels() const {
    Json list = Json::array();
    for (const ChannelSummary& channel : summary_.channels) {
      const StoredLayer& layer = run_.layers.at(channel.layer);
      Json groups = Json::array();
      for (const ChannelGroup& group : channel.groups) {
        Json entry = {{"group", group.label < 0 ? "all" : summary_.class_name(group.label)}, {"label", group.label}};
        for (const auto& [name, measure] : group.measures) entry[std::string(name)] = to_json(measure);
        groups.push_back(std::move(entry));
      }
      list.push_back({{"model", model_name(layer.model)},
                      {"layer", layer.name},
                      {"form", layer.form},
                      {"channels", layer.channels},
                      {"variant", variant_name(channel.variant)},
                      {"positive_channels", channel.positive_channels},
                      {"activation_by_rank", channel.by_relevance.activation},
                      {"frequency_by_rank", channel.by_relevance.frequency},
                      {"activation_by_clean_magnitude_rank", channel.by_clean_magnitude.activation},
                      {"frequency_by_clean_magnitude_rank", channel.by_clean_magnitude.frequency},
                      {"groups", std::move(groups)}});
    }
    return list;
  }

  Json interventions() const {
    Json list = Json::array();
    for (const InterventionCurve& curve : summary_.interventions) {
      const StoredLayer& layer = run_.layers.at(static_cast<std::size_t>(curve.layer));
      Json points = Json::array();
      for (const InterventionPoint& point : curve.points)
        points.push_back(
            {{"setting", point.setting}, {"accuracy", to_json(point.accuracy)}, {"change", to_json(point.change)}});
      list.push_back({{"model", model_name(layer.model)},
                      {"layer", layer.name},
                      {"variant", variant_name(curve.variant)},
                      {"action", curve.action},
                      {"of", curve.of},
                      {"accuracy_unmodified", to_json(curve.unmodified)},
                      {"points", std::move(points)}});
    }
    return list;
  }

  Json bad_images() const {
    Json list = Json::array();
    for (const auto& [item, image] : summary_.bad_images)
      list.push_back(
          {{"item", run_.items.at(item).id}, {"path", image.path}, {"bytes", image.bytes}, {"reason", image.reason}});
    return list;
  }

  Json pictures() const {
    Json list = Json::array();
    for (const PictureSummary& picture : summary_.pictures) {
      const StoredItem& item = run_.items.at(picture.item);
      Json frames = Json::array();
      for (const PictureSummary::Frame& frame : picture.frames) {
        Json answers = Json::array();
        for (std::size_t model = 0; model < frame.answers.size(); ++model)
          answers.push_back({{"model", model_name(static_cast<int>(model))},
                             {"predicted", summary_.class_name(frame.answers[model].predicted)},
                             {"confidence", frame.answers[model].confidence},
                             {"correct", frame.answers[model].correct}});
        frames.push_back({{"variant", variant_name(frame.variant)}, {"answers", std::move(answers)}});
      }
      list.push_back({{"item", item.id}, {"label", summary_.class_name(item.label)}, {"variants", std::move(frames)}});
    }
    return list;
  }

  const RunSummary& summary_;
  const RunDescription& run_;
};

}  // namespace

std::string results_json(const RunSummary& summary) {
  // Names may hold bytes that are not UTF-8; they become U+FFFD.
  return ResultsWriter(summary).write().dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cuebench
