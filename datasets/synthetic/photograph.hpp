#pragma once
// What light, lens and sensor do to a scene.

#include <cuebench/core/random.hpp>
#include <cuebench/imaging/image.hpp>

#include "colours.hpp"

namespace cuebench::synthetic {

struct CameraOptions {
  float blur = 0;   ///< largest standard deviation of the Gaussian blur, pixels
  float noise = 0;  ///< largest standard deviation of the noise, pixel range 1
};

/// In this order: uneven light (a gradient of up to 15 % each way, and soft shadows), a colour cast of up to 8 % a
/// channel, Gaussian blur, sensor noise, rounding to 8 bits. Each strength is drawn uniformly up to its largest value.
Image photograph(Picture scene, const CameraOptions& options, RandomStream& random);

}  // namespace cuebench::synthetic
