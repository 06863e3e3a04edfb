#pragma once
// Where styles come from: formulas, or the user's folder or archive of pictures.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace cuebench {

struct StylePicture {
  std::string name;
  /// A side x side RGB picture in [0, 255]; `grain` is the wanted size of its elements in pixels, where it can be
  /// chosen.
  std::function<cv::Mat3f(int side, double grain)> draw;
};

/// Four variations of every procedural texture.
std::vector<StylePicture> procedural_style_pictures();

/// Centre squares of the pictures in a folder (searched to the bottom) or a tar archive, in the order of their paths;
/// of more than 256, every n-th. @throws UsageError: nothing there, no picture, one that cannot be decoded.
std::vector<StylePicture> read_style_pictures(const std::filesystem::path& path);

}  // namespace cuebench
