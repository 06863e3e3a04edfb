#pragma once
// The work on one chunk: at most `batch` consecutive items of one block, from file to outcomes, on one thread.

#include <cstdint>
#include <map>
#include <vector>

#include "preparation.hpp"

namespace cuebench {

struct Chunk {
  std::int64_t block = 0;
  std::size_t first = 0, count = 0;  ///< items of the run
  bool last_of_block = false;
};

/// The chunks of the given blocks, in order.
std::vector<Chunk> chunks_of(const std::vector<std::int64_t>& blocks, std::size_t items, int block_size, int batch);

/// Layer id -> what partitions need to know.
using LayerReferences = std::vector<LayerReference>;

/// Everything the chunk adds to its block. A pure function of its arguments.
BlockRecord evaluate_chunk(const Preparation& run, const EvaluationRequest& request, const LayerReferences& references,
                           const Chunk& chunk);

/// The relevance pass: clean images only, layers that need it only. Layer id -> moments.
std::vector<std::pair<int, ClassMoments>> measure_relevance(const Preparation& run, const Chunk& chunk);

}  // namespace cuebench
