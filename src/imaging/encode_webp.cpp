#include <cstring>
#include <stdexcept>

#include <opencv2/imgcodecs.hpp>

#include <cuebench/imaging/encode.hpp>

#include "opencv_codecs.hpp"
#include "opencv_silence.hpp"

namespace cuebench {

std::vector<std::byte> encode_webp(const Image& image) {
  constexpr int kMaxSide = 16383, kLossless = 101;  // OpenCV: a quality above 100 is lossless
  if (image.empty()) throw std::invalid_argument("a WebP of an empty image");
  if (image.width > kMaxSide || image.height > kMaxSide) {
    throw std::invalid_argument("a side above 16383 pixels, which WebP cannot hold");
  }
  const OpencvSilence silence;
  cv::Mat bgr(image.height, image.width, CV_8UC3);
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* source = image.row(y);
    std::uint8_t* target = bgr.ptr<std::uint8_t>(y);
    for (int x = 0; x < image.width; ++x, source += 3, target += 3) {
      target[0] = source[2];
      target[1] = source[1];
      target[2] = source[0];
    }
  }
  std::vector<std::uint8_t> encoded;
  try {
    if (!opencv_codecs().encode(".webp", bgr, {cv::IMWRITE_WEBP_QUALITY, kLossless}, encoded)) encoded.clear();
  } catch (const cv::Exception& error) {
    throw std::runtime_error("WebP encoder: " + error.err);
  }
  if (encoded.empty()) throw std::runtime_error("WebP encoder: no output");
  std::vector<std::byte> file(encoded.size());
  std::memcpy(file.data(), encoded.data(), encoded.size());
  return file;
}

}  // namespace cuebench
