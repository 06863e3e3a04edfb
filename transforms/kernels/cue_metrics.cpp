#include "cue_metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "canny.hpp"
#include "luminance.hpp"

namespace cuebench {
namespace {

constexpr int kBands = 3;
/// Added to energies (luminance in [0, 1]) before the logarithm: a tenth of a grey level squared is nothing.
constexpr double kEnergyFloor = 1e-6;

cv::Mat1b dilated(const cv::Mat1b& map, int by) {
  cv::Mat1b result;
  cv::dilate(map, result, cv::getStructuringElement(cv::MORPH_RECT, {2 * by + 1, 2 * by + 1}));
  return result;
}

std::array<cv::Mat1d, kBands> fine_bands(const cv::Mat1d& luminance, double finest_sigma) {
  std::array<cv::Mat1d, kBands> bands;
  cv::Mat1d finer = luminance, coarser;
  for (int b = 0; b < kBands; ++b) {
    cv::GaussianBlur(luminance, coarser, {}, finest_sigma * (1 << b));
    cv::subtract(finer, coarser, bands[b]);
    finer = coarser.clone();
  }
  return bands;
}

/// Sums over the texture region of one band of both images.
struct BandSums {
  double original = 0, variant = 0, product = 0;
};

BandSums sums_within(const cv::Mat1d& original, const cv::Mat1d& variant, const cv::Mat1b& region) {
  BandSums sums;
  for (int y = 0; y < original.rows; ++y)
    for (int x = 0; x < original.cols; ++x) {
      if (!region(y, x)) continue;
      const double o = original(y, x), v = variant(y, x);
      sums.original += o * o;
      sums.variant += v * v;
      sums.product += o * v;
    }
  return sums;
}

/// Log energies of the blocks, over the texture region in them; blocks that edges fill by more than half are left out.
std::vector<double> block_log_energies(const cv::Mat1d& band, const cv::Mat1b& region, int block) {
  std::vector<double> energies;
  for (int top = 0; top + block <= band.rows; top += block)
    for (int left = 0; left + block <= band.cols; left += block) {
      const cv::Rect square(left, top, block, block);
      const int pixels = cv::countNonZero(region(square));
      if (2 * pixels < block * block) continue;
      const double energy = std::pow(cv::norm(band(square), cv::NORM_L2, region(square)), 2);
      energies.push_back(std::log(energy / pixels + kEnergyFloor));
    }
  return energies;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double n = static_cast<double>(a.size());
  double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) mean_a += a[i] / n, mean_b += b[i] / n;
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

/// ln(rms) of each band's differences along rows, columns and both diagonals.
std::array<double, 4 * kBands> texture_energies(const Image& image, const CueScale& scale) {
  std::array<double, 4 * kBands> energies;
  const cv::Mat1d luminance = grey709_plane(image);
  std::size_t next = 0;
  for (const cv::Mat1d& band : fine_bands(luminance, scale.finest_sigma)) {
    const int height = std::max(band.rows - 1, 1), width = std::max(band.cols - 1, 1);
    const int down = band.rows > 1, right = band.cols > 1;
    const auto cut = [&](int y, int x) { return band(cv::Rect(x, y, width, height)); };
    const cv::Mat1d here = cut(0, 0), below = cut(down, 0), beside = cut(0, right), across = cut(down, right);
    for (const auto& [p, q] : {std::pair{here, beside}, {here, below}, {here, across}, {below, beside}})
      energies[next++] = 0.5 * std::log(std::pow(cv::norm(p, q), 2) / static_cast<double>(p.total()) + kEnergyFloor);
  }
  return energies;
}

}  // namespace

CueScale CueScale::for_size(int height, int width) {
  if (std::min(height, width) >= 112) return {};
  return {.edge_sigma = 0.8, .edge_share = 0.1, .tolerance = 1, .edge_margin = 1, .finest_sigma = 0.6, .block = 4};
}

cv::Mat1b strongest_edges(const cv::Mat1d& luminance, const CueScale& scale) {
  cv::Mat1d smooth;
  cv::GaussianBlur(luminance, smooth, {}, scale.edge_sigma);
  const Gradient gradient = sobel_gradient(smooth);
  cv::Mat1b edges = local_maxima(gradient, 0);
  std::vector<double> strengths;
  for (int y = 0; y < edges.rows; ++y)
    for (int x = 0; x < edges.cols; ++x)
      if (edges(y, x)) strengths.push_back(gradient.magnitude(y, x));
  const auto wanted = static_cast<std::size_t>(scale.edge_share * static_cast<double>(luminance.total()));
  if (wanted >= strengths.size()) return edges;
  std::nth_element(strengths.begin(), strengths.begin() + wanted, strengths.end(), std::greater<>());
  const double threshold = strengths[wanted];
  for (int y = 0; y < edges.rows; ++y)
    for (int x = 0; x < edges.cols; ++x)
      if (gradient.magnitude(y, x) <= threshold) edges(y, x) = 0;
  return edges;
}

double edge_f_measure(const cv::Mat1b& reference, const cv::Mat1b& other, int tolerance) {
  const double in_reference = cv::countNonZero(reference), in_other = cv::countNonZero(other);
  if (in_reference == 0 && in_other == 0) return 1;
  if (in_reference == 0 || in_other == 0) return 0;
  const double precision = cv::countNonZero(other & dilated(reference, tolerance)) / in_other;
  const double recall = cv::countNonZero(reference & dilated(other, tolerance)) / in_reference;
  return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

CueMetrics cue_metrics(const Image& original, const Image& variant, const CueScale& scale) {
  const cv::Mat1d before = grey709_plane(original), after = grey709_plane(variant);
  const cv::Mat1b edges = strongest_edges(before, scale);
  CueMetrics metrics;
  metrics.outline_kept = edge_f_measure(edges, strongest_edges(after, scale), scale.tolerance);

  cv::Mat1b region;
  cv::bitwise_not(dilated(edges, scale.edge_margin), region);
  const auto bands = fine_bands(before, scale.finest_sigma), changed = fine_bands(after, scale.finest_sigma);
  const double floor = kEnergyFloor * cv::countNonZero(region) + 1e-12;
  double kept = 0, pattern = 0, level = 0;
  for (int b = 0; b < kBands; ++b) {
    const BandSums sums = sums_within(bands[b], changed[b], region);
    if (sums.original > 0 && sums.variant > 0) kept += std::abs(sums.product) / std::sqrt(sums.original * sums.variant);
    pattern += correlation(block_log_energies(bands[b], region, scale.block),
                           block_log_energies(changed[b], region, scale.block));
    level += 0.5 * std::abs(std::log((sums.variant + floor) / (sums.original + floor)));
  }
  metrics.texture_destroyed = 1 - kept / kBands;
  metrics.energy_rearranged = 1 - pattern / kBands;
  metrics.energy_level_change = level / kBands;
  return metrics;
}

double texture_distance(const Image& a, const Image& b, const CueScale& scale) {
  const auto first = texture_energies(a, scale), second = texture_energies(b, scale);
  double sum = 0;
  for (std::size_t i = 0; i < first.size(); ++i) sum += std::pow(first[i] - second[i], 2);
  return std::sqrt(sum / static_cast<double>(first.size()));
}

}  // namespace cuebench
