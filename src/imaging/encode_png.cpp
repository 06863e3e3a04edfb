#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>

#include <libdeflate.h>

#include <cuebench/imaging/encode.hpp>

namespace cuebench {
namespace {

constexpr int kStep = Image::kChannels;

enum Filter : std::uint8_t { kSub = 1, kUp = 2, kPaeth = 4 };

void filter_sub(const std::uint8_t* row, int length, std::uint8_t* out) {
  for (int i = 0; i < kStep; ++i) out[i] = row[i];
  for (int i = kStep; i < length; ++i) out[i] = static_cast<std::uint8_t>(row[i] - row[i - kStep]);
}

void filter_up(const std::uint8_t* row, const std::uint8_t* above, int length, std::uint8_t* out) {
  for (int i = 0; i < length; ++i) out[i] = static_cast<std::uint8_t>(row[i] - above[i]);
}

void filter_paeth(const std::uint8_t* row, const std::uint8_t* above, int length, std::uint8_t* out) {
  for (int i = 0; i < kStep; ++i) out[i] = static_cast<std::uint8_t>(row[i] - above[i]);
  for (int i = kStep; i < length; ++i) {
    // 16-bit and without branches, so that it vectorises.
    const std::int16_t left = row[i - kStep], up = above[i], corner = above[i - kStep];
    const std::int16_t from_left = static_cast<std::int16_t>(std::abs(up - corner));
    const std::int16_t from_up = static_cast<std::int16_t>(std::abs(left - corner));
    const std::int16_t from_corner = static_cast<std::int16_t>(std::abs(left + up - 2 * corner));
    const std::int16_t vertical = from_up <= from_corner ? up : corner;
    const std::int16_t predicted = (from_left <= from_up && from_left <= from_corner) ? left : vertical;
    out[i] = static_cast<std::uint8_t>(row[i] - predicted);
  }
}

/// Sum of absolute values of the bytes taken as signed: the usual guess at how well a row will compress.
std::uint32_t cost_of(const std::uint8_t* row, int length) {
  std::uint32_t sum = 0;
  for (int i = 0; i < length; ++i) sum += std::min<std::uint8_t>(row[i], static_cast<std::uint8_t>(-row[i]));
  return sum;
}

/// Every row behind the byte of the cheapest of three filters. Average costs time and gains little on photographs.
std::vector<std::uint8_t> filter_rows(const Image& image) {
  const int length = image.width * kStep;
  std::vector<std::uint8_t> filtered((std::size_t(length) + 1) * image.height);
  std::array<std::vector<std::uint8_t>, 3> candidates;
  for (auto& candidate : candidates) candidate.resize(length);
  const std::vector<std::uint8_t> zeros(length);
  constexpr std::array<Filter, 3> kFilters = {kSub, kUp, kPaeth};
  std::uint8_t* out = filtered.data();
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* row = image.row(y);
    const std::uint8_t* above = y > 0 ? image.row(y - 1) : zeros.data();
    filter_sub(row, length, candidates[0].data());
    filter_up(row, above, length, candidates[1].data());
    filter_paeth(row, above, length, candidates[2].data());
    std::array<std::uint32_t, 3> costs;
    for (std::size_t f = 0; f < 3; ++f) costs[f] = cost_of(candidates[f].data(), length);
    const auto best = static_cast<std::size_t>(std::min_element(costs.begin(), costs.end()) - costs.begin());
    *out++ = kFilters[best];
    std::memcpy(out, candidates[best].data(), length);
    out += length;
  }
  return filtered;
}

void put_u32(std::uint32_t value, std::uint8_t* target) {
  for (int i = 0; i < 4; ++i) target[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

/// Completes a chunk whose `length` bytes of data stand at target + 8. Returns its end.
std::uint8_t* finish_chunk(const char* type, std::size_t length, std::uint8_t* target) {
  put_u32(static_cast<std::uint32_t>(length), target);
  std::memcpy(target + 4, type, 4);
  put_u32(libdeflate_crc32(0, target + 4, length + 4), target + 8 + length);
  return target + 12 + length;
}

}  // namespace

std::vector<std::byte> encode_png(const Image& image, int level) {
  if (image.empty()) throw std::invalid_argument("a PNG of an empty image");
  if (level < 1 || level > 12) throw std::invalid_argument("PNG compression level outside 1..12");
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(level), libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();

  const std::vector<std::uint8_t> filtered = filter_rows(image);
  const std::size_t bound = libdeflate_zlib_compress_bound(compressor.get(), filtered.size());
  constexpr std::size_t kFixed = 8 + 25 + 12 + 12;  // signature, header, frame of the data chunk, end
  std::vector<std::byte> file(kFixed + bound);
  auto* const start = reinterpret_cast<std::uint8_t*>(file.data());
  std::copy_n("\x89PNG\r\n\x1a\n", 8, start);

  std::uint8_t* chunk = start + 8;
  put_u32(image.width, chunk + 8);
  put_u32(image.height, chunk + 12);
  constexpr std::array<std::uint8_t, 5> kRgb8 = {8, 2, 0, 0, 0};  // depth, colour type, methods, not interlaced
  std::memcpy(chunk + 16, kRgb8.data(), kRgb8.size());
  chunk = finish_chunk("IHDR", 13, chunk);
  const std::size_t compressed =
      libdeflate_zlib_compress(compressor.get(), filtered.data(), filtered.size(), chunk + 8, bound);
  if (compressed == 0) throw std::logic_error("libdeflate's bound did not hold");
  chunk = finish_chunk("IDAT", compressed, chunk);
  chunk = finish_chunk("IEND", 0, chunk);
  file.resize(chunk - start);
  return file;
}

}  // namespace cuebench
