#pragma once
// TorchScript elsewhere than in float32 on the CPU. Weights are constants of the flat graph.

#include <memory>

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>
#include <torch/csrc/jit/ir/ir.h>

namespace cuebench {

/// A copy of the graph whose constants are on `device`, float tensors in `type` (not those of batch normalisation).
/// Where the code names the CPU (tracing writes down where tensors were made), the copy names `device`.
std::shared_ptr<torch::jit::Graph> place_graph(const torch::jit::Graph& graph, const at::Device& device,
                                               at::ScalarType type);

}  // namespace cuebench
