#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "hyperplane_projection.hpp"

#include <limits>

#include <ATen/ops/full_like.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/sort.h>
#include <ATen/ops/where.h>

namespace cuebench {

/// With s the direction towards the hyperplane, d_i = s_i min(t u_i, room_i), where u is 1 (linf) or |w| (l2). The way
/// towards the plane grows piecewise linearly with t; value i stops at t = room_i / u_i. Sorted by those ends, the
/// first piece that reaches the plane gives t.
at::Tensor shortest_step_to_hyperplane(Norm norm, const at::Tensor& points, const at::Tensor& normals,
                                       const at::Tensor& offsets) {
  const at::Tensor missing = offsets.sub(normals.mul(points).sum(1)).unsqueeze(1);
  const at::Tensor direction = normals.sign().mul_(missing.sign());
  const at::Tensor room = at::where(direction.gt(0), points.neg().add_(1), points);
  const at::Tensor weight = normals.abs();
  const at::Tensor moves = weight.gt(0);
  const at::Tensor rate = norm == Norm::linf ? moves.to(at::kDouble) : weight;
  const at::Tensor end = room.div(rate).masked_fill_(moves.logical_not(), std::numeric_limits<double>::infinity());

  const auto [ends, order] = at::sort(end, /*stable=*/true, /*dim=*/1, /*descending=*/false);
  const at::Tensor slopes = weight.mul(rate).gather(1, order), reached = weight.mul(room).gather(1, order);
  const at::Tensor stopped = reached.cumsum(1).sub_(reached);      // way made by the values that stop earlier
  const at::Tensor rest = slopes.flip(1).cumsum(1).flip(1);        // slope of this and all later ones
  const at::Tensor needed = missing.abs().sub(stopped).div(rest);  // t, if this piece is the one
  const at::Tensor fits = needed.le(ends).logical_and(rest.gt(0));
  const at::Tensor first = fits.to(at::kLong).argmax(1, /*keepdim=*/true);
  const at::Tensor t = at::where(fits.any(1, /*keepdim=*/true), needed.gather(1, first).clamp_min(0),
                                 at::full_like(missing, std::numeric_limits<double>::infinity()));
  return direction.mul(at::minimum(rate.mul(t).masked_fill_(moves.logical_not(), 0.0), room));
}

}  // namespace cuebench
