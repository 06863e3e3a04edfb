#include <array>
#include <utility>

#include <cuebench/channels/channel_measurement.hpp>
#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

constexpr std::array<std::pair<std::string_view, Partition>, 3> kPartitions = {{
    {"class_clean", Partition::class_clean},
    {"per_image_clean", Partition::per_image_clean},
    {"per_image_self", Partition::per_image_self},
}};

std::span<const double> row_of(const TapMeans& matrix, std::size_t image) {
  const auto width = static_cast<std::size_t>(matrix.channels);
  return std::span(matrix.values).subspan(image * width, width);
}

}  // namespace

Partition parse_partition(std::string_view word) {
  std::vector<std::string> known;
  for (const auto& [name, partition] : kPartitions) {
    if (name == word) return partition;
    known.emplace_back(name);
  }
  throw UsageError(unknown_name_message("partition", word, known, "class_clean, per_image_clean or per_image_self"));
}

RelevanceKind parse_relevance(std::string_view word) {
  if (word == "true_class") return RelevanceKind::true_class;
  if (word == "top2") return RelevanceKind::top2;
  throw UsageError(unknown_name_message("relevance", word, {"true_class", "top2"}, "true_class or top2"));
}

std::string_view to_string(Partition partition) {
  for (const auto& [name, value] : kPartitions)
    if (value == partition) return name;
  return "";
}

ChannelBatch measure_channels(const TapMeans& activation, const TapMeans& clean_activation, const TapMeans& relevance,
                              const TapMeans& clean_relevance, std::span<const int> labels, const PartitionRule& rule,
                              const LayerReference& reference) {
  ChannelBatch batch;
  batch.images.reserve(labels.size());
  const auto channels = static_cast<std::size_t>(activation.channels);
  for (std::size_t image = 0; image < labels.size(); ++image) {
    const auto a = row_of(activation, image), clean = row_of(clean_activation, image);
    const auto r = row_of(relevance, image);
    batch.moments.try_emplace(labels[image], channels).first->second.add(a, clean, r);

    std::vector<signed char> own;
    std::span<const signed char> partition;
    if (rule.partition == Partition::class_clean) {
      partition = reference.class_partition.at(labels[image]);
    } else {
      own = partition_channels(rule.partition == Partition::per_image_clean ? row_of(clean_relevance, image) : r,
                               rule.relevance_threshold);
      partition = own;
    }
    batch.images.push_back(describe_channel_image(a, clean, r, partition));
  }
  return batch;
}

std::pair<std::size_t, std::size_t> two_largest(std::span<const float> logits) {
  std::size_t first = 0, second = 1;
  if (logits[1] > logits[0]) std::swap(first, second);
  for (std::size_t k = 2; k < logits.size(); ++k) {
    if (logits[k] > logits[first]) {
      second = first;
      first = k;
    } else if (logits[k] > logits[second]) {
      second = k;
    }
  }
  return {first, second};
}

TapMeans closed_form_relevance(std::span<const double> weights, std::int64_t channels, std::span<const int> labels,
                               std::span<const float> logits, RelevanceKind kind) {
  const auto width = static_cast<std::size_t>(channels);
  const std::size_t classes = weights.size() / width;
  TapMeans result{static_cast<std::int64_t>(labels.size()), channels, {}};
  result.values.reserve(labels.size() * width);
  for (std::size_t image = 0; image < labels.size(); ++image) {
    if (kind == RelevanceKind::true_class) {
      const auto row = weights.subspan(static_cast<std::size_t>(labels[image]) * width, width);
      result.values.insert(result.values.end(), row.begin(), row.end());
    } else {
      const auto [first, second] = two_largest(logits.subspan(image * classes, classes));
      for (std::size_t c = 0; c < width; ++c)
        result.values.push_back(weights[first * width + c] + weights[second * width + c]);
    }
  }
  return result;
}

ClassMoments relevance_moments(const TapMeans& activation, const TapMeans& relevance, std::span<const int> labels) {
  ClassMoments moments;
  const auto channels = static_cast<std::size_t>(activation.channels);
  for (std::size_t image = 0; image < labels.size(); ++image) {
    const auto a = row_of(activation, image);
    moments.try_emplace(labels[image], channels).first->second.add(a, a, row_of(relevance, image));
  }
  return moments;
}

}  // namespace cuebench
