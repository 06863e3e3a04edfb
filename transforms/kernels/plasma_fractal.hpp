#pragma once
// Clouds by the diamond-square method, as ImageNet-C's fog makes them.

#include <vector>

#include <opencv2/core.hpp>

namespace cuebench {

/// Random numbers that plasma_fractal(side, ...) takes: one a cell but the first.
std::size_t plasma_draws(int side);

/// side x side heights in [0, 1], periodic; `side` is a power of two >= 2. From the whole side downwards, each new
/// point is the mean of its four neighbours plus w (2 u - 1) w, w = 100 at first and divided by `decay` at each
/// halving. `uniform` holds plasma_draws(side) values u in (0, 1): at each halving the centres of the squares, then the
/// middles of their horizontal edges, then of their vertical edges, each row by row. At last the heights are stretched
/// to [0, 1].
cv::Mat1f plasma_fractal(int side, double decay, const std::vector<double>& uniform);

}  // namespace cuebench
