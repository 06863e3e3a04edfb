#pragma once
// What a loaded classifier is to Model, whatever its file was: functions that run it, and what is known about it.

#include <functional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/models/model.hpp>
#include <cuebench/models/placement.hpp>

namespace cuebench {

/// Logits [N, classes], the chosen taps, dense, and the logits of the network's probes in execution order.
struct ForwardTensors {
  at::Tensor logits;
  std::vector<at::Tensor> taps;
  std::vector<at::Tensor> probes = {};
};

/// Whether a differentiable pass makes every tap part of the autograd graph.
enum class TapGradients { no, yes };

/// A forward pass in which the channels of one tap are multiplied, for several sets of factors.
struct FactorPasses {
  std::size_t tap = 0;    ///< of the chosen ones
  std::size_t count = 0;  ///< of sets
  /// Fit to be multiplied with the tap's value, which has so many dimensions.
  std::function<at::Tensor(std::int64_t dimensions, std::size_t i)> factors;
  std::function<void(std::size_t i, const at::Tensor& logits)> visit;
};

/// The functions are immutable and may be called from several threads at once. They take images as Model does
/// (normalisation is inside) and run on the calling thread.
struct Executor {
  std::function<Inference(const at::Tensor& images)> infer;
  std::function<ForwardTensors(const at::Tensor& images, TapGradients gradients)> differentiate;
  /// For TapGradients::no, where there is a faster way than `differentiate`; else empty.
  std::function<at::Tensor(const at::Tensor& images)> differentiable_logits = {};
  std::function<void(const at::Tensor& images, const FactorPasses& passes)> infer_with_factors = {};
};

/// On oneDNN's layouts. Its differentiate may be empty: then the plain one serves.
struct FasterWay {
  std::string name;  ///< for ModelInfo::way
  ExecutionWay way = ExecutionWay::blocked;
  std::function<Executor()> make;  ///< weights are reordered for a way that is tried, not for all
};

/// The outcome of loading, before the probe batch has been run.
struct LoadedModel {
  ModelInfo info;
  Placement placement;
  NodeShape probe_size;  ///< {C, H, W} of images that the model takes
  std::vector<TapInfo> available, chosen;
  /// Per chosen tap: W [classes x C] where the structure promises the closed form, else empty.
  std::vector<std::vector<double>> closed_form;
  Executor plain;    ///< on dense float32 tensors; the reference of the probe
  Executor reduced;  ///< infer with fewer bits; empty functions where the placement is float32
  std::string plain_name;
  std::vector<FasterWay> faster;  ///< the most wanted first; of models in float32 on the CPU
};

LoadedModel load_native_model(AssembledNetwork assembled, const ModelSpec& spec, const std::vector<std::string>& taps,
                              const NodeShape& input_hint, const Placement& placement);
LoadedModel load_script_model(const ModelSpec& spec, const std::vector<std::string>& taps, const NodeShape& input_hint,
                              const Placement& placement);

/// "model 'a' (file.pth)" for messages.
std::string describe_model(const ModelSpec& spec);
/// "3x32x32"
std::string describe_size(const NodeShape& size);

}  // namespace cuebench
