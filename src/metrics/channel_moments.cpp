#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <cuebench/metrics/channel_statistics.hpp>

namespace cuebench {

ChannelMoments::ChannelMoments(std::size_t channels)
    : mean(channels),
      m2(channels),
      clean_mean(channels),
      co_moment(channels),
      active_count(channels),
      active_sum(channels),
      relevance_mean(channels),
      absolute_relevance_mean(channels) {}

void ChannelMoments::add(std::span<const double> activation, std::span<const double> clean_activation,
                         std::span<const double> relevance) {
  if (activation.size() != channels() || clean_activation.size() != channels() || relevance.size() != channels())
    throw std::invalid_argument("an image has one activation, clean activation and relevance per channel");
  if (channels() == 0) return;
  const double threshold = kActiveFraction * *std::max_element(activation.begin(), activation.end());
  const double count = static_cast<double>(++n);
  for (std::size_t c = 0; c < channels(); ++c) {
    const double a = activation[c], from_mean = a - mean[c];
    mean[c] += from_mean / count;
    m2[c] += from_mean * (a - mean[c]);
    clean_mean[c] += (clean_activation[c] - clean_mean[c]) / count;
    co_moment[c] += from_mean * (clean_activation[c] - clean_mean[c]);
    relevance_mean[c] += (relevance[c] - relevance_mean[c]) / count;
    absolute_relevance_mean[c] += (std::abs(relevance[c]) - absolute_relevance_mean[c]) / count;
    const bool active = a > threshold;
    active_count[c] += active;
    active_sum[c] += active ? a : 0.0;
  }
}

void ChannelMoments::merge(const ChannelMoments& other) {
  if (other.n == 0) return;
  if (n == 0) {
    *this = other;
    return;
  }
  if (other.channels() != channels()) throw std::invalid_argument("moments of different layers cannot be merged");
  const double mine = static_cast<double>(n), theirs = static_cast<double>(other.n), both = mine + theirs;
  const double share = theirs / both, cross = mine * theirs / both;
  const auto merge_mean = [share](double& mean_here, double mean_there) {
    mean_here += (mean_there - mean_here) * share;
  };
  for (std::size_t c = 0; c < channels(); ++c) {
    const double apart = other.mean[c] - mean[c], clean_apart = other.clean_mean[c] - clean_mean[c];
    m2[c] += other.m2[c] + apart * apart * cross;
    co_moment[c] += other.co_moment[c] + apart * clean_apart * cross;
    merge_mean(mean[c], other.mean[c]);
    merge_mean(clean_mean[c], other.clean_mean[c]);
    merge_mean(relevance_mean[c], other.relevance_mean[c]);
    merge_mean(absolute_relevance_mean[c], other.absolute_relevance_mean[c]);
    active_count[c] += other.active_count[c];
    active_sum[c] += other.active_sum[c];
  }
  n += other.n;
}

std::optional<double> activation_variance(const ChannelMoments& moments, std::size_t channel) {
  if (moments.n < 2) return std::nullopt;
  return moments.m2[channel] / static_cast<double>(moments.n - 1);
}

std::optional<double> activity_frequency(const ChannelMoments& moments, std::size_t channel) {
  if (moments.n == 0) return std::nullopt;
  return static_cast<double>(moments.active_count[channel]) / static_cast<double>(moments.n);
}

std::optional<double> magnitude_when_active(const ChannelMoments& moments, std::size_t channel) {
  if (moments.active_count[channel] == 0) return std::nullopt;
  return moments.active_sum[channel] / static_cast<double>(moments.active_count[channel]);
}

std::vector<bool> dead_channels(const ChannelMoments& clean) {
  std::vector<bool> dead(clean.channels());
  if (clean.n == 0) return dead;
  for (std::size_t c = 0; c < dead.size(); ++c) dead[c] = clean.mean[c] == 0 && clean.m2[c] == 0;
  return dead;
}

}  // namespace cuebench
