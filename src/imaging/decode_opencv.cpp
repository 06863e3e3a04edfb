#include "decode_opencv.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include <opencv2/imgcodecs.hpp>

#include "opencv_codecs.hpp"
#include "opencv_silence.hpp"

namespace cuebench {
namespace {

/// The text of a cv::Exception without its file and line.
std::string reason_of(const cv::Exception& error) {
  std::string text = error.err;
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

template <class Sample, int kShift>
Image rgb_of(const cv::Mat& bgr) {
  Image image(bgr.rows, bgr.cols);
  for (int y = 0; y < bgr.rows; ++y) {
    const Sample* source = bgr.ptr<Sample>(y);
    std::uint8_t* target = image.row(y);
    for (int x = 0; x < bgr.cols; ++x, source += 3, target += 3) {
      for (int c = 0; c < 3; ++c) target[c] = static_cast<std::uint8_t>(source[2 - c] >> kShift);
    }
  }
  return image;
}

Image rgb_of_multiplied(const cv::Mat& bgra) {
  Image image(bgra.rows, bgra.cols);
  for (int y = 0; y < bgra.rows; ++y) {
    const std::uint8_t* source = bgra.ptr<std::uint8_t>(y);
    std::uint8_t* target = image.row(y);
    for (int x = 0; x < bgra.cols; ++x, source += 4, target += 3) {
      const int alpha = source[3];
      for (int c = 0; c < 3; ++c) {
        target[c] = static_cast<std::uint8_t>(alpha ? std::min(source[2 - c] * 255 / alpha, 255) : 0);
      }
    }
  }
  return image;
}

}  // namespace

Image decode_with_opencv(std::string_view format, const ByteView& file, int height, int width, Alpha alpha) {
  const OpencvSilence silence;
  const std::string name(format);
  if (file.size() > std::size_t(std::numeric_limits<int>::max())) throw ImageError("too large: a file above 2 GiB");
  cv::Mat decoded;
  try {
    // A header over foreign memory: imdecode only reads it.
    const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8UC1, const_cast<std::uint8_t*>(file.data()));
    constexpr int kColour = cv::IMREAD_COLOR | cv::IMREAD_ANYDEPTH | cv::IMREAD_IGNORE_ORIENTATION;
    opencv_codecs().decode(bytes, alpha == Alpha::multiplied_in ? int(cv::IMREAD_UNCHANGED) : kColour, decoded);
  } catch (const cv::Exception& error) {
    throw ImageError("corrupt or unsupported " + name + ": " + reason_of(error));
  }
  if (decoded.empty()) throw ImageError("corrupt or truncated " + name);
  if (decoded.rows != height || decoded.cols != width) {
    throw ImageError("corrupt " + name + ": the picture is not of the size in its header");
  }
  if (decoded.type() == CV_8UC3) return rgb_of<std::uint8_t, 0>(decoded);
  if (decoded.type() == CV_16UC3) return rgb_of<std::uint16_t, 8>(decoded);
  if (decoded.type() == CV_8UC4 && alpha == Alpha::multiplied_in) return rgb_of_multiplied(decoded);
  throw ImageError("unsupported " + name + ": samples that are no 8- or 16-bit integers");
}

}  // namespace cuebench
