#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <jpeglib.h>

#include "exif.hpp"
#include "formats.hpp"

namespace cuebench {
namespace {

constexpr int kMaxScans = 500;  // real files have about ten; more is an attack on the reader's time

/// libjpeg's errors and warnings, all of them final.
struct ErrorHandler {
  jpeg_error_mgr base;
  std::jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void escape_with_message(j_common_ptr info) {
  auto* handler = reinterpret_cast<ErrorHandler*>(info->err);
  handler->base.format_message(info, handler->message);
  std::longjmp(handler->escape, 1);
}

// libjpeg reports a warning by level -1 and goes on with invented pixels; 0 and above are traces.
void on_message(j_common_ptr info, int level) {
  if (level < 0) escape_with_message(info);
}

void on_progress(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMaxScans) return;
  auto* handler = reinterpret_cast<ErrorHandler*>(info->err);
  std::snprintf(handler->message, sizeof handler->message, "more than %d scans", kMaxScans);
  std::longjmp(handler->escape, 1);
}

std::string reason_of(const char* message) {
  const std::string text(message);
  std::string_view kind = "corrupt JPEG: ";
  if (text.starts_with("Premature end of JPEG file")) kind = "truncated JPEG: ";
  if (text.starts_with("Unsupported")) kind = "unsupported JPEG: ";
  return std::string(kind) + text;
}

/// A libjpeg decompressor over bytes in memory. No frame with a destructor may lie between a libjpeg call and its
/// `guarded`, since errors come back by longjmp.
class JpegReader {
 public:
  explicit JpegReader(const ByteView& file) {
    info_.err = jpeg_std_error(&handler_.base);
    handler_.base.error_exit = escape_with_message;
    handler_.base.emit_message = on_message;
    guarded([&] { jpeg_create_decompress(&info_); });
    progress_.progress_monitor = on_progress;
    info_.progress = &progress_;
    guarded([&] { jpeg_mem_src(&info_, file.data(), file.size()); });
  }
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  template <class Call>
  void guarded(const Call& call) {
    if (setjmp(handler_.escape) != 0) throw ImageError(reason_of(handler_.message));
    call();
  }
  jpeg_decompress_struct& info() { return info_; }

 private:
  jpeg_decompress_struct info_ = {};
  jpeg_progress_mgr progress_ = {};
  ErrorHandler handler_ = {};
};

/// Refuses a header that promises far more pixels than its bytes can hold, before they are allocated: Huffman coding
/// spends at least one bit on a block of 64 samples, and a component has at least a quarter of the pixels each way.
void check_plausible(const jpeg_decompress_struct& info, std::size_t bytes) {
  constexpr std::uint64_t kPixelsPerByte = 8 * 64 * 16;
  if (info.arith_code) return;
  if (std::uint64_t(info.image_width) * info.image_height > kPixelsPerByte * bytes) {
    throw ImageError("truncated JPEG: too few bytes for " + std::to_string(info.image_width) + " x " +
                     std::to_string(info.image_height) + " pixels");
  }
}

void check_every_component_was_sent(const jpeg_decompress_struct& info) {
  if (!info.coef_bits) return;
  for (int c = 0; c < info.num_components; ++c) {
    if (info.coef_bits[c][0] < 0) throw ImageError("corrupt JPEG: a colour component has no scan");
  }
}

int orientation_of(const jpeg_decompress_struct& info) {
  for (auto* marker = info.marker_list; marker; marker = marker->next) {
    const ByteView block(std::span<const std::uint8_t>(marker->data, marker->data_length));
    if (block.has(0, std::string_view("Exif\0\0", 6))) return exif_orientation(block);
  }
  return 1;
}

void expand_grey(std::uint8_t* row, int width) {
  for (int x = width - 1; x >= 0; --x) std::memset(row + std::size_t(x) * 3, row[x], 3);
}

/// a * b / 255, rounded, as Pillow's MULDIV255.
int multiply_255(int a, int b) {
  const int t = a * b + 128;
  return ((t >> 8) + t) >> 8;
}

/// Pillow takes every CMYK JPEG as inverted, which is Adobe's convention, with or without the Adobe marker; libjpeg's
/// samples are then 255 - ink, and RGB = white x (1 - ink) x (1 - black).
void cmyk_to_rgb(const std::uint8_t* cmyk, int width, std::uint8_t* rgb) {
  for (int x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    const int not_black = cmyk[3];
    for (int c = 0; c < 3; ++c) {
      rgb[c] = static_cast<std::uint8_t>(not_black - multiply_255(255 - cmyk[c], not_black));
    }
  }
}

J_COLOR_SPACE output_space(const jpeg_decompress_struct& info) {
  switch (info.num_components) {
    case 1:
      return JCS_GRAYSCALE;
    case 3:
      return JCS_RGB;
    case 4:
      return JCS_CMYK;
    default:
      throw ImageError("unsupported JPEG: " + std::to_string(info.num_components) + " components");
  }
}

void read_rows(JpegReader& reader, Image& image) {
  jpeg_decompress_struct& info = reader.info();
  std::vector<std::uint8_t> cmyk(info.num_components == 4 ? std::size_t(image.width) * 4 : 0);
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* row = image.row(y);
    JSAMPROW target = cmyk.empty() ? row : cmyk.data();
    reader.guarded([&] { jpeg_read_scanlines(&info, &target, 1); });
    if (info.num_components == 1) expand_grey(row, image.width);
    if (info.num_components == 4) cmyk_to_rgb(cmyk.data(), image.width, row);
  }
}

}  // namespace

Decoded decode_jpeg(const ByteView& file, const DecodeOptions& options) {
  JpegReader reader(file);
  jpeg_decompress_struct& info = reader.info();
  if (options.apply_exif_orientation) {
    reader.guarded([&] { jpeg_save_markers(&info, JPEG_APP0 + 1, 0xffff); });
  }
  reader.guarded([&] { jpeg_read_header(&info, TRUE); });
  check_size("JPEG", info.image_height, info.image_width, options);
  check_plausible(info, file.size());
  // libjpeg's defaults are Pillow's: accurate integer DCT, fancy upsampling, block smoothing.
  info.out_color_space = output_space(info);

  Decoded decoded;
  decoded.orientation = orientation_of(info);
  decoded.image = Image(static_cast<int>(info.image_height), static_cast<int>(info.image_width));
  reader.guarded([&] { jpeg_start_decompress(&info); });
  read_rows(reader, decoded.image);
  check_every_component_was_sent(info);
  reader.guarded([&] { jpeg_finish_decompress(&info); });
  return decoded;
}

}  // namespace cuebench
