#include "frequency_filters.hpp"

#include "gaussian.hpp"

namespace cuebench {

cv::Mat low_passed(const cv::Mat& grey, double sigma) {
  return gaussian_filtered(grey, sigma, Border::constant, kMeanGrey);
}

cv::Mat high_passed(const cv::Mat& grey, double sigma) {
  cv::Mat detail;
  cv::subtract(grey, low_passed(grey, sigma), detail);
  cv::add(detail, kMeanGrey - cv::mean(detail)[0], detail);
  return detail;
}

}  // namespace cuebench
