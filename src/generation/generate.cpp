#include <chrono>
#include <iterator>
#include <map>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <opencv2/core/utility.hpp>
#include <spdlog/spdlog.h>
#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/digest.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/core/interrupt.hpp>
#include <cuebench/generation/generation.hpp>

#include "item_files.hpp"
#include "output_state.hpp"
#include "plan.hpp"
#include "sink.hpp"

namespace cuebench {
namespace {

/// Items in flight for each thread: enough that a slow one does not stop the others.
constexpr int kItemsAThread = 4;

std::int64_t items_in(const GenerationPlan& plan, const std::vector<std::int64_t>& blocks) {
  std::size_t items = 0;
  for (const std::int64_t block : blocks) items += plan.block_end(block) - plan.block_begin(block);
  return std::int64_t(items);
}

Sink make_sink(const GenerationRequest& request, const GenerationPlan& plan) {
  return request.format == "webdataset" ? webdataset_sink(request, plan) : folder_sink(request, plan);
}

std::string item_lines(const GenerationPlan& plan, const Sink& sink, std::int64_t block, const EncodedItem& encoded) {
  const auto name = [&](int label) {
    return label < 0 ? std::string() : csv_field(plan.dataset.classes[std::size_t(label)]);
  };
  std::string lines;
  for (std::size_t v = 0; v < encoded.variants.size(); ++v) {
    const Item item = plan.item_in(v, encoded.index);
    lines += fmt::format("{},{},{},{},{},{},{}\n", csv_field(item.id), name(item.label), name(item.shape_label),
                         name(item.texture_label), csv_field(plan.variants[v].text),
                         csv_field(sink.place(block, encoded.index, v)), csv_field(encoded.variants[v].note));
  }
  return lines;
}

void append(std::vector<WrittenFile>& to, std::vector<WrittenFile> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// An item on its way through the pipeline.
struct Passing {
  std::size_t place = 0;
  EncodedItem item;
  std::vector<WrittenFile> files;
};

/// Writes the items of `blocks`, several at a time, and records every block when it is whole. Stops after a signal.
void write_blocks(const GenerationRequest& request, const GenerationPlan& plan, const OutputState& state,
                  const std::vector<std::int64_t>& blocks, Progress& progress) {
  using PassingPointer = std::shared_ptr<Passing>;
  const Sink sink = make_sink(request, plan);
  auto block_at = blocks.begin();
  std::size_t next = blocks.empty() ? 0 : plan.block_begin(*block_at);
  FinishedBlock content;
  const auto take = [&](tbb::flow_control& control) -> std::size_t {
    if (block_at == blocks.end() || interrupt_requested()) {
      control.stop();
      return 0;
    }
    const std::size_t place = next++;
    if (next == plan.block_end(*block_at) && ++block_at != blocks.end()) next = plan.block_begin(*block_at);
    return place;
  };
  const auto make = [&](std::size_t place) -> PassingPointer {
    auto passing = std::make_shared<Passing>();
    passing->place = place;
    passing->item = encode_item(request, plan, plan.chosen[place]);
    passing->files = sink.write(passing->item);
    return passing;
  };
  const auto record = [&](const PassingPointer& passing) {
    const auto block = std::int64_t(passing->place / plan.block_items);
    sink.append(block, passing->item);
    content.item_lines += item_lines(plan, sink, block, passing->item);
    append(content.files, std::move(passing->files));
    if (passing->item.variants.empty()) {
      content.bad_lines += passing->item.bad_line + '\n';
      ++content.bad_images;
    }
    progress.advance(1);
    if (passing->place + 1 != plan.block_end(block)) return;
    append(content.files, sink.finish(block));
    state.finish(block, std::exchange(content, {}));
  };
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, std::size_t(plan.threads));
  tbb::task_arena arena(plan.threads);
  arena.execute([&] {
    tbb::parallel_pipeline(std::size_t(kItemsAThread * plan.threads),
                           tbb::make_filter<void, std::size_t>(tbb::filter_mode::serial_in_order, take) &
                               tbb::make_filter<std::size_t, PassingPointer>(tbb::filter_mode::parallel, make) &
                               tbb::make_filter<PassingPointer, void>(tbb::filter_mode::serial_in_order, record));
  });
}

std::vector<std::int64_t> blocks_of_shard(const GenerationRequest& request, const GenerationPlan& plan) {
  std::vector<std::int64_t> blocks;
  for (std::int64_t block = request.shard; block < plan.blocks(); block += request.shards) blocks.push_back(block);
  return blocks;
}

std::vector<std::int64_t> unfinished(std::vector<std::int64_t> blocks, const OutputState& state) {
  std::erase_if(blocks, [&](std::int64_t block) { return state.finished(block).has_value(); });
  return blocks;
}

/// SHA-256 over what `sha256sum` prints for the files of each folder, paths below it, in the order they are added.
class FolderDigests {
 public:
  void add(const WrittenFile& file) {
    const auto slash = file.path.find('/');
    digests_[file.path.substr(0, slash)].update(fmt::format("{}  {}\n", file.sha256, file.path.substr(slash + 1)));
  }

  std::vector<std::pair<std::string, std::string>> finish(const GenerationPlan& plan) {
    std::vector<std::pair<std::string, std::string>> named;
    for (std::size_t v = 0; v < plan.variants.size(); ++v)
      named.emplace_back("variant " + plan.variants[v].text, digests_[plan.variant_folders[v]].finish());
    if (digests_.contains(kMaskFolder)) named.emplace_back(kMaskFolder, digests_[kMaskFolder].finish());
    return named;
  }

 private:
  std::map<std::string, Sha256> digests_;
};

/// Joins the blocks' lines into items.csv and bad_images.csv, and their files' digests, if all blocks are there.
void write_tables(const GenerationRequest& request, const GenerationPlan& plan, const OutputState& state,
                  GenerationFacts& facts) {
  FileWriter items(request.out / "items.csv"), bad(request.out / "bad_images.csv");
  FolderDigests digests;
  items.write("id,label,shape,texture,variant,file,note\n");
  bad.write("path,bytes,reason\n");
  for (std::int64_t block = 0; block < plan.blocks(); ++block) {
    const auto content = state.finished(block);
    if (!content) return;
    items.write(content->item_lines);
    bad.write(content->bad_lines);
    facts.bad_images += content->bad_images;
    for (const auto& file : content->files) digests.add(file);
  }
  items.commit();
  bad.commit();
  facts.digests = digests.finish(plan);
  facts.complete = true;
}

}  // namespace

GenerationFacts generate(const GenerationRequest& request, const ReportingOptions& reporting) {
  cv::setNumThreads(0);
  const GenerationPlan plan = plan_generation(request);
  const OutputState state = OutputState::open(request.out, identity_of(request, plan), request.overwrite);
  for (const auto& note : plan.dataset.notes) spdlog::warn("{}", note);
  const auto blocks = blocks_of_shard(request, plan), missing = unfinished(blocks, state);
  const auto remaining = items_in(plan, missing), all = items_in(plan, blocks);
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
