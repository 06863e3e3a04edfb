#include "set_consistency.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>

#include <fmt/format.h>

#include <cuebench/core/interrupt.hpp>
#include <cuebench/metrics/bootstrap.hpp>

#include "image_resampling.hpp"

namespace cuebench::scoring {
namespace {

using Observer = SetTrials::Observer;

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
/// Sets with more pairs than this are compared with humans only.
constexpr std::size_t kMaximumPairs = 3000;
/// More bytes of subsets than this would make the bootstrap slow: values then stand without intervals.
constexpr std::size_t kMaximumSubsetBytes = std::size_t{64} << 20;

/// Places of the subsets whose weights give a pair's table.
struct PairSubsets {
  std::size_t shared = 0, first = 0, second = 0, both = 0;  ///< seen by both; of these right: first, second, both
};
struct CueSubsets {
  std::size_t shape = 0, texture = 0;
};
struct PairCues {
  CueSubsets first, second;
};

/// Means over conditions of one pair.
struct PairMeans {
  double observed = kUndefined, expected = kUndefined, kappa = kUndefined, squared_difference = kUndefined;
};

class Comparison {
 public:
  Comparison(const SetTrials& set, const SetScores& scores)
      : set_(set), in_benchmark_(scores.in_benchmark), subsets_(make_subsets(set)) {
    const std::size_t everything = subsets_.add([](std::size_t) { return true; });
    for (const Observer& observer : set.observers) {
      complete_.push_back(std::find(observer.answered.begin(), observer.answered.end(), Answered::absent) ==
                          observer.answered.end());
      right_.push_back(subsets_.add([&](std::size_t i) { return observer.answered[i] == Answered::right; }));
      seen_.push_back(complete_.back() ? everything : subsets_.add([&](std::size_t i) {
        return observer.answered[i] != Answered::absent;
      }));
    }
    const bool cues =
        std::any_of(set.images.begin(), set.images.end(), [](const auto& image) { return image.shape >= 0; });
    if (cues)
      for (const Observer& observer : set.observers) cues_.push_back(add_cues(observer, nullptr));
    for (const PairScores& pair : scores.pairs) add_pair(pair, everything);
  }

  ImageSubsets& subsets() { return subsets_; }
  std::size_t pairs() const { return pairs_.size(); }
  bool has_cues() const { return !cues_.empty(); }

  AgreementCounts counts(std::size_t pair, std::size_t condition, const std::vector<std::uint32_t>& sums) const {
    const PairSubsets& places = pairs_[pair];
    const std::int64_t both = at(sums, places.both, condition), first = at(sums, places.first, condition),
                       second = at(sums, places.second, condition), shared = at(sums, places.shared, condition);
    return {both, first - both, second - both, shared - first - second + both};
  }

  PairMeans means(std::size_t pair, const std::vector<std::uint32_t>& sums) const {
    PairMeans total{0, 0, 0, 0};
    int defined = 0;
    for (std::size_t condition = 0; condition < in_benchmark_.size(); ++condition) {
      if (!in_benchmark_[condition]) continue;
      const auto one = error_consistency(counts(pair, condition, sums));
      if (!one) continue;
      ++defined;
      total.observed += one->observed;
      total.expected += one->expected;
      total.kappa += one->kappa;
      total.squared_difference += (one->first - one->second) * (one->first - one->second);
    }
    if (defined == 0) return {};
    return {total.observed / defined, total.expected / defined, total.kappa / defined,
            total.squared_difference / defined};
  }

  double shape_bias_difference(std::size_t pair, const std::vector<std::uint32_t>& sums) const {
    const auto bias = [&](const CueSubsets& cues) {
      return shape_bias_of(over_conditions(sums, cues.shape), over_conditions(sums, cues.texture));
    };
    const auto first = bias(pair_cues_[pair].first), second = bias(pair_cues_[pair].second);
    return first && second ? *first - *second : kUndefined;
  }

  /// Right answers and images seen, in the conditions of the benchmark.
  std::pair<std::int64_t, std::int64_t> benchmark_counts(std::size_t observer,
                                                         const std::vector<std::uint32_t>& sums) const {
    std::int64_t right = 0, seen = 0;
    for (std::size_t condition = 0; condition < in_benchmark_.size(); ++condition) {
      if (!in_benchmark_[condition]) continue;
      right += at(sums, right_[observer], condition);
      seen += at(sums, seen_[observer], condition);
    }
    return {right, seen};
  }

 private:
  static ImageSubsets make_subsets(const SetTrials& set) {
    std::vector<std::uint32_t> sizes, segments;
    for (std::size_t i = 0; i < set.images.size(); ++i) {
      const bool next = i == 0 || set.images[i].condition != set.images[i - 1].condition ||
                        set.images[i].category != set.images[i - 1].category;
      if (next) {
        sizes.push_back(0);
        segments.push_back(static_cast<std::uint32_t>(set.images[i].condition));
      }
      ++sizes.back();
    }
    return {std::move(sizes), segments, set.conditions.size()};
  }

  /// Shape and texture decisions, on the images that `partner` saw too.
  CueSubsets add_cues(const Observer& observer, const Observer* partner) {
    const auto decided = [&](CueDecision wanted) {
      return subsets_.add([&, wanted](std::size_t i) {
        const SetImage& image = set_.images[i];
        if (image.shape < 0 || observer.answered[i] == Answered::absent) return false;
        if (partner && partner->answered[i] == Answered::absent) return false;
        return cue_decision(observer.response[i], image.shape, image.texture) == wanted;
      });
    };
    const std::size_t shape = decided(CueDecision::shape);
    return {shape, decided(CueDecision::texture)};
  }

  void add_pair(const PairScores& pair, std::size_t everything) {
    const Observer &first = set_.observers[pair.first], &second = set_.observers[pair.second];
    const auto both = [&](Answered a, Answered b) {
      return subsets_.add([&, a, b](std::size_t i) {
        const bool first_counts = a == Answered::right ? first.answered[i] == a : first.answered[i] != Answered::absent;
        const bool second_counts =
            b == Answered::right ? second.answered[i] == b : second.answered[i] != Answered::absent;
        return first_counts && second_counts;
      });
    };
    PairSubsets places;
    const bool complete = complete_[pair.first] && complete_[pair.second];
    places.shared = complete ? everything : both(Answered::wrong, Answered::wrong);
    places.first = complete ? right_[pair.first] : both(Answered::right, Answered::wrong);
    places.second = complete ? right_[pair.second] : both(Answered::wrong, Answered::right);
    places.both = both(Answered::right, Answered::right);
    pairs_.push_back(places);
    if (cues_.empty()) return;
    if (complete)
      pair_cues_.push_back({cues_[pair.first], cues_[pair.second]});
    else
      pair_cues_.push_back({add_cues(first, &second), add_cues(second, &first)});
  }

  std::int64_t at(const std::vector<std::uint32_t>& sums, std::size_t subset, std::size_t condition) const {
    return sums[subset * subsets_.segments() + condition];
  }
  std::int64_t over_conditions(const std::vector<std::uint32_t>& sums, std::size_t subset) const {
    std::int64_t total = 0;
    for (std::size_t condition = 0; condition < subsets_.segments(); ++condition) total += at(sums, subset, condition);
    return total;
  }

  const SetTrials& set_;
  const std::vector<bool>& in_benchmark_;
  ImageSubsets subsets_;
  std::vector<bool> complete_;
  std::vector<std::size_t> right_, seen_;
  std::vector<CueSubsets> cues_;
  std::vector<PairSubsets> pairs_;
  std::vector<PairCues> pair_cues_;
};

std::vector<PairScores> choose_observer_pairs(const std::vector<ObserverScores>& observers) {
  const std::size_t n = observers.size();
  const bool all = n * (n - 1) / 2 <= kMaximumPairs;
  std::vector<PairScores> pairs;
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = a + 1; b < n; ++b)
      if (all || observers[a].human || observers[b].human) {
        pairs.emplace_back().first = a;
        pairs.back().second = b;
      }
  return pairs;
}

Estimate undefined(std::string_view why) {
  return {{}, {}, {}, 0, fmt::format("undefined: {}", why)};
}

Estimate plain(double value, std::int64_t n, std::string_view method) {
  if (!std::isfinite(value)) return undefined("no image that both saw");
  return {value, {}, {}, n, std::string(method)};
}

/// An interval from replicates where there are any.
Estimate with_interval(double value, std::vector<double> replicates, std::int64_t n, const ScoreOptions& options,
                       std::string_view no_interval) {
  if (!std::isfinite(value) || replicates.empty()) return plain(value, n, no_interval);
  return percentile_estimate(value, std::move(replicates), n, options.confidence);
}

/// Which pairs a mean is over, for each observer (its pairs with humans) and, last, for the humans among themselves.
std::vector<std::vector<std::size_t>> groups_of_pairs(const SetScores& scores) {
  std::vector<std::vector<std::size_t>> groups(scores.observers.size() + 1);
  for (std::size_t p = 0; p < scores.pairs.size(); ++p) {
    const auto [first, second] = std::pair(scores.pairs[p].first, scores.pairs[p].second);
    const bool first_human = scores.observers[first].human, second_human = scores.observers[second].human;
    if (second_human) groups[first].push_back(p);
    if (first_human) groups[second].push_back(p);
    if (first_human && second_human) groups.back().push_back(p);
  }
  return groups;
}

PairMeans mean_of(const std::vector<std::size_t>& group, const std::vector<PairMeans>& pairs) {
  PairMeans total{0, 0, 0, 0};
  int defined = 0;
  for (const std::size_t pair : group) {
    if (!std::isfinite(pairs[pair].kappa)) continue;
    ++defined;
    total.observed += pairs[pair].observed;
    total.expected += pairs[pair].expected;
    total.kappa += pairs[pair].kappa;
    total.squared_difference += pairs[pair].squared_difference;
  }
  if (defined == 0) return {};
  return {total.observed / defined, total.expected / defined, total.kappa / defined,
          total.squared_difference / defined};
}

/// Accuracy of a model, or of all humans together (`observer` = number of observers).
double benchmark_accuracy(const Comparison& comparison, const SetScores& scores, std::size_t observer,
                          const std::vector<std::uint32_t>& sums) {
  std::int64_t right = 0, seen = 0;
  for (std::size_t o = 0; o < scores.observers.size(); ++o) {
    if (observer < scores.observers.size() ? o != observer : !scores.observers[o].human) continue;
    const auto [r, s] = comparison.benchmark_counts(o, sums);
    right += r;
    seen += s;
  }
  return seen == 0 ? kUndefined : static_cast<double>(right) / static_cast<double>(seen);
}

void add_tests(SetScores& scores) {
  std::vector<double> p_values;
  const auto tested = [&](const PairScores& pair) {
    return !(scores.observers[pair.first].human && scores.observers[pair.second].human) && pair.all.n() > 0;
  };
  for (PairScores& pair : scores.pairs) {
    if (!tested(pair)) continue;
    pair.mcnemar = mcnemar_exact(pair.all.only_first, pair.all.only_second);
    pair.mcnemar_mid = mcnemar_mid_p(pair.all.only_first, pair.all.only_second);
    p_values.push_back(*pair.mcnemar);
  }
  const auto holm = holm_adjust(p_values), hochberg = benjamini_hochberg_adjust(p_values);
  std::size_t at = 0;
  for (PairScores& pair : scores.pairs) {
    if (!pair.mcnemar) continue;
    pair.holm = holm[at];
    pair.benjamini_hochberg = hochberg[at++];
  }
}

}  // namespace

SetReplicates compare_observers(const SetTrials& set, const ScoreOptions& options, int threads, SetScores& scores) {
  scores.pairs = choose_observer_pairs(scores.observers);
  Comparison comparison(set, scores);
  const std::vector<std::uint32_t> observed = comparison.subsets().observed();
  const auto groups = groups_of_pairs(scores);
  const std::size_t n_pairs = scores.pairs.size(), n_groups = groups.size();

  std::vector<PairMeans> pair_means(n_pairs);
  for (std::size_t p = 0; p < n_pairs; ++p) {
    PairScores& pair = scores.pairs[p];
    for (std::size_t condition = 0; condition < set.conditions.size(); ++condition) {
      pair.conditions.push_back(comparison.counts(p, condition, observed));
      pair.all += pair.conditions.back();
    }
    pair_means[p] = comparison.means(p, observed);
  }
  add_tests(scores);

  const bool too_large = comparison.subsets().size() * set.images.size() > kMaximumSubsetBytes;
  const auto replicates = static_cast<std::size_t>(too_large || n_pairs == 0 ? 0 : options.replicates);
  const std::string why = too_large                 ? "no interval: too many pairs to resample"
                          : options.replicates == 0 ? "no interval: --replicates 0"
                                                    : "no interval";
  std::vector<std::vector<double>> kappa(n_pairs, std::vector<double>(replicates));
  std::vector<std::vector<double>> difference(comparison.has_cues() ? n_pairs : 0, std::vector<double>(replicates));
  std::vector<ModelReplicates> means(n_groups);
  for (ModelReplicates& group : means)
    for (auto* values : {&group.observed, &group.kappa, &group.accuracy}) values->resize(replicates);
  // A replicate depends on its number only: any thread may make it.
  const auto make_replicates = [&](std::size_t begin, std::size_t end) {
    std::vector<std::uint32_t> sums;
    std::vector<PairMeans> resampled(n_pairs);
    for (std::size_t r = begin; r < end && !interrupt_requested(); ++r) {
      comparison.subsets().resample(options.seed, set.name, static_cast<int>(r), sums);
      for (std::size_t p = 0; p < n_pairs; ++p) {
        resampled[p] = comparison.means(p, sums);
        kappa[p][r] = resampled[p].kappa;
        if (!difference.empty()) difference[p][r] = comparison.shape_bias_difference(p, sums);
      }
      for (std::size_t g = 0; g < n_groups; ++g) {
        const PairMeans mean = mean_of(groups[g], resampled);
        means[g].observed[r] = mean.observed;
        means[g].kappa[r] = mean.kappa;
        means[g].accuracy[r] = benchmark_accuracy(comparison, scores, g, sums);
      }
    }
  };
  {
    const auto parts = static_cast<std::size_t>(std::max(1, threads));
    std::vector<std::jthread> others;
    for (std::size_t part = 1; part < parts; ++part)
      others.emplace_back(make_replicates, replicates * part / parts, replicates * (part + 1) / parts);
    make_replicates(0, replicates / parts);
  }
  if (interrupt_requested()) throw Interrupted("interrupted: nothing was written");

  const auto conditions = std::count(scores.in_benchmark.begin(), scores.in_benchmark.end(), true);
  const std::string mean_method = fmt::format("mean over {} condition{}", conditions, conditions == 1 ? "" : "s");
  for (std::size_t p = 0; p < n_pairs; ++p) {
    PairScores& pair = scores.pairs[p];
    const std::int64_t n = pair.all.n();
    pair.consistency = {plain(pair_means[p].observed, n, mean_method), plain(pair_means[p].expected, n, mean_method),
                        with_interval(pair_means[p].kappa, std::move(kappa[p]), n, options, why),
                        plain(pair_means[p].squared_difference, n, mean_method)};
    if (difference.empty()) continue;
    const double value = comparison.shape_bias_difference(p, observed);
    pair.shape_bias_difference = std::isfinite(value) ? with_interval(value, std::move(difference[p]), n, options, why)
                                                      : undefined("one of the two never decides for shape or texture");
  }
  for (std::size_t g = 0; g < n_groups; ++g) {
    const PairMeans mean = mean_of(groups[g], pair_means);
    const auto n = static_cast<std::int64_t>(groups[g].size());
    Consistency& target = g < scores.observers.size() ? scores.observers[g].with_humans : scores.among_humans;
    if (groups[g].empty()) {
      const Estimate none = undefined("no (other) human observer");
      target = {none, none, none, none};
      continue;
    }
    const std::string method = fmt::format("{}, then over {} pair{}", mean_method, n, n == 1 ? "" : "s");
    target = {
        with_interval(mean.observed, means[g].observed, n, options, why), plain(mean.expected, n, method),
        with_interval(mean.kappa, means[g].kappa, n, options, why),
        plain(mean.squared_difference, n, method + "; no interval: resampling adds its own variance to a square")};
  }
  SetReplicates result;
  result.humans = std::move(means.back());
  means.pop_back();
  result.models = std::move(means);
  return result;
}

}  // namespace cuebench::scoring
