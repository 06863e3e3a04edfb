// Orders of channels, correlations over classes and their figures, on runs whose numbers can be worked out by hand.

#include <cmath>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/files.hpp>
#include <cuebench/report/report.hpp>
#include <cuebench/report/writers.hpp>

#include "../../../src/report/figures/figures.hpp"
#include "../../../src/report/figures/gnuplot.hpp"
#include "../../../src/report/figures/label_placement.hpp"
#include "../../../src/report/text.hpp"
#include "synthetic_run.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::SyntheticRun;

RunSummary summary_of(const SyntheticRun& run) {
  const test::TemporaryFolder folder;
  return summarise(run.store(folder.path()));
}

/// Four channels. The cat's orders on clean: by relevance 0 2 1 3, by magnitude 3 0 2 1, by frequency 1 2 0 3. The
/// dog's: by relevance 1 2 3 0, by magnitude 0 1 2 3.
SyntheticRun planted_run() {
  SyntheticRun run = SyntheticRun::pair({{"silhouette:a=1", "shape"}}, {"cat", "dog"}, 96);
  run.description.layers = {{0, "layer4", 4, "closed"}, {1, "layer4", 4, "closed"}};
  run.outcome = [](std::int64_t item, int, int) { return test::answer(item % 3 > 0, static_cast<int>(item % 2), 2); };
  run.relevance = [](int label, int) {
    return label == 0 ? std::vector<double>{3, 0.1, 2, -1} : std::vector<double>{-1, 2, 1, 0};
  };
  run.activation = [](std::int64_t item, int, int variant) -> std::vector<double> {
    const bool cat = item % 2 == 0, first_half = item % 4 == 0;
    if (variant == 0 && cat) return first_half ? std::vector<double>{10, 1, 3, 16} : std::vector<double>{0, 1, 3, 0};
    if (variant == 0) return {4, 3, 2, 0.01};
    // 0.04 is exactly 1 % of the largest channel: not active.
    if (cat) return {2, 4, 0, first_half ? 1 : 0.04};
    return {1, 1, 1, 1};
  };
  return run;
}

void expect_values(const std::vector<double>& values, const std::vector<double>& expected) {
  ASSERT_EQ(values.size(), expected.size());
  // 1e-12: Welford means of 48 images.
  for (std::size_t rank = 0; rank < expected.size(); ++rank)
    EXPECT_NEAR(values[rank], expected[rank], 1e-12) << "rank " << rank;
}

TEST(ChannelProfiles, EachClassOrdersItsChannelsOnCleanImages) {
  const RunSummary summary = summary_of(planted_run());
  const ChannelSummary &clean = *summary.channel(0, 0), &variant = *summary.channel(0, 1);
  // Means of the cat's and the dog's value at each rank.
  expect_values(clean.by_relevance.activation, {(5 + 3) / 2., (3 + 2) / 2., (1 + 0.01) / 2, (8 + 4) / 2.});
  expect_values(clean.by_relevance.frequency, {(0.5 + 1) / 2, 1, (1 + 0) / 2., (0.5 + 1) / 2});
  expect_values(clean.by_clean_magnitude.activation, {(8 + 4) / 2., (5 + 3) / 2., (3 + 2) / 2., (1 + 0.01) / 2});
  expect_values(clean.by_clean_magnitude.frequency, {(0.5 + 1) / 2, (0.5 + 1) / 2, 1, (1 + 0) / 2.});
  expect_values(variant.by_relevance.activation, {(2 + 1) / 2., (0 + 1) / 2., (4 + 1) / 2., (0.52 + 1) / 2});
  expect_values(variant.by_relevance.frequency, {1, (0 + 1) / 2., 1, (0.5 + 1) / 2});
  expect_values(variant.by_clean_magnitude.activation, {(0.52 + 1) / 2, (2 + 1) / 2., (0 + 1) / 2., (4 + 1) / 2.});
  expect_values(variant.by_clean_magnitude.frequency, {(0.5 + 1) / 2, 1, (0 + 1) / 2., 1});
  EXPECT_DOUBLE_EQ(variant.positive_channels, (3 + 2) / 2.);
}

TEST(ChannelProfiles, StandInResultsJson) {
  const RunSummary summary = summary_of(planted_run());
  const auto json = nlohmann::json::parse(results_json(summary));
  const auto& variant = json["channels"][1];
  ASSERT_EQ(variant["variant"], "silhouette:a=1");
  const ChannelSummary& expected = *summary.channel(0, 1);
  EXPECT_EQ(variant["activation_by_rank"], expected.by_relevance.activation);
  EXPECT_EQ(variant["frequency_by_rank"], expected.by_relevance.frequency);
  EXPECT_EQ(variant["activation_by_clean_magnitude_rank"], expected.by_clean_magnitude.activation);
  EXPECT_EQ(variant["frequency_by_clean_magnitude_rank"], expected.by_clean_magnitude.frequency);
}

/// Four classes; relevance falls with the channel, activation rises more or less, in another way under the attack.
SyntheticRun attacked_run() {
  SyntheticRun run = SyntheticRun::pair({{"pgd:epsilon=8/255", "adversarial"}}, {"a", "b", "c", "d"}, 160);
  run.description.layers = {{0, "layer4", 4, "closed"}, {1, "layer4", 4, "closed"}};
  run.outcome = [](std::int64_t item, int, int variant) {
    const int label = static_cast<int>(item % 4);
    return test::answer((item / 4) % 8 >= (variant + 1) * label, label, 4);
  };
  run.relevance = [](int, int) { return std::vector<double>{4, 3, 2, 1}; };
  run.activation = [](std::int64_t item, int, int variant) -> std::vector<double> {
    const std::vector<std::vector<double>> clean{{4, 3, 2, 1}, {4, 2, 3, 1}, {2, 4, 3, 1}, {1, 2, 3, 4}};
    const std::vector<std::vector<double>> attacked{{4, 2, 3, 1}, {1, 2, 3, 4}, {4, 3, 2, 1}, {4, 3, 1, 2}};
    return (variant == 0 ? clean : attacked)[static_cast<std::size_t>(item % 4)];
  };
  return run;
}

double pearson_by_hand(const std::vector<double>& x, const std::vector<double>& y) {
  double n = 0, sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    n += 1;
    sx += x[i];
    sy += y[i];
    sxx += x[i] * x[i];
    syy += y[i] * y[i];
    sxy += x[i] * y[i];
  }
  return (n * sxy - sx * sy) / std::sqrt((n * sxx - sx * sx) * (n * syy - sy * sy));
}

TEST(ClassCorrelations, RelateCleanRelevanceAndAttackedAlignmentToTheAttackedAccuracy) {
  const RunSummary summary = summary_of(attacked_run());
  const ChannelGroup& attacked = summary.channel(0, 1)->groups.front();
  const std::vector<double> accuracy{1, 0.75, 0.5, 0.25};       // (item / 4) % 8 >= 2 label
  const std::vector<double> clean_act_rel{1, 0.8, 0.4, -1};     // 1 - sum d^2 / 10 of the ranks
  const std::vector<double> attacked_act_rel{0.8, -1, 1, 0.8};  // what must not be used
  const double expected = pearson_by_hand(clean_act_rel, accuracy);
  ASSERT_GT(std::abs(expected - pearson_by_hand(attacked_act_rel, accuracy)), 0.1);
  EXPECT_NEAR(attacked.measure("corr_actrel_acc_pearson").value.value(), expected, 1e-12);
  EXPECT_NEAR(attacked.measure("corr_actrel_acc_spearman").value.value(), 1, 1e-12);
  EXPECT_EQ(attacked.measure("corr_actrel_acc_pearson").n, 4);
  const std::vector<double> cosine{29 / 30., 21 / 30., 27 / 30., 21 / 30.};
  EXPECT_NEAR(attacked.measure("corr_align_acc_pearson").value.value(), pearson_by_hand(cosine, accuracy), 1e-12);
  // On clean both are against the clean accuracy; every image aligns perfectly with itself.
  const ChannelGroup& clean = summary.channel(0, 0)->groups.front();
  EXPECT_NEAR(clean.measure("corr_actrel_acc_pearson").value.value(),
              pearson_by_hand(clean_act_rel, {1, 0.875, 0.75, 0.625}), 1e-12);
  EXPECT_FALSE(clean.measure("corr_align_acc_pearson").value);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

const Figure* find_figure(const std::vector<Figure>& figures, const std::string& name) {
  for (const Figure& figure : figures)
    if (figure.name == name) return &figure;
  return nullptr;
}

/// Rows of the first data block `name` of a script.
std::vector<std::vector<double>> block_of(const std::string& script, const std::string& name) {
  std::istringstream lines(script.substr(script.find("$" + name + " << EOD")));
  std::vector<std::vector<double>> rows;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line != "EOD") {
    std::istringstream words(line);
    rows.emplace_back();
    for (double value = 0; words >> value;) rows.back().push_back(value);
  }
  return rows;
}

TEST(ChannelFigures, DrawTheProfilesOfCleanAndVariantInTheirOrders) {
  const RunSummary summary = summary_of(planted_run());
  const std::vector<Figure> figures = channel_figures(summary);
  ASSERT_EQ(figures.size(), 3u);
  const auto expect_rows = [&](const char* name, const std::vector<double>& clean, const std::vector<double>& variant,
                               double scale) {
    const Figure* figure = find_figure(figures, name);
    ASSERT_TRUE(figure) << name;
    const auto rows = block_of(figure->script, "panel0");
    ASSERT_EQ(rows.size(), 4u) << name;
    for (std::size_t rank = 0; rank < 4; ++rank) {
      EXPECT_DOUBLE_EQ(rows[rank].at(0), static_cast<double>(rank + 1));
      EXPECT_NEAR(rows[rank].at(1), clean[rank] / scale, 1e-9) << name;
      EXPECT_NEAR(rows[rank].at(2), variant[rank] / scale, 1e-9) << name;
    }
    EXPECT_NE(figure->alternative.find("standard under silhouette"), std::string::npos) << figure->alternative;
  };
  // The numbers of EachClassOrdersItsChannelsOnCleanImages; unit: the mean clean activation.
  const double unit = (6 + 4 + 2.5 + 0.505) / 4;
  expect_rows("channels-1", {4, 2.5, 0.505, 6}, {1.5, 0.5, 2.5, 0.76}, unit);
  expect_rows("channel-magnitudes-1", {6, 4, 2.5, 0.505}, {0.76, 1.5, 0.5, 2.5}, unit);
  expect_rows("channel-frequencies-1", {0.75, 0.75, 1, 0.5}, {0.75, 1, 0.5, 1}, 0.01);
}

TEST(ChannelFigures, AlwaysShowAttacks) {
  SyntheticRun run = attacked_run();
  for (const char* name : {"edges:a=1", "edges:a=2", "edges:a=3", "edges:a=4", "edges:a=5"})
    run.description.variants.push_back({name, "shape"});
  run.description.variants.push_back({"pgd:epsilon=2/255", "adversarial"});
  // The attacks leave the activation as on clean, the other variants change it more and more.
  run.activation = [](std::int64_t, int, int variant) {
    return variant == 0 || variant == 1 || variant == 7 ? std::vector<double>{4, 3, 2, 1}
                                                        : std::vector<double>{1, 2, 3, 4.0 + variant};
  };
  run.relevance = [](int, int) { return std::vector<double>{1, 1, -1, -1}; };
  const RunSummary summary = summary_of(run);
  EXPECT_EQ(variants_of_channel_figures(summary, {0, 1}, 4), (std::vector<int>{1, 5, 6, 7}));
  EXPECT_EQ(adversarial_variants(summary, 1), (std::vector<int>{7}));  // the lower accuracy
}

TEST(ChannelHeatMap, HasACellForEveryVariantAndSaysWhereAValueIsUndefined) {
  SyntheticRun run = planted_run();
  run.description.variants.push_back({"edges:a=1", "shape"});
  const RunSummary summary = summary_of(run);
  const std::vector<Figure> figures = channel_heat_maps(summary);
  ASSERT_EQ(figures.size(), 1u);
  const std::string& script = figures[0].script;
  EXPECT_EQ(count(script, "set object rectangle"), 3u * 4 * 2 + 9);  // variants, fields, models; the legend's steps
  EXPECT_EQ(count(script, "'n/a'"), 0u);
  for (const char* label : {"'clean'", "'silhouette'", "'edges'"}) EXPECT_EQ(count(script, label), 1u) << label;
  const ChannelGroup& all = summary.channel(1, 1)->groups.front();
  EXPECT_GE(count(script, gnuplot_text(decimal(*all.measure("pr_ratio").value, 2))), 1u);
  EXPECT_GE(count(script, gnuplot_text(decimal(100 * *all.measure("nr_share").value, 1))), 1u);

  run.activation = [](std::int64_t, int, int) { return std::vector<double>{0, 0, 0, 0}; };
  const Figure undefined = channel_heat_maps(summary_of(run)).at(0);
  EXPECT_EQ(count(undefined.script, "'n/a'"), 3u * 4 * 2);
}

TEST(ClassScatter, HasEveryClassAndTheCorrelationsOfTheSummary) {
  const RunSummary summary = summary_of(attacked_run());
  const std::vector<Figure> figures = class_scatters(summary);
  ASSERT_EQ(figures.size(), 1u);
  EXPECT_EQ(figures[0].name, "channel-classes-1-1");
  const auto points = block_of(figures[0].script, "classes");  // the first panel: alignment
  ASSERT_EQ(points.size(), 4u);
  const std::vector<double> cosine{29 / 30., 21 / 30., 27 / 30., 21 / 30.}, accuracy{100, 75, 50, 25};
  for (std::size_t label = 0; label < 4; ++label) {
    EXPECT_NEAR(points[label].at(0), cosine[label], 1e-9);
    EXPECT_NEAR(points[label].at(1), accuracy[label], 1e-9);
  }
  for (const char* name : {"'a'", "'b'", "'c'", "'d'"})
    EXPECT_EQ(count(figures[0].script, std::string("set label ") + name), 4u) << name;  // two models, two panels
  const ChannelGroup& all = summary.channel(0, 1)->groups.front();
  for (const char* field : {"corr_align_acc_pearson", "corr_actrel_acc_pearson"}) {
    const std::string shown = "Pearson " + decimal(*all.measure(field).value, 2);
    EXPECT_NE(figures[0].script.find(shown), std::string::npos) << field;
    EXPECT_NE(figures[0].alternative.find(shown), std::string::npos) << field;
  }
}

TEST(ClassScatter, IsLeftOutWithoutAnAttackAndThePageSaysWhatToAdd) {
  const test::TemporaryFolder folder, attacked;
  planted_run().store(folder.path());
  EXPECT_TRUE(class_scatters(write_report(folder.path())).empty());
  EXPECT_NE(read_text_file(folder.path() / "report.html").find("--variant pgd:epsilon=8/255"), std::string::npos);
  attacked_run().store(attacked.path());
  write_report(attacked.path());
  EXPECT_EQ(read_text_file(attacked.path() / "report.html").find("--variant pgd"), std::string::npos);
}

TEST(ClassScatter, SaysWhyThereIsNoCorrelation) {
  SyntheticRun run = attacked_run();
  run.outcome = [](std::int64_t item, int, int variant) {
    return test::answer(variant == 0, static_cast<int>(item % 4), 4);
  };
  const Figure figure = class_scatters(summary_of(run)).at(0);
  EXPECT_NE(figure.script.find("no correlation: all classes have the same accuracy"), std::string::npos);
}

TEST(LabelPlacement, CoversNeitherPointsNorOtherLabels) {
  std::vector<LabelledPoint> points;
  for (int i = 0; i < 12; ++i) points.push_back({100.0 + 9 * (i % 4), 80.0 + 9.0 * (i / 4), 40});
  const Box area{0, 0, 300, 200};
  const auto places = place_labels(points, 13, area);
  ASSERT_EQ(places.size(), points.size());
  const auto apart = [](const Box& a, const Box& b) {
    return a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  };
  std::vector<Box> placed;
  for (const auto& place : places) {
    if (!place) continue;
    EXPECT_TRUE(place->left >= area.left && place->right <= area.right && place->top >= area.top &&
                place->bottom <= area.bottom);
    for (const LabelledPoint& point : points)
      EXPECT_TRUE(apart(*place, {point.x - 4, point.y - 4, point.x + 4, point.y + 4}));
    for (const Box& other : placed) EXPECT_TRUE(apart(*place, other));
    placed.push_back(*place);
  }
  EXPECT_GE(placed.size(), 8u);
  EXPECT_FALSE(place_labels({{5, 5, 400}}, 13, area).at(0));  // longer than the area
}

}  // namespace
}  // namespace cuebench
