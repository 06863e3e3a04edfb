#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/natural_order.hpp>
#include <cuebench/core/threads.hpp>
#include <cuebench/scoring/conditions.hpp>
#include <cuebench/scoring/scores.hpp>

#include "benchmark_table.hpp"
#include "set_consistency.hpp"
#include "set_trials.hpp"
#include "tally.hpp"

namespace cuebench::scoring {
namespace {

std::vector<std::vector<std::uint32_t>> rows_by_set(const TrialTable& table) {
  std::vector<std::vector<std::uint32_t>> rows(table.sets.size());
  for (std::size_t i = 0; i < table.size(); ++i) rows[table.set[i]].push_back(static_cast<std::uint32_t>(i));
  std::erase_if(rows, [](const auto& set) { return set.empty(); });
  std::sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    return natural_less(table.sets[table.set[a.front()]], table.sets[table.set[b.front()]]);
  });
  return rows;
}

struct SetResult {
  SetScores scores;
  SetReplicates replicates;
  std::vector<Finding> findings;
};

SetResult score_set(const TrialTable& table, const std::vector<std::uint32_t>& rows, const ScoreOptions& options,
                    int threads) {
  SetResult result;
  const SetTrials set = arrange_set(table, rows, options.humans, result.findings);
  SetScores& scores = result.scores;
  scores.name = set.name;
  scores.conditions = set.conditions;
  scores.images = static_cast<std::int64_t>(set.images.size());
  for (const std::string& condition : set.conditions)
    scores.in_benchmark.push_back(!left_out_of_benchmark(set.name, condition));
  for (const SetTrials::Observer& observer : set.observers)
    scores.observers.push_back(tally_observer(table, set, observer, scores.in_benchmark, options.confidence));
  std::vector<const ObserverScores*> humans;
  for (const ObserverScores& observer : scores.observers) {
    if (observer.human) humans.push_back(&observer);
    scores.cue_conflict = scores.cue_conflict || observer.cues.has_value();
  }
  if (humans.size() > 1) scores.humans = pool_observers(humans, "humans", options.confidence);
  result.replicates = compare_observers(set, options, threads, scores);
  return result;
}

/// Every set on one of the threads; the results do not depend on which.
std::vector<SetResult> score_sets(const TrialTable& table, const std::vector<std::vector<std::uint32_t>>& rows,
                                  const ScoreOptions& options) {
  std::vector<SetResult> results(rows.size());
  std::vector<std::exception_ptr> failures(rows.size());
  std::atomic<std::size_t> next = 0;
  const int threads_a_set = rows.empty() ? 1 : available_cores() / static_cast<int>(rows.size());
  const auto work = [&] {
    for (std::size_t set; (set = next++) < rows.size();) {
      try {
        results[set] = score_set(table, rows[set], options, threads_a_set);
      } catch (...) {
        failures[set] = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 1; i < available_cores() && i < static_cast<int>(rows.size()); ++i) threads.emplace_back(work);
    work();
  }
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
  return results;
}

std::vector<PublishedComparison> compare_with_published(const std::vector<PublishedAccuracy>& published,
                                                        const std::vector<SetScores>& sets) {
  std::vector<PublishedComparison> comparisons;
  for (const PublishedAccuracy& entry : published) {
    PublishedComparison& comparison = comparisons.emplace_back();
    comparison = {entry.observer, entry.set, entry.accuracy, std::nullopt};
    for (const SetScores& set : sets)
      for (const ObserverScores& observer : set.observers)
        if (set.name == entry.set && observer.name == entry.observer) comparison.computed = observer.accuracy.value;
  }
  return comparisons;
}

}  // namespace

std::string SetScores::condition_name(std::size_t condition) const {
  return conditions[condition].empty() ? (conditions.size() == 1 ? "all" : "none") : conditions[condition];
}

Scores score(Inputs inputs, const ScoreOptions& options) {
  Scores scores;
  scores.options = options;
  scores.trials = static_cast<std::int64_t>(inputs.trials.size());
  scores.trial_files = inputs.trial_files;
  scores.repeated_trials = inputs.repeated_trials;
  scores.findings = std::move(inputs.findings);
  std::vector<SetReplicates> replicates;
  for (SetResult& result : score_sets(inputs.trials, rows_by_set(inputs.trials), options)) {
    scores.sets.push_back(std::move(result.scores));
    replicates.push_back(std::move(result.replicates));
    scores.findings.insert(scores.findings.end(), result.findings.begin(), result.findings.end());
  }
  scores.benchmark = benchmark_table(scores.sets, replicates, options);
  scores.published = compare_with_published(inputs.published, scores.sets);
  for (CorruptionTable& table : inputs.corruptions) {
    auto models = score_corruptions(table);
    scores.corruptions.push_back({std::move(table), std::move(models)});
  }
  return scores;
}

}  // namespace cuebench::scoring
