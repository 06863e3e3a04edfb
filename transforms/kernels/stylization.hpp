#pragma once
// The built-in stylizer: outlines of one image, fine texture and colours of another. No network.

#include <cstdint>

#include <opencv2/core.hpp>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Lengths in pixels, for a class of image sizes. One table, so that textures can be made once for a class.
struct StylizeScale {
  /// Images whose shorter side is at most this belong to the class.
  int largest_side;
  /// Side of the periodic texture that is cut to the image's size.
  int tile;
  /// Size of the elements of the built-in style pictures.
  double grain;
  double guide_sigma;   ///< details smaller than this are not outline
  double space;         ///< window of the edge-aware smoothing
  double finest_sigma;  ///< the texture bands lie between Gaussians of 0, 1, 2 and 4 times this
  int whitening;        ///< window in which the energy of the texture is evened out
  double guard_sigma;   ///< Gaussian before the gradient that protects outlines
  double guard;         ///< gradient (Sobel, luminance in [0, 1]) at which the texture falls to 1/e
};

constexpr int kStylizeScales = 4;
/// Index of the class of an image, 0..kStylizeScales-1.
int stylize_scale_index(int height, int width);
const StylizeScale& stylize_scale(int index);

/// What a style gives to an image of one class.
struct StyleTexture {
  /// tile x tile, periodic: sum of the three bands, each evened out to about 9 grey levels; in 1/32 of a level.
  cv::Mat_<cv::Vec<std::int16_t, 3>> detail;
  /// Statistics of the style's colours, in grey levels.
  cv::Vec3d mean;
  cv::Matx33d root_covariance;
};

/// `style` is tile x tile, in [0, 255]; `noise` is white, of the same size, and fixes the phases.
StyleTexture style_texture(const cv::Mat3f& style, const cv::Mat1f& noise, const StylizeScale& scale);

/// The same of a texture that is taken as it is, with its own energies: tile x tile, continuing itself at the borders,
/// in [0, 255]. Colours whose luminance deviates by less than 40 levels are spread to that, so that an image recoloured
/// with them keeps outlines.
StyleTexture quilted_texture(const cv::Mat3f& texture, const StylizeScale& scale);

/// Where the texture is cut: one of the 8 flips and turns, and a shift.
struct TexturePlacement {
  int flip = 0;  ///< bit 0: left-right, bit 1: upside down, bit 2: swapped axes
  int shift_y = 0, shift_x = 0;
};

struct StylizeOptions {
  double gain = 1;      ///< of the texture; 1: about 9 grey levels in each band
  double colour = 0.8;  ///< 0: the image's own colours, 1: those of the style
};

/// The image without its fine texture, outlines kept: the domain transform twice, guided by what it removed first.
cv::Mat3f textureless_base(const Image& image, const StylizeScale& scale);

/// Base, recoloured, plus the texture, which fades at outlines.
Image stylized(const Image& image, const StyleTexture& style, const TexturePlacement& placement,
               const StylizeScale& scale, const StylizeOptions& options);

}  // namespace cuebench
