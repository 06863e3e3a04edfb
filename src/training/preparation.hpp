#pragma once
// Everything that is settled before the first step.

#include <optional>
#include <string>

#include <c10/core/Device.h>

#include <cuebench/networks/architecture.hpp>
#include <cuebench/training/method.hpp>
#include <cuebench/training/training.hpp>

#include "augmentation.hpp"
#include "image_set.hpp"
#include "optimiser.hpp"
#include "schedule.hpp"
#include "validation.hpp"

namespace cuebench {

struct TrainingPlan {
  ImageSet training, validation;
  AssembledNetwork start;  ///< initial weights
  Sidecar sidecar;         ///< of the model to be written; without `training`
  TrainingMethod method;
  SgdOptions sgd;
  Schedule schedule;
  Augmentation augmentation;
  std::optional<RobustCheck> robust_check;
  std::string recipe;  ///< JSON object: every choice that decides the result
  std::int64_t batch = 0, batches_per_epoch = 0;
  int threads = 1;
  at::Device device = at::kCPU;
  std::vector<std::string> notes;
};

/// Checks the request, opens the data, settles the network, asks `accept_recipe` (which refuses a folder of another
/// configuration) and then reads the images. @throws UsageError; Interrupted.
TrainingPlan prepare_training(const TrainingRequest& request, const ReportingOptions& reporting,
                              const std::function<void(const std::string& recipe)>& accept_recipe);

}  // namespace cuebench
