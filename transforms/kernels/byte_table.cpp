#include "byte_table.hpp"

#include <cassert>
#include <cstddef>

#if defined(__x86_64__) && defined(__GNUC__)
#define CUEBENCH_HAVE_AVX2_PATH
#include <immintrin.h>
#endif

namespace cuebench {
namespace {

void one_by_one(const ByteTable& table, const std::uint8_t* in, std::uint8_t* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] = table[in[i]];
}

#ifdef CUEBENCH_HAVE_AVX2_PATH
/// Sixteen look-ups of sixteen entries each, of which one finds the value and the others give 0.
[[gnu::target("avx2")]] void in_registers(const ByteTable& table, const std::uint8_t* in, std::uint8_t* out,
                                          std::size_t count) {
  constexpr int kRows = 16;
  constexpr std::size_t kLanes = 32;
  __m256i rows[kRows];
  for (int r = 0; r < kRows; ++r)
    rows[r] = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data() + r * kRows)));
  const __m256i next_row = _mm256_set1_epi8(kRows);
  // The shuffle gives 0 where the top bit is set: for an index of 16 or more, once 0x70 is added.
  const __m256i outside = _mm256_set1_epi8(0x70);
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    __m256i index = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i));
    __m256i found = _mm256_setzero_si256();
    for (const __m256i& row : rows) {
      found = _mm256_or_si256(found, _mm256_shuffle_epi8(row, _mm256_adds_epu8(index, outside)));
      index = _mm256_sub_epi8(index, next_row);
    }
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), found);
  }
  one_by_one(table, in + i, out + i, count - i);
}
#endif

}  // namespace

void apply_table(const ByteTable& table, std::span<const std::uint8_t> in, std::span<std::uint8_t> out) {
  assert(in.size() == out.size());
#ifdef CUEBENCH_HAVE_AVX2_PATH
  if (__builtin_cpu_supports("avx2")) return in_registers(table, in.data(), out.data(), in.size());
#endif
  one_by_one(table, in.data(), out.data(), in.size());
}

}  // namespace cuebench
