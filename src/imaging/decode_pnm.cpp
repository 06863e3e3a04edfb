#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "formats.hpp"

// PBM, PGM and PPM, plain (P1..P3) and raw (P4..P6), with samples scaled by maxval as Pillow does for colour.
namespace cuebench {
namespace {

[[noreturn]] void corrupt(const std::string& what) {
  throw ImageError("corrupt PNM: " + what);
}

bool is_space(int c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Reads decimal tokens; comments run from '#' to the end of the line.
class TokenReader {
 public:
  TokenReader(const ByteView& file, std::size_t at) : file_(file), at_(at) {}

  int number(const char* what, int largest) {
    skip_space();
    std::int64_t value = 0;
    const std::size_t start = at_;
    for (; at_ < file_.size() && file_.data()[at_] >= '0' && file_.data()[at_] <= '9'; ++at_) {
      value = value * 10 + (file_.data()[at_] - '0');
      if (value > largest) corrupt(std::string(what) + " is out of range");
    }
    if (at_ == start) fail(what);
    return static_cast<int>(value);
  }

  /// One digit of a plain bitmap: they need no space between them.
  bool bit() {
    skip_space();
    if (at_ == file_.size() || (file_.data()[at_] != '0' && file_.data()[at_] != '1')) fail("a bit");
    return file_.data()[at_++] == '1';
  }

  /// Where the raw samples start: after exactly one white-space character.
  std::size_t raw_data() {
    if (at_ == file_.size() || !is_space(file_.data()[at_])) fail("the end of the header");
    return ++at_;
  }

 private:
  void skip_space() {
    while (at_ < file_.size() && (is_space(file_.data()[at_]) || file_.data()[at_] == '#')) {
      if (file_.data()[at_] == '#') {
        while (at_ < file_.size() && file_.data()[at_] != '\n' && file_.data()[at_] != '\r') ++at_;
      } else {
        ++at_;
      }
    }
  }

  [[noreturn]] void fail(const char* what) const {
    if (at_ >= file_.size()) throw ImageError("truncated PNM: ends before " + std::string(what));
    corrupt(std::string(what) + " is not a number");
  }

  ByteView file_;
  std::size_t at_;
};

struct PnmHeader {
  int kind = 0;  // the digit after 'P'
  int width = 0, height = 0, maxval = 1;
  bool bitmap() const { return kind == 1 || kind == 4; }
  int channels() const { return kind == 3 || kind == 6 ? 3 : 1; }
};

/// value / maxval of 255, in the order and rounding (half to even) of Pillow.
std::vector<std::uint8_t> scale_table(int maxval) {
  std::vector<std::uint8_t> table(maxval + 1);
  for (int v = 0; v <= maxval; ++v) table[v] = static_cast<std::uint8_t>(std::nearbyint(double(v) / maxval * 255));
  return table;
}

void store(std::uint8_t value, int channels, std::uint8_t*& target) {
  if (channels == 3) {
    *target++ = value;
    return;
  }
  std::memset(target, value, 3);
  target += 3;
}

void read_plain(const PnmHeader& header, TokenReader& tokens, Image& image) {
  std::uint8_t* target = image.pixels.data();
  const std::uint8_t* const end = target + image.pixels.size();
  const std::vector<std::uint8_t> table = scale_table(header.maxval);
  while (target < end) {
    const std::uint8_t value =
        header.bitmap() ? (tokens.bit() ? 0 : 255) : table[tokens.number("a sample", header.maxval)];
    store(value, header.channels(), target);
  }
}

void read_raw_bitmap(const ByteView& data, Image& image) {
  const std::size_t row_bytes = (std::size_t(image.width) + 7) / 8;
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* row = data.data() + row_bytes * y;
    std::uint8_t* target = image.row(y);
    for (int x = 0; x < image.width; ++x) store(row[x / 8] >> (7 - x % 8) & 1 ? 0 : 255, 1, target);
  }
}

void read_raw(const PnmHeader& header, const ByteView& data, Image& image) {
  const std::vector<std::uint8_t> table = scale_table(header.maxval);
  const std::uint8_t* source = data.data();
  std::uint8_t* target = image.pixels.data();
  const std::uint8_t* const end = target + image.pixels.size();
  while (target < end) {
    int value = *source++;
    if (header.maxval > 255) value = value << 8 | *source++;
    if (value > header.maxval) corrupt("a sample is above maxval");
    store(table[value], header.channels(), target);
  }
}

}  // namespace

Decoded decode_pnm(const ByteView& file, const DecodeOptions& options) {
  constexpr int kMaxSide = 1 << 30;
  PnmHeader header;
  header.kind = file.u8(1) - '0';
  TokenReader tokens(file, 2);
  header.width = tokens.number("the width", kMaxSide);
  header.height = tokens.number("the height", kMaxSide);
  if (!header.bitmap()) header.maxval = tokens.number("maxval", 65535);
  check_size("PNM", header.height, header.width, options);
  if (header.maxval == 0) corrupt("maxval is 0");

  const bool plain = header.kind <= 3;
  const std::size_t samples = std::size_t(header.width) * header.height * header.channels();
  std::size_t bytes = samples * (header.maxval > 255 ? 2 : 1);
  if (header.kind == 4) bytes = (std::size_t(header.width) + 7) / 8 * header.height;
  if (plain) bytes = header.bitmap() ? samples : 2 * samples - 1;  // at least a digit each, and space between
  const std::size_t start = tokens.raw_data();
  if (file.size() - start < bytes) throw ImageError("truncated PNM: too few samples");

  Decoded decoded;
  decoded.image = Image(header.height, header.width);
  if (plain) {
    read_plain(header, tokens, decoded.image);
  } else if (header.kind == 4) {
    read_raw_bitmap(file.from(start), decoded.image);
  } else {
    read_raw(header, file.from(start), decoded.image);
  }
  return decoded;
}

}  // namespace cuebench
