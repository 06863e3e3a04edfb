#include "poisson_noise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cuebench {

PoissonNoise::PoissonNoise(double c) : counts_(static_cast<std::size_t>(std::ceil(c)) + 1), results_(counts_ + 1) {
  for (int k = 0; k < static_cast<int>(results_.size()); ++k)
    results_[k] = static_cast<std::uint8_t>(std::min(k / c, 1.0) * 255);
  constexpr double kWords = 0x1p32;
  bounds_.resize(256 * counts_);
  for (int byte = 0; byte < 256; ++byte) {
    const double mean = byte / 255.0 * c;
    std::uint32_t* bounds = bounds_.data() + byte * counts_;
    double probability = std::exp(-mean), sum = 0;
    for (int k = 0; k < static_cast<int>(counts_); ++k) {
      sum += probability;
      probability *= mean / (k + 1);
      bounds[k] = static_cast<std::uint32_t>(std::min(std::round(sum * kWords), kWords - 1));
    }
    bounds[counts_ - 1] = std::numeric_limits<std::uint32_t>::max();
    std::size_t k = 0;
    for (std::size_t upper = 0; upper < 256; ++upper) {
      while (bounds[k] <= upper << 24) ++k;
      first_[byte][upper] = static_cast<std::uint16_t>(k);
    }
  }
}

}  // namespace cuebench
