#pragma once
// Training methods: each is one file in src/training/methods that ends in its TrainingMethodInfo. A method turns a
// minibatch into the loss that the optimiser lowers.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/core/parameters.hpp>
#include <cuebench/models/trainable_network.hpp>

namespace cuebench {

enum class Norm { linf, l2 };

/// What an adversary may do to an image: move it by at most epsilon, within [0, 1]. Pixel units.
struct ThreatModel {
  Norm norm = Norm::linf;
  double epsilon = 0;
};

/// One minibatch.
struct TrainingStep {
  TrainableNetwork& network;
  at::Tensor images;  ///< float [N, 3, H, W] in [0, 1], no gradient
  at::Tensor labels;  ///< int64 [N]
  double label_smoothing = 0;
  std::uint64_t noise_seed = 0;  ///< of everything random in this step
  at::Tensor& carried;           ///< what the method keeps between steps; undefined at first; saved with the state
  double probe_weight = 2;       ///< beta of the joint loss, for a network with probes
};

struct StepLoss {
  at::Tensor loss;    ///< scalar, recorded
  at::Tensor logits;  ///< [N, classes] of the images that count for the training accuracy
  /// Called between the backward pass and the optimiser's step; may be empty.
  std::function<void()> after_backward = {};
};

struct TrainingMethod {
  std::function<StepLoss(TrainingStep& step)> loss;
  std::optional<ThreatModel> threat = {};  ///< nothing for standard training
  int replays = 1;                         ///< optimiser steps on every minibatch
  /// The adversary is weak enough for the network to learn to fool it: robust accuracy is watched after every epoch.
  bool may_overfit_catastrophically = false;
  /// Whether its loss trains the probes of CIFS modules.
  bool trains_probes = true;
};

struct TrainingMethodInfo {
  std::string_view name;
  std::string_view summary;  ///< one sentence
  std::string_view formula;  ///< definition, exact
  std::string_view source;   ///< paper or code it comes from
  std::vector<ParameterSpec> parameters;
  /// @throws UsageError where parameters contradict each other.
  TrainingMethod (*make)(const Parameters& parameters);
};

/// Every method, in the order of src/training/CMakeLists.txt.
std::span<const TrainingMethodInfo* const> registered_training_methods();

/// @throws UsageError with the nearest names.
const TrainingMethodInfo& find_training_method(std::string_view name);

}  // namespace cuebench
