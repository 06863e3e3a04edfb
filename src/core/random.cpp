#include <cmath>
#include <numbers>

#include <Random123/philox.h>

#include <cuebench/core/random.hpp>

#if defined(__x86_64__) && defined(__GNUC__)
#define CUEBENCH_HAVE_AVX2_PATH
#include <immintrin.h>
#endif

namespace cuebench {
namespace {

/// The finaliser of SplitMix64: FNV-1a alone mixes its last bytes weakly.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

#ifdef CUEBENCH_HAVE_AVX2_PATH
using Key = std::array<std::uint32_t, 2>;
using Counter = std::array<std::uint32_t, 4>;

/// Blocks of Philox4x32-10 (Salmon et al. 2011) that are computed side by side: three vectors hide the latency of the
/// multiplication. Written with intrinsics since GCC does not find the multiplication of 32 by 32 bits (measured: a
/// fifth of this speed).
constexpr int kVectors = 3, kBlocks = 4 * kVectors;

/// The 64-bit lanes hold a 32-bit word each; what is above it does not act.
[[gnu::target("avx2")]] void philox_blocks(const Counter& counter, Key key, std::uint64_t* out) {
  const __m256i multiplier_0 = _mm256_set1_epi64x(0xD2511F53), multiplier_2 = _mm256_set1_epi64x(0xCD9E8D57);
  __m256i c0[kVectors], c1[kVectors], c2[kVectors], c3[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    const std::int64_t first = std::int64_t{counter[0]} + 4 * v;
    c0[v] = _mm256_setr_epi64x(first, first + 1, first + 2, first + 3);
    c1[v] = _mm256_set1_epi64x(counter[1]);
    c2[v] = _mm256_set1_epi64x(counter[2]);
    c3[v] = _mm256_set1_epi64x(counter[3]);
  }
  for (int round = 0; round < 10; ++round) {
    const __m256i key_0 = _mm256_set1_epi64x(key[0]), key_1 = _mm256_set1_epi64x(key[1]);
    for (int v = 0; v < kVectors; ++v) {
      const __m256i first = _mm256_mul_epu32(c0[v], multiplier_0), second = _mm256_mul_epu32(c2[v], multiplier_2);
      c0[v] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(second, 32), c1[v]), key_0);
      c1[v] = second;
      c2[v] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(first, 32), c3[v]), key_1);
      c3[v] = first;
    }
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  for (int v = 0; v < kVectors; ++v) {
    // Two words of each block a lane, then the lanes of a block side by side.
    const __m256i lower = _mm256_blend_epi32(c0[v], _mm256_slli_epi64(c1[v], 32), 0xAA);
    const __m256i upper = _mm256_blend_epi32(c2[v], _mm256_slli_epi64(c3[v], 32), 0xAA);
    const __m256i even = _mm256_unpacklo_epi64(lower, upper), odd = _mm256_unpackhi_epi64(lower, upper);
    auto* to = reinterpret_cast<__m256i*>(out + 8 * v);
    _mm256_storeu_si256(to, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(even, odd, 0x31));
  }
}
#endif

}  // namespace

std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mixed(hash);
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view item, std::string_view purpose) {
  const std::uint64_t key = mixed(seed + 0x9e3779b97f4a7c15ULL) ^ stable_hash(purpose);
  const std::uint64_t who = stable_hash(item);
  key_ = {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)};
  // The upper half of the counter names the item, the lower half counts blocks.
  counter_ = {0, 0, static_cast<std::uint32_t>(who), static_cast<std::uint32_t>(who >> 32)};
}

RandomStream::result_type RandomStream::operator()() {
  if (left_ == 0) {
    const r123::Philox4x32::ctr_type counter = {{counter_[0], counter_[1], counter_[2], counter_[3]}};
    const r123::Philox4x32::key_type key = {{key_[0], key_[1]}};
    const auto out = r123::Philox4x32{}(counter, key);
    block_ = {out[0] | (std::uint64_t{out[1]} << 32), out[2] | (std::uint64_t{out[3]} << 32)};
    if (++counter_[0] == 0) ++counter_[1];
    left_ = 2;
  }
  return block_[std::size_t(2 - left_--)];
}

void RandomStream::fill(std::span<result_type> values) {
  std::size_t done = 0;
  while (done < values.size() && left_ > 0) values[done++] = (*this)();
#ifdef CUEBENCH_HAVE_AVX2_PATH
  if (__builtin_cpu_supports("avx2")) {
    // Whole groups, as long as the lower 32 bits of the counter do not run over.
    for (; values.size() - done >= 2 * kBlocks && counter_[0] < ~std::uint32_t{0} - kBlocks; done += 2 * kBlocks) {
      philox_blocks(counter_, key_, &values[done]);
      counter_[0] += kBlocks;
    }
  }
#endif
  while (done < values.size()) values[done++] = (*this)();
}

double RandomStream::uniform() {
  return static_cast<double>((*this)() >> 11) * 0x1.0p-53;
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
  // Reject the incomplete last interval, so that every value is equally likely.
  const std::uint64_t excess = (max() % bound + 1) % bound;
  std::uint64_t value = (*this)();
  while (value > max() - excess) value = (*this)();
  return value % bound;
}

double RandomStream::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_normal_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

}  // namespace cuebench
