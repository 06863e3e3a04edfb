// The module that opencv_codecs.cpp loads; the only part that links OpenCV's imgcodecs.

#include <opencv2/imgcodecs.hpp>

#include "opencv_codecs.hpp"

extern "C" {

[[gnu::visibility("default")]] void cuebench_imdecode(const cv::Mat& file, int flags, cv::Mat& decoded) {
  decoded = cv::imdecode(file, flags);
}

[[gnu::visibility("default")]] bool cuebench_imencode(const char* extension, const cv::Mat& image,
                                                      const std::vector<int>& parameters,
                                                      std::vector<std::uint8_t>& file) {
  return cv::imencode(extension, image, file, parameters);
}
}
