#include "weighted_row.hpp"

#include <algorithm>

#include "resample_weights.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#define CUEBENCH_HAVE_AVX2_PATH
#include <immintrin.h>
#endif

namespace cuebench {
namespace {

constexpr std::int32_t kHalf = 1 << (kWeightBits - 1);

void portable(const std::uint8_t* source, std::ptrdiff_t stride, const std::int32_t* weights, int count,
              std::uint8_t* target, int bytes) {
  constexpr int kBlock = 64;
  for (int begin = 0; begin < bytes; begin += kBlock) {
    const int length = std::min(kBlock, bytes - begin);
    std::int32_t sum[kBlock];
    std::fill_n(sum, kBlock, kHalf);
    for (int k = 0; k < count; ++k) {
      const std::uint8_t* row = source + k * stride + begin;
      for (int i = 0; i < length; ++i) sum[i] += row[i] * weights[k];
    }
    for (int i = 0; i < length; ++i) {
      target[begin + i] = static_cast<std::uint8_t>(std::clamp(sum[i] >> kWeightBits, 0, 255));
    }
  }
}

#ifdef CUEBENCH_HAVE_AVX2_PATH
// Written with intrinsics since GCC neither keeps the sums in registers nor widens bytes well here (measured: a third
// of this speed). Pillow's weights have 22 fraction bits, so only 32-bit multiplies are exact.

/// kGroups x 8 bytes of the output.
template <int kGroups>
[[gnu::target("avx2")]] inline void weighted_groups(const std::uint8_t* source, std::ptrdiff_t stride,
                                                    const std::int32_t* weights, int count, std::uint8_t* target) {
  __m256i sum[kGroups];
  for (int g = 0; g < kGroups; ++g) sum[g] = _mm256_set1_epi32(kHalf);
  for (int k = 0; k < count; ++k, source += stride) {
    const __m256i weight = _mm256_set1_epi32(weights[k]);
    for (int g = 0; g < kGroups; ++g) {
      const __m128i narrow = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(source + 8 * g));
      sum[g] = _mm256_add_epi32(sum[g], _mm256_mullo_epi32(_mm256_cvtepu8_epi32(narrow), weight));
    }
  }
  for (int g = 0; g < kGroups; ++g) {
    const __m256i value = _mm256_srai_epi32(sum[g], kWeightBits);
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(target + 8 * g), _mm_packus_epi16(words, words));
  }
}

[[gnu::target("avx2")]] void with_avx2(const std::uint8_t* source, std::ptrdiff_t stride, const std::int32_t* weights,
                                       int count, std::uint8_t* target, int bytes) {
  constexpr int kWide = 6, kNarrow = 1;  // groups: 48 bytes are a pixel of a tile of 16 rows
  if (bytes < 8 * kNarrow) return portable(source, stride, weights, count, target, bytes);
  int i = 0;
  for (; i + 8 * kWide <= bytes; i += 8 * kWide) {
    weighted_groups<kWide>(source + i, stride, weights, count, target + i);
  }
  for (; i + 8 * kNarrow <= bytes; i += 8 * kNarrow) {
    weighted_groups<kNarrow>(source + i, stride, weights, count, target + i);
  }
  // The rest: the last full group once more, overlapping what is done.
  if (i < bytes) weighted_groups<kNarrow>(source + bytes - 8, stride, weights, count, target + bytes - 8);
}
#endif

}  // namespace

WeightedRow weighted_row() {
#ifdef CUEBENCH_HAVE_AVX2_PATH
  if (__builtin_cpu_supports("avx2")) return with_avx2;
#endif
  return portable;
}

WeightedRow portable_weighted_row() {
  return portable;
}

}  // namespace cuebench
