#pragma once
// Drops of water and splashes of mud, as ImageNet-C's spatter makes them from a smooth random layer.

#include <opencv2/core.hpp>

namespace cuebench {

/// How bright the water is at each pixel, from 0 to `strength`: `liquid` (values below the threshold set to 0) cut to
/// bytes, times the embossed relief of the distance from its outlines. All 0 where there is no liquid.
cv::Mat1f water_layer(const cv::Mat1d& liquid, double strength);

/// The share of mud at each pixel: where `liquid` > `threshold`, blurred by a Gaussian of `sigma` pixels; below .8 it
/// is 0.
cv::Mat1f mud_layer(const cv::Mat1d& liquid, double threshold, double sigma);

/// The liquid: `noise` (mean + sd N) smoothed by a Gaussian with edge pixels repeated, 0 below the threshold.
/// In double: the threshold is a step, so that the last digit of a value decides about a whole pixel of liquid.
cv::Mat1d liquid_layer(const cv::Mat1d& noise, double sigma, double threshold);

}  // namespace cuebench
