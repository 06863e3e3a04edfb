#pragma once
// Chunks through a bounded, ordered pipeline into the store: parallel in the middle, in order at the end.

#include <cuebench/core/progress.hpp>

#include "chunk.hpp"

namespace cuebench {

struct StreamingTotals {
  std::int64_t images = 0;
  double seconds = 0;
};

/// Class partitions for every measured layer: from the head's weights (closed form) or from a pass over the clean
/// images, which is stored as it goes and continued after an interruption.
LayerReferences make_references(const Preparation& run, const EvaluationRequest& request, RunStore& store,
                                const ReportingOptions& reporting);

/// Evaluates every block of this shard that the store lacks.
/// @throws Interrupted after a signal, with all finished blocks stored; RunError; UsageError from a variant that cannot
/// be made at this size.
StreamingTotals stream_blocks(const Preparation& run, const EvaluationRequest& request,
                              const LayerReferences& references, RunStore& store, const ReportingOptions& reporting);

}  // namespace cuebench
