#pragma once
// The random changes of the Square Attack (Andriushchenko et al. 2020) to one image.

#include <ATen/core/Tensor.h>

#include <cuebench/core/random.hpp>

#include "perturbation_size.hpp"

namespace cuebench {

/// Share of the pixels that a square covers after `changes` changes.
double share_of_pixels(double initial_share, int changes);

/// Side of a square that covers `share` of `pixels`, at least 1.
int side_of_share(double share, std::int64_t pixels);

/// The start, [C, H, W] as `image`. linf: each column of each channel at +epsilon or -epsilon. l2: a grid of 5 x 5
/// pyramids of random sign, of length epsilon in all. Clipped to [0, 1].
at::Tensor first_candidate(const PerturbationSize& size, const at::Tensor& image, RandomStream& stream);

/// Changes `candidate`, a point in the ball around `image`, in one square of `side`, which l2 makes odd and at least 3,
/// as far as the image allows. What is drawn, all by uniform(): row and column of the square; l2: row and column of the
/// one that gives its mass, whether the pyramids lie on their side; then a sign for each channel.
void change_candidate(const PerturbationSize& size, const at::Tensor& image, int side, at::Tensor candidate,
                      RandomStream& stream);

}  // namespace cuebench
