#include "decode_opencv.hpp"

#include "opencv_silence.hpp"

#include <limits>
#include <string>

#include <opencv2/imgcodecs.hpp>

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

}  // namespace

Image decode_with_opencv(std::string_view format, const ByteView& file, int height, int width) {
  silence_opencv();
  const std::string name(format);
  if (file.size() > std::size_t(std::numeric_limits<int>::max())) throw ImageError("too large: a file above 2 GiB");
  cv::Mat decoded;
  try {
    // A header over foreign memory: imdecode only reads it.
    const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8UC1, const_cast<std::uint8_t*>(file.data()));
    decoded = cv::imdecode(bytes, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& error) {
    throw ImageError("corrupt or unsupported " + name + ": " + reason_of(error));
  }
  if (decoded.empty()) throw ImageError("corrupt or truncated " + name);
  if (decoded.rows != height || decoded.cols != width || decoded.type() != CV_8UC3) {
    throw ImageError("corrupt " + name + ": the picture is not of the size in its header");
  }
  Image image(height, width);
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* source = decoded.ptr<std::uint8_t>(y);
    std::uint8_t* target = image.row(y);
    for (int x = 0; x < width; ++x, source += 3, target += 3) {
      target[0] = source[2];
      target[1] = source[1];
      target[2] = source[0];
    }
  }
  return image;
}

}  // namespace cuebench
