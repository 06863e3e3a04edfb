#pragma once
// Eidolons after Koenderink et al. 2017: an image whose scales are displaced by random fields ("partially coherent
// disarray"). Equivalent to the Eidolon toolbox in kind, not in bytes.

#include <vector>

#include <opencv2/core.hpp>

#include <cuebench/core/random.hpp>

namespace cuebench {

/// Standard deviations 2^(-1/2) 2^(k/2) pixels, k = 0, 1, ..., up to a seventh of the shorter side; at least the first.
/// 12 of them, .71 to 32, at 224 pixels.
std::vector<double> eidolon_scales(cv::Size size);

/// The differences of neighbouring scales, finest first, and at last the coarsest scale itself: their sum is the image
/// blurred by scales[0]. The border is mirrored.
std::vector<cv::Mat1f> scale_differences(const cv::Mat1f& grey, const std::vector<double>& scales);

/// One displacement of each pixel in units of the reach: x, then y.
using DisplacementField = cv::Mat2f;

/// Sum over the levels of level(y + reach * field_y, x + reach * field_x), coordinates cut down to whole pixels and
/// mirrored at the border. Not clipped.
cv::Mat1f disarrayed(const std::vector<cv::Mat1f>& levels, const std::vector<DisplacementField>& fields, double reach);

/// Two independent periodic Gaussian fields whose correlation at distance d is exp(-d^2 / (4 sigma^2)), that of white
/// noise blurred by sigma pixels; each has mean 0 and variance 1 over its pixels (0 for a single pixel).
DisplacementField gaussian_field(cv::Size size, double sigma, RandomStream& random);

/// For each scale: coherence * c + (1 - coherence) * i. c is the sum of sigma_j P_j over the scales j from this one up,
/// with P_j = gaussian_field(sigma_j) drawn once per image, standardised to mean 0 and variance 1. i is a
/// gaussian_field(grain) of its own. Lengths above a seventh of the shorter side count as that. coherence in [0, 1].
std::vector<DisplacementField> displacement_fields(cv::Size size, const std::vector<double>& scales, double coherence,
                                                   double grain, RandomStream& random);

}  // namespace cuebench
