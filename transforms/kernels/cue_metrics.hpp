#pragma once
// How much of the outline and of the texture of an image a variant leaves: the four figures of docs/variants.md.

#include <opencv2/core.hpp>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Lengths in pixels. The defaults are for images of about 224 pixels; `for_size` scales them.
struct CueScale {
  double edge_sigma = 2;      ///< Gaussian before the gradient
  double edge_share = 0.035;  ///< share of all pixels that count as edge
  int tolerance = 2;          ///< an edge pixel found within this distance is found
  int edge_margin = 3;        ///< pixels nearer than this to an edge are not texture
  double finest_sigma = 1;    ///< the three bands lie between Gaussians of 0, 1, 2 and 4 times this
  int block = 16;             ///< side of the blocks whose energies are compared

  /// The defaults from 112 pixels of the shorter side upwards; below, lengths for images of about 32 pixels.
  static CueScale for_size(int height, int width);
};

struct CueMetrics {
  double outline_kept = 0;         ///< EF: F-measure of the two edge maps; 1 = all kept
  double texture_destroyed = 0;    ///< TC: 1 - mean |correlation| of the fine bands away from edges
  double energy_rearranged = 0;    ///< TE: 1 - mean correlation of the blocks' log energies
  double energy_level_change = 0;  ///< LV: mean 1/2 |ln(energy ratio)|; small = still textured, not blurred
};

/// Thinned edges: the strongest `scale.edge_share` of all pixels among the local maxima of the smoothed gradient; 255.
cv::Mat1b strongest_edges(const cv::Mat1d& luminance, const CueScale& scale);

/// F-measure of two edge maps where an edge pixel counts as found when the other map has one within `tolerance` pixels
/// (in rows and in columns). 1 if both are empty, 0 if one is.
double edge_f_measure(const cv::Mat1b& reference, const cv::Mat1b& other, int tolerance);

/// Images of the same size.
CueMetrics cue_metrics(const Image& original, const Image& variant, const CueScale& scale);

/// How far the fine textures of two pictures are apart, wherever their elements lie: root mean square difference of
/// ln(rms) over three bands x four directions of the derivative, on luminance in [0, 1]. 0 for equal statistics,
/// symmetric.
double texture_distance(const Image& a, const Image& b, const CueScale& scale);

}  // namespace cuebench
