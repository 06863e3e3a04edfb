// ImageNet-C's summary of a run whose errors are known, against numbers written out here, against scoring's function on
// the same errors, and against NumPy.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>
#include <cuebench/report/leaderboard.hpp>
#include <cuebench/report/summary.hpp>
#include <cuebench/report/writers.hpp>
#include <cuebench/scoring/corruption_table.hpp>
#include <cuebench/scoring/flat_index.hpp>

#include "synthetic_run.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::answer;
using test::SyntheticRun;
using Json = nlohmann::json;

const std::vector<std::string> kCorruptions{"gaussian_noise",
                                            "shot_noise",
                                            "impulse_noise",
                                            "defocus_blur",
                                            "glass_blur",
                                            "motion_blur",
                                            "zoom_blur",
                                            "snow",
                                            "frost",
                                            "fog",
                                            "brightness",
                                            "contrast",
                                            "elastic_transform",
                                            "pixelate",
                                            "jpeg_compression",
                                            "gaussian_blur",
                                            "saturate",
                                            "spatter",
                                            "speckle_noise"};

/// Of 20 images, the baseline is wrong on 1 clean one and on 3 + severity + c % 3 under corruption c; the other on 2
/// and on 2 + severity. Over severities: 6 + c % 3, and 5.
int wrong_images(int model, int variant) {
  if (variant == 0) return model == 0 ? 1 : 2;
  const int c = (variant - 1) / 5, severity = (variant - 1) % 5 + 1;
  return model == 0 ? 3 + severity + c % 3 : 2 + severity;
}

SyntheticRun corrupted_run(std::size_t corruptions) {
  std::vector<StoredVariant> variants;
  for (std::size_t c = 0; c < corruptions; ++c)
    for (int severity = 1; severity <= 5; ++severity)
      variants.push_back(
          {fmt::format("imagenet_c:corruption={},saved=auto,scale=auto,severity={}", kCorruptions[c], severity),
           "both"});
  SyntheticRun run = SyntheticRun::pair(variants, {"cat", "dog"}, 20);
  run.description.models[0].name = "alexnet";
  run.description.models[1].name = "net";
  run.outcome = [](std::int64_t item, int model, int variant) {
    return answer((item * 7 + 3 * variant) % 20 >= wrong_images(model, variant), static_cast<int>(item % 2), 2);
  };
  return run;
}

RunSummary summary_of(const SyntheticRun& run, const std::string& baseline = "alexnet") {
  const test::TemporaryFolder folder;
  SummaryOptions options;
  options.mce_baseline = baseline;
  return summarise(run.store(folder.path()), options);
}

TEST(CorruptionSummary, MeansOver15And19AreApart) {
  const RunSummary summary = summary_of(corrupted_run(19));
  ASSERT_EQ(summary.corruptions.size(), 1U);
  const CorruptionSummary& corruptions = summary.corruptions[0];
  EXPECT_EQ(corruptions.setting, "saved=auto,scale=auto");
  EXPECT_EQ(corruptions.baseline, "alexnet");
  ASSERT_EQ(corruptions.corruptions.size(), 19U);
  const CorruptionScoresOfModel &alexnet = corruptions.models[0], &net = corruptions.models[1];
  EXPECT_NEAR(net.error.value.value(), 5.0 / 20, 1e-12);
  EXPECT_NEAR(alexnet.error.value.value(), 7.0 / 20, 1e-12);  // c % 3 is 1 on average over 15
  const double over_three = 5.0 / 6 + 5.0 / 7 + 5.0 / 8;
  EXPECT_NEAR(net.mce.value.value(), over_three / 3, 1e-12);
  EXPECT_NEAR(net.relative_mce.value.value(), (3.0 / 5 + 3.0 / 6 + 3.0 / 7) / 3, 1e-12);
  EXPECT_NEAR(net.error_19.value.value(), 5.0 / 20, 1e-12);
  EXPECT_NEAR(net.mce_19.value.value(), (6 * over_three + 5.0 / 6) / 19, 1e-12);
  EXPECT_NEAR(alexnet.mce.value.value(), 1, 1e-12);
  EXPECT_NEAR(alexnet.mce.low.value(), 1, 1e-12);  // paired: the same images over themselves
  EXPECT_NEAR(alexnet.mce.high.value(), 1, 1e-12);
  EXPECT_LT(net.mce.low.value(), over_three / 3);
  EXPECT_GT(net.mce.high.value(), over_three / 3);
  EXPECT_EQ(net.mce.n, 20);
}

TEST(CorruptionSummary, IsWhatScoringMakesOfTheSameErrors) {
  scoring::CorruptionTable table;
  table.dataset = "other";
  table.corruptions = kCorruptions;
  for (int model = 0; model < 2; ++model) {
    auto& row = table.rows.emplace_back();
    row.model = model == 0 ? "alexnet" : "net";
    table.clean_error[row.model] = wrong_images(model, 0) / 20.0;
    for (int c = 0; c < 19; ++c) {
      row.error.emplace_back();
      for (int severity = 0; severity < 5; ++severity)
        row.error.back().push_back(wrong_images(model, 1 + 5 * c + severity) / 20.0);
    }
  }
  const auto expected = scoring::score_corruptions(table, "alexnet");
  const RunSummary summary = summary_of(corrupted_run(19));
  for (std::size_t model = 0; model < 2; ++model) {
    const CorruptionScoresOfModel& found = summary.corruptions[0].models[model];
    EXPECT_NEAR(*found.error.value, *expected[model].error.value, 1e-12);
    EXPECT_NEAR(*found.mce.value, *expected[model].mce_own.value, 1e-12);
    EXPECT_NEAR(*found.relative_mce.value, *expected[model].relative_mce_own.value, 1e-12);
    EXPECT_NEAR(*found.error_19.value, *expected[model].error_19.value, 1e-12);
    EXPECT_NEAR(*found.mce_19.value, *expected[model].mce_own_19.value, 1e-12);
  }
}

TEST(CorruptionSummary, WithoutABaselineOnlyErrorsAreKnown) {
  const RunSummary summary = summary_of(corrupted_run(15), "");
  ASSERT_EQ(summary.corruptions.size(), 1U);
  const CorruptionScoresOfModel& net = summary.corruptions[0].models[1];
  EXPECT_TRUE(net.error.value);
  EXPECT_FALSE(net.mce.value);
  EXPECT_NE(net.mce.method.find("--mce-baseline"), std::string::npos);
  EXPECT_FALSE(net.error_19.value);
  EXPECT_EQ(net.error_19.method, "the run does not have all 19 corruptions");
  const Json json = Json::parse(results_json(summary));
  EXPECT_TRUE(json["corruptions"][0]["baseline"].is_null());
  EXPECT_TRUE(json["corruptions"][0]["models"][1]["mce"]["value"].is_null());
}

TEST(CorruptionSummary, AlexNetsCustomaryErrorsAreOfImageNet) {
  SyntheticRun run = corrupted_run(15);
  run.description.classes = {"n01440764", "n01443537"};
  for (StoredModel& model : run.description.models) model.classes = 1000;
  const CorruptionSummary corruptions = summary_of(run, "").corruptions.at(0);
  EXPECT_EQ(corruptions.baseline, "AlexNet (customary)");
  double sum = 0;
  for (int c = 0; c < 15; ++c)
    sum += 0.25 / *scoring::customary_alexnet_error(kCorruptions[static_cast<std::size_t>(c)]);
  EXPECT_NEAR(corruptions.models[1].mce.value.value(), sum / 15, 1e-12);
}

TEST(CorruptionSummary, NeedsEveryCorruptionAndSeverity) {
  SyntheticRun run = corrupted_run(15);
  run.description.variants.pop_back();
  EXPECT_TRUE(summary_of(run, "").corruptions.empty());
  EXPECT_THROW(summary_of(run, "alexnet"), UsageError);
  EXPECT_THROW(summary_of(corrupted_run(15), "lenet"), UsageError);
}

TEST(CorruptionSummary, CardsHaveWhatTheRunKnows) {
  const auto cards = robustbench_cards(summary_of(corrupted_run(15)));
  ASSERT_EQ(cards.size(), 2U);
  const Json card = Json::parse(cards.at("corruptions/net.json"));
  EXPECT_EQ(card["clean_acc"], "90.00");
  EXPECT_EQ(card["corruptions_acc"], "75.00");
  EXPECT_EQ(card["corruptions_mce"], "72.42");  // 100 (5/6 + 5/7 + 5/8) / 3 = 72.420...
  EXPECT_TRUE(card["authors"].is_null());
  EXPECT_TRUE(card["dataset"].is_null());
  EXPECT_FALSE(card.contains("autoattack_acc"));
}

#define REQUIRE_NUMPY()                                                                      \
  if (std::system("/usr/bin/python3 -c 'import numpy, scipy' >/dev/null 2>&1") != 0) {       \
    if (test::must_have_shared_data()) FAIL() << "python3-numpy or -scipy is missing in CI"; \
    GTEST_SKIP() << "python3-numpy or -scipy is not here: nothing to compare with";          \
  }                                                                                          \
  static_assert(true)

TEST(CorruptionSummary, ValuesAndIntervalsAsNumPyHasThem) {
  REQUIRE_NUMPY();
  // 400 images whose outcomes come from a hash: errors of about 0.2 to 0.6.
  SyntheticRun run = corrupted_run(19);
  run.description.items.clear();
  for (int item = 0; item < 400; ++item)
    run.description.items.push_back({fmt::format("{}.png", item), item % 2, -1, -1});
  const auto right = [](std::int64_t item, int model, int variant) {
    const auto mixed = scoring::mixed(static_cast<std::uint64_t>(item * 1000 + model * 400 + variant) + 77);
    return mixed % 1000 >= 100U + 3U * static_cast<unsigned>(variant) + (model == 0 && variant ? 150U : 0U);
  };
  run.outcome = [right](std::int64_t item, int model, int variant) {
    return answer(right(item, model, variant), static_cast<int>(item % 2), 2);
  };
  const RunSummary summary = summary_of(run);
  Json input;
  input["label"] = Json::array();
  for (const StoredItem& item : run.description.items) input["label"].push_back(item.label);
  for (int model = 0; model < 2; ++model) {
    Json rows = Json::array();
    for (int variant = 0; variant < 96; ++variant) {
      Json row = Json::array();
      for (int item = 0; item < 400; ++item) row.push_back(int{right(item, model, variant)});
      rows.push_back(row);
    }
    input["right"].push_back(rows);
  }
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "run.json";
  std::ofstream(file) << input;
  const std::string command =
      "/usr/bin/python3 '" CUEBENCH_SOURCE_DIR "/tests/parity/report_numpy.py' '" + file.string() + "'";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  ASSERT_EQ(::pclose(pipe), 0);
  const Json oracle = Json::parse(text);
  const CorruptionScoresOfModel& net = summary.corruptions.at(0).models.at(1);
  const std::pair<const char*, const Measure*> measures[] = {{"error", &net.error},
                                                             {"mce", &net.mce},
                                                             {"relative_mce", &net.relative_mce},
                                                             {"error_19", &net.error_19},
                                                             {"mce_19", &net.mce_19}};
  for (const auto& [name, measure] : measures) {
    EXPECT_NEAR(measure->value.value(), oracle[name][0].get<double>(), 1e-12) << name;
    // Two bootstraps with their own draws: 2.5 % and 97.5 % of 10,000 replicates agree to a few hundredths of the
    // width.
    const double width = oracle[name][2].get<double>() - oracle[name][1].get<double>();
    EXPECT_NEAR(measure->low.value(), oracle[name][1].get<double>(), 0.06 * width) << name;
    EXPECT_NEAR(measure->high.value(), oracle[name][2].get<double>(), 0.06 * width) << name;
  }
}

}  // namespace
}  // namespace cuebench
