// The published record: every oracle table, computed elsewhere (pandas, statsmodels) from the same files, to 1e-12.
#include "published.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/files.hpp>
#include <cuebench/scoring/conditions.hpp>

#include "../../../src/scoring/archives.hpp"

namespace cuebench::scoring::test {
namespace {

constexpr double kTolerance = 1e-12;

#define REQUIRE_PUBLISHED(variable) CUEBENCH_REQUIRE_SHARED(variable, "data/published")

void expect_equal(std::optional<double> expected, std::optional<double> got, double tolerance,
                  const std::string& what) {
  ASSERT_EQ(expected.has_value(), got.has_value()) << what;
  if (!expected) return;
  EXPECT_NEAR(*expected, *got, tolerance) << what;
}

/// The set of an oracle's experiment name in texture-vs-shape's folders.
struct TvsSet {
  const char *oracle, *folder, *set;
};
constexpr TvsSet kTvsSets[] = {
    {"tvs/style-transfer-512-nomask", "style-transfer-512-nomask-experiment", "style-transfer-512-nomask-experiment"},
    {"tvs/style-transfer-512-nomask-trained-CNNs", "style-transfer-512-nomask-experiment-trained-CNNs",
     "style-transfer-512-nomask-experiment"},
    {"tvs/content-guessing", "style-transfer-512-nomask-content-guessing-experiment",
     "style-transfer-512-nomask-content-guessing-experiment"},
    {"tvs/texture-guessing", "style-transfer-512-nomask-texture-guessing-experiment",
     "style-transfer-512-nomask-texture-guessing-experiment"},
};

const ObserverScores* find_cue_observer(const std::filesystem::path& published, const Row& row) {
  const std::string set = row.at("set");
  std::string subj = row.at("subj");
  if (subj == "humans(pooled)") subj = "humans";
  const SetScores* scores = nullptr;
  if (set == "mvh/cue-conflict") scores = find_set(scores_of(published / "mvh"), "cue-conflict");
  for (const TvsSet& tvs : kTvsSets)
    if (set == tvs.oracle) scores = find_set(scores_of(published / "tvs" / tvs.folder), tvs.set);
  return scores ? find_observer(*scores, subj) : nullptr;
}

TEST(Published, ShapeBiasOfEveryObserverAndCategory) {
  REQUIRE_PUBLISHED(published);
  const auto rows = read_rows(published / "oracles/shape_bias.csv.gz");
  EXPECT_EQ(rows.size(), 1275u);
  for (const Row& row : rows) {
    const std::string what = row.at("set") + " " + row.at("subj") + " " + row.at("category");
    const ObserverScores* observer = find_cue_observer(published, row);
    ASSERT_TRUE(observer && observer->cues) << what;
    const CueScores& cues = *observer->cues;
    const bool all = row.at("category") == "ALL";
    const int category = category_index(row.at("category"));
    const CueCounts& counts = all ? cues.counts : cues.categories.at(static_cast<std::size_t>(category));
    EXPECT_EQ(counts.shape, number(row, "n_shape")) << what;
    EXPECT_EQ(counts.texture, number(row, "n_texture")) << what;
    EXPECT_EQ(counts.n(), number(row, "n_conflict")) << what;
    expect_equal(number(row, "shape_bias"), shape_bias_of(counts.shape, counts.texture), kTolerance, what);
    const AnswerCounts& answers = all ? observer->all : observer->categories.at(static_cast<std::size_t>(category));
    EXPECT_EQ(answers.n, number(row, "n")) << what;
    expect_equal(number(row, "accuracy_all"), answers.accuracy(), kTolerance, what);
    if (all) {
      EXPECT_EQ(answers.no_answer, number(row, "n_na")) << what;
    }
  }
}

TEST(Published, ShapeBiasAsPrinted) {
  REQUIRE_PUBLISHED(published);
  struct Case {
    const char *folder, *set, *observer;
    std::int64_t shape, texture;
    const char* bias;
  };
  // The table of the reference notes, digit by digit.
  const Case cases[] = {
      {"mvh", "cue-conflict", "bagnet33", 50, 929, "0.051072522982635"},
      {"mvh", "cue-conflict", "resnet50", 169, 620, "0.214195183776933"},
      {"mvh", "cue-conflict", "simclr_resnet50x1", 249, 393, "0.387850467289720"},
      {"mvh", "cue-conflict", "swag_regnety_16gf_in1k", 292, 685, "0.298874104401228"},
      {"mvh", "cue-conflict", "swag_regnety_32gf_in1k", 326, 636, "0.338877338877339"},
      {"mvh", "cue-conflict", "swag_regnety_128gf_in1k", 450, 531, "0.458715596330275"},
      {"mvh", "cue-conflict", "swag_vit_b16_in1k", 309, 704, "0.305034550839092"},
      {"mvh", "cue-conflict", "swag_vit_l16_in1k", 412, 637, "0.392755004766444"},
      {"mvh", "cue-conflict", "swag_vit_h14_in1k", 424, 641, "0.398122065727700"},
      {"mvh", "cue-conflict", "humans", 9236, 398, "0.958687980070583"},
      {kTvsSets[0].folder, kTvsSets[0].set, "alexnet", 283, 376, "0.429438543247344"},
      {kTvsSets[0].folder, kTvsSets[0].set, "googlenet", 228, 503, "0.311901504787962"},
      {kTvsSets[0].folder, kTvsSets[0].set, "vgg", 130, 625, "0.172185430463576"},
      {kTvsSets[1].folder, kTvsSets[1].set, "alexnet", 182, 537, "0.253129346314325"},
      {kTvsSets[1].folder, kTvsSets[1].set, "vgg16", 84, 828, "0.092105263157895"},
      {kTvsSets[1].folder, kTvsSets[1].set, "squeezenet1-1", 133, 597, "0.182191780821918"},
      {kTvsSets[1].folder, kTvsSets[1].set, "resnet50", 162, 572, "0.220708446866485"},
      {kTvsSets[1].folder, kTvsSets[1].set, "resnet101", 180, 509, "0.261248185776488"},
      {kTvsSets[1].folder, kTvsSets[1].set, "resnet152", 196, 569, "0.256209150326797"},
      {kTvsSets[1].folder, kTvsSets[1].set, "densenet121", 163, 597, "0.214473684210526"},
      {kTvsSets[1].folder, kTvsSets[1].set, "resnet50-train-60-epochs", 586, 141, "0.806052269601100"},
      {kTvsSets[1].folder, kTvsSets[1].set, "alexnet-train-60-epochs-lr0.001", 488, 161, "0.751926040061633"},
      {kTvsSets[1].folder, kTvsSets[1].set, "vgg16-train-60-epochs-lr0.01", 551, 163, "0.771708683473389"},
      {kTvsSets[1].folder, kTvsSets[1].set, "densenet121-train-60-epochs", 618, 130, "0.826203208556150"},
      {kTvsSets[1].folder, kTvsSets[1].set, "squeezenet1-1-train-60-epochs-lr0.001", 467, 124, "0.790186125211506"},
      {kTvsSets[1].folder, kTvsSets[1].set, "oidv2-resnet101", 98, 402, "0.196000000000000"},
      {kTvsSets[2].folder, kTvsSets[2].set, "humans", 9897, 300, "0.970579582230068"},
      {kTvsSets[3].folder, kTvsSets[3].set, "humans", 3890, 1699, "0.696010019681517"},
  };
  for (const Case& c : cases) {
    const auto folder = std::string(c.folder) == "mvh" ? published / "mvh" : published / "tvs" / c.folder;
    const SetScores* set = find_set(scores_of(folder), c.set);
    ASSERT_TRUE(set) << c.set;
    const ObserverScores* observer = find_observer(*set, c.observer);
    ASSERT_TRUE(observer && observer->cues) << c.observer;
    EXPECT_EQ(observer->cues->counts.shape, c.shape) << c.observer;
    EXPECT_EQ(observer->cues->counts.texture, c.texture) << c.observer;
    char printed[32];
    std::snprintf(printed, sizeof printed, "%.15f", observer->cues->bias.value.value_or(-1));
    EXPECT_STREQ(printed, c.bias) << c.observer;
  }
  const SetScores* set = find_set(scores_of(published / "mvh"), "cue-conflict");
  double sum = 0;
  for (const ObserverScores& observer : set->observers)
    if (observer.human) sum += *observer.cues->bias.value;
  EXPECT_NEAR(sum / 10, 0.957586590254050, 1e-15);
}

TEST(Published, ShapeBiasIntervalsAndMeanOverCategories) {
  REQUIRE_PUBLISHED(published);
  for (const Row& row : read_rows(published / "oracles/shape_bias_intervals95.csv")) {
    const ObserverScores* observer = find_cue_observer(published, row);
    const std::string what = row.at("set") + " " + row.at("subj");
    ASSERT_TRUE(observer && observer->cues) << what;
    expect_equal(number(row, "wilson_lo"), observer->cues->bias.low, kTolerance, what);
    expect_equal(number(row, "wilson_hi"), observer->cues->bias.high, kTolerance, what);
    expect_equal(number(row, "cp_lo"), observer->cues->exact_bias.low, kTolerance, what);
    expect_equal(number(row, "cp_hi"), observer->cues->exact_bias.high, kTolerance, what);
  }
  for (const Row& row : read_rows(published / "oracles/shape_bias_variants.csv")) {
    const ObserverScores* observer = find_cue_observer(published, row);
    const std::string what = row.at("set") + " " + row.at("subj");
    ASSERT_TRUE(observer && observer->cues) << what;
    expect_equal(number(row, "pooled"), observer->cues->bias.value, kTolerance, what);
    expect_equal(number(row, "mean_over_categories"), observer->cues->category_mean.value, kTolerance, what);
    EXPECT_EQ(16 - observer->cues->category_mean.n, number(row, "n_nan_categories")) << what;
  }
}

TEST(Published, ShapeBiasOfVisionLanguageFiles) {
  REQUIRE_PUBLISHED(published);
  const SetScores* set = find_set(scores_of(published / "vlm"), "vlm-cue-conflict");
  ASSERT_TRUE(set);
  std::size_t compared = 0;
  for (const Row& row : read_rows(published / "oracles/shape_bias_vlm.csv")) {
    std::string name = std::filesystem::path(row.at("file")).filename().string();
    name.resize(name.size() - 4);
    const ObserverScores* observer = find_observer(*set, name);
    if (!observer) continue;  // the table also covers files that are not copied here
    ++compared;
    ASSERT_TRUE(observer->cues) << name;
    EXPECT_EQ(observer->cues->counts.shape, number(row, "n_shape")) << name;
    EXPECT_EQ(observer->cues->counts.texture, number(row, "n_texture")) << name;
    EXPECT_EQ(observer->cues->counts.n(), number(row, "n_conflict")) << name;
    EXPECT_EQ(observer->all.n, number(row, "n")) << name;
    expect_equal(number(row, "shape_bias"), observer->cues->bias.value, kTolerance, name);
  }
  EXPECT_EQ(compared, set->observers.size());
  EXPECT_EQ(compared, 8u);
}

/// Accuracy in a condition as the oracle spells it; "ALL" is the whole set.
AnswerCounts counts_in(const SetScores& set, const ObserverScores& observer, const std::string& condition) {
  if (condition == "ALL") return observer.all;
  for (std::size_t i = 0; i < set.conditions.size(); ++i)
    if (set.conditions[i] == canonical_condition(condition)) return observer.conditions[i];
  // A set without conditions: files spell its only one in several ways.
  return set.conditions.size() == 1 ? observer.conditions[0] : AnswerCounts{};
}

TEST(Published, AccuracyUnderEveryCondition) {
  REQUIRE_PUBLISHED(published);
  const Scores& scores = scores_of(published / "mvh");
  EXPECT_EQ(scores.sets.size(), 17u);
  EXPECT_EQ(scores.trial_files, 243);
  std::int64_t no_answer = 0;
  const auto rows = read_rows(published / "oracles/accuracy.csv");
  EXPECT_EQ(rows.size(), 1192u);
  for (const Row& row : rows) {
    const std::string what = row.at("dataset") + " " + row.at("condition") + " " + row.at("subj");
    const SetScores* set = find_set(scores, row.at("dataset"));
    ASSERT_TRUE(set) << what;
    const ObserverScores* observer = find_observer(*set, row.at("subj"));
    ASSERT_TRUE(observer) << what;
    const AnswerCounts counts = counts_in(*set, *observer, row.at("condition"));
    EXPECT_EQ(counts.n, number(row, "n")) << what;
    EXPECT_EQ(counts.correct, number(row, "correct")) << what;
    EXPECT_EQ(counts.no_answer, number(row, "n_na")) << what;
    expect_equal(number(row, "accuracy"), counts.accuracy(), kTolerance, what);
  }
  for (const SetScores& set : scores.sets)
    for (const ObserverScores& observer : set.observers) no_answer += observer.all.no_answer;
  EXPECT_EQ(no_answer, 597);
  for (const Row& row : read_rows(published / "oracles/accuracy_intervals95.csv")) {
    const ObserverScores* observer = find_observer(*find_set(scores, row.at("dataset")), row.at("subj"));
    const std::string what = row.at("dataset") + " " + row.at("subj");
    expect_equal(number(row, "wilson_lo"), observer->accuracy.low, kTolerance, what);
    expect_equal(number(row, "wilson_hi"), observer->accuracy.high, kTolerance, what);
    expect_equal(number(row, "cp_lo"), observer->exact_accuracy.low, kTolerance, what);
    expect_equal(number(row, "cp_hi"), observer->exact_accuracy.high, kTolerance, what);
  }
}

TEST(Published, AccuracyOfTextureVersusShape) {
  REQUIRE_PUBLISHED(published);
  std::size_t compared = 0;
  for (const Row& row : read_rows(published / "oracles/tvs_accuracy.csv")) {
    const auto folder = published / "tvs" / row.at("experiment");
    if (!std::filesystem::exists(folder)) continue;  // the table covers the whole repository
    const Scores& scores = scores_of(folder);
    ASSERT_EQ(scores.sets.size(), 1u) << folder;
    const ObserverScores* observer = find_observer(scores.sets[0], row.at("subj"));
    const std::string what = row.at("experiment") + " " + row.at("condition") + " " + row.at("subj");
    if (!observer || observer->sessions != number(row, "n_sessions")) continue;
    const AnswerCounts counts = counts_in(scores.sets[0], *observer, row.at("condition"));
    EXPECT_EQ(counts.n, number(row, "n")) << what;
    EXPECT_EQ(counts.correct, number(row, "correct")) << what;
    EXPECT_EQ(counts.no_answer, number(row, "n_na")) << what;
    ++compared;
  }
  EXPECT_EQ(compared, 138u);
}

TEST(Published, PerformanceFilesAgree) {
  REQUIRE_PUBLISHED(published);
  const Scores& scores = scores_of(published / "mvh");
  EXPECT_EQ(scores.published.size(), 153u);
  for (const PublishedComparison& one : scores.published)
    expect_equal(one.published, one.computed, kTolerance, one.set + " " + one.observer);
}

TEST(Published, ResponseEntropy) {
  REQUIRE_PUBLISHED(published);
  const Scores& scores = scores_of(published / "mvh");
  const auto rows = read_rows(published / "oracles/entropy.csv");
  EXPECT_EQ(rows.size(), 1036u);
  for (const Row& row : rows) {
    const std::string what = row.at("dataset") + " " + row.at("condition") + " " + row.at("subj");
    const SetScores* set = find_set(scores, row.at("dataset"));
    const ObserverScores* observer = find_observer(*set, row.at("subj"));
    ASSERT_TRUE(observer) << what;
    std::optional<double> entropy;
    for (std::size_t i = 0; i < set->conditions.size(); ++i)
      if (set->conditions.size() == 1 || set->conditions[i] == canonical_condition(row.at("condition")))
        entropy = observer->condition_entropy[i].value;
    expect_equal(number(row, "entropy_bits"), entropy, kTolerance, what);
  }
}

const PairScores* find_pair(const SetScores& set, const std::string& a, const std::string& b, bool& swapped) {
  for (const PairScores& pair : set.pairs) {
    const std::string &first = set.observers[pair.first].name, &second = set.observers[pair.second].name;
    swapped = first == b && second == a;
    if (swapped || (first == a && second == b)) return &pair;
  }
  return nullptr;
}

TEST(Published, ErrorConsistencyOfEveryPairAndCondition) {
  REQUIRE_PUBLISHED(published);
  const Scores& scores = scores_of(published / "mvh");
  const auto rows = read_rows(published / "oracles/error_consistency.csv.gz");
  EXPECT_EQ(rows.size(), 6418u);
  for (const Row& row : rows) {
    const std::string what = row.at("dataset") + " " + row.at("condition") + " " + row.at("a") + " " + row.at("b");
    const SetScores* set = find_set(scores, row.at("dataset"));
    bool swapped = false;
    const PairScores* pair = find_pair(*set, row.at("a"), row.at("b"), swapped);
    ASSERT_TRUE(pair) << what;
    AgreementCounts counts;
    for (std::size_t i = 0; i < set->conditions.size(); ++i)
      if (set->conditions.size() == 1 || set->conditions[i] == canonical_condition(row.at("condition")))
        counts = pair->conditions[i];
    EXPECT_EQ(counts.n(), number(row, "n")) << what;
    const auto consistency = error_consistency(counts);
    ASSERT_TRUE(consistency) << what;
    expect_equal(number(row, swapped ? "acc_b" : "acc_a"), consistency->first, kTolerance, what);
    expect_equal(number(row, swapped ? "acc_a" : "acc_b"), consistency->second, kTolerance, what);
    expect_equal(number(row, "expected"), consistency->expected, kTolerance, what);
    expect_equal(number(row, "observed"), consistency->observed, kTolerance, what);
    expect_equal(number(row, "kappa"), consistency->kappa, kTolerance, what);
  }
}

TEST(Published, McNemarOfEveryPair) {
  REQUIRE_PUBLISHED(published);
  const Scores& scores = scores_of(published / "mvh");
  const auto rows = read_rows(published / "oracles/paired_mcnemar_kappa.csv.gz");
  EXPECT_EQ(rows.size(), 765u);
  for (const Row& row : rows) {
    const std::string what = row.at("dataset") + " " + row.at("a") + " " + row.at("b");
    bool swapped = false;
    const PairScores* pair = find_pair(*find_set(scores, row.at("dataset")), row.at("a"), row.at("b"), swapped);
    ASSERT_TRUE(pair && pair->mcnemar) << what;
    EXPECT_EQ(pair->all.both, number(row, "n11")) << what;
    EXPECT_EQ(swapped ? pair->all.only_second : pair->all.only_first, number(row, "n10")) << what;
    EXPECT_EQ(swapped ? pair->all.only_first : pair->all.only_second, number(row, "n01")) << what;
    EXPECT_EQ(pair->all.neither, number(row, "n00")) << what;
    // Relative: two implementations of the binomial tail.
    const double exact = *number(row, "mcnemar_exact_p"), mid = *number(row, "mcnemar_midp");
    EXPECT_NEAR(*pair->mcnemar, exact, 1e-10 * exact) << what;
    EXPECT_NEAR(*pair->mcnemar_mid, mid, 1e-10 * mid) << what;
    expect_equal(number(row, "kappa"), error_consistency(pair->all)->kappa, kTolerance, what);
  }
}

TEST(Published, BenchmarkTable) {
  REQUIRE_PUBLISHED(published);
  const Scores& scores = scores_of(published / "mvh");
  ASSERT_TRUE(scores.benchmark);
  EXPECT_EQ(scores.benchmark->sets.size(), 17u);
  EXPECT_TRUE(scores.benchmark->missing.empty());
  for (const Row& row : read_rows(published / "oracles/benchmark.csv")) {
    const std::string model = row.at("model");
    const BenchmarkRow* found = model == "humans" ? &*scores.benchmark->humans : nullptr;
    for (const BenchmarkRow& one : scores.benchmark->models)
      if (one.observer == model) found = &one;
    ASSERT_TRUE(found) << model;
    expect_equal(number(row, "accdiff"), found->squared_accuracy_difference.value, kTolerance, model);
    expect_equal(number(row, "observed"), found->observed.value, kTolerance, model);
    expect_equal(number(row, "kappa"), found->kappa.value, kTolerance, model);
    expect_equal(number(row, "OOD accuracy"), found->ood_accuracy.value, kTolerance, model);
  }
  for (const Row& row : read_rows(published / "oracles/benchmark_by_dataset.csv")) {
    const ObserverScores* observer = find_observer(*find_set(scores, row.at("dataset")), row.at("model"));
    const std::string what = row.at("dataset") + " " + row.at("model");
    ASSERT_TRUE(observer) << what;
    expect_equal(number(row, "accdiff"), observer->with_humans.squared_accuracy_difference.value, kTolerance, what);
    expect_equal(number(row, "observed"), observer->with_humans.observed.value, kTolerance, what);
    expect_equal(number(row, "kappa"), observer->with_humans.kappa.value, kTolerance, what);
  }
  for (const Row& row : read_rows(published / "oracles/benchmark_humans_by_dataset.csv")) {
    const SetScores* set = find_set(scores, row.at("dataset"));
    expect_equal(number(row, "accdiff"), set->among_humans.squared_accuracy_difference.value, kTolerance, set->name);
    expect_equal(number(row, "observed"), set->among_humans.observed.value, kTolerance, set->name);
    expect_equal(number(row, "kappa"), set->among_humans.kappa.value, kTolerance, set->name);
  }
  for (const Row& row : read_rows(published / "oracles/ood_accuracy_by_dataset.csv"))
    for (const SetScores& set : scores.sets) {
      const ObserverScores* observer = find_observer(set, row.at(""));
      ASSERT_TRUE(observer) << row.at("");
      expect_equal(number(row, set.name), observer->benchmark.accuracy(), kTolerance, set.name + " " + row.at(""));
    }
}

TEST(Published, BenchmarkAsPrinted) {
  REQUIRE_PUBLISHED(published);
  const Scores& scores = scores_of(published / "mvh");
  struct Case {
    const char *model, *difference, *observed, *kappa, *ood;
  };
  const Case cases[] = {
      {"resnet50", "0.087164943673759", "0.664940476190476", "0.208339227347975", "0.558820465686275"},
      {"bagnet33", "0.156195823428004", "0.566953693977591", "0.136565675667015", "0.397966999299720"},
      {"simclr_resnet50x1", "0.080320627158090", "0.666788077731092", "0.179235035082742", "0.595669642857143"},
      {"swag_regnety_128gf_in1k", "0.032770990369781", "0.761444852941176", "0.200330394745073", "0.777023371848739"},
      {"swag_vit_b16_in1k", "0.037730646654169", "0.731625700280112", "0.207652981459786", "0.702905287114846"},
      {"swag_vit_l16_in1k", "0.041983027626089", "0.755449229691877", "0.186588885129644", "0.794134716386555"},
      {"swag_vit_h14_in1k", "0.034267959587155", "0.754430672268907", "0.189443124723662", "0.784363182773109"},
      {"humans", "0.006565571648581", "0.808542366946779", "0.431216375859835", "0.722814688375350"},
  };
  const auto printed = [](const Estimate& estimate) {
    char text[32];
    std::snprintf(text, sizeof text, "%.15f", estimate.value.value_or(-1));
    return std::string(text);
  };
  std::vector<BenchmarkRow> rows = scores.benchmark->models;
  rows.push_back(*scores.benchmark->humans);
  for (const Case& c : cases)
    for (const BenchmarkRow& row : rows) {
      if (row.observer != c.model) continue;
      // The fifteenth digit is at the edge of what sums of doubles in another order keep.
      EXPECT_NEAR(std::stod(printed(row.squared_accuracy_difference)), std::stod(c.difference), 1.1e-15) << c.model;
      EXPECT_NEAR(std::stod(printed(row.observed)), std::stod(c.observed), 1.1e-15) << c.model;
      EXPECT_NEAR(std::stod(printed(row.kappa)), std::stod(c.kappa), 1.1e-15) << c.model;
      EXPECT_NEAR(std::stod(printed(row.ood_accuracy)), std::stod(c.ood), 1.1e-15) << c.model;
    }
}

TEST(Published, MeanCorruptionError) {
  REQUIRE_PUBLISHED(published);
  const Inputs inputs = read_inputs({published / "robustbench/imagenet_corruptions_unaggregated_results.csv",
                                     published / "robustbench/model_info.jsonl.gz"});
  ASSERT_EQ(inputs.corruptions.size(), 1u);
  const auto scores = score_corruptions(inputs.corruptions[0]);
  struct Case {
    const char* model;
    double accuracy, own, customary;
  };
  // Exact rational arithmetic on the same file gives these digits.
  const Case cases[] = {{"Standard_R50", 39.48293333333333, 76.3774232348393, 76.3672802727249},
                        {"Salman2020Do_50_2_Linf", 36.09253333333334, 80.0039343952526, 79.9909845622676},
                        {"Geirhos2018_SIN", 39.9248, 76.6712850007488, 76.6527655397656},
                        {"Geirhos2018_SIN_IN", 45.7584, 68.6733518777264, 68.6703225258504},
                        {"Geirhos2018_SIN_IN_IN", 42.00346666666668, 73.1860142076528, 73.1776780802310},
                        {"Hendrycks2020AugMix", 49.32853333333333, 64.1742076402511, 64.1742756003222},
                        {"Tian2022Deeper_DeiT-B", 67.5544, 41.6951048221866, 41.7024468635292}};
  for (const Case& c : cases) {
    const auto found = std::find_if(scores.begin(), scores.end(), [&](const auto& s) { return s.model == c.model; });
    ASSERT_NE(found, scores.end()) << c.model;
    EXPECT_NEAR(100 * *found->accuracy.value, c.accuracy, 1e-12) << c.model;
    EXPECT_NEAR(100 * *found->mce_own.value, c.own, 1e-12) << c.model;
    EXPECT_NEAR(100 * *found->mce_customary.value, c.customary, 1e-12) << c.model;
    EXPECT_TRUE(found->relative_mce_own.value) << c.model;
    EXPECT_FALSE(found->mce_own_19.value) << "the table has 15 corruptions";
  }
}

/// RobustBench's own numbers of the same models, rounded to two decimals, of both tables.
TEST(Published, MeanCorruptionErrorsOfModelInfo) {
  REQUIRE_PUBLISHED(published);
  std::map<std::string, nlohmann::json> info;
  std::string text = gunzip(read_text_file(published / "robustbench/model_info.jsonl.gz"), "model_info");
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto entry = nlohmann::json::parse(line);
    const std::filesystem::path path = entry["path"].get<std::string>();
    if (path.parent_path() == "imagenet/corruptions") info[path.stem().string()] = entry["info"];
  }
  ASSERT_EQ(info.size(), 12u);
  const auto rounded = [](const Estimate& estimate) { return std::round(1e4 * *estimate.value) / 100; };
  for (const char* suffix : {"", "_3d"}) {
    const Inputs inputs = read_inputs(
        {published / ("robustbench/imagenet_corruptions_unaggregated_results" + std::string(suffix) + ".csv")});
    const auto scores = score_corruptions(inputs.corruptions.at(0));
    EXPECT_EQ(scores.size(), 12u);
    for (const CorruptionScores& model : scores) {
      const auto published_number = [&](const std::string& key) {
        return std::stod(info.at(model.model).at(key + suffix).get<std::string>());
      };
      EXPECT_NEAR(rounded(model.accuracy), published_number("corruptions_acc"), 1e-9) << model.model << suffix;
      EXPECT_NEAR(rounded(model.mce_own), published_number("corruptions_mce"), 1e-9) << model.model << suffix;
      EXPECT_FALSE(model.relative_mce_own.value) << "no clean accuracies were given";
    }
  }
}

}  // namespace
}  // namespace cuebench::scoring::test
