#pragma once
// OpenCV's imgcodecs, loaded when the first image needs it: Debian's build drags in GDAL and a hundred other libraries,
// whose loading takes longer than everything else that most commands do.

#include <cstdint>
#include <vector>

#include <opencv2/core/mat.hpp>

namespace cuebench {

/// Pointers to the functions of libcuebench_opencv_codecs.so; both throw cv::Exception.
struct OpencvCodecs {
  /// `decoded` is empty where the file cannot be decoded. `flags`: cv::ImreadModes.
  void (*decode)(const cv::Mat& file, int flags, cv::Mat& decoded);
  /// Whether `file` was made. `extension`: ".webp" and the like; `parameters`: cv::ImwriteFlags and their values.
  bool (*encode)(const char* extension, const cv::Mat& image, const std::vector<int>& parameters,
                 std::vector<std::uint8_t>& file);
};

/// Loads the module on the first call, from the program's folder or its ../libexec/cuebench. Throws std::runtime_error,
/// which names the file, where it is missing.
const OpencvCodecs& opencv_codecs();

}  // namespace cuebench
