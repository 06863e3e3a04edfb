#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "batches.hpp"

#include <algorithm>
#include <numeric>

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <cuebench/core/random.hpp>

namespace cuebench {
namespace {

/// `write(position, out)` fills one image [H, W, 3], which is what channels_last is in memory.
template <typename Write>
Batch make_batch(const ImageSet& images, std::span<const std::size_t> indices, const Write& write) {
  const auto count = static_cast<std::int64_t>(indices.size());
  Batch batch;
  batch.images = at::empty({count, Image::kChannels, images.height, images.width}, at::TensorOptions(at::kFloat),
                           at::MemoryFormat::ChannelsLast);
  batch.labels = at::empty({count}, at::kLong);
  float* const out = batch.images.data_ptr<float>();
  for (std::size_t i = 0; i < indices.size(); ++i) {
    write(indices[i], out + i * images.image_bytes());
    batch.labels.data_ptr<std::int64_t>()[i] = images.labels[indices[i]];
  }
  return batch;
}

}  // namespace

Batch plain_batch(const ImageSet& images, const std::vector<std::size_t>& indices) {
  return make_batch(images, indices, [&](std::size_t index, float* out) { write_plain(images, index, out); });
}

BatchPlan::BatchPlan(const ImageSet& images, int batch, const Augmentation& augmentation, std::uint64_t seed)
    : images_(images),
      batch_(std::min<std::int64_t>(batch, static_cast<std::int64_t>(images.size()))),
      augmentation_(augmentation),
      seed_(seed) {}

std::int64_t BatchPlan::batches_per_epoch() const {
  return static_cast<std::int64_t>(images_.size()) / batch_;
}

std::vector<std::size_t> BatchPlan::order(std::int64_t epoch) const {
  std::vector<std::size_t> indices(images_.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  RandomStream stream(seed_, fmt::format("epoch {}", epoch), "order of training images");
  stream.shuffle(std::span(indices));
  return indices;
}

Batch BatchPlan::make(std::int64_t epoch, std::span<const std::size_t> order, std::int64_t number) const {
  const auto chosen = order.subspan(static_cast<std::size_t>(number * batch_), static_cast<std::size_t>(batch_));
  return make_batch(images_, chosen, [&](std::size_t index, float* out) {
    write_augmented(images_, index, augmentation_, seed_, epoch, out);
  });
}

EpochBatches::EpochBatches(const BatchPlan& plan, std::int64_t epoch, std::int64_t first)
    : plan_(plan), epoch_(epoch), number_(first), order_(plan.order(epoch)) {
  start();
}

void EpochBatches::start() {
  if (number_ >= plan_.batches_per_epoch()) return;
  coming_ = std::async(std::launch::async, [this, number = number_] { return plan_.make(epoch_, order_, number); });
  ++number_;
}

Batch EpochBatches::next() {
  Batch batch = coming_.get();
  start();
  return batch;
}

}  // namespace cuebench
