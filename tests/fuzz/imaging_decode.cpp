// Any bytes decode to an image of the promised size or are an ImageError. clang++ -fsanitize=fuzzer,address,undefined.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <cuebench/imaging/decode.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cuebench::DecodeOptions options;
  options.max_pixels = 1 << 20;  // keeps an execution short
  options.apply_exif_orientation = true;
  try {
    const cuebench::Image image = cuebench::decode_image(std::as_bytes(std::span(data, size)), options);
    const auto pixels = std::int64_t(image.height) * image.width;
    if (pixels < 1 || pixels > options.max_pixels || image.pixels.size() != std::size_t(pixels) * 3) std::abort();
  } catch (const cuebench::ImageError&) {
  }
  return 0;
}
