// Files of the run folder: valid, stable to the byte, and equal to the summary when read back.

#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/report/report.hpp>
#include <cuebench/report/writers.hpp>

#include "gunzip.hpp"
#include "synthetic_run.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using nlohmann::json;
using test::SyntheticRun;

/// Names that CSV, JSON, HTML and gnuplot could all trip over.
SyntheticRun hostile_run() {
  SyntheticRun run = SyntheticRun::pair({{"silhouette:a=1", "shape"}}, {"<b>&\"cat\"", "dog, 'old'\nline"}, 40);
  run.description.models[0].name = "a<script>alert(1)</script>&\"'";
  run.description.models[1].name = "b,`touch gnuplot-was-here`\\";
  run.description.models[1].architecture = "<i>net</i>";
  run.description.items[5].id = "<img src=x>\xFF.png";
  run.bad_images = {{7, {"dir,with\"quote/<b>.png", 12, "not an image, it says \"no\""}}};
  run.notes = {{3, 1, "mask=<automatic>"}};
  run.pictures = {{5, 0, test::tiny_png(1)}, {5, 1, test::tiny_png(2)}};
  run.outcome = [](std::int64_t item, int model, int variant) -> std::optional<Outcome> {
    if (item == 7) return std::nullopt;
    return test::answer((item + model) % (2 + variant) != 0, static_cast<int>(item % 2), 2);
  };
  return run;
}

RunSummary summary_of(const SyntheticRun& run) {
  const test::TemporaryFolder folder;
  return summarise(run.store(folder.path()));
}

void for_each_value(const json& value, const std::function<void(const json&)>& visit) {
  visit(value);
  if (value.is_structured())
    for (const auto& child : value) for_each_value(child, visit);
}

TEST(ResultsJson, IsEqualToTheByteForEqualRuns) {
  const std::string first = results_json(summary_of(hostile_run())), second = results_json(summary_of(hostile_run()));
  EXPECT_EQ(first, second);
}

TEST(ResultsJson, EveryNullHasAReasonAndEveryNumberAMethod) {
  const json results = json::parse(results_json(summary_of(test::realistic_run(60))));
  EXPECT_EQ(results.at("schema_version"), kResultsSchemaVersion);
  int numbers = 0, nulls = 0;
  for_each_value(results, [&](const json& value) {
    if (!value.is_object() || !value.contains("value")) return;
    if (value["value"].is_null()) {
      ++nulls;
      EXPECT_FALSE(value.at("reason").get<std::string>().empty()) << value;
    } else {
      ++numbers;
      EXPECT_TRUE(value["value"].is_number()) << value;
      EXPECT_FALSE(value.at("method").get<std::string>().empty()) << value;
      EXPECT_TRUE(value.contains("low") && value.contains("high") && value.contains("n")) << value;
    }
  });
  EXPECT_GT(numbers, 500);
  EXPECT_GT(nulls, 0);
}

TEST(ResultsJson, SaysWhatTheSummarySays) {
  const RunSummary summary = summary_of(hostile_run());
  const json results = json::parse(results_json(summary));
  EXPECT_EQ(results["items"]["scored"], 39);
  EXPECT_EQ(results["items"]["bad"], 1);
  EXPECT_EQ(results["scores"][3]["model"], summary.description.models[1].name);
  EXPECT_EQ(results["scores"][3]["variant"], "silhouette:a=1");
  EXPECT_EQ(results["scores"][3]["top1"]["value"], summary.score(1, 1).top1.value.value());
  EXPECT_EQ(results["pairs"][0]["variants"][1]["top1_difference"]["low"],
            summary.pairs[0].variants[1].difference.low.value());
  EXPECT_EQ(results["configuration"]["seed"], 0);
  EXPECT_EQ(results["bad_images"][0]["reason"], "not an image, it says \"no\"");
  // The stray byte of the item's name became U+FFFD, so that the file is valid UTF-8.
  EXPECT_EQ(results["pictures"][0]["item"], "<img src=x>\uFFFD.png");
}

TEST(MetricsCsv, ReadsBackToTheSameNumbers) {
  const RunSummary summary = summary_of(hostile_run());
  const CsvTable table = parse_csv(metrics_csv(summary), "metrics.csv");
  EXPECT_EQ(table.header, (std::vector<std::string>{"model", "role", "variant", "class", "metric", "value", "low",
                                                    "high", "n", "method"}));
  std::map<std::vector<std::string>, const CsvTable::Row*> rows;
  for (const auto& row : table.rows) {
    const std::vector<std::string> key(row.fields.begin(), row.fields.begin() + 5);
    EXPECT_TRUE(rows.emplace(key, &row).second) << "two rows for one number: " << key[4];
    EXPECT_FALSE(row.fields[9].empty()) << key[4];
  }
  const auto& models = summary.description.models;
  const auto expect = [&](const std::vector<std::string>& key, const Measure& measure) {
    ASSERT_TRUE(rows.contains(key)) << key[0] << " " << key[4];
    const auto& fields = rows.at(key)->fields;
    const auto number = [](const std::string& text) {
      return text.empty() ? std::optional<double>() : std::stod(text);
    };
    EXPECT_EQ(number(fields[5]), measure.value);
    EXPECT_EQ(number(fields[6]), measure.low);
    EXPECT_EQ(number(fields[7]), measure.high);
    EXPECT_EQ(fields[8], std::to_string(measure.n));
  };
  for (int model = 0; model < 2; ++model) {
    const VariantScores& scores = summary.score(model, 1);
    expect({models[model].name, models[model].role, "silhouette:a=1", "all", "top1"}, scores.top1);
    expect({models[model].name, models[model].role, "silhouette:a=1", "all", "top5"}, scores.top5);
    expect({models[model].name, models[model].role, "silhouette:a=1", "all", "accuracy_retained"}, scores.retained);
    expect({models[model].name, models[model].role, "silhouette:a=1", summary.description.classes[1], "top1"},
           scores.class_top1[1]);
  }
  const std::string pair = models[1].name + "-" + models[0].name;
  expect({pair, "difference", "silhouette:a=1", "all", "top1_difference"}, summary.pairs[0].variants[1].difference);
  expect({pair, "difference", "silhouette:a=1", "all", "holm_p"}, summary.pairs[0].variants[1].holm_p);
}

TEST(BadImagesCsv, QuotesWhatItMust) {
  const CsvTable table = parse_csv(bad_images_csv(summary_of(hostile_run())), "bad_images.csv");
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.rows[0].fields,
            (std::vector<std::string>{"dir,with\"quote/<b>.png", "12", "not an image, it says \"no\""}));
}

TEST(BadImagesCsv, HasOnlyItsHeaderWhenEveryImageCouldBeRead) {
  SyntheticRun run = hostile_run();
  run.bad_images.clear();
  EXPECT_EQ(bad_images_csv(summary_of(run)), "path,bytes,reason\n");
}

TEST(PredictionsCsv, HoldsEveryOutcomeAndIsStableToTheByte) {
  const test::TemporaryFolder folder, again;
  const SyntheticRun run = hostile_run();
  write_predictions_csv_gz(run.store(folder.path()), folder.path() / "p.csv.gz");
  write_predictions_csv_gz(run.store(again.path()), again.path() / "p.csv.gz");
  EXPECT_EQ(read_file(folder.path() / "p.csv.gz"), read_file(again.path() / "p.csv.gz"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "p.csv.gz.part"));
  const CsvTable table = parse_csv(test::gunzip(folder.path() / "p.csv.gz"), "predictions.csv");
  EXPECT_EQ(table.rows.size(), 39u * 2 * 2);
  const auto& row = table.rows[39 + 8].fields;  // standard, silhouette, the ninth stored item: 9, since 7 is bad
  EXPECT_EQ(row[0], run.description.items[9].id);
  EXPECT_EQ(row[1], run.description.models[0].name);
  EXPECT_EQ(row[2], "silhouette:a=1");
  EXPECT_EQ(row[3], run.description.classes[1]);
  EXPECT_EQ(row[5], "0.9");
  EXPECT_EQ(row[6], std::to_string(run.outcome(9, 0, 1)->rank_of_label));
}

TEST(PredictionsCsv, AMissingFolderIsARunError) {
  const test::TemporaryFolder folder;
  const RunStore store = hostile_run().store(folder.path());
  EXPECT_THROW(write_predictions_csv_gz(store, folder.path() / "no-such-folder/p.csv.gz"), RunError);
  EXPECT_THROW(write_channels_csv(store, folder.path() / "no-such-folder/channels.csv", 10), RunError);
}

TEST(ManifestJson, ReadsBackAndNamesTheVerdict) {
  Manifest manifest;
  manifest.command = "cuebench evaluate --data 'a b'";
  manifest.configuration = R"({"z": 1, "a": [2]})";
  manifest.versions["cuebench"] = "0.1.0";
  manifest.times["seconds"] = "1.5";
  const json valid = json::parse(manifest_json(manifest));
  EXPECT_EQ(valid["verdict"], "valid");
  EXPECT_EQ(valid["configuration"]["a"][0], 2);
  manifest.invalid_reasons = {"no image could be read"};
  const std::string text = manifest_json(manifest);
  EXPECT_EQ(json::parse(text)["verdict"], "invalid");
  const Manifest back = parse_manifest(text, "manifest.json");
  EXPECT_EQ(back.command, manifest.command);
  EXPECT_EQ(back.invalid_reasons, manifest.invalid_reasons);
  EXPECT_EQ(back.times, manifest.times);
  EXPECT_EQ(json::parse(back.configuration), json::parse(manifest.configuration));
  EXPECT_EQ(manifest_json(back), text);
}

TEST(ManifestJson, RefusesWhatIsNoManifest) {
  for (const char* text : {"", "[]", "{}", "{\"reasons\": 3}", "not json"})
    EXPECT_THROW(parse_manifest(text, "manifest.json"), RunError) << text;
  Manifest manifest;
  manifest.configuration = "{broken";
  EXPECT_THROW(manifest_json(manifest), RunError);
}

TEST(WriteReport, TakesThePairsOfTheStoredConfiguration) {
  const test::TemporaryFolder folder;
  SyntheticRun run = hostile_run();
  run.description.models[0].name = "plain";
  run.description.models[1].name = "odd:name";
  run.description.models[0].role = run.description.models[1].role = "";
  run.description.configuration = R"({"pairs": ["plain:odd:name"]})";
  run.store(folder.path());
  ReportOptions options;
  options.figures = false;
  const RunSummary summary = write_report(folder.path(), options);
  ASSERT_EQ(summary.pairs.size(), 1u);
  EXPECT_EQ(summary.pairs[0].robust, 0);
  EXPECT_EQ(summary.pairs[0].standard, 1);
}

TEST(WriteReport, RefusesAFolderWithoutARun) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(write_report(folder.path()), UsageError);
}

}  // namespace
}  // namespace cuebench
