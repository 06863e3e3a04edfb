#pragma once
// What the fuzz target and the test that replays its corpus do with one file.

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <cuebench/core/errors.hpp>
#include <cuebench/scoring/scores.hpp>
#include <cuebench/scoring/trial_reader.hpp>

namespace cuebench::scoring {

inline void require(bool condition) {
  if (!condition) std::abort();
}

inline void check(const Estimate& estimate) {
  require(!estimate.method.empty());
  for (const auto& value : {estimate.value, estimate.low, estimate.high}) require(!value || std::isfinite(*value));
}

/// @returns whether the file was accepted. Aborts on anything that must not be.
inline bool read_and_score(std::string_view text) {
  Inputs inputs;
  try {
    switch (recognise_csv(text)) {
      case CsvKind::trials:
        read_trials(text, "set_net_session-1.csv", inputs.trials, inputs.findings);
        break;
      case CsvKind::cue_decisions:
        read_cue_decisions(text, "net.csv", inputs.trials, inputs.findings);
        break;
      case CsvKind::corruptions:
        for (const auto& model : score_corruptions(read_corruption_table(text, "table.csv"))) check(model.mce_own);
        return true;
      default:
        return false;
    }
  } catch (const UsageError&) {
    require(inputs.trials.size() == 0);
    return false;
  }
  const std::size_t trials = inputs.trials.size();
  require(trials > 0);
  ScoreOptions options;
  options.replicates = 3;
  const Scores scores = score(std::move(inputs), options);
  std::int64_t counted = 0;
  for (const SetScores& set : scores.sets) {
    for (const ObserverScores& observer : set.observers) {
      counted += observer.all.n;
      check(observer.accuracy);
      check(observer.entropy);
      check(observer.with_humans.kappa);
      if (observer.cues) check(observer.cues->bias);
    }
    for (const PairScores& pair : set.pairs) check(pair.consistency.kappa);
  }
  require(counted == static_cast<std::int64_t>(trials));
  return true;
}

}  // namespace cuebench::scoring
