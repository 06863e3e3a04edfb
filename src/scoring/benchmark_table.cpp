#include "benchmark_table.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include <cuebench/metrics/bootstrap.hpp>
#include <cuebench/metrics/correlation.hpp>

namespace cuebench::scoring {
namespace {

constexpr std::array<std::string_view, 17> kSets{
    "colour",       "contrast", "high-pass", "low-pass",   "phase-scrambling", "power-equalisation",
    "false-colour", "rotation", "eidolonI",  "eidolonII",  "eidolonIII",       "uniform-noise",
    "sketch",       "stylized", "edge",      "silhouette", "cue-conflict"};

/// One observer's part in one set.
struct Share {
  const Consistency* consistency = nullptr;
  std::optional<double> accuracy;
  const ModelReplicates* replicates = nullptr;
};

/// The mean over sets of a value, with the replicates averaged in step.
Estimate mean_estimate(const std::vector<Share>& shares, double (*value)(const Share&),
                       const std::vector<double> ModelReplicates::*replicates, const ScoreOptions& options,
                       const std::string& no_interval) {
  double sum = 0;
  std::vector<double> mean;
  bool have = replicates != nullptr;
  for (const Share& share : shares) {
    sum += value(share);
    if (!have) continue;
    const std::vector<double>& values = share.replicates->*replicates;
    if (values.empty()) have = false;
    mean.resize(std::max(mean.size(), values.size()));
    for (std::size_t r = 0; r < values.size(); ++r) mean[r] += values[r] / static_cast<double>(shares.size());
  }
  const auto n = static_cast<std::int64_t>(shares.size());
  sum /= static_cast<double>(shares.size());
  if (have) return percentile_estimate(sum, std::move(mean), n, options.confidence);
  return {sum, {}, {}, n, no_interval};
}

BenchmarkRow make_row(std::string observer, const std::vector<Share>& shares, const ScoreOptions& options,
                      const std::string& lacking) {
  BenchmarkRow row;
  row.observer = std::move(observer);
  if (!lacking.empty()) {
    const Estimate none{{}, {}, {}, 0, "undefined: no trials in " + lacking};
    row.squared_accuracy_difference = row.observed = row.kappa = row.ood_accuracy = none;
    return row;
  }
  const std::string n = fmt::format("mean over {} sets", shares.size());
  row.squared_accuracy_difference = mean_estimate(
      shares, [](const Share& s) { return *s.consistency->squared_accuracy_difference.value; }, nullptr, options,
      n + "; no interval: resampling adds its own variance to a square");
  row.observed = mean_estimate(
      shares, [](const Share& s) { return *s.consistency->observed.value; }, &ModelReplicates::observed, options, n);
  row.kappa = mean_estimate(
      shares, [](const Share& s) { return *s.consistency->kappa.value; }, &ModelReplicates::kappa, options, n);
  row.ood_accuracy = mean_estimate(
      shares, [](const Share& s) { return *s.accuracy; }, &ModelReplicates::accuracy, options, n);
  return row;
}

bool has_model_and_human(const SetScores& set) {
  const auto human = [](const ObserverScores& o) { return o.human; };
  return std::any_of(set.observers.begin(), set.observers.end(), human) &&
         !std::all_of(set.observers.begin(), set.observers.end(), human);
}

/// Ranks among the models that have a value; 1 is best.
void rank(std::vector<BenchmarkRow>& rows) {
  std::vector<std::size_t> ranked;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].kappa.value) ranked.push_back(i);
  const auto ranks = [&](Estimate BenchmarkRow::*field, double sign) {
    std::vector<double> values;
    for (const std::size_t i : ranked) values.push_back(sign * *(rows[i].*field).value);
    return average_ranks(values);
  };
  const auto difference = ranks(&BenchmarkRow::squared_accuracy_difference, 1),
             observed = ranks(&BenchmarkRow::observed, -1), kappa = ranks(&BenchmarkRow::kappa, -1);
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    BenchmarkRow& row = rows[ranked[i]];
    row.rank_difference = difference[i];
    row.rank_observed = observed[i];
    row.rank_kappa = kappa[i];
    row.mean_rank = (difference[i] + observed[i] + kappa[i]) / 3;
  }
  std::stable_sort(rows.begin(), rows.end(), [](const BenchmarkRow& a, const BenchmarkRow& b) {
    return a.mean_rank.value_or(1e9) < b.mean_rank.value_or(1e9);
  });
}

}  // namespace

std::vector<std::string_view> benchmark_sets() {
  return {kSets.begin(), kSets.end()};
}

std::optional<Benchmark> benchmark_table(std::span<const SetScores> sets, std::span<const SetReplicates> replicates,
                                         const ScoreOptions& options) {
  Benchmark benchmark;
  std::vector<std::size_t> used;
  for (const std::string_view name : kSets) {
    const auto found = std::find_if(sets.begin(), sets.end(), [&](const SetScores& set) { return set.name == name; });
    if (found == sets.end() || !has_model_and_human(*found)) {
      benchmark.missing.emplace_back(name);
      continue;
    }
    benchmark.sets.emplace_back(name);
    used.push_back(static_cast<std::size_t>(found - sets.begin()));
  }
  if (used.empty()) return std::nullopt;

  std::set<std::string> models;
  for (const std::size_t s : used)
    for (const ObserverScores& observer : sets[s].observers)
      if (!observer.human) models.insert(observer.name);
  for (const std::string& model : models) {
    std::vector<Share> shares;
    std::string lacking;
    for (const std::size_t s : used) {
      const auto& observers = sets[s].observers;
      const auto found = std::find_if(observers.begin(), observers.end(),
                                      [&](const ObserverScores& o) { return !o.human && o.name == model; });
      if (found == observers.end() || !found->with_humans.kappa.value || !found->benchmark.accuracy()) {
        lacking += (lacking.empty() ? "" : ", ") + sets[s].name;
        continue;
      }
      const auto place = static_cast<std::size_t>(found - observers.begin());
      shares.push_back({&found->with_humans, found->benchmark.accuracy(), &replicates[s].models[place]});
    }
    benchmark.models.push_back(make_row(model, shares, options, lacking));
  }
  rank(benchmark.models);

  std::vector<Share> shares;
  for (const std::size_t s : used)
    if (sets[s].humans && sets[s].among_humans.kappa.value && sets[s].humans->benchmark.accuracy())
      shares.push_back({&sets[s].among_humans, sets[s].humans->benchmark.accuracy(), &replicates[s].humans});
  if (shares.size() == used.size()) benchmark.humans = make_row("humans", shares, options, "");
  return benchmark;
}

}  // namespace cuebench::scoring
