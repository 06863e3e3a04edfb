#pragma once
// What a loaded classifier is to Model, whatever its file was: functions that run it, and what is known about it.

#include <functional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/models/model.hpp>

namespace cuebench {

/// Logits [N, classes] and the chosen taps, dense.
struct ForwardTensors {
  at::Tensor logits;
  std::vector<at::Tensor> taps;
};

/// Whether a differentiable pass makes every tap part of the autograd graph.
enum class TapGradients { no, yes };

/// The functions are immutable and may be called from several threads at once. They take images as Model does
/// (normalisation is inside) and run on the calling thread.
struct Executor {
  std::function<Inference(const at::Tensor& images)> infer;
  std::function<ForwardTensors(const at::Tensor& images, TapGradients gradients)> differentiate;
};

/// The outcome of loading, before the probe batch has been run.
struct LoadedModel {
  ModelInfo info;
  NodeShape probe_size;  ///< {C, H, W} of images that the model takes
  std::vector<TapInfo> available, chosen;
  /// Per chosen tap: W [classes x C] where the structure promises the closed form, else empty.
  std::vector<std::vector<double>> closed_form;
  Executor plain;                        ///< infer on dense tensors; the reference of the probe
  Executor blocked;                      ///< infer on oneDNN layouts; empty functions where that is not possible
  std::string plain_name, blocked_name;  ///< for ModelInfo::way; no blocked_name: nothing faster is missed
};

LoadedModel load_native_model(AssembledNetwork assembled, const ModelSpec& spec, const std::vector<std::string>& taps,
                              const NodeShape& input_hint);
LoadedModel load_script_model(const ModelSpec& spec, const std::vector<std::string>& taps, const NodeShape& input_hint);

/// "model 'a' (file.pth)" for messages.
std::string describe_model(const ModelSpec& spec);
/// "3x32x32"
std::string describe_size(const NodeShape& size);

}  // namespace cuebench
