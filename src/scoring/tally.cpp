#include "tally.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace cuebench::scoring {
namespace {

constexpr double kSmallestShare = 1e-5;

void add(AnswerCounts& counts, bool correct, bool no_answer) {
  ++counts.n;
  counts.correct += correct;
  counts.no_answer += no_answer;
}

void add(AnswerCounts& counts, const AnswerCounts& other) {
  counts.n += other.n;
  counts.correct += other.correct;
  counts.no_answer += other.no_answer;
}

void add(Confusion& confusion, const Confusion& other) {
  for (std::size_t row = 0; row < confusion.size(); ++row)
    for (std::size_t column = 0; column < confusion[row].size(); ++column) confusion[row][column] += other[row][column];
}

void add(CueCounts& counts, const CueCounts& other) {
  counts.shape += other.shape;
  counts.texture += other.texture;
  counts.other += other.other;
}

Estimate entropy_estimate(const Confusion& confusion) {
  std::int64_t n = 0;
  for (const auto& row : confusion)
    for (const std::int64_t count : row) n += count;
  if (n == 0) return {{}, {}, {}, 0, "undefined: no trials"};
  return {response_entropy(confusion), {}, {}, n, "bits, over the categories shown"};
}

void finish_cues(CueScores& cues, double confidence) {
  const std::int64_t decided = cues.counts.shape + cues.counts.texture;
  cues.bias = wilson_interval(cues.counts.shape, decided, confidence);
  cues.exact_bias = clopper_pearson_interval(cues.counts.shape, decided, confidence);
  if (decided == 0) cues.bias.method = cues.exact_bias.method = "undefined: no decision for shape or texture";
  double sum = 0;
  std::int64_t defined = 0;
  for (const CueCounts& counts : cues.categories) {
    const auto bias = shape_bias_of(counts.shape, counts.texture);
    if (!bias) continue;
    sum += *bias;
    ++defined;
  }
  if (defined == 0)
    cues.category_mean = {{}, {}, {}, 0, "undefined: no decision for shape or texture"};
  else
    cues.category_mean = {sum / static_cast<double>(defined),
                          {},
                          {},
                          defined,
                          "mean over the categories with a value; n counts categories"};
}

void finish(ObserverScores& scores, const std::vector<Confusion>& by_condition, double confidence) {
  scores.accuracy = wilson_interval(scores.all.correct, scores.all.n, confidence);
  scores.exact_accuracy = clopper_pearson_interval(scores.all.correct, scores.all.n, confidence);
  scores.entropy = entropy_estimate(scores.confusion);
  for (const Confusion& confusion : by_condition) scores.condition_entropy.push_back(entropy_estimate(confusion));
  if (scores.cues) finish_cues(*scores.cues, confidence);
}

}  // namespace

std::optional<double> AnswerCounts::accuracy() const {
  if (n == 0) return std::nullopt;
  return static_cast<double>(correct) / static_cast<double>(n);
}

double response_entropy(const Confusion& confusion) {
  std::array<std::int64_t, kCategories> answers{}, shown{};
  std::int64_t n = 0;
  for (std::size_t row = 0; row < kCategories; ++row)
    for (std::size_t column = 0; column <= kCategories; ++column) {
      n += confusion[row][column];
      shown[row] += confusion[row][column];
      if (column < kCategories) answers[column] += confusion[row][column];
    }
  double entropy = 0;
  for (std::size_t category = 0; category < kCategories; ++category) {
    if (shown[category] == 0) continue;
    const double p = static_cast<double>(answers[category]) / static_cast<double>(n);
    if (p > kSmallestShare) entropy -= p * std::log2(p);
  }
  return entropy;
}

ObserverScores tally_observer(const TrialTable& table, const SetTrials& set, const SetTrials::Observer& observer,
                              const std::vector<bool>& in_benchmark, double confidence) {
  ObserverScores scores;
  scores.name = observer.name;
  scores.human = observer.human;
  scores.sessions = observer.sessions;
  scores.conditions.resize(set.conditions.size());
  std::vector<Confusion> by_condition(set.conditions.size(), Confusion{});
  for (std::size_t i = 0; i < observer.trials.size(); ++i) {
    const std::uint32_t row = observer.trials[i];
    const int shown = table.category[row], answer = table.response[row];
    const std::size_t condition = observer.condition_of[i];
    const bool correct = shown == answer, no_answer = answer == kNoResponse;
    add(scores.all, correct, no_answer);
    add(scores.conditions[condition], correct, no_answer);
    add(scores.categories[shown], correct, no_answer);
    if (in_benchmark[condition]) add(scores.benchmark, correct, no_answer);
    const std::size_t column = no_answer ? kCategories : static_cast<std::size_t>(answer);
    ++scores.confusion[shown][column];
    ++by_condition[condition][shown][column];
    const auto& labels = table.cues[table.image[row]];
    if (!labels) continue;
    if (!scores.cues) scores.cues.emplace();
    if (labels->shape == labels->texture) {
      ++scores.cues->same_cues;
      continue;
    }
    const CueDecision decision = cue_decision(answer, labels->shape, labels->texture);
    scores.cues->counts.add(decision);
    scores.cues->categories[labels->shape].add(decision);
    scores.cues->no_answer += no_answer;
  }
  finish(scores, by_condition, confidence);
  return scores;
}

ObserverScores pool_observers(std::span<const ObserverScores* const> observers, std::string name, double confidence) {
  ObserverScores pooled;
  pooled.name = std::move(name);
  pooled.human = true;
  for (const ObserverScores* observer : observers) {
    pooled.sessions += observer->sessions;
    pooled.conditions.resize(observer->conditions.size());
    for (std::size_t i = 0; i < pooled.conditions.size(); ++i) add(pooled.conditions[i], observer->conditions[i]);
    for (std::size_t i = 0; i < pooled.categories.size(); ++i) add(pooled.categories[i], observer->categories[i]);
    add(pooled.all, observer->all);
    add(pooled.benchmark, observer->benchmark);
    add(pooled.confusion, observer->confusion);
    if (!observer->cues) continue;
    if (!pooled.cues) pooled.cues.emplace();
    add(pooled.cues->counts, observer->cues->counts);
    pooled.cues->no_answer += observer->cues->no_answer;
    pooled.cues->same_cues += observer->cues->same_cues;
    for (std::size_t i = 0; i < kCategories; ++i) add(pooled.cues->categories[i], observer->cues->categories[i]);
  }
  finish(pooled, {}, confidence);
  // Answers of several people mix their habits: model-vs-human averages their entropies instead.
  for (std::size_t i = 0; i < pooled.conditions.size(); ++i) {
    double sum = 0;
    std::int64_t n = 0;
    for (const ObserverScores* observer : observers) {
      if (!observer->condition_entropy[i].value) continue;
      sum += *observer->condition_entropy[i].value;
      ++n;
    }
    if (n == 0)
      pooled.condition_entropy.push_back({{}, {}, {}, 0, "undefined: no trials"});
    else
      pooled.condition_entropy.push_back({sum / static_cast<double>(n), {}, {}, n, "bits, mean over observers"});
  }
  double sum = 0;
  for (const ObserverScores* observer : observers) sum += observer->entropy.value.value_or(0);
  pooled.entropy = {sum / static_cast<double>(observers.size()),
                    {},
                    {},
                    static_cast<std::int64_t>(observers.size()),
                    "bits, mean over observers"};
  return pooled;
}

}  // namespace cuebench::scoring
