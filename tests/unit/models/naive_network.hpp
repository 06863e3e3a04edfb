#pragma once
// A network by plain loops in double: the oracle of what Model computes.

#include <vector>

#include <cuebench/networks/architecture.hpp>

namespace cuebench::test {

/// Values of every node for one image [C, H, W], row-major.
std::vector<std::vector<double>> run_naively(const AssembledNetwork& assembled, const std::vector<double>& image);

/// Fills every parameter slot with random values that keep activations at a scale of about 1.
void fill_weights(AssembledNetwork& assembled, std::uint64_t seed);

/// A network from nodes: shapes inferred, weights filled, classes from the last node.
AssembledNetwork assemble(std::vector<Node> nodes, const NodeShape& input, std::uint64_t seed);

}  // namespace cuebench::test
