#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include <jpeglib.h>

#include <cuebench/imaging/encode.hpp>

namespace cuebench {
namespace {

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

/// A libjpeg compressor into memory; errors come back by longjmp to `guarded`, past no frame with a destructor.
class JpegWriter {
 public:
  JpegWriter() {
    info_.err = jpeg_std_error(&handler_.base);
    handler_.base.error_exit = escape_with_message;
    guarded([&] {
      jpeg_create_compress(&info_);
      jpeg_mem_dest(&info_, &bytes_, &size_);
    });
  }
  ~JpegWriter() {
    jpeg_destroy_compress(&info_);
    std::free(bytes_);  // libjpeg's malloc
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  template <class Call>
  void guarded(const Call& call) {
    if (setjmp(handler_.escape) != 0) throw std::runtime_error(std::string("JPEG encoder: ") + handler_.message);
    call();
  }
  jpeg_compress_struct& info() { return info_; }
  std::vector<std::byte> bytes() const {
    const auto* begin = reinterpret_cast<const std::byte*>(bytes_);
    return {begin, begin + size_};
  }

 private:
  jpeg_compress_struct info_ = {};
  ErrorHandler handler_ = {};
  unsigned char* bytes_ = nullptr;
  unsigned long size_ = 0;
};

}  // namespace

std::vector<std::byte> encode_jpeg(const Image& image, int quality, bool subsample) {
  if (image.empty()) throw std::invalid_argument("a JPEG of an empty image");
  if (quality < 1 || quality > 100) throw std::invalid_argument("JPEG quality outside 1..100");
  if (image.width > JPEG_MAX_DIMENSION || image.height > JPEG_MAX_DIMENSION) {
    throw std::invalid_argument("a side above 65500 pixels, which JPEG cannot hold");
  }
  JpegWriter writer;
  jpeg_compress_struct& info = writer.info();
  info.image_width = image.width;
  info.image_height = image.height;
  info.input_components = Image::kChannels;
  info.in_color_space = JCS_RGB;
  writer.guarded([&] {
    jpeg_set_defaults(&info);  // YCbCr with 4:2:0, accurate integer DCT
    jpeg_set_quality(&info, quality, TRUE);
    if (!subsample) info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&info, TRUE);
    for (int y = 0; y < image.height; ++y) {
      JSAMPROW row = const_cast<std::uint8_t*>(image.row(y));  // libjpeg only reads it
      jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
  });
  return writer.bytes();
}

}  // namespace cuebench
