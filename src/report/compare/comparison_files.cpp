#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/files.hpp>
#include <cuebench/core/version.hpp>
#include <cuebench/report/comparison.hpp>

#include "../csv_row.hpp"
#include "../json_measure.hpp"

namespace cuebench {
namespace {

using Json = nlohmann::ordered_json;

Json run_json(const ComparedRun& run) {
  Json models = Json::array(), variants = Json::array(), scores = Json::array();
  for (const StoredModel& model : run.description.models)
    models.push_back({{"name", model.name}, {"role", model.role}, {"sha256", model.sha256}});
  for (const StoredVariant& variant : run.description.variants) variants.push_back(variant.text);
  for (const VariantScores& score : run.scores)
    scores.push_back({{"model", run.description.models.at(static_cast<std::size_t>(score.model)).name},
                      {"variant", run.description.variants.at(static_cast<std::size_t>(score.variant)).text},
                      {"top1", to_json(score.top1)},
                      {"top5", to_json(score.top5)}});
  return {{"name", run.name},
          {"data", run.data},
          {"complete", run.complete},
          {"items", {{"total", run.items.total}, {"scored", run.items.scored}, {"labelled", run.items.labelled}}},
          {"classes", run.description.classes.size()},
          {"models", std::move(models)},
          {"variants", std::move(variants)},
          {"scores", std::move(scores)}};
}

Json agreement_json(const DecisionAgreement& agreement) {
  Json variants = Json::array();
  for (const VariantAgreement& of : agreement.variants)
    variants.push_back({{"variant", of.variant},
                        {"identical", to_json(of.identical)},
                        {"differing_images", of.differing.size()},
                        {"both_right", of.right.both},
                        {"only_first_right", of.right.only_first},
                        {"only_second_right", of.right.only_second},
                        {"neither_right", of.right.neither},
                        {"first_top1", to_json(of.first_top1)},
                        {"second_top1", to_json(of.second_top1)},
                        {"kappa", to_json(of.kappa)},
                        {"mcnemar_p", to_json(of.mcnemar_p)},
                        {"holm_p", to_json(of.holm_p)},
                        {"benjamini_hochberg_p", to_json(of.benjamini_hochberg_p)}});
  return {{"first", {{"source", agreement.first_source}, {"name", agreement.first_name}}},
          {"second", {{"source", agreement.second_source}, {"name", agreement.second_name}}},
          {"matched_by", agreement.matched_by},
          {"variants", std::move(variants)}};
}

std::string row(const DecisionAgreement& sides, std::string_view variant, std::string_view metric,
                const Measure& measure) {
  return csv_row({sides.first_source, sides.first_name, sides.second_source, sides.second_name, variant, metric,
                  csv_number(measure.value), csv_number(measure.low), csv_number(measure.high),
                  std::to_string(measure.n), measure.method});
}

Measure count_measure(std::int64_t count, std::int64_t n) {
  return {.value = static_cast<double>(count), .low = {}, .high = {}, .n = n, .method = "count"};
}

}  // namespace

std::string comparison_json(const RunComparison& comparison) {
  Json json;
  json["schema_version"] = kComparisonSchemaVersion;
  json["tool"] = {{"name", "cuebench"}, {"version", version()}, {"revision", revision()}};
  json["bootstrap"] = {{"replicates", comparison.bootstrap.replicates},
                       {"confidence", comparison.bootstrap.confidence},
                       {"seed", comparison.bootstrap.seed}};
  json["facts"] = Json::array();
  for (const ComparisonFact& fact : comparison.facts)
    json["facts"].push_back({{"what", fact.what}, {"same", fact.same}, {"text", fact.text}});
  json["runs"] = Json::array();
  for (const ComparedRun& run : comparison.runs) json["runs"].push_back(run_json(run));
  json["agreements"] = Json::array();
  for (const DecisionAgreement& agreement : comparison.agreements)
    json["agreements"].push_back(agreement_json(agreement));
  if (!comparison.findings.empty()) {
    json["findings"] = Json::array();
    for (const scoring::Finding& finding : comparison.findings) json["findings"].push_back(finding.sentence());
  }
  // Names may hold bytes that are not UTF-8; they become U+FFFD.
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string comparison_csv(const RunComparison& comparison) {
  std::string text = "first_source,first,second_source,second,variant,metric,value,low,high,n,method\n";
  for (const ComparedRun& run : comparison.runs)
    for (const VariantScores& score : run.scores)
      text += row({run.name, run.description.models.at(static_cast<std::size_t>(score.model)).name, "", "", "", {}},
                  run.description.variants.at(static_cast<std::size_t>(score.variant)).text, "top1", score.top1);
  for (const DecisionAgreement& sides : comparison.agreements)
    for (const VariantAgreement& of : sides.variants) {
      const auto add = [&](std::string_view metric, const Measure& measure) {
        text += row(sides, of.variant, metric, measure);
      };
      add("identical", of.identical);
      add("first_top1", of.first_top1);
      add("second_top1", of.second_top1);
      add("only_first_right", count_measure(of.right.only_first, of.right.n()));
      add("only_second_right", count_measure(of.right.only_second, of.right.n()));
      add("kappa", of.kappa);
      add("mcnemar_p", of.mcnemar_p);
      add("holm_p", of.holm_p);
      add("benjamini_hochberg_p", of.benjamini_hochberg_p);
    }
  return text;
}

std::string differing_images_csv(const RunComparison& comparison) {
  std::string text =
      "first_source,first,second_source,second,variant,image,label,first_said,second_said,first_right,second_right\n";
  for (const DecisionAgreement& sides : comparison.agreements)
    for (const VariantAgreement& of : sides.variants)
      for (const DifferingImage& image : of.differing) {
        // Without a label nobody is right or wrong.
        const auto right = [&](bool is) { return image.label.empty() ? "" : is ? "1" : "0"; };
        text += csv_row({sides.first_source, sides.first_name, sides.second_source, sides.second_name, of.variant,
                         image.image, image.label, image.first, image.second, right(image.first_right),
                         right(image.second_right)});
      }
  return text;
}

void write_comparison(const RunComparison& comparison, const std::filesystem::path& page) {
  require_writable_folder(folder_of(page));
  std::filesystem::path stem = page;
  if (stem.extension() == ".html" || stem.extension() == ".htm") stem.replace_extension();
  const auto beside = [&](const char* ending) { return std::filesystem::path(stem.string() + ending); };
  write_file_atomically(beside(".json"), comparison_json(comparison));
  write_file_atomically(beside(".csv"), comparison_csv(comparison));
  write_file_atomically(beside("-images.csv"), differing_images_csv(comparison));
  write_file_atomically(page, comparison_html(comparison, beside("-images.csv").filename().string()));
}

}  // namespace cuebench
