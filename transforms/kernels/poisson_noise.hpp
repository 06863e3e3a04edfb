#pragma once
// Poisson noise of 8-bit values by tables: each byte has one distribution.

#include <array>
#include <cstdint>
#include <vector>

namespace cuebench {

/// floor(255 min(k / c, 1)) for k drawn from a Poisson distribution of mean c byte / 255, as a function of 32 random
/// bits.
class PoissonNoise {
 public:
  /// `c`: photons for a byte of 255; above 0, at most 700.
  explicit PoissonNoise(double c);
  /// The inverse of the distribution function at (word + 1/2) / 2^32.
  std::uint8_t operator()(std::uint8_t byte, std::uint32_t word) const {
    const std::uint32_t* bounds = bounds_.data() + byte * counts_;
    std::size_t k = first_[byte][word >> 24];
    while (word >= bounds[k]) ++k;
    return results_[k];
  }

 private:
  /// Counts that are told apart: 0, 1, ..., and the one from which on the result is 255.
  std::size_t counts_;
  std::vector<std::uint8_t> results_;
  /// For each byte and each count the distribution function times 2^32; the last is above every word but the highest.
  std::vector<std::uint32_t> bounds_;
  /// Where the search may begin, by byte and the upper 8 bits of the word.
  std::array<std::array<std::uint16_t, 256>, 256> first_;
};

}  // namespace cuebench
