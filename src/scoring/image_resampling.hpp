#pragma once
// Bootstrap over the images of a set: one resample of images serves every observer and pair, so that their differences
// are paired. What a statistic needs of a resample are sums of weights over subsets of the images, one a condition.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace cuebench::scoring {

/// Subsets of the images, each a row of bytes; images of one condition are a segment.
class ImageSubsets {
 public:
  /// Images are grouped by stratum, strata by segment: stratum_sizes[s] and segment_of_stratum[s], ascending and below
  /// `segments`.
  ImageSubsets(std::vector<std::uint32_t> stratum_sizes, std::span<const std::uint32_t> segment_of_stratum,
               std::size_t segments);

  std::size_t images() const { return images_; }
  std::size_t segments() const { return segment_begin_.size() - 1; }
  std::size_t size() const { return subsets_; }
  /// Adds the images for which contains(i); returns the subset's place.
  std::size_t add(const std::function<bool(std::size_t image)>& contains);

  /// sums[subset * segments() + segment], of images as they are.
  std::vector<std::uint32_t> observed() const;
  /// The same for one replicate: in each stratum as many images are drawn with replacement as it has. Keyed by (seed,
  /// purpose, replicate).
  void resample(std::uint64_t seed, std::string_view purpose, int replicate, std::vector<std::uint32_t>& sums) const;

 private:
  void sum(const std::vector<std::uint8_t>& weights, std::vector<std::uint32_t>& sums) const;

  std::size_t images_ = 0, subsets_ = 0, stride_ = 0;
  std::vector<std::uint32_t> stratum_sizes_, stratum_begin_;  ///< begin in bytes of a row
  std::vector<std::uint32_t> segment_begin_;                  ///< in bytes of a row, with the end
  std::vector<std::uint32_t> position_;                       ///< byte of each image
  std::vector<std::uint8_t> bytes_;                           ///< 0 or 255
};

}  // namespace cuebench::scoring
