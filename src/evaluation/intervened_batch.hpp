#pragma once
// Interventions on the channels of tapped layers: who is right without and with each of them.

#include <ATen/core/Tensor.h>

#include "chunk.hpp"

namespace cuebench {

/// One batch as one model has seen it.
struct SeenBatch {
  const at::Tensor& images;
  const std::vector<int>& labels;            ///< none below 0
  const std::vector<float>& logits;          ///< [N, classes]
  const std::vector<TapMeans>& activations;  ///< by tap
  int variant = 0;
};

/// Adds a row for each intervention on the model's layers. An image whose class has no relevance (it has no clean
/// image) is left out of its counts.
void intervene_on_batch(const Preparation& run, const PreparedModel& prepared, const SeenBatch& batch,
                        const LayerReferences& references, BlockRecord& record);

}  // namespace cuebench
