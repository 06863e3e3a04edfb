#include "automatic_mask.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <opencv2/imgproc.hpp>

#include <cuebench/core/vectorised.hpp>

#include "mat_view.hpp"

namespace cuebench {
namespace {

constexpr double kBorderShare = 0.1;     // of the shorter side: width of the strips that are taken for background
constexpr double kSmoothing = 1.0 / 45;  // of the shorter side: closes holes and rounds the outline
constexpr int kSweeps = 4;               // raster scans; more change nothing visible

/// The three channels of a pixel, and one unused, in one register.
using Four = float __attribute__((vector_size(16)));

/// The barrier of a path is the range of values on it. Each pixel keeps the best path found so far from the border, in
/// each channel by itself.
struct Path {
  Four barrier, highest, lowest;
};

inline CUEBENCH_INLINE_BODY void offer_path(Path& path, Four value, const Path& from) {
  const Four highest = from.highest > value ? from.highest : value;
  const Four lowest = from.lowest < value ? from.lowest : value;
  const Four barrier = highest - lowest;
  const auto better = barrier < path.barrier;
  path.barrier = better ? barrier : path.barrier;
  path.highest = better ? highest : path.highest;
  path.lowest = better ? lowest : path.lowest;
}

/// One raster scan over the pixels inside the border, forwards (step 1) or backwards (step -1).
void scan(Path* paths, const Four* values, int rows, int columns, int step) {
  vectorised(
      [](Path* path, const Four* value, int height, int width, int direction) CUEBENCH_INLINE_BODY {
        const std::ptrdiff_t first = std::ptrdiff_t(direction > 0 ? 1 : height - 2) * width;
        for (int y = 0; y < height - 2; ++y) {
          std::ptrdiff_t i = first + std::ptrdiff_t(y) * direction * width + (direction > 0 ? 1 : width - 2);
          for (int x = 0; x < width - 2; ++x, i += direction) {
            Path best = path[i];
            offer_path(best, value[i], path[i - std::ptrdiff_t(direction) * width]);
            offer_path(best, value[i], path[i - direction]);
            path[i] = best;
          }
        }
      },
      paths, values, rows, columns, step);
}

/// Minimum-barrier distance of every pixel to the border, summed over the channels.
cv::Mat1f barrier_distance(const cv::Mat3f& lab) {
  constexpr float kFar = std::numeric_limits<float>::max();
  std::vector<Four> values(lab.total());
  std::vector<Path> paths(lab.total());
  for (int y = 0; y < lab.rows; ++y)
    for (int x = 0; x < lab.cols; ++x) {
      const cv::Vec3f& v = lab(y, x);
      const std::size_t i = std::size_t(y) * lab.cols + x;
      const bool border = y == 0 || x == 0 || y == lab.rows - 1 || x == lab.cols - 1;
      values[i] = Four{v[0], v[1], v[2], 0};
      paths[i] = {border ? Four{} : Four{kFar, kFar, kFar, kFar}, values[i], values[i]};
    }
  for (int sweep = 0; sweep < kSweeps; ++sweep)
    scan(paths.data(), values.data(), lab.rows, lab.cols, sweep % 2 == 0 ? 1 : -1);
  cv::Mat1f distance(lab.size());
  std::transform(paths.begin(), paths.end(), distance[0],
                 [](const Path& path) { return path.barrier[0] + path.barrier[1] + path.barrier[2]; });
  return distance;
}

/// Scaled to [0, 1]; a constant map becomes zero.
void normalise(cv::Mat1f& map) {
  double least = 0, most = 0;
  cv::minMaxLoc(map, &least, &most);
  if (most > least) {
    map.convertTo(map, CV_32F, 1 / (most - least), -least / (most - least));
  } else {
    map.setTo(0);
  }
}

/// Mahalanobis distance of every pixel's colour to those of one strip.
cv::Mat1f distance_to_strip(const cv::Mat3f& lab, const cv::Mat3f& strip) {
  cv::Vec3d mean(0, 0, 0);
  for (const cv::Vec3f& v : strip) mean += cv::Vec3d(v);
  mean /= static_cast<double>(strip.total());
  cv::Matx33d covariance = cv::Matx33d::zeros();
  for (const cv::Vec3f& v : strip) {
    const cv::Vec3d d = cv::Vec3d(v) - mean;
    covariance += d * d.t();
  }
  // One unit of Lab of noise keeps the matrix invertible on an even background.
  covariance = covariance * (1.0 / static_cast<double>(strip.total())) + cv::Matx33d::eye();
  const cv::Matx33f inverse(covariance.inv());
  const cv::Vec3f centre(mean);
  cv::Mat1f distance(lab.size());
  vectorised(
      [](const cv::Vec3f* in, float* __restrict out, std::size_t count, const float* a, const float* middle)
          CUEBENCH_INLINE_BODY {
            for (std::size_t i = 0; i < count; ++i) {
              const float d0 = in[i].val[0] - middle[0], d1 = in[i].val[1] - middle[1], d2 = in[i].val[2] - middle[2];
              const float square = d0 * (a[0] * d0 + a[1] * d1 + a[2] * d2) + d1 * (a[3] * d0 + a[4] * d1 + a[5] * d2) +
                                   d2 * (a[6] * d0 + a[7] * d1 + a[8] * d2);
              out[i] = __builtin_sqrtf(square > 0 ? square : 0);
            }
          },
      lab[0], distance[0], lab.total(), inverse.val, centre.val);
  return distance;
}

/// Unlike the background of the four strips; the strip that differs most (the object touches it) does not count.
cv::Mat1f border_contrast(const cv::Mat3f& lab) {
  const int width = std::max(1, static_cast<int>(kBorderShare * std::min(lab.rows, lab.cols)));
  const std::array<cv::Mat3f, 4> strips = {lab.rowRange(0, width), lab.rowRange(lab.rows - width, lab.rows),
                                           lab.colRange(0, width), lab.colRange(lab.cols - width, lab.cols)};
  cv::Mat1f sum(lab.size(), 0.f);
  cv::Mat largest = cv::Mat1f(lab.size(), 0.f);
  for (const cv::Mat3f& strip : strips) {
    cv::Mat1f distance = distance_to_strip(lab, strip);
    normalise(distance);
    sum += distance;
    cv::max(largest, distance, largest);
  }
  sum -= largest;
  normalise(sum);
  return sum;
}

void weight_centre(cv::Mat1f& map) {
  // The standard deviation is half the diagonal: 1 in the centre, .61 in the corners.
  const double scale = 4.0 / (map.rows * map.rows + map.cols * map.cols);
  // Symmetric about both axes: a quarter is computed.
  std::vector<float> weights((map.cols + 1) / 2);
  const int last_row = map.rows - 1, last_column = map.cols - 1;
  for (int y = 0; 2 * y <= last_row; ++y) {
    for (int x = 0; 2 * x <= last_column; ++x) {
      const double dy = y - 0.5 * last_row, dx = x - 0.5 * last_column;
      weights[x] = static_cast<float>(std::exp(-0.5 * (dy * dy + dx * dx) * scale));
    }
    for (int x = 0; x <= last_column; ++x) {
      const float weight = weights[std::min(x, last_column - x)];
      map(y, x) *= weight;
      if (2 * y < last_row) map(last_row - y, x) *= weight;
    }
  }
}

cv::Mat3f lab_of(const Image& image) {
  cv::Mat3f pixels, lab;
  view(image).convertTo(pixels, CV_32F, 1.0 / 255);
  cv::cvtColor(pixels, lab, cv::COLOR_RGB2Lab);
  return lab;
}

}  // namespace

cv::Mat1f barrier_saliency(const Image& image) {
  const cv::Mat3f lab = lab_of(image);
  cv::Mat1f saliency = barrier_distance(lab);
  normalise(saliency);
  saliency += border_contrast(lab);
  weight_centre(saliency);
  cv::GaussianBlur(saliency, saliency, {}, std::max(0.5, kSmoothing * std::min(image.height, image.width)));
  normalise(saliency);
  return saliency;
}

Plane barrier_mask(const Image& image) {
  cv::Mat1b levels;
  barrier_saliency(image).convertTo(levels, CV_8U, 255);
  Plane mask(image.height, image.width);
  cv::Mat1b target = view(mask);
  cv::threshold(levels, target, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
  return mask;
}

Plane grabcut_mask(const Image& image) {
  const int inset_y = image.height / 10, inset_x = image.width / 10;
  const cv::Rect inside(inset_x, inset_y, image.width - 2 * inset_x, image.height - 2 * inset_y);
  cv::Mat labels, background, foreground;
  // OpenCV draws the first cluster centres from the calling thread's generator.
  cv::theRNG().state = 0x9e3779b9;
  cv::grabCut(view(image), labels, inside, background, foreground, 5, cv::GC_INIT_WITH_RECT);
  Plane mask(image.height, image.width);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      mask.row(y)[x] = (labels.at<std::uint8_t>(y, x) & 1) ? 255 : 0;  // GC_FGD and GC_PR_FGD are odd
  return mask;
}

Plane centred_disc(int height, int width) {
  Plane mask(height, width);
  // Semi-axes a, b of an ellipse with pi a b = .36 h w and the image's proportions.
  const double share = std::sqrt(0.36 / 3.14159265358979323846);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const double v = (y + 0.5 - 0.5 * height) / (share * height), u = (x + 0.5 - 0.5 * width) / (share * width);
      mask.row(y)[x] = u * u + v * v <= 1 ? 255 : 0;
    }
  return mask;
}

bool is_plausible_mask(const Plane& mask) {
  const auto inside = std::count_if(mask.pixels.begin(), mask.pixels.end(), [](std::uint8_t v) { return v >= 128; });
  const double share = static_cast<double>(inside) / static_cast<double>(mask.pixels.size());
  int border = 0, touched = 0;
  for (int y = 0; y < mask.height; ++y) {
    const bool whole = y == 0 || y == mask.height - 1;
    for (int x = 0; x < mask.width; x += whole ? 1 : std::max(1, mask.width - 1)) {
      ++border;
      touched += mask.row(y)[x] >= 128;
    }
  }
  return share >= 0.05 && share <= 0.8 && 2 * touched <= border;
}

}  // namespace cuebench
