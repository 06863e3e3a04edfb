#pragma once
// The nearest point of a hyperplane inside the box [0, 1].

#include <ATen/core/Tensor.h>

#include "perturbation_ball.hpp"

namespace cuebench {

/// For each row the shortest d, by `norm`, with <w, x + d> = b and x + d in [0, 1]; where no such d exists, the one
/// that comes nearest to it: every value at its end of the box. `points` and `normals` [N, M], `offsets` [N], all
/// double. Values whose normal is 0 do not move.
at::Tensor shortest_step_to_hyperplane(Norm norm, const at::Tensor& points, const at::Tensor& normals,
                                       const at::Tensor& offsets);

}  // namespace cuebench
