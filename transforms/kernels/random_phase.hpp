#pragma once
// Random-phase textures (Galerne, Gousseau and Morel 2011): the spectrum of an image without its outlines.

#include <opencv2/core.hpp>

namespace cuebench {

/// The sum of a periodic image and a smooth one that carries the jump at the borders (Moisan 2011); this is the
/// periodic part. Without it the border of a photograph draws a cross into its spectrum.
cv::Mat3f periodic_part(const cv::Mat3f& image);

/// Adds the phases of `noise` (same size) to those of every channel. Amplitudes, channel means and the phase
/// differences between channels stay; the result is periodic.
cv::Mat3f random_phase(const cv::Mat3f& image, const cv::Mat1f& noise);

}  // namespace cuebench
