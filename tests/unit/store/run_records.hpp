#pragma once
// A small run and rows for it that are functions of their numbers, so that any row read back can be checked.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <cuebench/store/run_store.hpp>

namespace cuebench::test {

struct RunShape {
  int items = 70, block_size = 16, models = 2, variants = 3, layers = 1, channels = 4;
};

inline RunDescription small_run(const RunShape& shape = {}) {
  RunDescription run;
  run.configuration = R"({"seed":1,"suite":"quick","models":[{"name":"a","preset":"imagenet"}]})";
  run.classes = {"cat", "dog, small", "owl \"barn\""};
  for (int m = 0; m < shape.models; ++m)
    run.models.push_back({"model" + std::to_string(m), m ? "robust" : "standard", "resnet20",
                          "m" + std::to_string(m) + ".pt", std::string(64, static_cast<char>('0' + m)), "script", 3,
                          272474});
  for (int v = 0; v < shape.variants; ++v)
    run.variants.push_back({v ? "patch_shuffle:k=" + std::to_string(v) : "clean", v ? "texture" : "both"});
  for (int i = 0; i < shape.items; ++i)
    run.items.push_back({"dir/\xc3\xa4 " + std::to_string(i) + ".png", i % 4 - 1, -1, i % 3});
  for (int l = 0; l < shape.layers; ++l)
    run.layers.push_back({0, "layer" + std::to_string(l), shape.channels, "closed"});
  for (int i = 0; i < 3 * shape.layers; ++i)
    run.interventions.push_back({i % shape.layers, i == 0 ? "keep_relevant" : "zero_random", "top2", 0.1 * i, i - 1});
  run.block_size = shape.block_size;
  run.has_cues = true;
  return run;
}

/// Floats that are not short decimals, and the undefined ones of an item without a label.
inline Outcome outcome_of(std::int64_t item, int model, int variant) {
  Outcome outcome;
  outcome.predicted = static_cast<int>((item * 7 + model * 3 + variant) % 3);
  outcome.confidence = 1.0f / static_cast<float>(3 + item + model);
  outcome.margin = outcome.negative_log_likelihood = std::numeric_limits<float>::quiet_NaN();
  if (item % 4 == 0) return outcome;
  outcome.rank_of_label = static_cast<int>(item % 3) + 1;
  outcome.negative_log_likelihood = std::sqrt(static_cast<float>(item + 1)) * 1e-7f;
  outcome.margin = -std::sqrt(static_cast<float>(item + variant + 1));
  return outcome;
}

inline bool same(float a, float b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}
inline bool same(const Outcome& a, const Outcome& b) {
  return a.predicted == b.predicted && same(a.confidence, b.confidence) && a.rank_of_label == b.rank_of_label &&
         same(a.negative_log_likelihood, b.negative_log_likelihood) && same(a.margin, b.margin);
}

inline ClassMoments moments_of(std::int64_t block, int layer, int variant, int channels) {
  ClassMoments classes;
  for (int label = 0; label < 2; ++label) {
    ChannelMoments& moments = classes.try_emplace(label, static_cast<std::size_t>(channels)).first->second;
    for (int image = 0; image <= label; ++image) {
      std::vector<double> a, clean, relevance;
      for (int c = 0; c < channels; ++c) {
        a.push_back(std::sqrt(static_cast<double>(c + image + block)) + variant);
        clean.push_back(std::sqrt(static_cast<double>(c + image + block)));
        relevance.push_back(std::sin(static_cast<double>(c + 10 * label + layer + image)));
      }
      moments.add(a, clean, relevance);
    }
  }
  return classes;
}

inline ChannelImageRecord channel_image_of(std::int64_t item, int layer, int variant) {
  ChannelImageRecord record;
  record.pr_total = std::sqrt(static_cast<double>(item + layer));
  record.nr_total = std::cbrt(static_cast<double>(item + variant));
  record.neutral_total = 0.1;
  if (item % 5 != 0) record.align_cosine = 1.0 / static_cast<double>(item + 1);
  if (item % 3 != 0) record.align_pearson = -1.0 / static_cast<double>(item + 1);
  record.align_rel_l2 = static_cast<double>(item) / 3;
  return record;
}

inline bool same(const ChannelImageRecord& a, const ChannelImageRecord& b) {
  return a.pr_total == b.pr_total && a.nr_total == b.nr_total && a.neutral_total == b.neutral_total &&
         a.align_cosine == b.align_cosine && a.align_pearson == b.align_pearson && a.align_rel_l2 == b.align_rel_l2 &&
         a.act_rel_spearman == b.act_rel_spearman;
}

inline BlockRecord::InterventionRow intervention_of(std::int64_t block, int intervention, int variant) {
  return {intervention, variant, 16 + block, 9 + intervention, 8 + variant, 5};
}

inline BlockRecord::AggregationRow aggregation_of(std::int64_t block, int variant, const char* name) {
  return {1, variant, name, 16 + block, 9, 4 + variant, 3, 12 + block};
}

/// Everything a block can hold; the outcomes come item by item, as an evaluation makes them.
inline BlockRecord block_of(const RunDescription& run, std::int64_t block) {
  BlockRecord record;
  record.block = block;
  const auto first = block * run.block_size;
  const auto end = std::min(first + run.block_size, static_cast<std::int64_t>(run.items.size()));
  const int models = static_cast<int>(run.models.size()), variants = static_cast<int>(run.variants.size());
  for (auto item = first; item < end; ++item) {
    for (int variant = 0; variant < variants; ++variant) {
      for (int model = 0; model < models; ++model)
        record.outcomes.push_back({item, model, variant, outcome_of(item, model, variant)});
      if (variant > 0 && item % 6 == 0) record.notes.push_back({item, variant, "no mask"});
      if (variant > 0 && item % 12 == 0) record.notes.push_back({item, variant, "too small"});
      for (int layer = 0; layer < static_cast<int>(run.layers.size()); ++layer)
        record.channel_images.push_back({item, layer, variant, channel_image_of(item, layer, variant)});
    }
    if (item % 50 == 7) record.bad_images.push_back({item, {"dir/broken.jpg", 1234, "no end, of image"}});
  }
  for (int layer = 0; layer < static_cast<int>(run.layers.size()); ++layer)
    for (int variant = 0; variant < variants; ++variant)
      record.channels.push_back(
          {layer, variant, moments_of(block, layer, variant, run.layers[static_cast<std::size_t>(layer)].channels)});
  for (int intervention = 0; intervention < static_cast<int>(run.interventions.size()); ++intervention)
    for (int variant = 0; variant < variants; ++variant)
      record.interventions.push_back(intervention_of(block, intervention, variant));
  for (int variant = 0; variant < variants; ++variant)
    for (const char* name : {"sum", "mean"}) record.aggregations.push_back(aggregation_of(block, variant, name));
  if (block == 0) record.pictures.push_back({first, variants - 1, {std::byte{0x89}, std::byte{0}, std::byte{0xff}}});
  return record;
}

}  // namespace cuebench::test
