#include "otsu.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace cuebench {

int otsu_threshold(const Plane& plane) {
  // Four counters a level: neighbours are often equal, and would wait for each other's count.
  std::array<std::array<std::int32_t, 256>, 4> counters = {};
  for (std::size_t i = 0; i < plane.pixels.size(); ++i) ++counters[i % 4][plane.pixels[i]];
  std::array<std::int64_t, 256> histogram = {};
  for (const auto& counts : counters)
    std::transform(counts.begin(), counts.end(), histogram.begin(), histogram.begin(), std::plus<>());
  std::int64_t total = 0;
  for (int level = 0; level < 256; ++level) total += level * histogram[level];
  const auto count = static_cast<std::int64_t>(plane.pixels.size());
  int best = *std::min_element(plane.pixels.begin(), plane.pixels.end());
  double best_variance = 0;
  std::int64_t below = 0, sum_below = 0;
  for (int level = 0; level < 256; ++level) {
    below += histogram[level];
    sum_below += level * histogram[level];
    if (below == 0 || below == count) continue;
    const double means_apart = double(sum_below) / double(below) - double(total - sum_below) / double(count - below);
    const double variance = double(below) * double(count - below) * means_apart * means_apart;
    if (variance > best_variance) {
      best_variance = variance;
      best = level;
    }
  }
  return best;
}

}  // namespace cuebench
