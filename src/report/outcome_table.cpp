#include "outcome_table.hpp"

#include <algorithm>

#include <cuebench/metrics/calibration.hpp>

#include "measure.hpp"

namespace cuebench {
namespace {

constexpr const char* kNoLabels = "no scored image has a label";
constexpr const char* kNoImages = "no image was scored";

/// Everything that is summed while the outcomes of one model and variant pass by.
struct Scoring {
  std::int64_t images = 0, labelled = 0, top1 = 0, top5 = 0;
  std::vector<std::int64_t> class_images, class_top1;
  MeanAccumulator likelihood, confidence;
  CalibrationAccumulator calibration;

  explicit Scoring(std::size_t classes) : class_images(classes, 0), class_top1(classes, 0) {}

  void add(int label, const Outcome& outcome) {
    ++images;
    confidence.add(outcome.confidence);
    if (label < 0) return;
    const bool right = outcome.rank_of_label == 1;
    ++labelled;
    top1 += right;
    top5 += outcome.rank_of_label >= 1 && outcome.rank_of_label <= 5;
    likelihood.add(outcome.negative_log_likelihood);
    calibration.add(outcome.confidence, right);
    if (static_cast<std::size_t>(label) < class_images.size()) {
      ++class_images[label];
      class_top1[label] += right;
    }
  }

  VariantScores finish(int model, int variant, int classes) const {
    VariantScores scores;
    scores.model = model;
    scores.variant = variant;
    scores.top1 = share_measure(top1, labelled, kNoLabels);
    scores.top5 = classes <= 5 ? undefined_measure(labelled, "the model has 5 classes or fewer")
                               : share_measure(top5, labelled, kNoLabels);
    scores.negative_log_likelihood = likelihood.measure(kNoLabels);
    scores.confidence = confidence.measure(kNoImages);
    const auto error = calibration.expected_calibration_error();
    scores.calibration_error =
        error ? plain_measure(*error, labelled, "15 bins of equal width") : undefined_measure(0, kNoLabels);
    for (std::size_t label = 0; label < class_images.size(); ++label)
      scores.class_top1.push_back(
          share_measure(class_top1[label], class_images[label], "no scored image of this class"));
    return scores;
  }
};

}  // namespace

ScoredItems find_scored_items(const RunStore& store) {
  const RunDescription& run = store.description();
  const auto wanted = static_cast<std::uint32_t>(run.models.size() * run.variants.size());
  std::vector<std::uint32_t> seen(run.items.size(), 0);
  for (std::size_t model = 0; model < run.models.size(); ++model)
    for (std::size_t variant = 0; variant < run.variants.size(); ++variant)
      store.for_each_outcome(static_cast<int>(model), static_cast<int>(variant),
                             [&](std::int64_t item, const Outcome&) { ++seen.at(item); });
  std::vector<char> bad(run.items.size(), 0);
  for (const auto& [item, image] : store.bad_images()) bad.at(item) = 1;

  ScoredItems result;
  result.scored.assign(run.items.size(), 0);
  ItemCounts& counts = result.counts;
  counts.total = static_cast<std::int64_t>(run.items.size());
  for (std::size_t item = 0; item < run.items.size(); ++item) {
    if (wanted > 0 && seen[item] == wanted) {
      result.scored[item] = 1;
      ++counts.scored;
      counts.labelled += run.items[item].label >= 0;
    } else if (bad[item]) {
      ++counts.bad;
    } else {
      ++(seen[item] == 0 ? counts.pending : counts.partial);
    }
  }
  const std::vector<bool> finished = store.finished_blocks();
  counts.blocks = store.block_count();
  counts.finished_blocks = std::count(finished.begin(), finished.end(), true);
  return result;
}

Sample make_sample(const RunStore& store) {
  Sample sample;
  sample.items = find_scored_items(store);
  const std::vector<StoredItem>& items = store.description().items;
  sample.labels.assign(items.size(), -1);
  for (std::size_t item = 0; item < items.size(); ++item)
    if (sample.items.scored[item]) sample.labels[item] = items[item].label;
  sample.strata = stratify(sample.labels);
  return sample;
}

std::vector<VariantScores> read_variant(const RunStore& store, int variant, const Sample& sample,
                                        VariantOutcomes& outcomes) {
  const RunDescription& run = store.description();
  outcomes.predicted.assign(run.models.size(), std::vector<int>(run.items.size(), -1));
  outcomes.correct.assign(run.models.size(), std::vector<char>(run.items.size(), 0));
  outcomes.confidence.assign(run.models.size(), std::vector<float>(run.items.size(), 0));
  std::vector<VariantScores> scores;
  for (std::size_t model = 0; model < run.models.size(); ++model) {
    Scoring scoring(run.classes.size());
    store.for_each_outcome(static_cast<int>(model), variant, [&](std::int64_t item, const Outcome& outcome) {
      if (!sample.items.scored[item]) return;
      scoring.add(sample.labels[item], outcome);
      outcomes.predicted[model][item] = outcome.predicted;
      outcomes.confidence[model][item] = outcome.confidence;
      outcomes.correct[model][item] = sample.labels[item] >= 0 && outcome.rank_of_label == 1;
    });
    const int classes =
        run.models[model].classes > 0 ? run.models[model].classes : static_cast<int>(run.classes.size());
    scores.push_back(scoring.finish(static_cast<int>(model), variant, classes));
  }
  return scores;
}

void compare_with_clean(VariantScores& scores, const VariantOutcomes& clean, const VariantOutcomes& outcomes,
                        const Sample& sample) {
  if (scores.variant == 0) {
    scores.agreement = undefined_measure(sample.items.counts.scored, "clean is what the others are compared with");
    return;
  }
  const int model = scores.model;
  std::int64_t same = 0;
  for (std::size_t item = 0; item < sample.items.scored.size(); ++item)
    same += sample.items.scored[item] && clean.predicted[model][item] == outcomes.predicted[model][item];
  scores.agreement = share_measure(same, sample.items.counts.scored, kNoImages);
}

}  // namespace cuebench
