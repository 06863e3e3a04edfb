#include "stylization.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "domain_transform.hpp"
#include "mat_view.hpp"
#include "random_phase.hpp"

namespace cuebench {
namespace {

// From 113 to 320 pixels the values are those measured at 224; the others follow the size down to what the pixel grid
// still holds (a Gaussian below .6 does nothing).
constexpr std::array<StylizeScale, kStylizeScales> kScales = {{
    {.largest_side = 48,
     .tile = 64,
     .grain = 4,
     .guide_sigma = 0.9,
     .space = 6,
     .finest_sigma = 0.6,
     .whitening = 9,
     .guard_sigma = 0.6,
     .guard = 0.5},
    {.largest_side = 112,
     .tile = 128,
     .grain = 6,
     .guide_sigma = 1.2,
     .space = 10,
     .finest_sigma = 0.7,
     .whitening = 17,
     .guard_sigma = 0.8,
     .guard = 0.35},
    {.largest_side = 320,
     .tile = 256,
     .grain = 9,
     .guide_sigma = 2,
     .space = 20,
     .finest_sigma = 1,
     .whitening = 33,
     .guard_sigma = 1.5,
     .guard = 0.25},
    {.largest_side = 1 << 30,
     .tile = 256,
     .grain = 18,
     .guide_sigma = 4,
     .space = 40,
     .finest_sigma = 2,
     .whitening = 65,
     .guard_sigma = 3,
     .guard = 0.15},
}};

constexpr double kRange = 50;       // grey levels: smaller differences are smoothed away
constexpr double kBandLevel = 9;    // grey levels rms of each texture band
constexpr double kBandFloor = 2;    // bands weaker than this are not blown up
constexpr double kColourFloor = 4;  // added to both covariances
constexpr double kDetailUnit = 1.0 / 32;
constexpr double kLeastContrast = 40;  // grey levels: outlines must not vanish in the colours of an even texture

struct ColourStatistics {
  cv::Vec3d mean;
  cv::Matx33d covariance;
};

ColourStatistics colour_statistics(const cv::Mat3f& image) {
  double sum[3] = {}, product[6] = {};
  for (const cv::Vec3f& v : image) {
    for (int c = 0; c < 3; ++c) sum[c] += v[c];
    product[0] += double(v[0]) * v[0], product[1] += double(v[0]) * v[1], product[2] += double(v[0]) * v[2];
    product[3] += double(v[1]) * v[1], product[4] += double(v[1]) * v[2], product[5] += double(v[2]) * v[2];
  }
  const double n = static_cast<double>(image.total());
  const cv::Vec3d mean(sum[0] / n, sum[1] / n, sum[2] / n);
  for (double& value : product) value /= n;
  const cv::Matx33d second(product[0], product[1], product[2], product[1], product[3], product[4], product[2],
                           product[4], product[5]);
  return {mean, second - mean * mean.t() + kColourFloor * cv::Matx33d::eye()};
}

/// The symmetric matrix with the same eigenvectors and the eigenvalues raised to `exponent`.
cv::Matx33d matrix_power(const cv::Matx33d& symmetric, double exponent) {
  cv::Matx31d values;
  cv::Matx33d vectors;
  cv::eigen(symmetric, values, vectors);
  // Rounding can leave an eigenvalue below the floor that was added to the diagonal.
  for (int i = 0; i < 3; ++i) values(i) = std::pow(std::max(values(i), 0.5 * kColourFloor), exponent);
  return vectors.t() * cv::Matx33d::diag(values) * vectors;
}

void recolour(cv::Mat3f& base, const StyleTexture& style, double amount) {
  if (amount == 0) return;
  const ColourStatistics own = colour_statistics(base);
  const cv::Matx33d transfer =
      amount * (style.root_covariance * matrix_power(own.covariance, -0.5)) + (1 - amount) * cv::Matx33d::eye();
  const cv::Vec3d offset = amount * style.mean + (1 - amount) * own.mean - transfer * own.mean;
  const cv::Matx33f matrix(transfer);
  const cv::Vec3f shift(offset);
  for (cv::Vec3f& pixel : base) pixel = matrix * pixel + shift;
}

/// How much texture each pixel takes: 1 on even ground, towards 0 on outlines.
cv::Mat1f outline_guard(const cv::Mat3f& base, const StylizeScale& scale) {
  cv::Mat1f luminance, smooth, right, down;
  cv::transform(base, luminance, cv::Matx13f(0.2125f / 255, 0.7154f / 255, 0.0721f / 255));
  cv::GaussianBlur(luminance, smooth, {}, scale.guard_sigma);
  cv::Sobel(smooth, right, CV_32F, 1, 0);
  cv::Sobel(smooth, down, CV_32F, 0, 1);
  cv::Mat1f guard;
  cv::magnitude(right, down, guard);
  guard *= -1 / scale.guard;
  cv::exp(guard, guard);
  return guard;
}

cv::Mat1f energy_weight(const cv::Mat3f& band, int window) {
  cv::Mat1f mean, squared, energy, weight;
  cv::transform(band, mean, cv::Matx13f(1.f / 3, 1.f / 3, 1.f / 3));
  squared = mean.mul(mean);
  cv::boxFilter(squared, energy, CV_32F, {window, window});
  cv::sqrt(cv::max(energy, 0), weight);
  weight = kBandLevel / (weight + kBandFloor);
  return weight;
}

/// `texture` continues itself at the borders.
enum class BandEnergy { evened_out, own };

StyleTexture bands_of(const cv::Mat3f& texture, const StylizeScale& scale, BandEnergy energy,
                      const ColourStatistics& colours) {
  // Filters see the periodic continuation, so that the result can be shifted round.
  const int margin = scale.tile / 4;
  cv::Mat3f wrapped, detail(cv::Size(scale.tile + 2 * margin, scale.tile + 2 * margin), cv::Vec3f(0, 0, 0));
  cv::copyMakeBorder(texture, wrapped, margin, margin, margin, margin, cv::BORDER_WRAP);
  cv::Mat3f finer = wrapped, coarser, band;
  for (int b = 0; b < 3; ++b) {
    cv::GaussianBlur(wrapped, coarser, {}, scale.finest_sigma * (1 << b));
    cv::subtract(finer, coarser, band);
    if (energy == BandEnergy::own) {
      detail += band;
    } else {
      const cv::Mat1f weight = energy_weight(band, scale.whitening);
      for (int y = 0; y < detail.rows; ++y)
        for (int x = 0; x < detail.cols; ++x) detail(y, x) += weight(y, x) * band(y, x);
    }
    finer = coarser.clone();
  }
  StyleTexture result{{}, colours.mean, matrix_power(colours.covariance, 0.5)};
  detail(cv::Rect(margin, margin, scale.tile, scale.tile)).convertTo(result.detail, CV_16S, 1 / kDetailUnit);
  return result;
}

}  // namespace

int stylize_scale_index(int height, int width) {
  const int side = std::min(height, width);
  int index = 0;
  while (side > kScales[index].largest_side) ++index;
  return index;
}

const StylizeScale& stylize_scale(int index) {
  return kScales[index];
}

StyleTexture style_texture(const cv::Mat3f& style, const cv::Mat1f& noise, const StylizeScale& scale) {
  return bands_of(random_phase(periodic_part(style), noise), scale, BandEnergy::evened_out, colour_statistics(style));
}

StyleTexture quilted_texture(const cv::Mat3f& texture, const StylizeScale& scale) {
  StyleTexture result = bands_of(texture, scale, BandEnergy::own, colour_statistics(texture));
  const cv::Matx13d luminance(0.2125, 0.7154, 0.0721);
  const double contrast = cv::norm(luminance * result.root_covariance);
  result.root_covariance *= std::max(1.0, kLeastContrast / contrast);
  return result;
}

cv::Mat3f textureless_base(const Image& image, const StylizeScale& scale) {
  cv::Mat3f pixels, guide;
  view(image).convertTo(pixels, CV_32F);
  cv::GaussianBlur(pixels, guide, {}, scale.guide_sigma);
  const DomainTransformOptions options{scale.space, kRange, 3};
  for (int i = 0; i < 2; ++i) guide = domain_transform(pixels, guide, options);
  return guide;
}

Image stylized(const Image& image, const StyleTexture& style, const TexturePlacement& placement,
               const StylizeScale& scale, const StylizeOptions& options) {
  cv::Mat3f base = textureless_base(image, scale);
  recolour(base, style, options.colour);
  const cv::Mat1f guard = outline_guard(base, scale);

  Image result(image.height, image.width);
  const int last = scale.tile - 1;  // the tile is a power of two
  const float gain = static_cast<float>(options.gain * kDetailUnit);
  const int mirror_x = placement.flip & 1 ? last : 0, mirror_y = placement.flip & 2 ? last : 0;
  const bool swapped = placement.flip & 4;
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* out = result.row(y);
    const int from_y = ((y + placement.shift_y) & last) ^ mirror_y;
    for (int x = 0; x < image.width; ++x, out += 3) {
      const int from_x = ((x + placement.shift_x) & last) ^ mirror_x;
      const auto& detail = swapped ? style.detail(from_x, from_y) : style.detail(from_y, from_x);
      const float strength = gain * guard(y, x);
      for (int c = 0; c < 3; ++c) {
        const float value = base(y, x)[c] + strength * detail[c];
        out[c] = static_cast<std::uint8_t>(std::clamp(value, 0.f, 255.f) + 0.5f);
      }
    }
  }
  return result;
}

}  // namespace cuebench
