#pragma once
// Pictures as networks see them, without saying which library runs the network.

#include <functional>
#include <span>
#include <vector>

namespace cuebench {

/// channels x height x width values, row by row.
struct Planes {
  int channels = 0, height = 0, width = 0;
  std::vector<float> values;
};

/// From pictures (3 channels in [0, 1]) to a picture, a mask or scores of classes at each pixel. Thread-safe and pure.
/// @throws UsageError when the network cannot take them.
using PlanarNetwork = std::function<Planes(std::span<const Planes> arguments)>;

}  // namespace cuebench
