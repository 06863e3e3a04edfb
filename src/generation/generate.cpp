#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <opencv2/core/utility.hpp>
#include <spdlog/spdlog.h>
#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/core/interrupt.hpp>
#include <cuebench/generation/generation.hpp>

#include "item_files.hpp"
#include "output_state.hpp"
#include "plan.hpp"

namespace cuebench {
namespace {

/// Items in flight for each thread: enough that a slow one does not stop the others.
constexpr int kItemsAThread = 4;

std::size_t block_end(const GenerationPlan& plan, std::int64_t block) {
  return std::min(plan.chosen.size(), std::size_t(block + 1) * kBlockItems);
}

/// Places in `chosen` of the blocks, in order.
std::vector<std::size_t> places_of(const GenerationPlan& plan, const std::vector<std::int64_t>& blocks) {
  std::vector<std::size_t> places;
  for (const std::int64_t block : blocks)
    for (std::size_t place = std::size_t(block) * kBlockItems; place < block_end(plan, block); ++place)
      places.push_back(place);
  return places;
}

/// Folders of all classes in all variants, also of those without an image, so that class indices stay.
void make_class_folders(const GenerationRequest& request, const GenerationPlan& plan) {
  std::error_code failed;
  for (const auto& variant : plan.variant_folders) {
    std::filesystem::create_directories(request.out / variant, failed);
    for (const auto& name : plan.class_folders) {
      if (!failed) std::filesystem::create_directories(request.out / variant / name, failed);
    }
    if (failed)
      throw RunError(
          fmt::format("cannot make the folders of '{}': {}", (request.out / variant).string(), failed.message()));
  }
}

template <typename Row>
void append(std::vector<Row>& to, std::vector<Row>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// Writes the items of `blocks`, several at a time, and records every block when it is whole. Stops after a signal.
void write_blocks(const GenerationRequest& request, const GenerationPlan& plan, const OutputState& state,
                  const std::vector<std::int64_t>& blocks, Progress& progress) {
  using Written = std::pair<std::size_t, std::shared_ptr<FinishedBlock>>;
  const std::vector<std::size_t> places = places_of(plan, blocks);
  std::size_t next = 0;
  FinishedBlock block;
  const auto take = [&](tbb::flow_control& control) -> std::size_t {
    if (next == places.size() || interrupt_requested()) {
      control.stop();
      return 0;
    }
    return places[next++];
  };
  const auto write = [&](std::size_t place) -> Written {
    return {place, std::make_shared<FinishedBlock>(write_item(request, plan, plan.chosen[place]))};
  };
  const auto record = [&](const Written& written) {
    const auto& [place, item] = written;
    append(block.item_lines, item->item_lines);
    append(block.bad_lines, item->bad_lines);
    append(block.files, item->files);
    progress.advance(1);
    const auto number = std::int64_t(place / kBlockItems);
    if (place + 1 != block_end(plan, number)) return;
    state.finish(number, std::exchange(block, {}));
  };
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, std::size_t(plan.threads));
  tbb::task_arena arena(plan.threads);
  arena.execute([&] {
    tbb::parallel_pipeline(std::size_t(kItemsAThread * plan.threads),
                           tbb::make_filter<void, std::size_t>(tbb::filter_mode::serial_in_order, take) &
                               tbb::make_filter<std::size_t, Written>(tbb::filter_mode::parallel, write) &
                               tbb::make_filter<Written, void>(tbb::filter_mode::serial_in_order, record));
  });
}

std::vector<std::int64_t> missing_blocks(const GenerationRequest& request, const GenerationPlan& plan,
                                         const OutputState& state) {
  std::vector<std::int64_t> missing;
  for (std::int64_t block = request.shard; block < plan.blocks(); block += request.shards)
    if (!state.finished(block)) missing.push_back(block);
  return missing;
}

std::int64_t items_of_shard(const GenerationRequest& request, const GenerationPlan& plan) {
  std::vector<std::int64_t> blocks;
  for (std::int64_t block = request.shard; block < plan.blocks(); block += request.shards) blocks.push_back(block);
  return std::int64_t(places_of(plan, blocks).size());
}

/// Joins the blocks' lines into items.csv and bad_images.csv if all blocks are there.
void write_tables(const GenerationRequest& request, const GenerationPlan& plan, const OutputState& state,
                  GenerationFacts& facts) {
  std::string items = "id,label,shape,texture,variant,file,note\n", bad = "path,bytes,reason\n";
  for (std::int64_t block = 0; block < plan.blocks(); ++block) {
    const auto content = state.finished(block);
    if (!content) return;
    for (const auto& line : content->item_lines) items += line + '\n';
    for (const auto& line : content->bad_lines) bad += line + '\n';
    facts.bad_images += std::int64_t(content->bad_lines.size());
  }
  write_file_atomically(request.out / "items.csv", items);
  write_file_atomically(request.out / "bad_images.csv", bad);
  facts.complete = true;
}

}  // namespace

GenerationFacts generate(const GenerationRequest& request, const ReportingOptions& reporting) {
  cv::setNumThreads(0);
  const GenerationPlan plan = plan_generation(request);
  const OutputState state = OutputState::open(request.out, identity_of(request, plan), request.overwrite);
  for (const auto& note : plan.dataset.notes) spdlog::warn("{}", note);
  make_class_folders(request, plan);

  const auto missing = missing_blocks(request, plan, state);
  const auto remaining = std::int64_t(places_of(plan, missing).size()), all = items_of_shard(request, plan);
  spdlog::info("{} images of {}, {} variants; {} threads", plan.chosen.size(), plan.dataset.source,
               plan.variants.size(), plan.threads);
  Progress progress("generate", "images", all, reporting);
  progress.resume_at(all - remaining);
  const auto start = std::chrono::steady_clock::now();
  write_blocks(request, plan, state, missing, progress);
  if (interrupt_requested())
    throw Interrupted("stopped by a signal; what is finished is kept, and the same command continues");
  progress.finish();

  GenerationFacts facts;
  facts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  facts.configuration = resolved_configuration(request, plan);
  facts.data_source = plan.dataset.source;
  facts.data_digest = plan.dataset.digest;
  facts.images = std::int64_t(plan.chosen.size());
  facts.variants = plan.variants.size();
  facts.images_this_session = remaining;
  write_tables(request, plan, state, facts);
  return facts;
}

}  // namespace cuebench
