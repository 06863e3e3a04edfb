#pragma once
// A network whose weights can be trained: the same nodes that Model executes, in train mode, on any device.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cuebench/networks/architecture.hpp>

namespace cuebench {

/// Whether a pass in train mode moves the running statistics of batch normalisation.
enum class RunningStatistics { update, keep };

/// One tensor of the state_dict, float32, on the network's device. Change `value` in place (without autograd
/// recording).
struct TrainableTensor {
  std::string name;
  at::Tensor value;        ///< a leaf that requires its gradient where `trained`
  bool trained = true;     ///< running statistics are not
  bool is_weight = false;  ///< of a convolution or linear layer: no bias, no parameter of a normalisation
};

/// Logits [N, classes], and those of the network's probes (CIFS modules) in execution order.
struct NetworkOutputs {
  at::Tensor logits;
  std::vector<at::Tensor> probes = {};
};

/// Outputs in eval mode of images as below. Gradients flow to the images, never to weights.
using FrozenNetwork = std::function<NetworkOutputs(const at::Tensor& images)>;

/// Whether gradients by the images run through the factors of CIFS modules, as they truly depend on them, or take them
/// for constants, as the published training does. Gradients by the weights run through them either way.
enum class FactorGradient { through, constant };

/// Images are float [N, C, H, W] in [0, 1] on the network's device (channels_last is fastest on a CPU); normalisation
/// is inside. Not thread-safe; runs with as many LibTorch threads as the caller has set.
class TrainableNetwork {
 public:
  /// A copy of the assembled weights. `normalisation` gives mean, std and channel order.
  /// @throws UsageError where mean and std do not fit the channels.
  TrainableNetwork(const AssembledNetwork& assembled, const Sidecar& normalisation, const at::Device& device);
  TrainableNetwork(TrainableNetwork&&) noexcept;
  TrainableNetwork& operator=(TrainableNetwork&&) noexcept;
  ~TrainableNetwork();

  /// Outputs in train mode: batch normalisation by the batch's own statistics (biased variance); running statistics
  /// move by 0.1 towards the batch's mean and unbiased variance, as PyTorch's do. Factors of CIFS modules are constants
  /// for gradients by the images; with `labels` (int64 [N]) they are those of training (docs/channels.md).
  NetworkOutputs forward(const at::Tensor& images, RunningStatistics statistics, const at::Tensor& labels = {});

  /// The network as it is now, in eval mode: a snapshot with batch normalisation folded into the convolutions before
  /// it. `values` replace the tensors' own (an average of weights), in the order of tensors().
  FrozenNetwork freeze(std::span<const at::Tensor> values = {}, FactorGradient factors = FactorGradient::through) const;

  /// In execution order; without num_batches_tracked.
  std::vector<TrainableTensor>& tensors();
  const std::vector<TrainableTensor>& tensors() const;

  /// A copy on the host with PyTorch's names and layout, num_batches_tracked included.
  std::vector<NamedTensor> state_dict(std::span<const at::Tensor> values = {}) const;
  /// Takes over every tensor of a state_dict() of the same network. @throws UsageError where one is missing or has
  /// another shape.
  void load(std::span<const NamedTensor> state);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cuebench
