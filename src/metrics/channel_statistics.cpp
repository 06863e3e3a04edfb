#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <cuebench/metrics/channel_statistics.hpp>

namespace cuebench {
namespace {

/// top / bottom, absent where it is undefined.
std::optional<double> ratio(double top, double bottom) {
  const double result = top / bottom;
  if (bottom == 0 || !std::isfinite(result)) return std::nullopt;
  return result;
}

std::optional<double> mean_of(double sum, std::int64_t n) {
  return ratio(sum, static_cast<double>(n));
}

std::optional<double> finite(double value) {
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

double squared_norm(std::span<const double> x) {
  double sum = 0;
  for (const double value : x) sum += value * value;
  return sum;
}

std::optional<double> relative_l2(std::span<const double> activation, std::span<const double> clean_activation) {
  double squared_distance = 0;
  for (std::size_t c = 0; c < activation.size(); ++c) {
    const double apart = activation[c] - clean_activation[c];
    squared_distance += apart * apart;
  }
  return ratio(std::sqrt(squared_distance), std::sqrt(squared_norm(clean_activation)));
}

/// -sum p ln p / ln C over p = count / sum of counts; 1 = every channel is active equally often.
std::optional<double> frequency_entropy(std::span<const std::int64_t> counts) {
  double total = 0;
  for (const std::int64_t count : counts) total += static_cast<double>(count);
  if (total == 0 || counts.size() < 2) return std::nullopt;
  double entropy = 0;
  for (const std::int64_t count : counts) {
    const double p = static_cast<double>(count) / total;
    if (p > 0) entropy -= p * std::log(p);
  }
  return std::clamp(entropy / std::log(static_cast<double>(counts.size())), 0.0, 1.0);
}

std::vector<double> without(const std::vector<bool>& left_out, std::span<const double> values) {
  std::vector<double> kept;
  for (std::size_t c = 0; c < values.size(); ++c)
    if (!left_out[c]) kept.push_back(values[c]);
  return kept;
}

}  // namespace

std::vector<signed char> partition_channels(std::span<const double> class_relevance, double relevance_threshold) {
  double largest = 0;
  for (const double relevance : class_relevance) largest = std::max(largest, std::abs(relevance));
  const double tau = relevance_threshold * largest;
  std::vector<signed char> partition;
  partition.reserve(class_relevance.size());
  for (const double relevance : class_relevance)
    partition.push_back(static_cast<signed char>(relevance > tau ? 1 : relevance < -tau ? -1 : 0));
  return partition;
}

std::optional<double> ChannelImageRecord::nr_share() const {
  return ratio(nr_total, nr_total + pr_total);
}

ChannelImageRecord describe_channel_image(std::span<const double> activation, std::span<const double> clean_activation,
                                          std::span<const double> relevance, std::span<const signed char> partition) {
  if (partition.size() != activation.size()) throw std::invalid_argument("a partition has one sign per channel");
  ChannelImageRecord record;
  for (std::size_t c = 0; c < activation.size(); ++c)
    (partition[c] > 0 ? record.pr_total : partition[c] < 0 ? record.nr_total : record.neutral_total) += activation[c];
  // Sums of signed numbers are no shares of anything.
  if (std::any_of(activation.begin(), activation.end(), [](double a) { return a < 0; }))
    record.pr_total = record.nr_total = record.neutral_total = std::numeric_limits<double>::quiet_NaN();
  record.align_cosine = cosine(clean_activation, activation);
  record.align_pearson = pearson(clean_activation, activation);
  record.align_rel_l2 = relative_l2(activation, clean_activation);
  record.act_rel_spearman = spearman(activation, relevance);
  return record;
}

void ChannelImageSums::add(const ChannelImageRecord& record) {
  const auto add_defined = [](const std::optional<double>& value, double& sum, std::int64_t& defined) {
    if (!value) return;
    sum += *value;
    ++defined;
  };
  ++n;
  pr += record.pr_total;
  nr += record.nr_total;
  neutral += record.neutral_total;
  add_defined(record.nr_share(), nr_share, n_nr_share);
  add_defined(record.align_cosine, cosine, n_cosine);
  add_defined(record.align_pearson, pearson, n_pearson);
  add_defined(record.align_rel_l2, rel_l2, n_rel_l2);
  add_defined(record.act_rel_spearman, spearman, n_spearman);
}

ChannelGroupStatistics group_statistics(const ChannelMoments& clean, const ChannelMoments& variant,
                                        const ChannelImageSums& clean_sums, const ChannelImageSums& variant_sums,
                                        std::span<const double> relevance, const std::vector<bool>& dead) {
  ChannelGroupStatistics result;
  const std::vector<bool> is_dead = dead.empty() ? dead_channels(clean) : dead;
  result.n_images = variant_sums.n;
  result.dead_channels = std::count(is_dead.begin(), is_dead.end(), true);

  result.pr_total = finite(variant_sums.pr);
  result.nr_total = finite(variant_sums.nr);
  result.neutral_total = finite(variant_sums.neutral);
  result.pr_ratio = ratio(variant_sums.pr, clean_sums.pr);
  result.nr_ratio = ratio(variant_sums.nr, clean_sums.nr);
  result.nr_share = ratio(variant_sums.nr, variant_sums.nr + variant_sums.pr);
  const auto clean_share = ratio(clean_sums.nr, clean_sums.nr + clean_sums.pr);
  if (result.nr_share && clean_share) result.nr_share_delta = *result.nr_share - *clean_share;
  result.nr_share_image_mean = mean_of(variant_sums.nr_share, variant_sums.n_nr_share);
  result.nr_share_n_defined = variant_sums.n_nr_share;

  result.act_rel_spearman_image = mean_of(variant_sums.spearman, variant_sums.n_spearman);
  result.act_rel_spearman_image_n_defined = variant_sums.n_spearman;
  result.align_cosine_image_mean = mean_of(variant_sums.cosine, variant_sums.n_cosine);
  result.align_cosine_n_defined = variant_sums.n_cosine;
  result.align_pearson_image_mean = mean_of(variant_sums.pearson, variant_sums.n_pearson);
  result.align_pearson_n_defined = variant_sums.n_pearson;
  result.align_rel_l2 = mean_of(variant_sums.rel_l2, variant_sums.n_rel_l2);
  result.align_rel_l2_n_defined = variant_sums.n_rel_l2;

  if (variant.n == 0) return result;
  result.act_rel_spearman = spearman(variant.mean, relevance);
  result.act_rel_pearson = pearson(variant.mean, relevance);
  result.act_rel_spearman_alive = spearman(without(is_dead, variant.mean), without(is_dead, relevance));
  result.relevance_shift_cosine = cosine(relevance, variant.relevance_mean);
  result.freq_entropy = frequency_entropy(variant.active_count);
  if (clean.n == 0) return result;
  result.align_cosine_of_means = cosine(clean.mean, variant.mean);
  result.align_pearson_of_means = pearson(clean.mean, variant.mean);
  return result;
}

}  // namespace cuebench
