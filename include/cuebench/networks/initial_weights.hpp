#pragma once
// Weights to begin training with, from a seed.

#include <cstdint>

#include <cuebench/networks/checkpoint.hpp>
#include <cuebench/networks/network.hpp>

namespace cuebench {

/// Every slot of the network, filled as torchvision fills its ResNets:
///   convolution  weight: normal, deviation sqrt(2 / (out * kh * kw)) (Kaiming, fan out); bias as a linear layer's
///   batch_norm   weight 1, bias 0, running mean 0, running variance 1
///   linear       weight and bias: uniform in +-1 / sqrt(inputs) (PyTorch's default)
/// Each tensor has its own stream of random numbers, keyed by (seed, its name), so that a layer more or less leaves the
/// others as they are. Needs shapes (infer_shapes).
Checkpoint initial_weights(const Network& network, std::uint64_t seed);

}  // namespace cuebench
