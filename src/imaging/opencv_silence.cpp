#include "opencv_silence.hpp"

#include <mutex>

#include <opencv2/core/utility.hpp>
#include <opencv2/core/utils/logger.hpp>

namespace cuebench {

void silence_opencv() {
  static std::once_flag once;
  std::call_once(once, [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::redirectError([](int, const char*, const char*, const char*, int, void*) { return 0; });
    cv::setNumThreads(0);
  });
}

}  // namespace cuebench
