#pragma once
// Everything that training continues from, in one file.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/models/trainable_network.hpp>
#include <cuebench/training/training.hpp>

namespace cuebench {

/// Where training stands. Order, augmentation and noise follow from the seed and these numbers.
struct TrainingPosition {
  std::int64_t epoch = 0;                ///< finished ones
  std::int64_t batch = 0;                ///< finished ones in the current epoch
  std::int64_t step = 0;                 ///< optimiser steps done
  std::int64_t images = 0, correct = 0;  ///< of the current epoch; with replays an image counts several times
  double loss_sum = 0, seconds = 0;      ///< of the current epoch
  double overfitting_check = 0;          ///< accuracy after the last epoch
  bool stopped = false;                  ///< by the watch for catastrophic overfitting
  double best_accuracy = -1;             ///< of model-best.safetensors
};

/// What a state file holds, by reference.
struct TrainingStateParts {
  TrainableNetwork& network;
  std::vector<at::Tensor>& momentum;  ///< undefined where a tensor is not trained
  std::vector<at::Tensor>* average;   ///< nullptr: none
  at::Tensor& carried;
  TrainingPosition& position;
  std::vector<TrainingLogRow>& log;
};

/// Atomically; a digest guards against damage. @throws RunError.
void save_training_state(const std::filesystem::path& path, const TrainingStateParts& parts,
                         std::string_view configuration);

/// @throws UsageError where the file is damaged or belongs to another configuration, with the remedy.
void load_training_state(const std::filesystem::path& path, const TrainingStateParts& parts,
                         std::string_view configuration);

}  // namespace cuebench
