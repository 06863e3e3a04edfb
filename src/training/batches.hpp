#pragma once
// Minibatches: made on a second thread while the first one trains.

#include <cstdint>
#include <future>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "augmentation.hpp"
#include "image_set.hpp"

namespace cuebench {

/// On the host.
struct Batch {
  at::Tensor images;  ///< float [N, 3, H, W] in [0, 1], channels_last
  at::Tensor labels;  ///< int64 [N]
};

/// Images as they are, in the order given.
Batch plain_batch(const ImageSet& images, const std::vector<std::size_t>& indices);

/// How minibatches are drawn: everything follows from (seed, epoch, number of the batch).
class BatchPlan {
 public:
  /// `images` must outlive the plan.
  BatchPlan(const ImageSet& images, int batch, const Augmentation& augmentation, std::uint64_t seed);
  /// Full batches only: what is left over in the epoch's random order waits for the next epoch.
  std::int64_t batches_per_epoch() const;
  std::int64_t batch_size() const { return batch_; }
  /// The images in the epoch's order.
  std::vector<std::size_t> order(std::int64_t epoch) const;
  Batch make(std::int64_t epoch, std::span<const std::size_t> order, std::int64_t number) const;

 private:
  const ImageSet& images_;
  std::int64_t batch_;
  Augmentation augmentation_;
  std::uint64_t seed_;
};

/// The batches of one epoch one after another, the next one under way on a thread of its own.
class EpochBatches {
 public:
  EpochBatches(const BatchPlan& plan, std::int64_t epoch, std::int64_t first);
  /// The next batch; there are batches_per_epoch() - first of them.
  Batch next();

 private:
  void start();
  const BatchPlan& plan_;
  std::int64_t epoch_, number_;
  std::vector<std::size_t> order_;
  std::future<Batch> coming_;
};

}  // namespace cuebench
