#include "aggregation_summary.hpp"

#include <nlohmann/json.hpp>

#include "measure.hpp"

namespace cuebench {
namespace {

constexpr const char* kNoLabels = "no scored image has a label";
constexpr const char* kNoConflict = "no scored image has a shape label that differs from its texture label";
constexpr const char* kNeither = "no decision for the shape or the texture class";

nlohmann::json configuration_of(const RunDescription& run) {
  auto parsed = nlohmann::json::parse(run.configuration, nullptr, false);
  return parsed.is_object() ? parsed : nlohmann::json::object();
}

std::string used_aggregation(const RunDescription& run) {
  const auto configuration = configuration_of(run);
  const auto found = configuration.find("aggregation");
  return found != configuration.end() && found->is_string() ? found->get<std::string>() : "mean";
}

}  // namespace

std::vector<AggregationScores> summarise_aggregations(const RunStore& store) {
  const RunDescription& run = store.description();
  const std::string used = used_aggregation(run);
  std::vector<AggregationScores> result;
  for (const BlockRecord::AggregationRow& row : store.aggregations()) {
    AggregationScores scores;
    scores.model = row.model;
    scores.variant = row.variant;
    scores.aggregation = row.aggregation;
    scores.used = row.aggregation == used;
    scores.top1 = share_measure(row.right, row.labelled, kNoLabels);
    scores.conflicts = cues_conflict(run, row.variant);
    if (scores.conflicts) {
      scores.counts = {row.shape, row.texture, row.conflict - row.shape - row.texture};
      scores.bias = row.conflict == 0 ? undefined_measure(0, kNoConflict)
                                      : share_measure(row.shape, row.shape + row.texture, kNeither);
    }
    result.push_back(std::move(scores));
  }
  return result;
}

LeftOutImages left_out_images(const RunDescription& run) {
  LeftOutImages left_out;
  const auto configuration = configuration_of(run);
  const auto found = configuration.find("left_out");
  if (found == configuration.end() || !found->is_object()) return left_out;
  left_out.images = found->value("images", std::int64_t{0});
  left_out.classes = found->value("no_output_for", std::vector<std::string>{});
  return left_out;
}

}  // namespace cuebench
