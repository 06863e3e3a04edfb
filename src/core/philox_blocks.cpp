#include "philox_blocks.hpp"

#include <Random123/philox.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define CUEBENCH_HAVE_AVX2_PATH
#include <immintrin.h>
#endif

namespace cuebench {
namespace {

void portable(std::array<std::uint32_t, 2> key, std::uint64_t counter, std::array<std::uint32_t, 2> upper,
              std::size_t blocks, std::uint64_t* out) {
  const r123::Philox4x32::key_type philox_key = {{key[0], key[1]}};
  for (std::size_t i = 0; i < blocks; ++i, ++counter) {
    const r123::Philox4x32::ctr_type words = {
        {static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32), upper[0], upper[1]}};
    const auto block = r123::Philox4x32{}(words, philox_key);
    out[2 * i] = block[0] | (std::uint64_t{block[1]} << 32);
    out[2 * i + 1] = block[2] | (std::uint64_t{block[3]} << 32);
  }
}

#ifdef CUEBENCH_HAVE_AVX2_PATH
/// Four words of four blocks, each in the lower half of a 64-bit lane; the upper halves hold remains of products, which
/// neither the next product nor the result reads.
struct FourBlocks {
  __m256i c0, c1, c2, c3;
};

[[gnu::target("avx2")]] inline __m256i mixed(__m256i product, __m256i word, std::uint32_t key) {
  return _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(product, 32), word), _mm256_set1_epi64x(key));
}

[[gnu::target("avx2")]] inline FourBlocks philox_round(const FourBlocks& c, std::uint32_t key0, std::uint32_t key1) {
  const __m256i product0 = _mm256_mul_epu32(c.c0, _mm256_set1_epi64x(PHILOX_M4x32_0));
  const __m256i product1 = _mm256_mul_epu32(c.c2, _mm256_set1_epi64x(PHILOX_M4x32_1));
  return {mixed(product1, c.c1, key0), product1, mixed(product0, c.c3, key1), product0};
}

[[gnu::target("avx2")]] inline __m256i joined(__m256i low, __m256i high) {
  return _mm256_blend_epi32(low, _mm256_slli_epi64(high, 32), 0xaa);
}

[[gnu::target("avx2")]] void with_avx2(std::array<std::uint32_t, 2> key, std::uint64_t counter,
                                       std::array<std::uint32_t, 2> upper, std::size_t blocks, std::uint64_t* out) {
  constexpr std::size_t kLanes = 4;
  constexpr int kRounds = 10;
  std::size_t i = 0;
  for (; i + kLanes <= blocks; i += kLanes, counter += kLanes) {
    const __m256i lower =
        _mm256_add_epi64(_mm256_set1_epi64x(static_cast<long long>(counter)), _mm256_setr_epi64x(0, 1, 2, 3));
    FourBlocks c = {lower, _mm256_srli_epi64(lower, 32), _mm256_set1_epi64x(upper[0]), _mm256_set1_epi64x(upper[1])};
    std::uint32_t key0 = key[0], key1 = key[1];
    for (int round = 0; round < kRounds; ++round, key0 += PHILOX_W32_0, key1 += PHILOX_W32_1)
      c = philox_round(c, key0, key1);
    const __m256i first = joined(c.c0, c.c1), second = joined(c.c2, c.c3);
    const __m256i even = _mm256_unpacklo_epi64(first, second), odd = _mm256_unpackhi_epi64(first, second);
    auto* target = reinterpret_cast<__m256i*>(out + 2 * i);
    _mm256_storeu_si256(target, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(target + 1, _mm256_permute2x128_si256(even, odd, 0x31));
  }
  portable(key, counter, upper, blocks - i, out + 2 * i);
}
#endif

}  // namespace

PhiloxBlocks philox_blocks() {
#ifdef CUEBENCH_HAVE_AVX2_PATH
  if (__builtin_cpu_supports("avx2")) return with_avx2;
#endif
  return portable;
}

PhiloxBlocks portable_philox_blocks() {
  return portable;
}

}  // namespace cuebench
