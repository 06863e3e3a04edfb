#pragma once
// Counter-based randomness: a stream is a function of (seed, item id, purpose), never of thread or order.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace cuebench {

/// Stable 64-bit hash of a text (FNV-1a, then a finaliser); the same on every platform and in every version.
std::uint64_t stable_hash(std::string_view text);

/// A stream of Philox4x32-10 output. Two streams with different (seed, item, purpose) are independent; equal ones
/// are equal to the bit. Satisfies UniformRandomBitGenerator with 64-bit output.
class RandomStream {
 public:
  using result_type = std::uint64_t;
  RandomStream(std::uint64_t seed, std::string_view item, std::string_view purpose);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()();
  /// The same numbers as values.size() calls, faster.
  void fill(std::span<result_type> values);

  /// Uniform on [0, 1), 53 bits.
  double uniform();
  /// Uniform on {0, ..., bound-1}, unbiased. bound >= 1.
  std::uint64_t below(std::uint64_t bound);
  /// Standard normal (Box-Muller).
  double normal();
  /// Fisher-Yates over `values`; every order equally likely.
  template <typename T>
  void shuffle(std::span<T> values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  /// The next words.size() / 2 blocks.
  void draw_blocks(std::span<result_type> words);

  std::array<std::uint32_t, 2> key_{};
  std::array<std::uint32_t, 4> counter_{};
  std::array<std::uint64_t, 2> block_{};
  int left_ = 0;
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

}  // namespace cuebench
