#include "streaming_run.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/interrupt.hpp>

namespace cuebench {
namespace {

std::vector<std::int64_t> missing_blocks(const std::vector<bool>& finished, const EvaluationRequest& request) {
  std::vector<std::int64_t> missing;
  for (std::size_t block = 0; block < finished.size(); ++block)
    if (!finished[block] && static_cast<int>(block % static_cast<std::size_t>(request.shards)) == request.shard)
      missing.push_back(static_cast<std::int64_t>(block));
  return missing;
}

/// Runs `work` on every chunk, `live` at a time on `threads` threads, and hands the results to `finish` in order, one
/// at a time. Stops taking chunks after a signal.
template <typename Result>
void stream(const std::vector<Chunk>& chunks, int threads, int live, bool serial,
            const std::function<Result(const Chunk&)>& work,
            const std::function<void(const Chunk&, Result&&)>& finish) {
  if (serial) {
    for (const Chunk& chunk : chunks) {
      if (interrupt_requested()) return;
      prepare_libtorch_worker();
      finish(chunk, work(chunk));
    }
    return;
  }
  using Handed = std::pair<std::size_t, std::shared_ptr<Result>>;
  std::size_t next = 0;
  const auto take = [&](tbb::flow_control& control) -> std::size_t {
    if (next == chunks.size() || interrupt_requested()) {
      control.stop();
      return 0;
    }
    return next++;
  };
  const auto process = [&](std::size_t index) -> Handed {
    prepare_libtorch_worker();
    return {index, std::make_shared<Result>(work(chunks[index]))};
  };
  const auto collect = [&](const Handed& handed) { finish(chunks[handed.first], std::move(*handed.second)); };

  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
  tbb::task_arena arena(threads);
  arena.execute([&] {
    tbb::parallel_pipeline(static_cast<std::size_t>(live),
                           tbb::make_filter<void, std::size_t>(tbb::filter_mode::serial_in_order, take) &
                               tbb::make_filter<std::size_t, Handed>(tbb::filter_mode::parallel, process) &
                               tbb::make_filter<Handed, void>(tbb::filter_mode::serial_in_order, collect));
  });
}

template <typename Row>
void append(std::vector<Row>& to, std::vector<Row>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// Adds counts row by row: every chunk with images has the same rows in the same order.
template <typename Row, typename Add>
void join_counts(std::vector<Row>& sums, std::vector<Row>& rows, const Add& add) {
  if (sums.empty()) sums.swap(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) add(sums.at(i), rows[i]);
}

void add_intervention(BlockRecord::InterventionRow& sum, const BlockRecord::InterventionRow& row) {
  sum.images += row.images;
  sum.before += row.before;
  sum.after += row.after;
  sum.both += row.both;
}

void add_aggregation(BlockRecord::AggregationRow& sum, const BlockRecord::AggregationRow& row) {
  sum.labelled += row.labelled;
  sum.right += row.right;
  sum.shape += row.shape;
  sum.texture += row.texture;
  sum.conflict += row.conflict;
}

/// Adds a chunk to its block; channel moments of one layer, variant and class merge in chunk order.
void join(BlockRecord& block, BlockRecord&& chunk) {
  block.block = chunk.block;
  append(block.outcomes, chunk.outcomes);
  append(block.notes, chunk.notes);
  append(block.channel_images, chunk.channel_images);
  join_counts(block.interventions, chunk.interventions, add_intervention);
  join_counts(block.aggregations, chunk.aggregations, add_aggregation);
  append(block.pictures, chunk.pictures);
  append(block.bad_images, chunk.bad_images);
  for (auto& row : chunk.channels) {
    const auto same = std::find_if(block.channels.begin(), block.channels.end(), [&](const auto& other) {
      return other.layer == row.layer && other.variant == row.variant;
    });
    if (same == block.channels.end()) {
      block.channels.push_back(std::move(row));
      continue;
    }
    for (auto& [label, moments] : row.moments)
      same->moments.try_emplace(label, moments.channels()).first->second.merge(moments);
  }
}

void require_uninterrupted() {
  if (interrupt_requested())
    throw Interrupted("stopped by a signal; what is finished is stored, and the same command continues");
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Images in finished blocks of this shard, for the progress bar.
std::int64_t images_done(const Preparation& run, const EvaluationRequest& request, const std::vector<bool>& finished) {
  std::vector<std::int64_t> done;
  for (const std::int64_t block : missing_blocks(std::vector<bool>(finished.size(), false), request))
    if (finished[static_cast<std::size_t>(block)]) done.push_back(block);
  std::int64_t images = 0;
  for (const Chunk& chunk : chunks_of(done, run.chosen.size(), request.block, request.block))
    images += static_cast<std::int64_t>(chunk.count);
  return images;
}

void run_relevance_pass(const Preparation& run, const EvaluationRequest& request, RunStore& store,
                        const ReportingOptions& reporting) {
  // Partitions speak of all clean images, so a shard looks at all of them too.
  EvaluationRequest whole = request;
  whole.shard = 0;
  whole.shards = 1;
  const auto finished = store.finished_relevance_blocks();
  const auto blocks = missing_blocks(finished, whole);
  if (blocks.empty()) return;
  using Moments = std::vector<std::pair<int, ClassMoments>>;
  Progress progress("relevance on clean images", "images", static_cast<std::int64_t>(run.chosen.size()), reporting);
  progress.resume_at(images_done(run, whole, finished));
  Moments block;
  stream<Moments>(
      chunks_of(blocks, run.chosen.size(), request.block, run.batch), run.threads, run.live_chunks, request.serial,
      [&](const Chunk& chunk) { return measure_relevance(run, chunk); },
      [&](const Chunk& chunk, Moments&& moments) {
        for (auto& [layer, classes] : moments) {
          const auto same = std::find_if(block.begin(), block.end(),
                                         [&, id = layer](const auto& other) { return other.first == id; });
          if (same == block.end()) {
            block.emplace_back(layer, std::move(classes));
            continue;
          }
          for (auto& [label, sums] : classes)
            same->second.try_emplace(label, sums.channels()).first->second.merge(sums);
        }
        progress.advance(static_cast<std::int64_t>(chunk.count));
        if (!chunk.last_of_block) return;
        store.commit_relevance(chunk.block, block);
        block.clear();
      });
  require_uninterrupted();
  progress.finish();
}

}  // namespace

namespace {

/// label -> relevance of each channel, where it is known now.
std::map<int, std::vector<double>> relevance_of_classes(const Preparation& run, const PreparedModel& prepared,
                                                        std::size_t tap, std::size_t layer, const RunStore& store) {
  std::map<int, std::vector<double>> classes;
  if (needs_relevance_pass(run, layer)) {
    for (auto& [label, relevance] : store.class_relevance(static_cast<int>(layer)))
      classes[label] = std::move(relevance.mean);
    return classes;
  }
  const std::vector<double>& weights = prepared.model.closed_form_weights(tap);
  const auto channels = static_cast<std::size_t>(run.description.layers[layer].channels);
  for (std::size_t row = 0; row * channels < weights.size(); ++row) {
    const auto values = std::span(weights).subspan(row * channels, channels);
    classes[static_cast<int>(row)].assign(values.begin(), values.end());
  }
  return classes;
}

void add_reference(const Preparation& run, std::size_t layer, const std::map<int, std::vector<double>>& classes,
                   LayerReference& reference) {
  for (const auto& [label, relevance] : classes) {
    if (run.partition.partition == Partition::class_clean)
      reference.class_partition[label] = partition_channels(relevance, run.partition.relevance_threshold);
    if (!run.interventions[layer].empty()) reference.class_relevance[label] = relevance;
  }
}

}  // namespace

LayerReferences make_references(const Preparation& run, const EvaluationRequest& request, RunStore& store,
                                const ReportingOptions& reporting) {
  LayerReferences references(run.description.layers.size());
  bool pass = false;
  for (std::size_t layer = 0; layer < references.size(); ++layer) pass = pass || needs_relevance_pass(run, layer);
  if (pass) run_relevance_pass(run, request, store, reporting);
  for (const auto& prepared : run.models)
    for (std::size_t tap = 0; tap < prepared.layers.size(); ++tap) {
      const auto layer = static_cast<std::size_t>(prepared.layers[tap]);
      add_reference(run, layer, relevance_of_classes(run, prepared, tap, layer, store), references[layer]);
    }
  return references;
}

StreamingTotals stream_blocks(const Preparation& run, const EvaluationRequest& request,
                              const LayerReferences& references, RunStore& store, const ReportingOptions& reporting) {
  const auto finished = store.finished_blocks();
  const auto blocks = missing_blocks(finished, request);
  StreamingTotals totals;
  if (blocks.empty()) return totals;
  const std::int64_t before = images_done(run, request, finished);
  const auto chunks = chunks_of(blocks, run.chosen.size(), request.block, run.batch);
  std::int64_t remaining = 0;
  for (const Chunk& chunk : chunks) remaining += static_cast<std::int64_t>(chunk.count);

  Progress progress("evaluate", "images", before + remaining, reporting);
  progress.resume_at(before);
  const auto start = std::chrono::steady_clock::now();
  BlockRecord block;
  stream<BlockRecord>(
      chunks, run.threads, run.live_chunks, request.serial,
      [&](const Chunk& chunk) { return evaluate_chunk(run, request, references, chunk); },
      [&](const Chunk& chunk, BlockRecord&& record) {
        if (request.fail_on_bad_image && !record.bad_images.empty()) {
          const BadImage& bad = record.bad_images.front().second;
          throw RunError(
              fmt::format("'{}' is a bad image ({}): remove it, or let bad images be recorded with "
                          "--on-bad-image record",
                          bad.path, bad.reason));
        }
        join(block, std::move(record));
        totals.images += static_cast<std::int64_t>(chunk.count);
        progress.advance(static_cast<std::int64_t>(chunk.count));
        if (!chunk.last_of_block) return;
        store.commit(block);
        block = {};
      });
  totals.seconds = seconds_since(start);
  require_uninterrupted();
  progress.finish();
  return totals;
}

}  // namespace cuebench
