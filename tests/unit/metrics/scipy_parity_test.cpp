// The statistics against SciPy and NumPy, on cases drawn here with a fixed seed.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/metrics/agreement.hpp>
#include <cuebench/metrics/bootstrap.hpp>
#include <cuebench/metrics/correlation.hpp>
#include <cuebench/metrics/intervals.hpp>

#include "test_data.hpp"

namespace cuebench::test {
namespace {

using Json = nlohmann::json;

Json answers_of_scipy(const Json& cases) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "cases.json";
  std::ofstream(file) << cases;
  const std::string command =
      "/usr/bin/python3 '" CUEBENCH_SOURCE_DIR "/tests/parity/metrics_scipy.py' '" + file.string() + "'";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0);
  return Json::parse(text);
}

bool scipy_is_here() {
  return std::system("/usr/bin/python3 -c 'import scipy.stats, numpy' >/dev/null 2>&1") == 0;
}

#define REQUIRE_SCIPY()                                                      \
  if (!scipy_is_here()) {                                                    \
    if (must_have_shared_data()) FAIL() << "python3-scipy is missing in CI"; \
    GTEST_SKIP() << "python3-scipy is not here: nothing to compare with";    \
  }                                                                          \
  static_assert(true)

/// Relative to the value, or absolute below 1.
void expect_near(const Json& expected, std::optional<double> got, double tolerance, const Json& what) {
  ASSERT_EQ(expected.is_null(), !got.has_value()) << what;
  if (!got) return;
  EXPECT_NEAR(*got, expected.get<double>(), tolerance * std::max(1.0, std::abs(*got))) << what;
}

TEST(ScipyParity, IntervalsAndTests) {
  REQUIRE_SCIPY();
  std::mt19937 random(1);
  Json cases = Json::array();
  for (int i = 0; i < 300; ++i) {
    const int n = i < 100 ? i : static_cast<int>(random() % 60000) + 1;
    const int successes = i % 10 == 0 ? 0 : i % 10 == 1 ? n : static_cast<int>(random() % (n + 1u));
    const double confidence = i % 3 == 0 ? 0.9 : 0.95;
    for (const char* kind : {"wilson", "clopper_pearson"})
      cases.push_back({{"kind", kind}, {"n", n}, {"successes", successes}, {"confidence", confidence}});
    const int other = i % 2 ? static_cast<int>(random() % 3000) : successes + static_cast<int>(random() % 50);
    cases.push_back({{"kind", "mcnemar"}, {"first", successes}, {"second", other}});
    std::vector<double> p;
    for (int k = 0; k < i % 25; ++k) p.push_back(static_cast<double>(random() % 50) / 200.0);  // with ties
    cases.push_back({{"kind", "holm"}, {"p", p}});
  }
  const Json answers = answers_of_scipy(cases);
  ASSERT_EQ(answers.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Json &c = cases[i], &expected = answers[i];
    if (c["kind"] == "mcnemar") {
      const double p = mcnemar_exact(c["first"], c["second"]);
      if (expected == 0.0) {
        EXPECT_LT(p, 1e-200) << c;
        continue;
      }
      // Relative, so that tiny p-values count too: two implementations of the incomplete beta function.
      EXPECT_NEAR(p, expected.get<double>(), 1e-9 * p + std::numeric_limits<double>::denorm_min()) << c;
    } else if (c["kind"] == "holm") {
      const auto adjusted = holm_adjust(c["p"].get<std::vector<double>>());
      for (std::size_t k = 0; k < adjusted.size(); ++k) EXPECT_NEAR(adjusted[k], expected[k].get<double>(), 1e-14) << c;
    } else {
      const Estimate estimate = c["kind"] == "wilson"
                                    ? wilson_interval(c["successes"], c["n"], c["confidence"])
                                    : clopper_pearson_interval(c["successes"], c["n"], c["confidence"]);
      ASSERT_EQ(expected.is_null(), !estimate.value) << c;
      if (expected.is_null()) continue;
      // Wilson: rounding. Clopper-Pearson: SciPy solves for the bound by root finding to about 1e-12.
      const double tolerance = c["kind"] == "wilson" ? 1e-14 : 1e-10;
      expect_near(expected[0], estimate.low, tolerance, c);
      expect_near(expected[1], estimate.high, tolerance, c);
    }
  }
}

TEST(ScipyParity, MidPFalseDiscoveryRateSampleSizeAndConsistency) {
  REQUIRE_SCIPY();
  std::mt19937 random(3);
  Json cases = Json::array();
  for (int i = 0; i < 200; ++i) {
    cases.push_back({{"kind", "mcnemar_mid_p"}, {"first", random() % 300}, {"second", i % 9 ? random() % 300 : 0}});
    std::vector<double> p;
    for (int k = 0; k < i % 25; ++k) p.push_back(static_cast<double>(random() % 50) / 200.0);  // with ties
    cases.push_back({{"kind", "benjamini_hochberg"}, {"p", p}});
    cases.push_back({{"kind", "items_for_half_width"},
                     {"p", static_cast<double>(random() % 101) / 100},
                     {"half_width", static_cast<double>(random() % 48 + 1) / 100}});
    const auto draw = [&] { return i % 5 == 0 && random() % 2 ? 0 : static_cast<int>(random() % 200); };
    cases.push_back({{"kind", "consistency"}, {"counts", {draw(), draw(), draw(), draw()}}});
  }
  cases.push_back({{"kind", "consistency"}, {"counts", {7, 0, 0, 0}}});
  cases.push_back({{"kind", "consistency"}, {"counts", {0, 0, 0, 7}}});
  cases.push_back({{"kind", "consistency"}, {"counts", {0, 0, 0, 0}}});
  const Json answers = answers_of_scipy(cases);
  ASSERT_EQ(answers.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Json &c = cases[i], &expected = answers[i];
    if (c["kind"] == "mcnemar_mid_p") {
      const double p = mcnemar_mid_p(c["first"], c["second"]);
      EXPECT_NEAR(p, expected.get<double>(), 1e-9 * p + std::numeric_limits<double>::denorm_min()) << c;
    } else if (c["kind"] == "benjamini_hochberg") {
      const auto adjusted = benjamini_hochberg_adjust(c["p"].get<std::vector<double>>());
      for (std::size_t k = 0; k < adjusted.size(); ++k) EXPECT_NEAR(adjusted[k], expected[k].get<double>(), 1e-14) << c;
    } else if (c["kind"] == "items_for_half_width") {
      EXPECT_EQ(items_for_half_width(c["p"], c["half_width"]), expected.get<std::int64_t>()) << c;
    } else {
      const auto& n = c["counts"];
      const auto found = error_consistency({n[0], n[1], n[2], n[3]});
      ASSERT_EQ(expected.is_null(), !found) << c;
      if (!found) continue;
      EXPECT_NEAR(found->observed, expected[0].get<double>(), 1e-12) << c;
      EXPECT_NEAR(found->expected, expected[1].get<double>(), 1e-12) << c;
      EXPECT_NEAR(found->kappa, expected[2].get<double>(), 1e-10) << c;  // 0 / small where one is almost always right
    }
  }
}

TEST(ScipyParity, CorrelationsRanksAndQuantiles) {
  REQUIRE_SCIPY();
  std::mt19937 random(2);
  std::normal_distribution<double> normal;
  Json cases = Json::array();
  for (int i = 0; i < 200; ++i) {
    std::vector<double> x, y;
    for (int k = 0; k < 3 + i; ++k) {
      // Activations: ties at 0; every tenth case a constant side.
      x.push_back(std::max(0.0, normal(random)));
      y.push_back(i % 10 == 0 ? 1.5 : i % 3 ? normal(random) + x.back() : static_cast<double>(random() % 4));
    }
    for (const char* kind : {"pearson", "spearman"}) cases.push_back({{"kind", kind}, {"x", x}, {"y", y}});
    cases.push_back({{"kind", "ranks"}, {"x", x}});
    cases.push_back({{"kind", "quantile"}, {"x", x}, {"p", static_cast<double>(random() % 1001) / 1000}});
  }
  const Json answers = answers_of_scipy(cases);
  ASSERT_EQ(answers.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    auto x = cases[i]["x"].get<std::vector<double>>();
    const auto kind = cases[i]["kind"].get<std::string>();
    if (kind == "ranks") {
      EXPECT_EQ(average_ranks(x), answers[i].get<std::vector<double>>());
    } else if (kind == "quantile") {
      std::sort(x.begin(), x.end());
      EXPECT_NEAR(sorted_quantile(x, cases[i]["p"]), answers[i].get<double>(), 1e-14);
    } else {
      const auto y = cases[i]["y"].get<std::vector<double>>();
      expect_near(answers[i], kind == "pearson" ? pearson(x, y) : spearman(x, y), 1e-12,
                  cases[i]);  // rounding of 200 terms
    }
  }
}

TEST(ScipyParity, BootstrapIntervalsUpToTheirRandomness) {
  REQUIRE_SCIPY();
  const std::vector<CategoryCounts> tables{{{20, 10, 30, 40}, {5, 5, 40, 50}, {30, 0, 20, 50}},
                                           {{3, 2, 10, 15}, {0, 1, 14, 15}, {10, 2, 3, 15}, {1, 0, 0, 29}},
                                           {{400, 30, 300, 1270}}};
  constexpr int kReplicates = 5000;
  Json cases = Json::array();
  for (const auto& counts : tables)
    cases.push_back({{"kind", "bootstrap"}, {"counts", counts}, {"replicates", kReplicates}});
  const Json answers = answers_of_scipy(cases);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const auto retained = [](std::span<const std::int64_t> k) {
      return static_cast<double>(k[1] + k[3]) / static_cast<double>(k[2] + k[3]);
    };
    const Estimate estimate = bootstrap_counts(tables[i], retained, "parity", {});
    // Standard error of the 2.5 % point of B nearly normal replicates: sqrt(.025 * .975 / B) / 0.0584 deviations, here
    // 0.038 (B = 5000, NumPy) and 0.027 (B = 10000, ours): together 0.046; five of these.
    const double tolerance = 5 * 0.046 * answers[i]["deviation"].get<double>();
    EXPECT_NEAR(*estimate.low, answers[i]["low"].get<double>(), tolerance) << i;
    EXPECT_NEAR(*estimate.high, answers[i]["high"].get<double>(), tolerance) << i;
  }
}

}  // namespace
}  // namespace cuebench::test
