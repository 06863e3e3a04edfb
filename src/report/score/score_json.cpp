#include <nlohmann/json.hpp>

#include <cuebench/core/version.hpp>
#include <cuebench/report/score_report.hpp>

#include "../text.hpp"

namespace cuebench {
namespace {

using Json = nlohmann::ordered_json;
using scoring::ObserverScores;
using scoring::SetScores;

Json optional(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// Either {value, low, high, n, method} or {value: null, reason, n}.
Json to_json(const Estimate& estimate) {
  if (!estimate.value) return {{"value", nullptr}, {"reason", estimate.method}, {"n", estimate.n}};
  return {{"value", *estimate.value},
          {"low", optional(estimate.low)},
          {"high", optional(estimate.high)},
          {"n", estimate.n},
          {"method", estimate.method}};
}

Json to_json(const scoring::AnswerCounts& counts) {
  return {{"n", counts.n},
          {"correct", counts.correct},
          {"no_answer", counts.no_answer},
          {"accuracy", optional(counts.accuracy())}};
}

Json to_json(const CueCounts& counts) {
  return {{"shape", counts.shape},
          {"texture", counts.texture},
          {"other", counts.other},
          {"shape_bias", optional(shape_bias_of(counts.shape, counts.texture))}};
}

Json to_json(const AgreementCounts& counts) {
  Json json{{"n", counts.n()},
            {"both", counts.both},
            {"only_first", counts.only_first},
            {"only_second", counts.only_second},
            {"neither", counts.neither}};
  const auto consistency = error_consistency(counts);
  json["observed"] = consistency ? Json(consistency->observed) : Json(nullptr);
  json["expected"] = consistency ? Json(consistency->expected) : Json(nullptr);
  json["kappa"] = consistency ? Json(consistency->kappa) : Json(nullptr);
  return json;
}

Json to_json(const scoring::Consistency& consistency) {
  return {{"observed", to_json(consistency.observed)},
          {"expected", to_json(consistency.expected)},
          {"kappa", to_json(consistency.kappa)},
          {"squared_accuracy_difference", to_json(consistency.squared_accuracy_difference)}};
}

Json to_json(const scoring::CueScores& cues) {
  Json json = to_json(cues.counts);
  json["no_answer"] = cues.no_answer;
  json["same_cues_left_out"] = cues.same_cues;
  json["shape_bias"] = to_json(cues.bias);
  json["shape_bias_clopper_pearson"] = to_json(cues.exact_bias);
  json["category_mean"] = to_json(cues.category_mean);
  for (int category = 0; category < scoring::kCategories; ++category)
    json["categories"][std::string(scoring::category_name(category))] = to_json(cues.categories[category]);
  return json;
}

Json to_json(const ObserverScores& observer, const SetScores& set) {
  Json json{{"name", valid_utf8(observer.name)}, {"human", observer.human}, {"sessions", observer.sessions}};
  json.update(to_json(observer.all));
  json["accuracy"] = to_json(observer.accuracy);
  json["accuracy_clopper_pearson"] = to_json(observer.exact_accuracy);
  json["response_entropy"] = to_json(observer.entropy);
  json["benchmark_conditions"] = to_json(observer.benchmark);
  json["conditions"] = Json::array();
  for (std::size_t i = 0; i < observer.conditions.size(); ++i) {
    Json condition{{"condition", valid_utf8(set.condition_name(i))}};
    condition.update(to_json(observer.conditions[i]));
    condition["response_entropy"] = optional(observer.condition_entropy[i].value);
    json["conditions"].push_back(condition);
  }
  for (int category = 0; category < scoring::kCategories; ++category)
    json["categories"][std::string(scoring::category_name(category))] = to_json(observer.categories[category]);
  json["confusion"] = observer.confusion;
  json["shape_bias"] = observer.cues ? to_json(*observer.cues) : Json(nullptr);
  return json;
}

Json pair_json(const scoring::PairScores& pair, const SetScores& set) {
  Json json{{"first", valid_utf8(set.observers[pair.first].name)},
            {"second", valid_utf8(set.observers[pair.second].name)},
            {"all", to_json(pair.all)},
            {"mean_over_conditions", to_json(pair.consistency)}};
  json["conditions"] = Json::array();
  for (std::size_t i = 0; i < pair.conditions.size(); ++i) {
    Json condition{{"condition", valid_utf8(set.condition_name(i))}};
    condition.update(to_json(pair.conditions[i]));
    json["conditions"].push_back(condition);
  }
  json["mcnemar"] = {{"exact_p", optional(pair.mcnemar)},
                     {"mid_p", optional(pair.mcnemar_mid)},
                     {"holm_p", optional(pair.holm)},
                     {"benjamini_hochberg_p", optional(pair.benjamini_hochberg)}};
  if (!pair.mcnemar)
    json["mcnemar"]["reason"] = pair.all.n() == 0 ? "no image that both saw" : "two humans are not tested";
  json["shape_bias_difference"] = pair.shape_bias_difference ? to_json(*pair.shape_bias_difference) : Json(nullptr);
  return json;
}

Json set_json(const SetScores& set) {
  Json json{{"name", valid_utf8(set.name)}, {"cue_conflict", set.cue_conflict}, {"images", set.images}};
  json["conditions"] = Json::array();
  for (std::size_t i = 0; i < set.conditions.size(); ++i)
    json["conditions"].push_back(
        {{"condition", valid_utf8(set.condition_name(i))}, {"in_benchmark", bool(set.in_benchmark[i])}});
  json["observers"] = Json::array();
  for (const ObserverScores& observer : set.observers) {
    json["observers"].push_back(to_json(observer, set));
    json["observers"].back()["consistency_with_humans"] = to_json(observer.with_humans);
  }
  json["humans"] = set.humans ? to_json(*set.humans, set) : Json(nullptr);
  json["consistency_among_humans"] = to_json(set.among_humans);
  json["pairs"] = Json::array();
  for (const auto& pair : set.pairs) json["pairs"].push_back(pair_json(pair, set));
  return json;
}

Json row_json(const scoring::BenchmarkRow& row) {
  return {{"observer", valid_utf8(row.observer)},
          {"squared_accuracy_difference", to_json(row.squared_accuracy_difference)},
          {"observed", to_json(row.observed)},
          {"kappa", to_json(row.kappa)},
          {"ood_accuracy", to_json(row.ood_accuracy)},
          {"rank_accuracy_difference", optional(row.rank_difference)},
          {"rank_observed", optional(row.rank_observed)},
          {"rank_kappa", optional(row.rank_kappa)},
          {"mean_rank", optional(row.mean_rank)}};
}

Json benchmark_json(const scoring::Benchmark& benchmark) {
  Json json{{"sets", benchmark.sets}, {"missing_sets", benchmark.missing}};
  json["models"] = Json::array();
  for (const auto& row : benchmark.models) json["models"].push_back(row_json(row));
  json["humans"] = benchmark.humans ? row_json(*benchmark.humans) : Json(nullptr);
  return json;
}

Json corruption_json(const scoring::Scores::CorruptionFile& file) {
  Json json{{"file", valid_utf8(file.table.file)}, {"corruptions", Json::array()}, {"models", Json::array()}};
  for (const std::string& corruption : file.table.corruptions) json["corruptions"].push_back(valid_utf8(corruption));
  for (const auto& model : file.models) {
    Json entry{{"model", valid_utf8(model.model)},
               {"accuracy", to_json(model.accuracy)},
               {"error", to_json(model.error)},
               {"mce_own", to_json(model.mce_own)},
               {"mce_customary", to_json(model.mce_customary)},
               {"relative_mce_own", to_json(model.relative_mce_own)},
               {"relative_mce_customary", to_json(model.relative_mce_customary)},
               {"error_19", to_json(model.error_19)},
               {"mce_own_19", to_json(model.mce_own_19)},
               {"mean_error", model.mean_error},
               {"ce_own", Json::array()}};
    for (const auto& ce : model.ce_own) entry["ce_own"].push_back(optional(ce));
    json["models"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace

std::string score_json(const scoring::Scores& scores) {
  Json json;
  json["schema_version"] = scoring::kScoreSchemaVersion;
  json["tool"] = {{"name", "cuebench"}, {"version", version()}, {"revision", revision()}};
  json["options"] = {{"humans", valid_utf8(scores.options.humans)},
                     {"replicates", scores.options.replicates},
                     {"confidence", scores.options.confidence},
                     {"seed", scores.options.seed}};
  json["trials"] = scores.trials;
  json["files"] = scores.trial_files;
  json["repeated_trials_left_out"] = scores.repeated_trials;
  json["categories"] = Json::array();
  for (int category = 0; category < scoring::kCategories; ++category)
    json["categories"].push_back(scoring::category_name(category));
  json["sets"] = Json::array();
  for (const SetScores& set : scores.sets) json["sets"].push_back(set_json(set));
  json["benchmark"] = scores.benchmark ? benchmark_json(*scores.benchmark) : Json(nullptr);
  json["corruptions"] = Json::array();
  for (const auto& file : scores.corruptions) json["corruptions"].push_back(corruption_json(file));
  json["published_accuracies"] = Json::array();
  for (const auto& one : scores.published)
    json["published_accuracies"].push_back({{"observer", valid_utf8(one.observer)},
                                            {"set", valid_utf8(one.set)},
                                            {"published", one.published},
                                            {"computed", optional(one.computed)}});
  json["findings"] = Json::array();
  for (const auto& finding : scores.findings)
    json["findings"].push_back({{"file", valid_utf8(finding.file)},
                                {"line", finding.line},
                                {"count", finding.count},
                                {"text", valid_utf8(finding.text)}});
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cuebench
