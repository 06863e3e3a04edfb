#pragma once
// Accuracy of a network in eval mode, on clean images and under PGD.

#include <cstdint>
#include <optional>

#include <cuebench/models/trainable_network.hpp>
#include <cuebench/training/method.hpp>

#include "batches.hpp"
#include "image_set.hpp"

namespace cuebench {

struct RobustCheck {
  ThreatModel threat;
  int steps = 10;
  int images = 256;  ///< spread evenly over the validation set; the same ones every time
};

/// Number of rows whose largest logit is the label's.
std::int64_t count_correct(const at::Tensor& logits, const at::Tensor& labels);

/// Share of right answers. @throws Interrupted.
double clean_accuracy(const FrozenNetwork& network, const ImageSet& images, const at::Device& device);

/// The same on images moved by PGD from a random start, steps of 2.5 epsilon / steps, the last iterate; the same random
/// starts every time.
double robust_accuracy(const FrozenNetwork& network, const ImageSet& images, const RobustCheck& check,
                       const at::Device& device);

/// Share of right answers on one batch moved by PGD of 5 steps of epsilon / 4 from a random start: Wong et al.'s watch
/// for catastrophic overfitting.
double overfitting_check_accuracy(const FrozenNetwork& network, const Batch& batch, const ThreatModel& threat,
                                  std::uint64_t seed);

}  // namespace cuebench
