#pragma once
// Everything that `cuebench score` says, as values. Definitions of every number: docs/score.md.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cuebench/metrics/agreement.hpp>
#include <cuebench/metrics/cue_decision.hpp>
#include <cuebench/metrics/intervals.hpp>
#include <cuebench/scoring/categories.hpp>
#include <cuebench/scoring/inputs.hpp>

namespace cuebench::scoring {

/// Raised when a field of score.json changes its meaning or goes.
inline constexpr int kScoreSchemaVersion = 1;

struct ScoreOptions {
  /// Observers whose name this shell pattern matches are human.
  std::string humans = "subject-*";
  int replicates = 10000;  ///< of the bootstrap; 0: none, and no intervals that need it
  double confidence = 0.95;
  std::uint64_t seed = 0;
};

struct AnswerCounts {
  std::int64_t n = 0, correct = 0, no_answer = 0;
  std::optional<double> accuracy() const;
};

/// Rows: categories shown; columns: categories answered, and no answer last.
using Confusion = std::array<std::array<std::int64_t, kCategories + 1>, kCategories>;

/// Decisions on the trials whose shape and texture differ.
struct CueScores {
  CueCounts counts;  ///< `other` includes trials without an answer
  std::int64_t no_answer = 0;
  std::int64_t same_cues = 0;                     ///< trials left out since shape and texture are one category
  Estimate bias;                                  ///< shape / (shape + texture), Wilson
  Estimate exact_bias;                            ///< the same, Clopper-Pearson
  std::array<CueCounts, kCategories> categories;  ///< by shape
  Estimate category_mean;                         ///< unweighted mean of the categories that have a value
};

/// Means over the conditions of the benchmark, of pairs of observers on the images that both saw.
struct Consistency {
  Estimate observed, expected, kappa, squared_accuracy_difference;
};

struct ObserverScores {
  std::string name;
  bool human = false;
  std::int64_t sessions = 0;
  AnswerCounts all;
  Estimate accuracy, exact_accuracy;        ///< Wilson, Clopper-Pearson
  std::vector<AnswerCounts> conditions;     ///< by SetScores::conditions
  std::vector<Estimate> condition_entropy;  ///< of the answers, bits
  Estimate entropy;
  std::array<AnswerCounts, kCategories> categories;
  Confusion confusion{};
  AnswerCounts benchmark;  ///< in the conditions of the benchmark
  std::optional<CueScores> cues;
  Consistency with_humans;  ///< mean over the (other) humans
};

struct PairScores {
  std::size_t first = 0, second = 0;        ///< into SetScores::observers
  AgreementCounts all;                      ///< images that both saw, all conditions together
  std::vector<AgreementCounts> conditions;  ///< by SetScores::conditions
  Consistency consistency;
  /// McNemar's exact test on who is right, its mid-p, and both adjustments over the set's pairs with a model; absent
  /// for pairs of humans.
  std::optional<double> mcnemar, mcnemar_mid, holm, benjamini_hochberg;
  std::optional<Estimate> shape_bias_difference;  ///< first minus second, on the images that both saw
};

struct SetScores {
  std::string name;
  bool cue_conflict = false;
  /// Canonical, in order; one entry "" where no observer has several (a set without conditions).
  std::vector<std::string> conditions;
  std::vector<bool> in_benchmark;         ///< by condition: not left out by model-vs-human
  std::int64_t images = 0;                ///< distinct (image, condition)
  std::vector<ObserverScores> observers;  ///< models, then humans, by name
  std::optional<ObserverScores> humans;   ///< all trials of the humans together, where there are several
  std::vector<PairScores> pairs;
  Consistency among_humans;  ///< mean over pairs of humans

  std::string condition_name(std::size_t condition) const;  ///< "all" for ""
};

/// One row of model-vs-human's tables: means over the sets.
struct BenchmarkRow {
  std::string observer;
  Estimate squared_accuracy_difference, observed, kappa, ood_accuracy;
  std::optional<double> rank_difference, rank_observed, rank_kappa, mean_rank;  ///< among the models with a value
};
struct Benchmark {
  std::vector<std::string> sets;     ///< those of the 17 that have a human and a model
  std::vector<std::string> missing;  ///< the others
  std::vector<BenchmarkRow> models;
  std::optional<BenchmarkRow> humans;
};
/// The 17 sets of model-vs-human.
std::vector<std::string_view> benchmark_sets();

struct PublishedComparison {
  std::string observer, set;
  double published = 0;
  std::optional<double> computed;
};

struct Scores {
  ScoreOptions options;
  std::int64_t trials = 0, trial_files = 0, repeated_trials = 0;
  std::vector<SetScores> sets;
  std::optional<Benchmark> benchmark;
  struct CorruptionFile {
    CorruptionTable table;
    std::vector<CorruptionScores> models;
  };
  std::vector<CorruptionFile> corruptions;
  std::vector<PublishedComparison> published;
  std::vector<Finding> findings;
};

Scores score(Inputs inputs, const ScoreOptions& options);

/// Entropy (bits) of the answers over the categories that were shown, as model-vs-human has it: p = answers / trials,
/// terms with p <= 1e-5 left out; answers of none of these categories make the sum fall short of 1.
double response_entropy(const Confusion& confusion);

}  // namespace cuebench::scoring
