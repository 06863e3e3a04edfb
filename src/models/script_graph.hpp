#pragma once
// A TorchScript module as one flat graph: methods inlined, weights as constants, and a marker behind every submodule
// whose output can be tapped. LibTorch has no hooks for loaded modules, so that taps become outputs of the graph.

#include <memory>
#include <string>
#include <vector>

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

namespace cuebench {

struct ScriptGraph {
  /// One input (the images), one output; tap markers are prim::Print nodes that never run.
  std::shared_ptr<torch::jit::Graph> graph;
  /// Submodule paths in execution order; a second call of one module gets the suffix _1, a third _2, as torchvision's
  /// feature extraction names them.
  std::vector<std::string> taps;
};

/// @throws UsageError (`model` leads the sentence): no forward, more than one input, a forward that changes its own
/// state, an output that is not a tensor.
ScriptGraph flatten_module(const torch::jit::Module& module, const std::string& model);

/// A copy with outputs (logits, taps...). Tapped values hold what the submodule returned, whatever later operations
/// overwrite, and stand on the way from images to logits, so that autograd can differentiate by them.
std::shared_ptr<torch::jit::Graph> with_outputs(const ScriptGraph& source, const std::vector<std::string>& taps);

/// A copy with a second input, factors that multiply the value of `tap` before anything is computed from it.
std::shared_ptr<torch::jit::Graph> with_factors(const ScriptGraph& source, const std::string& tap);

/// Converts to oneDNN layouts where LibTorch finds that worthwhile. False when nothing was converted.
bool convert_to_blocked(std::shared_ptr<torch::jit::Graph>& graph);

/// Weights [classes x C] of the linear layer, if output `tap` (1, 2, ...) of the graph reaches the logits through
/// nothing but global average pooling, reshaping, dropout and that layer.
std::vector<double> linear_head_weights(const torch::jit::Graph& graph, std::size_t tap);

/// Channels of the images, from the first convolution's weights; 0 where there is none.
std::int64_t first_convolution_channels(const torch::jit::Graph& graph);

/// Whether an operation computes with 8-bit integers.
bool is_quantised(const torch::jit::Graph& graph);

}  // namespace cuebench
