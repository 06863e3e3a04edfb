#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <libdeflate.h>

#include "exif.hpp"
#include "formats.hpp"
#include "png_container.hpp"

// An own reader rather than libpng through OpenCV: every structural fault is an error with a name (libpng lets palette
// indices out of range pass), and libdeflate inflates about three times as fast as zlib.
namespace cuebench {
namespace {

[[noreturn]] void corrupt(const std::string& what) {
  throw ImageError("corrupt PNG: " + what);
}

/// One pass of the picture: the whole, or one of Adam7's seven.
struct Pass {
  int x0 = 0, y0 = 0, dx = 1, dy = 1;
  int columns(const PngHeader& header) const { return (header.width - x0 + dx - 1) / dx; }
  int rows(const PngHeader& header) const { return (header.height - y0 + dy - 1) / dy; }
  bool empty(const PngHeader& header) const { return columns(header) <= 0 || rows(header) <= 0; }
  /// With the filter byte before each row.
  std::size_t bytes(const PngHeader& header) const {
    return empty(header) ? 0 : (header.row_bytes(columns(header)) + 1) * rows(header);
  }
};

std::vector<Pass> passes_of(const PngHeader& header) {
  if (!header.interlaced) return {Pass{}};
  return {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
}

ByteView joined(const std::vector<ByteView>& parts, std::vector<std::uint8_t>& storage) {
  if (parts.size() == 1) return parts.front();
  for (const ByteView& part : parts) storage.insert(storage.end(), part.data(), part.data() + part.size());
  return ByteView(std::span<const std::uint8_t>(storage));
}

using Buffer = std::unique_ptr<std::uint8_t[]>;

/// Inflates exactly `wanted` bytes. A stream that holds a little more is accepted, as libpng and Pillow do.
Buffer inflate(const ByteView& compressed, std::size_t wanted) {
  constexpr std::size_t kMaxRatio = 1032;  // of the deflate format: refuse before allocating
  constexpr std::size_t kSurplus = std::size_t(1) << 20;
  if (compressed.size() < wanted / kMaxRatio) throw ImageError("truncated PNG: too little image data for its size");
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflater(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!inflater) throw std::bad_alloc();
  for (const std::size_t capacity : {wanted, wanted + kSurplus}) {
    Buffer buffer(new std::uint8_t[capacity]);
    std::size_t written = 0;
    const libdeflate_result result = libdeflate_zlib_decompress(inflater.get(), compressed.data(), compressed.size(),
                                                                buffer.get(), capacity, &written);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) continue;
    if (result != LIBDEFLATE_SUCCESS) corrupt("the compressed image data are damaged or cut");
    if (written < wanted) throw ImageError("truncated PNG: the image data end early");
    return buffer;
  }
  corrupt("far more image data than its size");
}

int paeth(int left, int up, int up_left) {
  const int to_left = std::abs(up - up_left), to_up = std::abs(left - up_left);
  const int to_up_left = std::abs(left + up - 2 * up_left);
  const int vertical = to_up <= to_up_left ? up : up_left;
  return to_left <= to_up && to_left <= to_up_left ? left : vertical;
}

/// The filter that bounds the speed, for a pixel of kStep bytes: the neighbours stay in registers, and the channels'
/// chains of dependent sums run side by side.
template <std::size_t kStep>
void unfilter_paeth(const std::uint8_t* previous, std::uint8_t* row, std::size_t length) {
  std::array<int, kStep> left = {}, up_left = {};
  for (std::size_t i = 0; i + kStep <= length; i += kStep) {
    for (std::size_t c = 0; c < kStep; ++c) {
      const int up = previous[i + c];
      left[c] = (row[i + c] + paeth(left[c], up, up_left[c])) & 0xff;
      up_left[c] = up;
      row[i + c] = static_cast<std::uint8_t>(left[c]);
    }
  }
}

/// Undoes the filter of one row; `previous` is the row above, of zeros for the first. `step`: bytes of a pixel.
void unfilter_row(int filter, const std::uint8_t* previous, std::uint8_t* row, std::size_t length, std::size_t step) {
  const std::size_t start = std::min(step, length);
  switch (filter) {
    case 0:
      return;
    case 1:
      for (std::size_t i = start; i < length; ++i) row[i] += row[i - step];
      return;
    case 2:
      for (std::size_t i = 0; i < length; ++i) row[i] += previous[i];
      return;
    case 3:
      for (std::size_t i = 0; i < start; ++i) row[i] += previous[i] / 2;
      for (std::size_t i = start; i < length; ++i)
        row[i] += static_cast<std::uint8_t>((row[i - step] + previous[i]) / 2);
      return;
    case 4:
      if (step == 1) return unfilter_paeth<1>(previous, row, length);
      if (step == 2) return unfilter_paeth<2>(previous, row, length);
      if (step == 3) return unfilter_paeth<3>(previous, row, length);
      if (step == 4) return unfilter_paeth<4>(previous, row, length);
      if (step == 6) return unfilter_paeth<6>(previous, row, length);
      return unfilter_paeth<8>(previous, row, length);
    default:
      corrupt("unknown row filter " + std::to_string(filter));
  }
}

/// Turns unfiltered rows into RGB: alpha and the transparent colour are dropped, 16 bits keep their high byte.
class RowExpander {
 public:
  RowExpander(const PngHeader& header, const ByteView& palette) : header_(header) {
    colours_ = static_cast<int>(header.colour == PngHeader::kPalette ? palette.size() / 3 : 256);
    const int top = (1 << std::min(header.depth, 8)) - 1;
    for (int i = 0; i <= top; ++i) {
      for (int c = 0; c < 3; ++c) {
        const bool in_palette = header.colour == PngHeader::kPalette && i < colours_;
        table_[i][c] = in_palette ? palette.data()[i * 3 + c] : static_cast<std::uint8_t>(i * 255 / top);
      }
    }
  }

  /// Writes `columns` pixels, `stride` bytes apart.
  void expand(const std::uint8_t* row, int columns, std::uint8_t* target, std::size_t stride) const {
    if (header_.channels() >= 3) return copy_colour(row, columns, target, stride);
    const int sample_bytes = header_.depth / 8;  // 0 for packed samples
    const int pixel_bytes = sample_bytes * header_.channels();
    for (int x = 0; x < columns; ++x, target += stride) {
      const int value = sample_bytes ? row[std::size_t(x) * pixel_bytes] : packed_sample(row, x);
      if (value >= colours_) corrupt("palette index " + std::to_string(value) + " of " + std::to_string(colours_));
      std::memcpy(target, table_[value].data(), 3);
    }
  }

 private:
  int packed_sample(const std::uint8_t* row, int x) const {
    const std::size_t bit = std::size_t(x) * header_.depth;
    return row[bit / 8] >> (8 - header_.depth - bit % 8) & ((1 << header_.depth) - 1);
  }

  void copy_colour(const std::uint8_t* row, int columns, std::uint8_t* target, std::size_t stride) const {
    const int sample = header_.depth / 8;
    const int pixel = sample * header_.channels();
    if (pixel == 3 && stride == 3) {
      std::memcpy(target, row, std::size_t(columns) * 3);
      return;
    }
    for (int x = 0; x < columns; ++x, row += pixel, target += stride) {
      for (int c = 0; c < 3; ++c) target[c] = row[c * sample];
    }
  }

  PngHeader header_;
  int colours_ = 0;
  std::array<std::array<std::uint8_t, 3>, 256> table_ = {};
};

void decode_pass(const PngHeader& header, const Pass& pass, const RowExpander& expander, std::uint8_t* data,
                 Image& image) {
  const int columns = pass.columns(header), rows = pass.rows(header);
  const std::size_t row_bytes = header.row_bytes(columns);
  const std::size_t step = std::max(header.bits_per_pixel() / 8, 1);
  const std::vector<std::uint8_t> zeros(row_bytes);
  const std::uint8_t* previous = zeros.data();
  for (int y = 0; y < rows; ++y) {
    std::uint8_t* row = data + 1;
    unfilter_row(data[0], previous, row, row_bytes, step);
    expander.expand(row, columns, image.row(pass.y0 + y * pass.dy) + std::size_t(pass.x0) * 3,
                    std::size_t(pass.dx) * 3);
    previous = row;
    data += row_bytes + 1;
  }
}

}  // namespace

Decoded decode_png(const ByteView& file, const DecodeOptions& options) {
  const PngHeader header = read_png_header(file);
  check_size("PNG", header.height, header.width, options);
  const PngContainer png = read_png_container(file);

  const std::vector<Pass> passes = passes_of(header);
  std::size_t bytes = 0;
  for (const Pass& pass : passes) bytes += pass.bytes(header);
  std::vector<std::uint8_t> storage;
  const Buffer raw = inflate(joined(png.data, storage), bytes);

  Decoded decoded;
  decoded.orientation = exif_orientation(png.exif);
  decoded.image = Image(header.height, header.width);
  const RowExpander expander(header, png.palette);
  std::uint8_t* data = raw.get();
  for (const Pass& pass : passes) {
    if (pass.empty(header)) continue;
    decode_pass(header, pass, expander, data, decoded.image);
    data += pass.bytes(header);
  }
  return decoded;
}

}  // namespace cuebench
